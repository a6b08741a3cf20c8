//! What would another configuration change?
//!
//! Both are compared as they are kept: whatever the records come to hold is compared with it. What has an id, audience or
//! name is a thing and is matched by it; all else is a field of the thing around it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::record::configuration::Configuration;

/// What becomes of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is not there now.
    Added,
    /// It is there, and otherwise.
    Changed,
    /// It would be gone.
    Removed,
}

/// A thing of a configuration: an authority, a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thing {
    /// What it is, as the file calls it: `client`.
    pub kind: String,
    /// Its id, audience or name.
    pub name: String,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Its name, with a dot before what is inside: `refresh.overlap`.
    pub name: String,
    /// What it is now; `None` where it is not set, or secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What it would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
    /// It holds secrets, which are told of as changed and never shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// A thing that differs, without the things inside it, which follow by themselves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// What becomes of it.
    pub action: Action,
    /// Where it is: the things around it and itself, the outermost first. Empty for the configuration as a whole.
    pub place: Vec<Thing>,
    /// What of it differs.
    pub fields: Vec<Field>,
}

/// All differences between what is in force and what is wanted; none exactly if both are the same.
pub fn plan(in_force: Option<&Configuration>, wanted: &Configuration) -> Vec<Difference> {
    let mut found = Vec::new();
    let before = in_force.map(kept).unwrap_or_default();
    compare((Action::Changed, &[]), (&before, &kept(wanted)), &mut found);
    found
}

fn kept(configuration: &Configuration) -> Map<String, Value> {
    match serde_json::to_value(configuration) {
        Ok(Value::Object(fields)) => fields,
        // Lists and texts always serialise.
        _ => Map::new(),
    }
}

type Both<'a> = (&'a Map<String, Value>, &'a Map<String, Value>);

fn compare((action, place): (Action, &[Thing]), (old, new): Both<'_>, found: &mut Vec<Difference>) {
    let (mut fields, mut inside) = (Vec::new(), Vec::new());
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        let (from, to) = (old.get(name), new.get(name));
        if from == to {
            continue;
        }
        match (things(from), things(to)) {
            (Some(from), Some(to)) => {
                fields.extend(reordered(name, &from, &to));
                compare_things((place, &kind(name)), (&from, &to), &mut inside);
            }
            _ => differing(name, (from, to), &mut fields),
        }
    }
    if action != Action::Changed || !fields.is_empty() {
        found.push(Difference { action, place: place.to_vec(), fields });
    }
    found.append(&mut inside);
}

type Named<'a> = (&'a str, &'a Map<String, Value>);

fn compare_things(
    (place, kind): (&[Thing], &str),
    (old, new): (&[Named<'_>], &[Named<'_>]),
    found: &mut Vec<Difference>,
) {
    let none = Map::new();
    let of = |list: &[Named<'_>], name: &str| list.iter().any(|(known, _)| *known == name);
    let at = |name: &str| [place, &[Thing { kind: kind.to_owned(), name: name.to_owned() }]].concat();
    for (name, before) in old {
        match new.iter().find(|(known, _)| known == name) {
            Some((_, after)) => compare((Action::Changed, &at(name)), (before, after), found),
            None => compare((Action::Removed, &at(name)), (before, &none), found),
        }
    }
    for (name, after) in new.iter().filter(|(name, _)| !of(old, name)) {
        compare((Action::Added, &at(name)), (&none, after), found);
    }
}

/// The list as things, if it is one: each with a name of its own. What is not there is an empty list.
fn things(value: Option<&Value>) -> Option<Vec<Named<'_>>> {
    let Some(value) = value else { return Some(Vec::new()) };
    let mut named: Vec<Named<'_>> = Vec::new();
    for item in value.as_array()? {
        let item = item.as_object()?;
        let name = ["id", "audience", "name"].into_iter().find_map(|key| item.get(key)?.as_str())?;
        if named.iter().any(|(known, _)| *known == name) {
            return None;
        }
        named.push((name, item));
    }
    Some(named)
}

/// The order, where what is in both lists comes in another one.
fn reordered(list: &str, old: &[Named<'_>], new: &[Named<'_>]) -> Option<Field> {
    let names = |these: &[Named<'_>], others: &[Named<'_>]| -> Vec<String> {
        let kept = these.iter().filter(|(name, _)| others.iter().any(|(other, _)| other == name));
        kept.map(|(name, _)| (*name).to_owned()).collect()
    };
    let (from, to) = (names(old, new), names(new, old));
    let name = format!("order of {list}");
    (from != to).then(|| Field { name, from: Some(from.into()), to: Some(to.into()), secret: false })
}

/// Notes the fields that differ, each by itself.
fn differing(name: &str, (from, to): (Option<&Value>, Option<&Value>), fields: &mut Vec<Field>) {
    if is_secret(name) {
        fields.push(Field { name: name.to_owned(), from: None, to: None, secret: true });
        return;
    }
    let none = Map::new();
    let inside = match (from, to) {
        (Some(Value::Object(from)), Some(Value::Object(to))) => Some((from, to)),
        (None, Some(Value::Object(to))) if !to.is_empty() => Some((&none, to)),
        (Some(Value::Object(from)), None) if !from.is_empty() => Some((from, &none)),
        _ => None,
    };
    let Some((old, new)) = inside else {
        fields.push(Field { name: name.to_owned(), from: from.cloned(), to: to.cloned(), secret: false });
        return;
    };
    for inner in old.keys().chain(new.keys().filter(|inner| !old.contains_key(*inner))) {
        let both = (old.get(inner), new.get(inner));
        if both.0 != both.1 {
            differing(&format!("{name}.{inner}"), both, fields);
        }
    }
}

/// Whether a field of that name may hold what nobody should read, be it a digest.
fn is_secret(name: &str) -> bool {
    ["secret", "password", "private"].iter().any(|word| name.contains(word))
}

/// What the things of a list are called: `policies` are each a `policy`.
fn kind(list: &str) -> String {
    match list.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => list.strip_suffix('s').unwrap_or(list).to_owned(),
    }
}

#[cfg(test)]
mod tests;
