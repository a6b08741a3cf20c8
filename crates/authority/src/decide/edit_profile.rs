//! May this profile be changed like this?

use std::collections::BTreeMap;

use sayso_token::time::Timestamp;

use super::standard_claims::spellings;
use crate::ambient::Decision;
use crate::record::attribute::{Attribute, AttributeValue, Misfit};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::user::User;

/// A profile: values by the names of their attributes.
pub type Profile = BTreeMap<String, AttributeValue>;

/// Why the profile stays as it is: every attribute that does not fit, so that all can be mended at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The attributes, each with what is wrong.
    pub problems: Vec<(String, Problem)>,
}

/// Why an attribute keeps its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not theirs to edit, or no attribute of the schema.
    NotEditable,
    /// The value is none that it may have.
    Misfit(Misfit),
}

impl Problem {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotEditable => "attribute_not_editable",
            Self::Misfit(misfit) => misfit.reason(),
        }
    }
}

impl Refused {
    /// What is wrong with that attribute.
    pub fn of(&self, attribute: &str) -> Option<Problem> {
        self.problems.iter().find(|(name, _)| name == attribute).map(|(_, problem)| *problem)
    }
}

/// Decides a person's edit of some attributes, as typed; an empty value removes one. The reply is the profile afterwards.
pub fn edit_profile(
    authority: &Authority,
    schema: &[Attribute],
    user: &User,
    edits: &BTreeMap<String, String>,
    now: Timestamp,
) -> Decision<Profile, Refused> {
    let read = |(name, typed): (&String, &String)| {
        let rule = schema.iter().find(|attribute| attribute.name == *name && attribute.self_editable);
        let rule = rule.ok_or(Problem::NotEditable)?;
        // What is there may not fit a schema that came later; as long as it is not touched it is no fault of theirs.
        let kept = user.attributes.get(name).filter(|kept| same_text(&kept.typed(), typed));
        match kept {
            Some(kept) => Ok(Some(kept.clone())),
            None => rule.read(typed).map_err(Problem::Misfit),
        }
    };
    let event = Event::new("profile_edited", &authority.id);
    settle(user, edits.iter().map(|edit| (edit.0.clone(), read(edit))), (event, now))
}

/// Decides an administrator's edit of some attributes; without a value, one is removed.
pub fn set_profile(
    schema: &[Attribute],
    user: &User,
    values: &BTreeMap<String, Option<AttributeValue>>,
    now: Timestamp,
) -> Decision<Profile, Refused> {
    let read = |(name, value): (&String, &Option<AttributeValue>)| {
        let rule = schema.iter().find(|attribute| attribute.name == *name && attribute.access.admin_writes);
        let rule = rule.ok_or(Problem::NotEditable)?;
        let value = value.clone().filter(|value| !value.is_empty());
        value.map(|value| rule.checked(value).map_err(Problem::Misfit)).transpose()
    };
    let event = Event::of_directory("profile_set");
    settle(user, values.iter().map(|value| (value.0.clone(), read(value))), (event, now))
}

/// Forms send line breaks in their own way, and blanks around a value mean nothing.
fn same_text(kept: &str, typed: &str) -> bool {
    kept.lines().map(str::trim).eq(typed.trim().lines().map(str::trim))
}

fn settle(
    user: &User,
    edits: impl Iterator<Item = (String, Result<Option<AttributeValue>, Problem>)>,
    (event, now): (Event, Timestamp),
) -> Decision<Profile, Refused> {
    let (mut attributes, mut problems, mut changed) = (user.attributes.clone(), Vec::new(), Vec::new());
    for (name, read) in edits {
        let value = match read {
            Ok(value) => value,
            Err(problem) => {
                problems.push((name, problem));
                continue;
            }
        };
        if attributes.get(&name) == value.as_ref() {
            continue;
        }
        match value {
            Some(value) => attributes.insert(name.clone(), value),
            None => attributes.remove(&name),
        };
        changed.push(name);
    }
    if !problems.is_empty() {
        return Decision::refuse(Refused { problems });
    }
    if changed.is_empty() {
        return Decision::reply(attributes);
    }
    unverify(&user.attributes, &mut attributes, &changed);
    let change = Change::SetAttributes {
        user: user.id.clone(),
        from_version: user.version,
        attributes: attributes.clone(),
        at: now,
    };
    Decision::reply(attributes).change(change).event(event.user(&user.id.0).detail("attributes", changed))
}

/// What was verified was the old address or number, not the new one, unless the same edit says so.
fn unverify(old: &Profile, attributes: &mut Profile, changed: &[String]) {
    for (claim, verified) in [("email", "email_verified"), ("phone_number", "phone_number_verified")] {
        if spellings(claim).iter().any(|name| attributes.get(name) != old.get(name)) {
            attributes.retain(|name, _| changed.contains(name) || !spellings(verified).contains(name));
        }
    }
}

#[cfg(test)]
mod tests;
