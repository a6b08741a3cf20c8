//! A group of people: what rules and claims ask about. It belongs to the directory of people, which all authorities share.

use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest name of a group, in characters.
pub const LONGEST_GROUP_NAME: usize = 80;
/// The longest description of a group, in characters.
pub const LONGEST_DESCRIPTION: usize = 200;
/// The most groups that a person is in.
pub const MOST_GROUPS: usize = crate::expression::MOST_ITEMS;

/// A group's id: `grp_` and random letters; never reused, so that a group that is made again under a name has none of the
/// people of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub String);

/// A group as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// What rules and claims call it, compared letter by letter; no two have the same.
    pub name: String,
    /// What it is for, shown to administrators.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Group {
    /// Whether a group may be called that: 1 to 80 characters, none of control, no blank at either end.
    pub fn may_be_called(name: &str) -> bool {
        (1..=LONGEST_GROUP_NAME).contains(&name.chars().count())
            && !name.chars().any(char::is_control)
            && name.trim() == name
    }

    /// Whether a group may be described so: at most 200 characters, none of control.
    pub fn may_be_described(description: &str) -> bool {
        description.chars().count() <= LONGEST_DESCRIPTION && !description.chars().any(char::is_control)
    }
}
