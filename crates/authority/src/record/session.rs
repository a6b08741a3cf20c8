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
}
