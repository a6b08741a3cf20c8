//! The profile schema: which attributes people have, of what kind, and who may read and write them.

mod check;
mod kept;
mod kind;
mod pattern;
mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use check::Misfit;
pub use kind::{Choice, Kind};
pub use pattern::Pattern;
pub use value::AttributeValue;

/// The longest text that any attribute may have, in characters: what expressions reckon with.
pub const MOST_CHARS: usize = crate::expression::LONGEST_VALUE;
/// The most entries of a list.
pub const MOST_ENTRIES: usize = crate::expression::MOST_ITEMS;
/// The longest entry of a list, in characters.
pub const LONGEST_ENTRY: usize = crate::expression::LONGEST_ITEM;

/// An attribute of the profile schema.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "kept::Kept", into = "kept::Kept")]
pub struct Attribute {
    /// The name that claims refer to.
    pub name: String,
    /// What the account page calls it, in languages without a label of their own.
    pub label: String,
    /// Whether people write it themselves.
    pub self_editable: bool,
    /// The longest text, in characters; of a list, each entry's.
    pub max_chars: usize,
    /// Labels by language, such as `de`.
    pub labels: BTreeMap<String, String>,
    /// What its values are.
    pub kind: Kind,
    /// What its values must be like beside that.
    pub constraints: Constraints,
    /// Who else may do what with it.
    pub access: Access,
}

/// What the values of an attribute must be like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// The shortest text, in characters; of a list, each entry's.
    pub min_chars: Option<usize>,
    /// The smallest number.
    pub min: Option<i64>,
    /// The largest number.
    pub max: Option<i64>,
    /// What a whole text must match; of a list, each entry.
    pub pattern: Option<Pattern>,
    /// What a text that does not match is told, by language; `""` for all others.
    pub hints: BTreeMap<String, String>,
}

/// Who may do what with an attribute, beside the person writing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether the account page shows it.
    pub person_reads: bool,
    /// Whether administrators see it.
    pub admin_reads: bool,
    /// Whether administrators write it.
    pub admin_writes: bool,
    /// Whether claims and conditions may rest on it.
    pub claims_read: bool,
}

impl Default for Access {
    fn default() -> Self {
        Self { person_reads: true, admin_reads: true, admin_writes: true, claims_read: true }
    }
}

impl Attribute {
    /// A line of text without constraints but its length, which everyone may read.
    pub fn text(name: &str, self_editable: bool, max_chars: usize) -> Self {
        Self {
            name: name.to_owned(),
            label: name.to_owned(),
            self_editable,
            max_chars,
            labels: BTreeMap::new(),
            kind: Kind::Text,
            constraints: Constraints::default(),
            access: Access::default(),
        }
    }

    /// What the account page calls it in that language.
    pub fn label_in(&self, language: &str) -> &str {
        self.labels.get(language).unwrap_or(&self.label)
    }

    /// What a text that does not match the pattern is told in that language.
    pub fn hint_in(&self, language: &str) -> Option<&str> {
        let hints = &self.constraints.hints;
        hints.get(language).or_else(|| hints.get("")).map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
