//! What is a client told of a session that ended, and when again? (OpenID Connect Back-Channel Logout)

use std::convert::Infallible;

use sayso_token::time::{Lifetime, Timestamp};
use serde_json::{Map, json};

use crate::ambient::Decision;
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::client::Client;
use crate::record::event::Event;
use crate::record::logout_notice::LogoutNotice;
use crate::wire::token::{Protection, Unsigned};

/// `typ` of a logout token (section 2.4), which no other token has.
pub const LOGOUT_TOKEN_TYPE: &str = "logout+jwt";
/// The member of `events` that makes it one.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Section 4 wants it short: it is read at once.
const LOGOUT_TOKEN_LIFETIME: Lifetime = Lifetime::from_seconds(120);
/// The last attempt was made, and whoever made it may have died meanwhile: looked at once more.
const LAST_LOOK: Lifetime = Lifetime::from_seconds(60);

/// One attempt to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Where the logout token is posted.
    pub url: String,
    /// The logout token.
    pub token: Unsigned,
    /// The notice as it is during this attempt.
    pub notice: LogoutNotice,
}

/// The client that wants to know, and where.
fn listener<'a>(
    authority: Option<&'a Authority>,
    notice: &LogoutNotice,
) -> Option<(&'a Authority, &'a Client, &'a str)> {
    let authority = authority.filter(|one| one.id == notice.authority)?;
    let client = authority.client(&notice.client).filter(|client| !client.disabled)?;
    Some((authority, client, client.logout.backchannel_logout_uri.as_deref()?))
}

/// Decides whether an attempt is made now. It is counted before it is made, so that of several nodes one makes it. A
/// notice for a client that does not want to know is dropped. `subject` is who the person is to that client.
pub fn begin(
    authority: Option<&Authority>,
    notice: &LogoutNotice,
    subject: &str,
    now: Timestamp,
) -> Decision<Option<Attempt>, Infallible> {
    let settled = Change::SettleLogout { notice: notice.id.clone() };
    let Some((authority, client, url)) = listener(authority, notice) else {
        return Decision::reply(None).change(settled);
    };
    if notice.is_given_up() {
        return Decision::reply(None).change(settled).event(undelivered(notice, "interrupted"));
    }
    let due_at = notice.next_due(now).unwrap_or(now + LAST_LOOK);
    let counted = LogoutNotice { attempts: notice.attempts + 1, due_at, ..notice.clone() };
    let token = logout_token(authority, client, (&counted, subject), now);
    let attempt = Attempt { url: url.to_owned(), token, notice: counted };
    let change = Change::AttemptLogout { notice: notice.id.clone(), from_attempts: notice.attempts, due_at };
    Decision::reply(Some(attempt)).change(change)
}

/// Decides what an attempt has led to: an end, told well or never, or nothing before the next one is due.
pub fn finish(notice: &LogoutNotice, outcome: Result<(), &str>) -> Decision<(), Infallible> {
    let settled = Change::SettleLogout { notice: notice.id.clone() };
    match outcome {
        Ok(()) => {
            let event = about("logout_delivered", notice).detail("attempts", notice.attempts);
            Decision::reply(()).change(settled).event(event)
        }
        Err(reason) if notice.is_given_up() => Decision::reply(()).change(settled).event(undelivered(notice, reason)),
        Err(_) => Decision::reply(()),
    }
}

fn about(kind: &'static str, notice: &LogoutNotice) -> Event {
    Event::new(kind, &notice.authority).client(&notice.client).user(&notice.user.0)
}

fn undelivered(notice: &LogoutNotice, reason: &str) -> Event {
    about("logout_undelivered", notice).detail("attempts", notice.attempts).detail("reason", reason)
}

/// Section 2.4. Each attempt has a `jti` of its own: a client that has taken the one before, and whose answer was lost,
/// must not take this one for a replay.
fn logout_token(
    authority: &Authority,
    client: &Client,
    (notice, subject): (&LogoutNotice, &str),
    now: Timestamp,
) -> Unsigned {
    let mut claims = Map::new();
    claims.insert("iss".into(), json!(authority.issuer));
    claims.insert("sub".into(), json!(subject));
    claims.insert("aud".into(), json!(client.id));
    claims.insert("iat".into(), json!(now.seconds()));
    claims.insert("exp".into(), json!((now + LOGOUT_TOKEN_LIFETIME).seconds()));
    claims.insert("jti".into(), json!(format!("{}.{}", notice.id, notice.attempts)));
    claims.insert("events".into(), json!({ EVENT: {} }));
    claims.insert("sid".into(), json!(notice.sid));
    Unsigned { typ: LOGOUT_TOKEN_TYPE, protection: Protection::Signed(client.id_token_algorithm), claims }
}

#[cfg(test)]
mod tests;
