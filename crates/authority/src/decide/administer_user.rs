//! What an administrator does to an account.

use std::collections::BTreeMap;

use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use super::disable_user::{disable_user, enable_user};
use crate::ambient::Decision;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::user::{Attribute, User};

/// Why an account stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another version of it was meant.
    Changed,
    /// An attribute holds a line break or another control character.
    ControlCharacter(String),
    /// The profile has no such attribute.
    NoSuchAttribute(String),
    /// No such account.
    NotThere,
    /// The username is taken.
    Taken,
    /// An attribute is too long.
    TooLong(String),
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Changed => "changed_meanwhile",
            Self::ControlCharacter(_) => "attribute_control_character",
            Self::NoSuchAttribute(_) => "attribute_unknown",
            Self::NotThere => "user_unknown",
            Self::Taken => "username_taken",
            Self::TooLong(_) => "attribute_too_long",
        }
    }
}

/// What an administrator changes of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// New values of some attributes; `None` removes one.
    pub attributes: BTreeMap<String, Option<String>>,
    /// Whether the person may do nothing from now on.
    pub disabled: Option<bool>,
}

/// The profile with these edits, if the schema allows it. An administrator edits what the person may not.
pub fn edited(
    schema: &[Attribute],
    before: &BTreeMap<String, String>,
    edits: &BTreeMap<String, Option<String>>,
) -> Result<BTreeMap<String, String>, Refused> {
    let mut attributes = before.clone();
    for (name, value) in edits {
        let rule = schema.iter().find(|rule| rule.name == *name);
        let rule = rule.ok_or_else(|| Refused::NoSuchAttribute(name.clone()))?;
        match value.as_deref().map(str::trim).filter(|value| !value.is_empty()) {
            None => drop(attributes.remove(name)),
            Some(value) if value.chars().count() > rule.max_chars => return Err(Refused::TooLong(name.clone())),
            Some(value) if value.chars().any(char::is_control) => return Err(Refused::ControlCharacter(name.clone())),
            Some(value) => drop(attributes.insert(name.clone(), value.to_owned())),
        }
    }
    Ok(attributes)
}

/// Decides an edit of profile and standing, in one transaction.
pub fn edit_user(schema: &[Attribute], user: &User, edit: &Edit, now: Timestamp) -> Decision<(), Refused> {
    let attributes = match edited(schema, &user.attributes, &edit.attributes) {
        Ok(attributes) => attributes,
        Err(refused) => return Decision::refuse(refused),
    };
    let mut decision = Decision::reply(());
    if attributes != user.attributes {
        let changed = |name: &&String| attributes.get(*name) != user.attributes.get(*name);
        let names: Vec<&str> = edit.attributes.keys().filter(changed).map(String::as_str).collect();
        let event = Event::of_directory("profile_edited").user(&user.id.0).detail("attributes", names);
        let (id, from_version) = (user.id.clone(), user.version);
        decision = decision.change(Change::SetAttributes { user: id, from_version, attributes, at: now }).event(event);
    }
    let standing = match (edit.disabled, user.disabled_at) {
        (Some(true), None) => disable_user(&user.id, now),
        (Some(false), Some(_)) => enable_user(&user.id),
        _ => return decision,
    };
    decision.changes.extend(standing.changes);
    decision.audit.extend(standing.audit);
    decision
}

/// Decides another password. Who is signed in has to sign in again; links go on.
pub fn set_password(user: &User, hash: &Secret) -> Decision<(), Refused> {
    Decision::reply(())
        .change(Change::SetPassword { user: user.id.clone(), from_version: user.version, hash: hash.clone() })
        .change(Change::EndSessions { user: user.id.clone() })
        .event(Event::of_directory("password_set").user(&user.id.0))
}

/// Decides the end of an account: nobody signs in to it, its links end, its profile is forgotten.
pub fn remove_user(user: &User, now: Timestamp) -> Decision<(), Refused> {
    Decision::reply(())
        .change(Change::RemoveUser { user: user.id.clone(), from_version: user.version })
        .change(Change::EndSessions { user: user.id.clone() })
        .change(Change::RevokeGrants { user: user.id.clone(), at: now })
        .event(Event::of_directory("user_removed").user(&user.id.0).detail("username", user.username.as_str()))
}

#[cfg(test)]
mod tests;
