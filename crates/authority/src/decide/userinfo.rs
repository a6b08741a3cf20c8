//! Who is this person? (OpenID Connect Core section 5.3)

use sayso_token::time::Timestamp;
use serde_json::{Map, Value, json};

use super::access_token::ID_TOKEN_TYPE;
use super::custom_claims::{ClaimsAbout, custom_claims};
use super::identify_token::{Identified, carried_by};
use super::standard_claims::{claims_of, standard_claims};
use crate::expression::Roots;
use crate::record::authority::Authority;
use crate::record::claim::Carrier;
use crate::record::client::Client;
use crate::record::grant::Grant;
use crate::record::user::User;
use crate::wire::error::{ErrorCode, Refusal};
use crate::wire::token::{Protection, Unsigned};

/// What is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// As JSON.
    Plain(Map<String, Value>),
    /// As a JWT, for a client that asked for that (`userinfo_signed_response_alg`).
    Signed(Unsigned),
}

/// Why nothing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not an active access token of a person at this authority.
    InvalidToken,
    /// `openid` was not granted.
    OpenidNotGranted,
}

impl Refusal for Refused {
    fn error(&self) -> ErrorCode {
        match self {
            Self::InvalidToken => ErrorCode::InvalidToken,
            Self::OpenidNotGranted => ErrorCode::InsufficientScope,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::InvalidToken => "access_token_invalid",
            Self::OpenidNotGranted => "openid_not_granted",
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Self::InvalidToken => "the access token is not valid: unknown, expired or revoked",
            Self::OpenidNotGranted => "the scope openid was not granted",
        }
    }
}

/// Tells what the granted scopes stand for and what the request asked for by name; `sub` always.
pub fn userinfo(
    authority: &Authority,
    token: &Identified,
    grant: Option<&Grant>,
    user: Option<&User>,
    now: Timestamp,
) -> Result<Told, Refused> {
    let Identified::Access(token) = token else {
        return Err(Refused::InvalidToken);
    };
    let named = token.grant.as_ref().ok_or(Refused::InvalidToken)?;
    let user = user
        .filter(|user| user.disabled_at.is_none() && grant.is_some_and(|grant| grant.user == user.id))
        .ok_or(Refused::InvalidToken)?;
    let client = authority.client(&token.client).filter(|client| !client.disabled).ok_or(Refused::InvalidToken)?;
    if now >= token.expires_at || !carried_by(named, grant, authority) {
        return Err(Refused::InvalidToken);
    }
    let granted = |scope: &str| token.scopes.iter().any(|known| known == scope);
    if !granted("openid") {
        return Err(Refused::OpenidNotGranted);
    }
    let grant = grant.ok_or(Refused::InvalidToken)?;
    let mut claims = Map::new();
    let of_scopes = token.scopes.iter().flat_map(|scope| claims_of(scope)).copied();
    let by_name = grant.terms.claims.userinfo.iter().map(String::as_str);
    standard_claims(user, of_scopes.chain(by_name), &mut claims);
    let roots = Roots { user: Some(user), client, scope: &token.scopes, api: authority.api(&token.audience) };
    let about = ClaimsAbout { authority, roots, requested: &grant.terms.claims.userinfo };
    custom_claims(Carrier::Userinfo, &about, &mut claims);
    claims.insert("sub".into(), json!(grant.subject()));
    Ok(as_asked_for(authority, client, claims))
}

/// OpenID Connect Core section 5.3.2: a signed answer names its issuer and its client. It has no end, so that nobody can
/// take it for an ID token.
fn as_asked_for(authority: &Authority, client: &Client, mut claims: Map<String, Value>) -> Told {
    let Some(algorithm) = client.userinfo_algorithm else { return Told::Plain(claims) };
    claims.insert("iss".into(), json!(authority.issuer));
    claims.insert("aud".into(), json!(client.id));
    Told::Signed(Unsigned { typ: ID_TOKEN_TYPE, protection: Protection::Signed(algorithm), claims })
}

#[cfg(test)]
mod tests;
