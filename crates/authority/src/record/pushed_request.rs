//! A pushed authorization request (RFC 9126): sent by the client itself, and named in the browser by a reference.

use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

/// Within this span the browser must have come with the reference.
pub const PUSHED_LIFETIME: Lifetime = Lifetime::from_seconds(90);
/// How long the person then has until the answer. A request is remembered for that long after it has expired.
pub const PUSHED_MEMORY: Lifetime = Lifetime::from_seconds(60 * 60);
/// Requests of one client that wait for their browser, at most.
pub const MAX_PENDING: i64 = 1000;
/// The longest request, in bytes as it stood in the body.
pub const MAX_PUSHED_BYTES: usize = 16 * 1024;

/// A pushed request as stored: under the digest of its reference. It is forgotten when it is answered.
#[derive(Clone, Debug)]
pub struct PushedRequest {
    /// The digest of the `request_uri`.
    pub digest: Digest,
    /// The authority that took it.
    pub authority: String,
    /// The client that sent it.
    pub client: String,
    /// Its parameters, form-encoded, without the client's credentials.
    pub parameters: String,
    /// When it was taken.
    pub pushed_at: Timestamp,
    /// When no browser may come with it any more.
    pub expires_at: Timestamp,
}
