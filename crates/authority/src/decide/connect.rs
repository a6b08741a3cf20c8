//! May somebody elsewhere be signed in as this person from now on, or no more?

use sayso_token::time::Timestamp;

use super::administer_user::ended;
use super::sign_in_upstream::Answer;
use crate::ambient::Decision;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::identity::Identity;
use crate::record::session::JoinedSession;
use crate::record::user::{User, UserId};

/// With so many accounts elsewhere somebody signs in at most.
pub const MOST: usize = 10;

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The answer was taken before.
    AnsweredBefore,
    /// Another account has it.
    AnothersAlready,
    /// The person would have no way left to sign in.
    LastWay,
    /// It is not theirs.
    NotTheirs,
    /// They have connected ten already.
    Enough,
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AnsweredBefore => "upstream_answered_before",
            Self::AnothersAlready => "upstream_anothers_already",
            Self::LastWay => "upstream_last_way",
            Self::NotTheirs => "upstream_not_theirs",
            Self::Enough => "upstream_enough",
        }
    }
}

/// Decides that who is signed in here with `user` may come by the answer's account from now on. `owner` is whose it is so far;
/// `connected` is how many they have.
pub fn connect(
    answer: &Answer<'_>,
    owner: Option<&UserId>,
    (user, connected): (&UserId, usize),
    now: Timestamp,
) -> Decision<(), Refused> {
    if answer.answered_before {
        return Decision::refuse(Refused::AnsweredBefore);
    }
    match owner {
        Some(owner) if owner != user => Decision::refuse(Refused::AnothersAlready),
        Some(_) => Decision::reply(()),
        None if connected >= MOST => Decision::refuse(Refused::Enough),
        None => Decision::reply(())
            .change(answer.spend())
            .change(Change::AddIdentity(answer.identity_of(user, now)))
            .event(event("identity_connected", user, &answer.connection.id)),
    }
}

/// Decides that they may not any more. `identities` are all of theirs.
pub fn disconnect(user: &User, (issuer, subject): (&str, &str), identities: &[Identity]) -> Decision<(), Refused> {
    let theirs = |known: &&Identity| known.user == user.id && known.issuer == issuer && known.subject == subject;
    let Some(known) = identities.iter().find(theirs) else {
        return Decision::refuse(Refused::NotTheirs);
    };
    let mut decision = Decision::reply(());
    if !user.has_password() {
        if identities.len() == 1 {
            return Decision::refuse(Refused::LastWay);
        }
        // Of two that are taken away at the same time, the second must see that the first is gone.
        decision = decision.change(Change::AdvanceUser { user: user.id.clone(), from_version: user.version });
    }
    let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
    decision.change(Change::RemoveIdentity { issuer, subject, user: user.id.clone() }).event(event(
        "identity_disconnected",
        &user.id,
        &known.connection,
    ))
}

/// Decides, for an administrator, that an account elsewhere signs a person in no more, and that their sessions end, for it may not
/// have been they who began them.
pub fn disconnect_by_admin<R>(
    (user, sessions): (&User, &[JoinedSession]),
    identity: &Identity,
    now: Timestamp,
) -> Decision<bool, R> {
    let (issuer, subject) = (identity.issuer.clone(), identity.subject.clone());
    let remove = Change::RemoveIdentity { issuer, subject, user: user.id.clone() };
    let event = event("identity_disconnected", &user.id, &identity.connection);
    let decision = Decision::reply(true).change(remove).event(event);
    ended(&user.id, sessions, now).into_iter().fold(decision, Decision::change)
}

fn event(kind: &'static str, user: &UserId, connection: &str) -> Event {
    Event::of_directory(kind).user(&user.0).detail("connection", connection)
}

#[cfg(test)]
mod tests;
