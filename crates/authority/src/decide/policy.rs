//! Which rule allows this, and for how long?
//!
//! Asked when a person is shown the consent page, when a code is redeemed, at each refresh and for a client's own token:
//! configurations, groups and profiles change under living grants.

pub mod trace;

use sayso_token::time::Lifetime;

use crate::expression::Roots;
use crate::record::api::{Api, LONGEST_TOKEN};
use crate::record::authority::Authority;
use crate::record::client::{Client, GrantType};
use crate::record::policy::{Policy, Rule};
use crate::record::user::User;

/// What is asked of the policies.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Whose policies.
    pub authority: &'a Authority,
    /// Who asks.
    pub client: &'a Client,
    /// By which grant; a refresh counts as the grant that began the link.
    pub grant: GrantType,
    /// Whose account; nobody for a client's own token.
    pub user: Option<&'a User>,
    /// What for.
    pub api: &'a Api,
    /// What is asked for, all of it.
    pub scopes: &'a [String],
}

impl<'a> Question<'a> {
    fn roots(&self) -> Roots<'a> {
        Roots { user: self.user, client: self.client, scope: self.scopes, api: Some(self.api) }
    }
}

/// The rule that allows it.
#[derive(Clone, Copy, Debug)]
pub struct Permit<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The rule.
    pub rule: &'a Rule,
    /// What for.
    pub api: &'a Api,
    client: &'a Client,
}

impl Permit<'_> {
    /// How long an access token lives: what the rule says, else the client, else the API; never longer than any may.
    pub fn access_token(&self) -> Lifetime {
        let of_rule = self.rule.lifetimes.access_token;
        of_rule.or(self.client.token_lifetime).unwrap_or(self.api.token_lifetime).min(LONGEST_TOKEN)
    }

    /// How long a grant may rest unused: what the rule says, else the client; `None`: as long as it likes.
    pub fn refresh_idle(&self) -> Option<Lifetime> {
        self.rule.lifetimes.refresh_idle.or(self.client.refresh.idle)
    }

    /// How long a grant may be refreshed after it began; `None`: as long as people like.
    pub fn refresh_total(&self) -> Option<Lifetime> {
        self.rule.lifetimes.refresh_total
    }
}

/// The rule that allows this, if one does: of the first policy whose clients match the first rule whose conditions all do.
pub fn permit<'a>(question: &Question<'a>) -> Option<Permit<'a>> {
    let policy = question.authority.policies.iter().find(|policy| policy.clients.covers(&question.client.id))?;
    let rule =
        policy.rules.iter().find(|rule| Condition::ALL.iter().all(|condition| condition.holds(rule, question)))?;
    Some(Permit { policy, rule, api: question.api, client: question.client })
}

/// Whether some rule allows it to somebody: what is demanded of a person is left open.
pub fn could_permit(question: &Question<'_>) -> bool {
    let policies = &question.authority.policies;
    let policy = policies.iter().find(|policy| policy.clients.covers(&question.client.id));
    let open =
        |rule: &Rule| [Condition::Grant, Condition::Scopes].iter().all(|condition| condition.holds(rule, question));
    policy.is_some_and(|policy| policy.rules.iter().any(open))
}

/// What a rule may demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Grant,
    Scopes,
    People,
    Factor,
    When,
}

impl Condition {
    /// The cheap ones first.
    pub(crate) const ALL: [Self; 5] = [Self::Grant, Self::Scopes, Self::People, Self::Factor, Self::When];

    /// Whether the rule demands anything of the kind.
    fn is_demanded(self, rule: &Rule) -> bool {
        match self {
            Self::Grant | Self::Scopes => true,
            Self::People => !(rule.users.is_empty() && rule.groups.is_empty()),
            Self::Factor => rule.factor.is_some(),
            Self::When => rule.when.is_some(),
        }
    }

    fn holds(self, rule: &Rule, question: &Question<'_>) -> bool {
        if !self.is_demanded(rule) {
            return true;
        }
        match self {
            Self::Grant => rule.grants.contains(&question.grant),
            Self::Scopes => question.scopes.iter().all(|scope| rule.scopes.covers(scope)),
            Self::People => question.user.is_some_and(|user| {
                rule.users.contains(&user.username) || user.groups.iter().any(|group| rule.groups.contains(group))
            }),
            // Every person has signed in by their password; a client for itself has not.
            Self::Factor => question.user.is_some(),
            Self::When => rule.when.as_ref().is_some_and(|when| when.holds(&question.roots())),
        }
    }
}

#[cfg(test)]
mod tests;
