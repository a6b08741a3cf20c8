//! An identity: whom a provider elsewhere calls somebody, and whose account that is here.

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use super::user::UserId;

/// What a provider said of who signed in there, verified. Every connection answers with one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamIdentity {
    /// Who says so.
    pub issuer: String,
    /// Whom they call that person; never empty, at most 255 bytes.
    pub subject: String,
    /// The session at the provider (`sid`), if it tells.
    pub session: Option<String>,
    /// When the person signed in there (`auth_time`), if it tells.
    pub authenticated_at: Option<Timestamp>,
    /// Their e-mail address as the provider wrote it.
    pub email: Option<String>,
    /// Whether the provider has verified that; whatever is not `true` is not.
    pub email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
    /// Their given name.
    pub given_name: Option<String>,
    /// Their family name.
    pub family_name: Option<String>,
}

/// A remembered identity. Issuer and subject together are its key, and nothing else is: not an address, not a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Whom it calls that person.
    pub subject: String,
    /// Whose account it is.
    pub user: UserId,
    /// By which connection they came first.
    pub connection: String,
    /// What they see it by on their account page: an address, a name, or the subject.
    pub shown_as: String,
    /// Since when.
    pub connected_at: Timestamp,
}

impl Identity {
    /// What forms and programs name it by: the same for the same issuer and subject.
    pub fn id(&self) -> String {
        Digest::of(format!("{}\n{}", self.issuer, self.subject).as_bytes()).base64url()
    }
}
