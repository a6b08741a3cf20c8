//! What an administrator does to an account.

use std::collections::BTreeMap;

use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use super::disable_user::{disable_user, enable_user};
use super::edit_profile::{self, set_profile};
use super::sign_out::sign_out_everywhere;
use crate::ambient::Decision;
use crate::record::attribute::{Attribute, AttributeValue};
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::session::JoinedSession;
use crate::record::user::{User, UserId};

/// Why an account stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another version of it was meant.
    Changed,
    /// No such account.
    NotThere,
    /// Attributes that the schema does not allow, or does not let administrators write.
    Profile(edit_profile::Refused),
    /// The username is taken.
    Taken,
}

impl Refused {
    /// The stable reason code; of several attributes, the first one's.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Changed => "changed_meanwhile",
            Self::NotThere => "user_unknown",
            Self::Profile(refused) => {
                refused.problems.first().map_or("attribute_not_editable", |(_, why)| why.reason())
            }
            Self::Taken => "username_taken",
        }
    }
}

/// What an administrator changes of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// New values of some attributes; `None` removes one.
    pub attributes: BTreeMap<String, Option<AttributeValue>>,
    /// Whether the person may do nothing from now on.
    pub disabled: Option<bool>,
}

/// Decides an edit of profile and standing, in one transaction.
pub fn edit_user(
    schema: &[Attribute],
    (user, sessions): (&User, &[JoinedSession]),
    edit: &Edit,
    now: Timestamp,
) -> Decision<(), Refused> {
    let profile = set_profile(schema, user, &edit.attributes, now);
    if let Err(refused) = profile.reply {
        return Decision::refuse(Refused::Profile(refused));
    }
    let mut decision = Decision { reply: Ok(()), changes: profile.changes, audit: profile.audit };
    let standing = match (edit.disabled, user.disabled_at) {
        (Some(true), None) => {
            let disabled = disable_user(&user.id, now);
            ended(&user.id, sessions, now).into_iter().fold(disabled, Decision::change)
        }
        (Some(false), Some(_)) => enable_user(&user.id),
        _ => return decision,
    };
    decision.changes.extend(standing.changes);
    decision.audit.extend(standing.audit);
    decision
}

/// Decides another password. Who is signed in has to sign in again; links go on.
pub fn set_password(
    (user, sessions): (&User, &[JoinedSession]),
    hash: &Secret,
    now: Timestamp,
) -> Decision<(), Refused> {
    let set = Change::SetPassword { user: user.id.clone(), from_version: user.version, hash: hash.clone() };
    ended(&user.id, sessions, now)
        .into_iter()
        .fold(Decision::reply(()).change(set), Decision::change)
        .event(Event::of_directory("password_set").user(&user.id.0))
}

/// Decides the end of an account: nobody signs in to it, its links end, its profile is forgotten.
pub fn remove_user((user, sessions): (&User, &[JoinedSession]), now: Timestamp) -> Decision<(), Refused> {
    let remove = Change::RemoveUser { user: user.id.clone(), from_version: user.version };
    ended(&user.id, sessions, now)
        .into_iter()
        .fold(Decision::reply(()).change(remove), Decision::change)
        .change(Change::LeaveGroups { user: user.id.clone() })
        .change(Change::RemoveIdentities { user: user.id.clone() })
        .change(Change::RevokeGrants { user: user.id.clone(), at: now })
        .event(Event::of_directory("user_removed").user(&user.id.0).detail("username", user.username.as_str()))
}

/// All sessions of the person end, those begun this moment as well, and the clients in those that are known are told.
pub(super) fn ended(user: &UserId, sessions: &[JoinedSession], now: Timestamp) -> Vec<Change> {
    let notices = sign_out_everywhere(user, sessions, now).reply.unwrap_or_default();
    let told = notices.into_iter().map(Change::AddLogoutNotice);
    std::iter::once(Change::EndSessions { user: user.clone() }).chain(told).collect()
}

#[cfg(test)]
mod tests;
