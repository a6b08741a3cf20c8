//! An authorization code: proof, for a minute, that a person allowed something.

use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

use super::grant::GrantId;
use super::terms::Terms;
use super::user::UserId;

/// How long a code can be redeemed.
pub const CODE_LIFETIME: Lifetime = Lifetime::from_seconds(60);
/// How long a spent code is remembered, so that its reuse revokes what it began.
pub const CODE_MEMORY: Lifetime = Lifetime::from_seconds(24 * 60 * 60);
// The clients of a session are known from its codes.
const _: () = assert!(CODE_MEMORY.seconds() >= super::session::SESSION_LIFETIME.seconds());
/// Wrong verifiers after which a code is dead.
pub const MAX_WRONG_PROOFS: i64 = 5;

/// A code as stored: under its digest.
#[derive(Clone, Debug)]
pub struct Code {
    /// The digest of the code.
    pub digest: Digest,
    /// The authority that issued it.
    pub authority: String,
    /// The client it was issued to.
    pub client: String,
    /// Who allowed it.
    pub user: UserId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The API it is for.
    pub audience: String,
    /// What was allowed.
    pub scopes: Vec<String>,
    /// The PKCE challenge (S256), if one was sent.
    pub code_challenge: Option<String>,
    /// The OpenID `nonce`, if one was sent.
    pub nonce: Option<String>,
    /// What the request settled beside.
    pub terms: Terms,
    /// When the person signed in.
    pub signed_in_at: Timestamp,
    /// The session in which they allowed it, as clients know it; `None` for one that a program issued which kept none.
    pub sid: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it can no longer be redeemed.
    pub expires_at: Timestamp,
    /// Wrong verifiers so far.
    pub wrong_proofs: i64,
    /// When it was spent, well or badly.
    pub spent_at: Option<Timestamp>,
    /// The digest of the proof that spent it: client, redirect URI and verifier.
    pub spent_proof: Option<Digest>,
    /// The grant it began.
    pub grant: Option<GrantId>,
}
