//! Has the provider said that somebody's session there has ended? (OpenID Connect Back-Channel Logout section 2.6)
//!
//! Two questions, for the keys may have to be fetched in between: [`claimed`] says which key is wanted, [`judge`] is handed
//! them.

use sayso_token::digest::Digest;
use sayso_token::jwk::JwkSet;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::Value;

use super::signed::{Claims, Parts};
use super::{LEEWAY, Refused};
use crate::record::change::Change;
use crate::record::connection::Connection;
use crate::wire::provider::Provider;

/// The kind under which spent logout tokens are remembered.
pub const UPSTREAM_LOGOUT_TOKEN: &str = "upstream logout token";
/// How old a logout token may be: so long its `jti` is remembered.
pub const OLDEST_LOGOUT_TOKEN: Lifetime = Lifetime::from_seconds(600);
/// The member of `events` that makes it one.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token taken apart. Nothing is verified yet.
#[derive(Debug)]
pub struct Claimed<'t>(Parts<'t>);

impl Claimed<'_> {
    /// The key id in its header.
    pub fn kid(&self) -> Option<&str> {
        self.0.kid()
    }
}

/// A logout token that holds.
#[derive(Debug)]
pub struct ToldToEnd {
    /// Whose sessions have ended; all of them, where no session is named.
    pub subject: Option<String>,
    /// The session that has ended, as the provider calls it (`sid`).
    pub session: Option<String>,
    /// Spends its `jti`; nothing may end before that is done.
    pub spend: Change,
    /// The value that is spent, of the kind [`UPSTREAM_LOGOUT_TOKEN`].
    pub value: Digest,
}

/// Takes it apart.
///
/// # Errors
/// It cannot be read, is of another kind, or names an algorithm that is not the provider's.
pub fn claimed<'t>(token: &'t Secret, provider: &Provider) -> Result<Claimed<'t>, Refused> {
    Parts::of(token, provider, &["logout+jwt", "jwt"]).map(Claimed)
}

/// Judges it with the provider's keys. It is told once its `jti` is spent.
///
/// # Errors
/// [`Refused`].
pub fn judge(
    claimed: &Claimed<'_>,
    connection: &Connection,
    keys: &JwkSet,
    now: Timestamp,
) -> Result<ToldToEnd, Refused> {
    let claims = claimed.0.verified(keys)?;
    claims.meant_for(connection)?;
    let issued_at = claims.in_force(now)?;
    let kept_until = issued_at + OLDEST_LOGOUT_TOKEN + LEEWAY;
    if now >= kept_until {
        return Err(Refused::TokenTime);
    }
    says_so(claims)?;
    let (subject, session) = (claims.subject()?, claims.id("sid")?);
    if subject.is_none() && session.is_none() {
        return Err(Refused::Subject);
    }
    let id = claims.id("jti")?.ok_or(Refused::TokenMalformed)?;
    let value = Digest::of(format!("{}\n{id}", connection.issuer).as_bytes());
    Ok(ToldToEnd {
        subject: subject.map(str::to_owned),
        session: session.map(str::to_owned),
        spend: Change::SpendOnce { kind: UPSTREAM_LOGOUT_TOKEN, value, expires_at: kept_until },
        value,
    })
}

/// The one event, and no `nonce`: an ID token must never end a session (section 2.4).
fn says_so(claims: Claims<'_>) -> Result<(), Refused> {
    let events = claims.0.get("events").and_then(Value::as_object);
    let event = events.filter(|events| events.len() == 1).and_then(|events| events.get(EVENT));
    let told = event.is_some_and(Value::is_object) && !claims.0.contains_key("nonce");
    if told { Ok(()) } else { Err(Refused::TokenEvents) }
}

#[cfg(test)]
mod tests;
