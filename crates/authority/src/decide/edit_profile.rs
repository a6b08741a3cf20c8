//! May the person change their profile like this?

use std::collections::BTreeMap;

use sayso_token::time::Timestamp;

use super::standard_claims::spellings;
use crate::ambient::Decision;
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::user::{Attribute, User};

/// Why an attribute keeps its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It holds a line break or another control character.
    ControlCharacter {
        /// The attribute.
        attribute: String,
    },
    /// It is not the person's to edit, or no attribute of the schema.
    NotEditable {
        /// The attribute.
        attribute: String,
    },
    /// It is too long.
    TooLong {
        /// The attribute.
        attribute: String,
        /// The most characters it may have.
        max_chars: usize,
    },
}

/// Decides an edit of some attributes; an empty value removes one. The reply is the profile afterwards.
pub fn edit_profile(
    authority: &Authority,
    schema: &[Attribute],
    user: &User,
    edits: &BTreeMap<String, String>,
    now: Timestamp,
) -> Decision<BTreeMap<String, String>, Refused> {
    let mut attributes = user.attributes.clone();
    for (name, value) in edits {
        let value = value.trim();
        let rule = schema.iter().find(|attribute| attribute.name == *name && attribute.self_editable);
        let Some(rule) = rule else {
            return Decision::refuse(Refused::NotEditable { attribute: name.clone() });
        };
        if value.chars().count() > rule.max_chars {
            return Decision::refuse(Refused::TooLong { attribute: name.clone(), max_chars: rule.max_chars });
        }
        if value.chars().any(char::is_control) {
            return Decision::refuse(Refused::ControlCharacter { attribute: name.clone() });
        }
        if value.is_empty() {
            attributes.remove(name);
        } else {
            attributes.insert(name.clone(), value.to_owned());
        }
    }
    if attributes == user.attributes {
        return Decision::reply(attributes);
    }
    unverify(&user.attributes, &mut attributes);
    let changed = |name: &&str| attributes.get(*name) != user.attributes.get(*name);
    let names: Vec<&str> = edits.keys().map(String::as_str).filter(changed).collect();
    let change = Change::SetAttributes {
        user: user.id.clone(),
        from_version: user.version,
        attributes: attributes.clone(),
        at: now,
    };
    let event = Event::new("profile_edited", &authority.id).user(&user.id.0).detail("attributes", names);
    Decision::reply(attributes).change(change).event(event)
}

/// What was verified was the old address or number, not the new one.
fn unverify(old: &BTreeMap<String, String>, attributes: &mut BTreeMap<String, String>) {
    for (claim, verified) in [("email", "email_verified"), ("phone_number", "phone_number_verified")] {
        if spellings(claim).iter().any(|name| attributes.get(name) != old.get(name)) {
            attributes.retain(|name, _| !spellings(verified).contains(name));
        }
    }
}

#[cfg(test)]
mod tests;
