//! Audit events: what happened, to whom, by whom; never a secret, never a token.

use serde_json::{Map, Value};

/// What the audit log keeps of one happening. The store adds when.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The stable kind, such as `refresh_reuse`.
    pub kind: &'static str,
    /// The authority it happened at; empty where it concerns all of them, as the directory of people does.
    pub authority: String,
    /// The client concerned.
    pub client: Option<String>,
    /// The user concerned.
    pub user: Option<String>,
    /// The grant concerned.
    pub grant: Option<String>,
    /// More, by name.
    pub details: Map<String, Value>,
}

impl Event {
    /// An event of this kind at this authority.
    pub fn new(kind: &'static str, authority: &str) -> Self {
        Self { kind, authority: authority.to_owned(), client: None, user: None, grant: None, details: Map::new() }
    }

    /// An event of this kind in the directory of people, which all authorities share.
    pub fn of_directory(kind: &'static str) -> Self {
        Self::new(kind, "")
    }

    /// Names the client.
    #[must_use]
    pub fn client(mut self, client: &str) -> Self {
        self.client = Some(client.to_owned());
        self
    }

    /// Names the user.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// Names the grant.
    #[must_use]
    pub fn grant(mut self, grant: &str) -> Self {
        self.grant = Some(grant.to_owned());
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}
