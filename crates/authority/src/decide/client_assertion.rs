//! Has the client signed this, for this authority, now, and for the first time? (RFC 7523 section 3, OpenID Connect Core
//! section 9)
//!
//! Two questions, for the keys may have to be fetched in between: [`claimed`] says whose keys are wanted, [`judge`] is
//! handed them.

use sayso_token::algorithm::Algorithm;
use sayso_token::claims::{seconds, text};
use sayso_token::digest::Digest;
use sayso_token::jwk::JwkSet;
use sayso_token::jws::{self, Unverified};
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::Value;

use super::authenticate_client::Refused;
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::client::{AssertionAudience, AssertionRule, Client, ClientAuthentication};

/// The kind under which spent assertions are remembered.
pub const CLIENT_ASSERTION: &str = "client assertion";
/// The longest that an assertion may still be valid: so long its `jti` is remembered.
const LONGEST: Lifetime = Lifetime::from_seconds(3600);
/// How far the clocks of client and server may differ.
const LEEWAY: Lifetime = Lifetime::from_seconds(30);
const MAX_ID_BYTES: usize = 256;
/// Header parameters by which an assertion would choose its own key.
const KEY_PARAMETERS: [&str; 6] = ["jku", "jwk", "x5c", "x5t", "x5t#S256", "x5u"];

/// An assertion taken apart, of a client that signs its assertions. Nothing is verified yet.
#[derive(Debug)]
pub struct Claimed<'a, 'p> {
    /// The client it names.
    pub client: &'a Client,
    /// What that client signs with.
    pub rule: &'a AssertionRule,
    /// The key id in its header.
    pub kid: Option<&'p str>,
    algorithm: Algorithm,
    parts: &'p Unverified<'p>,
}

/// An assertion that holds.
#[derive(Debug)]
pub struct Proven {
    /// Spends its `jti`; the client is authenticated once that is done.
    pub spend: Change,
    /// The value that is spent.
    pub value: Digest,
}

/// Finds the client, and what to verify its assertion with.
pub fn claimed<'a, 'p>(
    authority: &'a Authority,
    client_id: &str,
    parts: Option<&'p Unverified<'p>>,
) -> Result<Claimed<'a, 'p>, Refused> {
    let client = authority.client(client_id).ok_or(Refused::Unknown)?;
    let rule = match (client.authentication, &client.assertion) {
        (ClientAuthentication::PrivateKeyJwt, Some(rule)) => rule,
        _ => return Err(Refused::WrongMethod),
    };
    let parts = parts.ok_or(Refused::AssertionMalformed)?;
    // A token of another kind that the client has signed is no assertion (RFC 8725 section 3.11).
    let typ = parts.header.get("typ").map(|typ| typ.as_str().unwrap_or("?").to_ascii_lowercase());
    if typ.is_some_and(|typ| !["jwt", "client-authentication+jwt"].contains(&typ.as_str())) {
        return Err(Refused::AssertionMalformed);
    }
    let kid = text(&parts.header, "kid").map_err(|_| Refused::AssertionMalformed)?;
    if kid.is_some_and(|kid| kid.len() > MAX_ID_BYTES) {
        return Err(Refused::AssertionMalformed);
    }
    let named = parts.header.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
    let algorithm = named.filter(|alg| rule.algorithms.contains(alg)).ok_or(Refused::AssertionSignature)?;
    if KEY_PARAMETERS.iter().any(|name| parts.header.contains_key(*name)) {
        return Err(Refused::AssertionSignature);
    }
    Ok(Claimed { client, rule, kid, algorithm, parts })
}

/// Takes an assertion apart.
pub fn parse(assertion: &Secret) -> Option<Unverified<'_>> {
    jws::parse(assertion.expose())
}

/// Judges it with the client's keys. It is proven once its `jti` is spent.
pub fn judge(
    authority: &Authority,
    claimed: &Claimed<'_, '_>,
    keys: &JwkSet,
    now: Timestamp,
) -> Result<Proven, Refused> {
    let Claimed { client, rule, kid, algorithm, parts } = claimed;
    let verifies = |key: &sayso_token::jwk::Jwk| {
        key.verifies_as(*algorithm, parts.signed.as_bytes(), &parts.signature)
            && kid.is_none_or(|kid| key.kid().is_none_or(|known| known == kid))
    };
    if !keys.suiting(*algorithm).any(verifies) {
        return Err(Refused::AssertionSignature);
    }
    let claim = |name| text(&parts.payload, name).map_err(|_| Refused::AssertionMalformed);
    let time = |name| seconds(&parts.payload, name).map_err(|_| Refused::AssertionMalformed);
    if claim("iss")? != Some(&client.id) || claim("sub")? != Some(&client.id) {
        return Err(Refused::AssertionSubject);
    }
    // One text, letter for letter: among several audiences, another server could have been given the assertion.
    let audience = text(&parts.payload, "aud").map_err(|_| Refused::AssertionAudience)?;
    if !audience.is_some_and(|audience| is_meant(authority, rule.audience, audience)) {
        return Err(Refused::AssertionAudience);
    }
    let expires_at = time("exp")?.ok_or(Refused::AssertionMalformed)?;
    let late = [time("iat")?, time("nbf")?].into_iter().flatten().any(|start| start > now + LEEWAY);
    let old = time("iat")?.is_some_and(|issued_at| issued_at + LONGEST + LEEWAY < now);
    if now >= expires_at + LEEWAY || expires_at > now + LONGEST + LEEWAY || late || old {
        return Err(Refused::AssertionTime);
    }
    let id = claim("jti")?.filter(|id| !id.is_empty() && id.len() <= MAX_ID_BYTES);
    let id = id.ok_or(Refused::AssertionMalformed)?;
    if client.disabled {
        return Err(Refused::Disabled);
    }
    let value = Digest::of(format!("{}\n{}\n{id}", authority.id, client.id).as_bytes());
    let spend = Change::SpendOnce { kind: CLIENT_ASSERTION, value, expires_at: expires_at + LEEWAY };
    Ok(Proven { spend, value })
}

fn is_meant(authority: &Authority, rule: AssertionAudience, audience: &str) -> bool {
    let endpoint = || format!("{}{}", authority.issuer, authority.layout.endpoints().token);
    audience == authority.issuer || (rule == AssertionAudience::IssuerOrTokenEndpoint && audience == endpoint())
}

#[cfg(test)]
mod tests;
