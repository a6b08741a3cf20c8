//! What is inside the access tokens that the household keeps: header, claims, times in words, and whether the signature is
//! good. The token itself is not shown.

use sayso_token::jws;
use sayso_token::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Shared;
use crate::household::Link;
use crate::linking::published_keys;
use crate::package::Skill;
use crate::span;

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
    let words = span::in_words(seconds.unsigned_abs());
    match seconds {
        0 => "now".into(),
        1.. => format!("in {words}"),
        _ => format!("{words} ago"),
    }
}

/// Whether a key that the issuer publishes verifies the token, as the page says it.
pub(crate) async fn verify(inner: &Shared, skill: &Skill, link: &Link) -> (&'static str, String) {
    match published_keys::verifies(inner, skill, link).await {
        Ok(true) => ("good", "A key that the issuer has published verifies it.".into()),
        Ok(false) => ("bad", "None of the issuer's published keys verifies it.".into()),
        Err(why) => ("unknown", why),
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
