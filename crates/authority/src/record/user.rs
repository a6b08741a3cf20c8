//! A user: the person whose account is linked.

use std::collections::BTreeMap;

use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A user's id: `usr_` and random letters; never reused, never equal to a client id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub String);

/// An attribute of the profile schema.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The name that claims refer to.
    pub name: String,
    /// What the account page calls it.
    pub label: String,
    /// Whether people edit it themselves.
    pub self_editable: bool,
    /// The longest value, in characters.
    pub max_chars: usize,
}

/// A user as stored.
#[derive(Clone, Debug)]
pub struct User {
    /// The id, `sub` in tokens.
    pub id: UserId,
    /// The name they sign in with, in canonical form.
    pub username: String,
    /// The Argon2id hash of their password, in PHC form.
    pub password_hash: Secret,
    /// Their profile.
    pub attributes: BTreeMap<String, String>,
    /// The names of their groups, in order.
    pub groups: Vec<String>,
    /// Counts the changes of the profile, so that two edits do not overwrite each other.
    pub version: i64,
    /// When they were created.
    pub created_at: Timestamp,
    /// Since when they may do nothing.
    pub disabled_at: Option<Timestamp>,
}

impl User {
    /// The canonical form of a username: no blanks around it, lower case. Every way in uses it, so that one account
    /// is counted and found under one key.
    pub fn canonical(username: &str) -> String {
        username.trim().to_lowercase()
    }

    /// What to call them on a page.
    pub fn display_name(&self) -> &str {
        self.attributes.get("firstName").filter(|name| !name.is_empty()).unwrap_or(&self.username)
    }
}
