//! A user: the person whose account is linked.

use std::collections::BTreeMap;

use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::attribute::AttributeValue;

/// A user's id: `usr_` and random letters; never reused, never equal to a client id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub String);

/// A user as stored.
#[derive(Clone, Debug)]
pub struct User {
    /// The id, `sub` in tokens.
    pub id: UserId,
    /// The name they sign in with, in canonical form.
    pub username: String,
    /// The Argon2id hash of their password, in PHC form; empty for who has none.
    pub password_hash: Secret,
    /// Their profile.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// The names of their groups, in order.
    pub groups: Vec<String>,
    /// Counts the changes of the profile, so that two edits do not overwrite each other.
    pub version: i64,
    /// When they were created.
    pub created_at: Timestamp,
    /// When the profile was last changed; `None`: never since they were created, or not since this is kept.
    pub updated_at: Option<Timestamp>,
    /// Since when they may do nothing.
    pub disabled_at: Option<Timestamp>,
}

impl User {
    /// The canonical form of a username: no blanks around it, lower case. Every way in uses it, so that one account
    /// is counted and found under one key.
    pub fn canonical(username: &str) -> String {
        username.trim().to_lowercase()
    }

    /// Whether they can sign in with a password; who came by a connection has none until one is set.
    pub fn has_password(&self) -> bool {
        !self.password_hash.expose().is_empty()
    }

    /// The text of that attribute, unless it is empty or of another kind.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).and_then(AttributeValue::as_text).filter(|text| !text.is_empty())
    }

    /// What to call them on a page.
    pub fn display_name(&self) -> &str {
        self.text("firstName").unwrap_or(&self.username)
    }
}
