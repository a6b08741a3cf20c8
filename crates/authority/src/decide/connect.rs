//! May somebody elsewhere be signed in as this person from now on, or no more?

use sayso_token::time::Timestamp;

use super::sign_in_upstream::Answer;
use crate::ambient::Decision;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::identity::Identity;
use crate::record::user::{User, UserId};

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
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AnsweredBefore => "upstream_answered_before",
            Self::AnothersAlready => "upstream_anothers_already",
            Self::LastWay => "upstream_last_way",
            Self::NotTheirs => "upstream_not_theirs",
        }
    }
}

/// Decides that who is signed in here with `user` may come by the answer's account from now on. `owner` is whose it is so far.
pub fn connect(answer: &Answer<'_>, owner: Option<&UserId>, user: &UserId, now: Timestamp) -> Decision<(), Refused> {
    if answer.answered_before {
        return Decision::refuse(Refused::AnsweredBefore);
    }
    match owner {
        Some(owner) if owner != user => Decision::refuse(Refused::AnothersAlready).change(answer.spend()),
        Some(_) => Decision::reply(()).change(answer.spend()),
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
    let one_stays = !user.has_password();
    if one_stays && identities.len() == 1 {
        return Decision::refuse(Refused::LastWay);
    }
    let (issuer, subject, user) = (issuer.to_owned(), subject.to_owned(), user.id.clone());
    let event = event("identity_disconnected", &user, &known.connection);
    Decision::reply(()).change(Change::RemoveIdentity { issuer, subject, user, one_stays }).event(event)
}

fn event(kind: &'static str, user: &UserId, connection: &str) -> Event {
    Event::of_directory(kind).user(&user.0).detail("connection", connection)
}

#[cfg(test)]
mod tests;
