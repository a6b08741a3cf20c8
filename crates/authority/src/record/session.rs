//! A session: one browser in which a user has signed in at one authority.

use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

use super::user::UserId;

/// How long a session lasts.
pub const SESSION_LIFETIME: Lifetime = Lifetime::from_seconds(8 * 60 * 60);

/// A session as stored: under the digest of the cookie's value.
#[derive(Clone, Debug)]
pub struct Session {
    /// The digest of the cookie's value.
    pub digest: Digest,
    /// The authority it belongs to.
    pub authority: String,
    /// Who signed in.
    pub user: UserId,
    /// When they did; `auth_time`.
    pub signed_in_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What clients know it by (`sid`). It tells nothing of the cookie, and stays when the same person signs in anew.
    pub sid: String,
    /// Where they did; `None`: here, with their password.
    pub upstream: Option<UpstreamSession>,
}

/// Where somebody signed in who came by a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamSession {
    /// The connection.
    pub connection: String,
    /// Whom the provider calls them.
    pub subject: String,
    /// The session at the provider (`sid`), if it tells.
    pub session: Option<String>,
}

impl Session {
    /// What clients know a session by whose cookie has this digest: for a session that is new, or was begun by a program
    /// that gave it no name.
    pub fn sid_of(digest: &Digest) -> String {
        Digest::of(format!("sid\n{}", digest.base64url()).as_bytes()).base64url()
    }
}

/// A session, with the clients that were given codes in it.
#[derive(Clone, Debug)]
pub struct JoinedSession {
    /// The session.
    pub session: Session,
    /// Their client ids.
    pub clients: Vec<String>,
}
