//! Does this session end, and who is told?

use std::collections::BTreeSet;

use sayso_token::time::Timestamp;

use super::upstream::logout_token::ToldToEnd;
use crate::ambient::Decision;
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::connection::Connection;
use crate::record::event::Event;
use crate::record::logout_notice::LogoutNotice;
use crate::record::session::JoinedSession;
use crate::record::user::UserId;

/// Nothing is refused: whoever holds a session may end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// Decides a signing-out, or a change to another account; the reply is what clients are to be told.
pub fn sign_out(authority: &Authority, ended: &JoinedSession, now: Timestamp) -> Decision<Vec<LogoutNotice>, Never> {
    let decision = end(&[ended], |client| wants_to_know(authority, client), now);
    decision.event(Event::new("signed_out", &authority.id).user(&ended.session.user.0))
}

/// Decides the end of all sessions of a person, at every authority. Links stay: they know no session.
pub fn sign_out_everywhere(
    user: &UserId,
    sessions: &[JoinedSession],
    now: Timestamp,
) -> Decision<Vec<LogoutNotice>, Never> {
    let all: Vec<_> = sessions.iter().filter(|ended| ended.session.user == *user).collect();
    // Which clients of other authorities want to know is found out when they are told.
    let decision = end(&all, |_| true, now);
    let event = Event::of_directory("signed_out_everywhere").user(&user.0).detail("sessions", all.len());
    decision.event(event)
}

/// A logout token that ends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The logout token was brought before.
    ToldBefore,
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ToldBefore => "upstream_logout_replayed",
        }
    }
}

/// Decides the end of the sessions that began at a provider, which says that they are over there; `told_before` is whether this
/// very token has said so already.
pub fn sign_out_by_provider(
    (authority, connection): (&Authority, &Connection),
    sessions: &[JoinedSession],
    (told, told_before): (&ToldToEnd, bool),
    now: Timestamp,
) -> Decision<(), Refused> {
    if told_before {
        return Decision::refuse(Refused::ToldBefore);
    }
    let all: Vec<_> = sessions.iter().filter(|ended| is_meant(ended, (authority, connection), told)).collect();
    let ended = end(&all, |client| wants_to_know(authority, client), now);
    let event = |user: &UserId| {
        Event::new("signed_out_by_provider", &authority.id).user(&user.0).detail("connection", connection.id.as_str())
    };
    let users: BTreeSet<&UserId> = all.iter().map(|ended| &ended.session.user).collect();
    let decision = ended.changes.into_iter().fold(Decision::reply(()).change(told.spend.clone()), Decision::change);
    users.into_iter().map(event).fold(decision, Decision::event)
}

/// The session that is named; without a name all of that person's (OpenID Connect Back-Channel Logout section 2.7). One of
/// which it is not known how the provider calls it goes with its person.
fn is_meant(ended: &JoinedSession, (authority, connection): (&Authority, &Connection), told: &ToldToEnd) -> bool {
    let Some(upstream) = ended.session.upstream.as_ref() else { return false };
    if ended.session.authority != authority.id || upstream.connection != connection.id {
        return false;
    }
    let theirs = told.subject.as_ref().map(|subject| *subject == upstream.subject);
    match (&told.session, &upstream.session) {
        (Some(named), Some(known)) => named == known && theirs != Some(false),
        _ => theirs == Some(true),
    }
}

/// The changes that end a session of a browser in which somebody signs in anew; it goes on, as clients know it, if it is
/// the same person.
pub(super) fn replaced(authority: &Authority, ended: &JoinedSession, by: &UserId, now: Timestamp) -> Vec<Change> {
    let same = ended.session.user == *by;
    end(&[ended], |client| !same && wants_to_know(authority, client), now).changes
}

fn wants_to_know(authority: &Authority, client: &str) -> bool {
    authority.client(client).is_some_and(|client| client.logout.backchannel_logout_uri.is_some())
}

fn end(sessions: &[&JoinedSession], tell: impl Fn(&str) -> bool, now: Timestamp) -> Decision<Vec<LogoutNotice>, Never> {
    let (mut changes, mut notices) = (Vec::new(), Vec::new());
    for JoinedSession { session, clients } in sessions {
        changes.push(Change::EndSession { session: session.digest });
        notices
            .extend(clients.iter().filter(|client| tell(client)).map(|client| LogoutNotice::new(session, client, now)));
    }
    changes.extend(notices.iter().cloned().map(Change::AddLogoutNotice));
    let decision = Decision::reply(notices);
    changes.into_iter().fold(decision, Decision::change)
}

#[cfg(test)]
mod tests;
