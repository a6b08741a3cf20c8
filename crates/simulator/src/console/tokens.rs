//! What is inside the access tokens that the household keeps: header, claims, times in words, and whether the signature is
//! good. The token itself is not shown.

use std::time::Duration;

use sayso_token::algorithm::Algorithm;
use sayso_token::jwk::JwkSet;
use sayso_token::jws;
use sayso_token::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use super::Shared;
use crate::household::Link;
use crate::package::Skill;

/// Keys and metadata are small, and near.
const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST: usize = 256 * 1024;

/// A token on the page.
#[derive(Serialize)]
pub(crate) struct TokenView {
    /// Whether it can be looked into: a JWT.
    is_jwt: bool,
    header: Vec<(String, String)>,
    /// Name, value, and the time it means in words.
    claims: Vec<(String, String, String)>,
    /// `good`, `bad` or `unknown`, and why; nothing before somebody asked.
    signature: Option<(&'static str, String)>,
}

impl TokenView {
    pub(crate) fn of(link: &Link, now: Timestamp, signature: Option<(&'static str, String)>) -> Self {
        let Some(token) = jws::parse(link.access_token.expose()) else {
            return Self { is_jwt: false, header: Vec::new(), claims: Vec::new(), signature: None };
        };
        let claims = token.payload.iter().map(|(name, value)| {
            let words = moment(name, value).map(|at| in_words(at, now)).unwrap_or_default();
            (name.clone(), shown(value), words)
        });
        Self { is_jwt: true, header: lines(&token.header), claims: claims.collect(), signature }
    }
}

fn lines(members: &Map<String, Value>) -> Vec<(String, String)> {
    members.iter().map(|(name, value)| (name.clone(), shown(value))).collect()
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The claims that are times, in seconds (RFC 7519 section 4.1, OpenID Connect Core section 2).
fn moment(name: &str, value: &Value) -> Option<Timestamp> {
    let is_time = matches!(name, "exp" | "iat" | "nbf" | "auth_time" | "updated_at");
    let seconds = value.as_i64().filter(|_| is_time)?;
    Some(Timestamp::from_millis(seconds.checked_mul(1_000)?))
}

/// How far off a moment is: `in 42 minutes`, `3 days ago`.
pub(crate) fn in_words(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.millis().saturating_sub(now.millis()) / 1_000;
    let (many, unit) = match seconds.unsigned_abs() {
        0 => return "now".into(),
        few @ ..120 => (few, "second"),
        some @ ..7_200 => (some / 60, "minute"),
        more @ ..172_800 => (more / 3_600, "hour"),
        many => (many / 86_400, "day"),
    };
    let plural = if many == 1 { "" } else { "s" };
    if seconds > 0 { format!("in {many} {unit}{plural}") } else { format!("{many} {unit}{plural} ago") }
}

/// Looks for the issuer's keys and verifies. Keys are fetched only from where the skill sends people to sign in: the issuer
/// is what the token says of itself.
pub(crate) async fn verify(inner: &Shared, skill: &Skill, link: &Link) -> (&'static str, String) {
    match keys_and_verdict(inner, skill, link).await {
        Ok(true) => ("good", "A key that the issuer has published verifies it.".into()),
        Ok(false) => ("bad", "None of the issuer's published keys verifies it.".into()),
        Err(why) => ("unknown", why),
    }
}

async fn keys_and_verdict(inner: &Shared, skill: &Skill, link: &Link) -> Result<bool, String> {
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
    let is_good = |key: &sayso_token::jwk::Jwk| key.verifies_as(algorithm, signed, &token.signature);
    Ok(named.map_or_else(|| keys.suiting(algorithm).any(is_good), is_good))
}

async fn fetched(inner: &Shared, url: &str) -> Result<Vec<u8>, String> {
    let parsed = Url::parse(url).map_err(|_| format!("{url:?} is no address."))?;
    match inner.outbound.get(parsed, PATIENCE, LARGEST).await {
        Ok(incoming) if incoming.status == 200 => Ok(incoming.body),
        Ok(incoming) => Err(format!("{url} answered with status {}.", incoming.status)),
        Err(_) => Err(format!("{url} cannot be reached.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_words() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        for (seconds, words) in [
            (0, "now"),
            (1, "in 1 second"),
            (-119, "119 seconds ago"),
            (120, "in 2 minutes"),
            (3_600, "in 60 minutes"),
            (-7_200, "2 hours ago"),
            (90_000, "in 25 hours"),
            (-864_000, "10 days ago"),
        ] {
            assert_eq!(in_words(Timestamp::from_millis(now.millis() + seconds * 1_000), now), words);
        }
    }
}
