//! What is this token, and did this authority make it?

use std::sync::Arc;

use sayso_token::algorithm::Algorithm;
use sayso_token::claims::{seconds, text, texts};
use sayso_token::jwk::JwkSet;
use sayso_token::jws::{self, ACCESS_TOKEN_TYPE};
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde_json::{Map, Value};

use super::access_token::grant_of;
use super::opaque_token;
use super::refresh_token::{RefreshToken, recognise};
use crate::record::authority::Authority;
use crate::record::grant::{Grant, GrantId};

/// An access token of this authority, its signature verified.
#[derive(Clone, Debug)]
pub struct IssuedAccessToken {
    /// All its claims.
    pub claims: Map<String, Value>,
    /// The client it was issued to.
    pub client: String,
    /// The API it is for.
    pub audience: String,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The grant and epoch it belongs to; `None` for a client's own token.
    pub grant: Option<(GrantId, i64)>,
}

/// What a token turned out to be.
#[derive(Clone, Debug)]
pub enum Identified {
    /// An access token of this authority.
    Access(Arc<IssuedAccessToken>),
    /// A refresh token of this authority.
    Refresh(RefreshToken),
    /// Anything else: foreign, forged, of another kind.
    Unknown,
}

impl Identified {
    /// The grant to look up.
    pub fn grant(&self) -> Option<&GrantId> {
        match self {
            Self::Access(token) => token.grant.as_ref().map(|(grant, _)| grant),
            Self::Refresh(token) => Some(&token.grant),
            Self::Unknown => None,
        }
    }
}

/// Identifies a token, whatever kind the caller thinks it is.
pub fn identify_token(authority: &Authority, token: &Secret, keys: &JwkSet, sealer: &Sealer) -> Identified {
    if let Some(refresh) = recognise(&authority.id, token, sealer) {
        return Identified::Refresh(refresh);
    }
    let claims = match opaque_token::open(&authority.id, token, sealer) {
        Some(claims) => Some(claims),
        None => signed(token.expose(), keys),
    };
    match claims.and_then(|claims| access(authority, claims)) {
        Some(access) => Identified::Access(Arc::new(access)),
        None => Identified::Unknown,
    }
}

/// The claims of a JWT that is signed as an access token by one of these keys.
fn signed(token: &str, keys: &JwkSet) -> Option<Map<String, Value>> {
    let parts = jws::parse(token)?;
    let algorithm = Algorithm::named(parts.header.get("alg")?.as_str()?)?;
    let key = keys.find(parts.header.get("kid")?.as_str()?)?;
    if parts.header.get("typ")?.as_str()? != ACCESS_TOKEN_TYPE
        || !key.verifies_as(algorithm, parts.signed.as_bytes(), &parts.signature)
    {
        return None;
    }
    Some(parts.payload)
}

fn access(authority: &Authority, claims: Map<String, Value>) -> Option<IssuedAccessToken> {
    if text(&claims, "iss").ok()?? != authority.issuer {
        return None;
    }
    let client = ["client_id", "azp", "cid"].into_iter().find_map(|name| text(&claims, name).ok().flatten())?;
    let scopes = match text(&claims, "scope").ok()? {
        Some(scope) => sayso_token::scope::parse_scope(scope)?,
        None => texts(&claims, "scp").ok()?,
    };
    Some(IssuedAccessToken {
        client: client.to_owned(),
        audience: text(&claims, "aud").ok()??.to_owned(),
        scopes,
        expires_at: seconds(&claims, "exp").ok()??,
        grant: grant_of(text(&claims, "jti").ok()??),
        claims,
    })
}

/// Whether the grant that a token names still carries it.
pub fn carried_by(named: &(GrantId, i64), grant: Option<&Grant>, authority: &Authority) -> bool {
    grant.is_some_and(|grant| {
        grant.id == named.0 && grant.epoch == named.1 && grant.authority == authority.id && grant.revoked_at.is_none()
    })
}

#[cfg(test)]
mod tests;
