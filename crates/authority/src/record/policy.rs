//! Access policies: an allow-list. The first policy whose clients match, in it the first rule that covers everything
//! asked for; no match is a refusal.

use serde::{Deserialize, Serialize};

use super::client::GrantType;

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

/// The rule that allows this, if one does.
pub fn find_rule<'a>(
    policies: &'a [Policy],
    client: &str,
    grant: GrantType,
    scopes: &[String],
) -> Option<(&'a Policy, &'a Rule)> {
    let policy = policies.iter().find(|policy| policy.clients.covers(client))?;
    let allows = |rule: &&Rule| rule.grants.contains(&grant) && scopes.iter().all(|scope| rule.scopes.covers(scope));
    policy.rules.iter().find(allows).map(|rule| (policy, rule))
}
