//! Bearer values as they travel inside Alexa's JSON.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token that Alexa carries inside the request body: the linked account's access token, Alexa's own API token.
///
/// It serialises as the plain string, because that is what travels, and prints as `…`, because whoever reads a log
/// could use it. There is no `Display`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BearerToken(String);

impl BearerToken {
    /// Wraps a token as it was received or issued.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the one place that judges or sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
