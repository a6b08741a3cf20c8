//! What a client wants to know of sessions that end, and where people may go then.

use serde::{Deserialize, Serialize};

/// A client's rule for signing out. The default is that of a client that says nothing about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogoutRule {
    /// Where people may be sent after signing out, compared byte for byte (OpenID Connect RP-Initiated Logout section 3).
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told that a session ended (OpenID Connect Back-Channel Logout section 2.2).
    pub backchannel_logout_uri: Option<String>,
    /// Whether it needs `sid` to know which session. It is always told.
    pub backchannel_logout_session_required: bool,
}

impl LogoutRule {
    /// Whether nothing is said, so that nothing need be written.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
