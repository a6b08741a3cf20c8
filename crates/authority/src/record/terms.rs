//! What an OpenID Connect request settles beside its scopes. It is kept with the code and with the grant that it begins.

use serde::{Deserialize, Serialize};

/// Claims that a request asks for by name (OpenID Connect Core section 5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaims {
    /// For the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// For userinfo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
}

impl RequestedClaims {
    /// All names, wherever they are wanted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.id_token.iter().chain(&self.userinfo).map(String::as_str)
    }

    fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }
}

/// Kept as JSON, which nodes of the version before and after read as well: a field that is added needs a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Who the person is to this client; `None`: their id, as to every client with public subjects. Settled once, so
    /// that one grant never knows a person under two names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The claims asked for by name.
    #[serde(default, skip_serializing_if = "RequestedClaims::is_empty")]
    pub claims: RequestedClaims,
    /// The connection by which the person signed in for it; `None`: with their password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
}

impl Terms {
    /// Whether nothing was settled, so that nothing need be kept.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
