//! Whether a token is good by the keys that its issuer publishes (RFC 7517, RFC 8414).

use std::time::Duration;

use sayso_token::algorithm::Algorithm;
use sayso_token::jwk::{Jwk, JwkSet};
use sayso_token::jws;
use serde_json::Value;
use url::Url;

use crate::household::Link;
use crate::package::Skill;
use crate::simulator::Inner;

/// Keys and metadata are small, and near.
const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST: usize = 256 * 1024;

/// Whether one of the issuer's published keys verifies the access token. Keys are fetched only from where the skill sends
/// people to sign in: the issuer is what the token says of itself.
///
/// # Errors
/// Why that cannot be found out, in a sentence.
pub(crate) async fn verifies(inner: &Inner, skill: &Skill, link: &Link) -> Result<bool, String> {
    let token = jws::parse(link.access_token.expose()).ok_or("It is no signed token.")?;
    let named = token.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let algorithm = Algorithm::named(named).ok_or_else(|| format!("The algorithm {named:?} is not verified here."))?;
    let issuer = token.payload.get("iss").and_then(Value::as_str).ok_or("It names no issuer (iss).")?;
    let page = skill.linking.as_ref().and_then(|linking| Url::parse(&linking.authorization_url).ok());
    let home = Url::parse(issuer).ok().filter(|url| page.as_ref().is_some_and(|page| page.origin() == url.origin()));
    home.ok_or_else(|| {
        format!("The issuer {issuer} is not where the skill sends people to sign in; its keys are not fetched.")
    })?;
    let metadata = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let metadata: Value = serde_json::from_slice(&fetched(inner, &metadata).await?)
        .map_err(|_| "The issuer's metadata is no JSON.".to_owned())?;
    let jwks_uri =
        metadata.get("jwks_uri").and_then(Value::as_str).ok_or("The issuer's metadata names no jwks_uri.")?;
    let keys = JwkSet::parse(&fetched(inner, jwks_uri).await?).map_err(|_| "The issuer's keys are no key set.")?;
    let named = token.header.get("kid").and_then(Value::as_str).and_then(|kid| keys.find(kid));
    let signed = token.signed.as_bytes();
    let is_good = |key: &Jwk| key.verifies_as(algorithm, signed, &token.signature);
    Ok(named.map_or_else(|| keys.suiting(algorithm).any(is_good), is_good))
}

async fn fetched(inner: &Inner, url: &str) -> Result<Vec<u8>, String> {
    let parsed = Url::parse(url).map_err(|_| format!("{url:?} is no address."))?;
    match inner.outbound.get(parsed, PATIENCE, LARGEST).await {
        Ok(incoming) if incoming.status == 200 => Ok(incoming.body),
        Ok(incoming) => Err(format!("{url} answered with status {}.", incoming.status)),
        Err(_) => Err(format!("{url} cannot be reached.")),
    }
}
