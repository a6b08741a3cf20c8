//! Access policies: an allow-list. The first policy whose clients match, in it the first rule that covers everything
//! asked for; no match is a refusal. `decide/policy.rs` judges them.

use sayso_token::time::Lifetime;
use serde::{Deserialize, Serialize};

use super::client::GrantType;
use crate::expression::Expression;

/// Which names a policy or rule covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// All of them.
    All,
    /// These.
    Only(Vec<String>),
}

impl Covers {
    /// Whether `name` is covered.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|known| known == name),
        }
    }
}

/// How a person must have proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// By their password. Whoever has signed in has done so: no other factor is built.
    Password,
}

impl Factor {
    /// Its name in configuration and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
        }
    }
}

/// A rule of a policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The name, for the audit.
    pub name: String,
    /// The grants it allows. A refresh counts as the grant that began the link.
    pub grants: Vec<GrantType>,
    /// The scopes it allows.
    pub scopes: Covers,
    /// The usernames it allows, in canonical form; with `groups` empty as well, everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// The groups whose people it allows, beside `users`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// What must be true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// How the person must have signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<Factor>,
    /// What it sets.
    #[serde(default, skip_serializing_if = "Lifetimes::is_empty")]
    pub lifetimes: Lifetimes,
}

impl Rule {
    /// A rule that allows these grants, and whatever a client is registered for.
    pub fn whatever(name: &str, grants: &[GrantType]) -> Self {
        Self {
            name: name.to_owned(),
            grants: grants.to_vec(),
            scopes: Covers::All,
            users: Vec::new(),
            groups: Vec::new(),
            when: None,
            factor: None,
            lifetimes: Lifetimes::default(),
        }
    }
}

/// How long things live that a rule allows; what it leaves open is the client's or the API's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetimes {
    /// An access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Lifetime>,
    /// A grant that rests unused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_idle: Option<Lifetime>,
    /// A grant from its beginning, however often it is refreshed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_total: Option<Lifetime>,
}

impl Lifetimes {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An access policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The name, for the audit.
    pub name: String,
    /// The clients it is assigned to.
    pub clients: Covers,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}
