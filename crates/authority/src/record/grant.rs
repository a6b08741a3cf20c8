//! A grant: one linked account. Its cost is constant: refreshing rewrites this record and adds none.

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::terms::Terms;
use super::user::UserId;

/// A grant's id: 128 random bits, base64url.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(pub String);

/// A refresh token that was used, and what it led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshStep {
    /// Which generation of the chain was used.
    pub generation: i64,
    /// Its digest.
    pub token: Digest,
    /// When it was first used; the window runs from here and does not slide.
    pub first_used_at: Timestamp,
    /// Its successor, sealed under the used token itself: only who holds that can open it.
    pub successor: String,
}

/// The chain of a grant's refresh tokens, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshChain {
    /// The generation of the live token, from 0.
    pub generation: i64,
    /// The digest of the live token.
    pub live: Digest,
    /// The last uses, oldest first: those within the overlap, and always the very last.
    pub steps: Vec<RefreshStep>,
}

/// A grant as stored.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The id.
    pub id: GrantId,
    /// The authority that gave it.
    pub authority: String,
    /// The client it was given to.
    pub client: String,
    /// Whose account it links.
    pub user: UserId,
    /// The API it is for.
    pub audience: String,
    /// What was allowed.
    pub scopes: Vec<String>,
    /// What the request settled beside.
    pub terms: Terms,
    /// When the person signed in to allow it.
    pub signed_in_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last gave a token.
    pub last_used_at: Timestamp,
    /// Access tokens of an earlier epoch are dead.
    pub epoch: i64,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
    /// Its refresh tokens; `None` for a client that may not refresh.
    pub refresh: Option<RefreshChain>,
}

impl Grant {
    /// Who the person is to the client: `sub` of every token, answer and message about this grant.
    pub fn subject(&self) -> &str {
        self.terms.subject.as_deref().unwrap_or(&self.user.0)
    }
}
