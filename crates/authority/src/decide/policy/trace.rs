//! How the policies came to their answer, for whoever has to change them.

use serde::Serialize;

use super::{Condition, Question, permit};
use crate::record::client::GrantType;
use crate::record::policy::{Covers, Policy, Rule};

/// One policy, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyTrace {
    /// Its name.
    pub policy: String,
    /// Whether it is assigned to the client.
    pub clients: ConditionTrace,
    /// Whether it is the one that counts: the first assigned to the client.
    pub counts: bool,
    /// Its rules in order, as they would be judged; only those of the one that counts decide.
    pub rules: Vec<RuleTrace>,
}

/// One rule, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleTrace {
    /// Its name.
    pub rule: String,
    /// Whether it is the one that allows: the first of its policy whose conditions all match.
    pub allows: bool,
    /// What it demands.
    pub conditions: Vec<ConditionTrace>,
}

/// One condition, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionTrace {
    /// Which: `clients`, `grants`, `scopes`, `people`, `factor` or `when`.
    pub condition: &'static str,
    /// Whether it matched.
    pub matched: bool,
    /// What is demanded.
    pub demanded: String,
    /// What there was.
    pub found: String,
}

/// Judges all policies, also those that do not count.
pub fn trace(question: &Question<'_>) -> Vec<PolicyTrace> {
    let allowing = permit(question);
    let mut counted = false;
    let mut one = |policy: &Policy| {
        let clients = clients(policy, question);
        let counts = clients.matched && !counted;
        counted |= counts;
        let allows = |rule: &Rule| counts && allowing.is_some_and(|permit| std::ptr::eq(permit.rule, rule));
        let rules = policy.rules.iter().map(|rule| RuleTrace {
            rule: rule.name.clone(),
            allows: allows(rule),
            conditions: conditions(rule, question),
        });
        PolicyTrace { policy: policy.name.clone(), clients, counts, rules: rules.collect() }
    };
    question.authority.policies.iter().map(&mut one).collect()
}

/// The change that comes nearest to allowing it, for a person; `None` where it is allowed.
pub fn nearest_change(question: &Question<'_>) -> Option<String> {
    if permit(question).is_some() {
        return None;
    }
    let policies = &question.authority.policies;
    let client = &question.client.id;
    let Some(policy) = policies.iter().find(|policy| policy.clients.covers(client)) else {
        return Some(match policies.first() {
            Some(policy) => format!("add the client {client:?} to the clients of a policy, such as {:?}", policy.name),
            None => "add a policy with a rule for this client".to_owned(),
        });
    };
    let unmatched = |rule: &&Rule| Condition::ALL.iter().filter(|kind| !kind.holds(rule, question)).count();
    let Some(rule) = policy.rules.iter().min_by_key(unmatched) else {
        return Some(format!("add a rule to the policy {:?}", policy.name));
    };
    let changes =
        Condition::ALL.iter().filter(|kind| !kind.holds(rule, question)).map(|kind| change(*kind, rule, question));
    let changes: Vec<String> = changes.collect();
    Some(format!("in the rule {:?} of the policy {:?}: {}", rule.name, policy.name, changes.join("; ")))
}

fn change(kind: Condition, rule: &Rule, question: &Question<'_>) -> String {
    match (kind, question.user) {
        (Condition::Grant, _) => format!("add {:?} to grants", question.grant.name()),
        (Condition::Scopes, _) => {
            let missing = question.scopes.iter().filter(|scope| !rule.scopes.covers(scope));
            let missing: Vec<String> = missing.map(|scope| format!("{scope:?}")).collect();
            format!("add {} to scopes, or ask for less", missing.join(", "))
        }
        (Condition::People, Some(user)) => match rule.groups.first() {
            Some(group) => format!("add {:?} to users, or put them in the group {group:?}", user.username),
            None => format!("add {:?} to users", user.username),
        },
        (Condition::People | Condition::Factor, None) => {
            "a client's own token has no person: leave the condition out, or add a rule of its own".to_owned()
        }
        (Condition::Factor, Some(_)) => "leave factor out".to_owned(),
        (Condition::When, _) => {
            let when = rule.when.as_ref().map_or("", |when| when.text());
            format!("make this true, or leave it out: {when}")
        }
    }
}

fn clients(policy: &Policy, question: &Question<'_>) -> ConditionTrace {
    ConditionTrace {
        condition: "clients",
        matched: policy.clients.covers(&question.client.id),
        demanded: covered(&policy.clients),
        found: question.client.id.clone(),
    }
}

fn conditions(rule: &Rule, question: &Question<'_>) -> Vec<ConditionTrace> {
    let demanded = Condition::ALL.into_iter().filter(|kind| kind.is_demanded(rule));
    demanded
        .map(|kind| {
            let (condition, demanded, found) = told(kind, rule, question);
            ConditionTrace { condition, matched: kind.holds(rule, question), demanded, found }
        })
        .collect()
}

fn told(kind: Condition, rule: &Rule, question: &Question<'_>) -> (&'static str, String, String) {
    match kind {
        Condition::Grant => {
            let grants: Vec<&str> = rule.grants.iter().map(|grant| grant.name()).collect();
            ("grants", one_of(&grants), asked(question.grant))
        }
        Condition::Scopes => ("scopes", covered(&rule.scopes), question.scopes.join(", ")),
        Condition::People => {
            let users = rule.users.iter().map(|user| format!("user {user}"));
            let groups = rule.groups.iter().map(|group| format!("group {group}"));
            let demanded: Vec<String> = users.chain(groups).collect();
            let found = question.user.map_or_else(nobody, |user| {
                let groups = if user.groups.is_empty() { "no group".to_owned() } else { user.groups.join(", ") };
                format!("user {}, in {groups}", user.username)
            });
            ("people", demanded.join(" or "), found)
        }
        Condition::Factor => {
            let found = question.user.map_or_else(nobody, |_| "password".to_owned());
            ("factor", rule.factor.map_or("", |factor| factor.name()).to_owned(), found)
        }
        Condition::When => {
            let when = rule.when.as_ref();
            let found = when.map(|when| when.evaluate(&question.roots()));
            let found = match found {
                Some(Ok(value)) => value.to_string(),
                Some(Err(none)) => format!("no value: {none}"),
                None => String::new(),
            };
            ("when", when.map_or("", |when| when.text()).to_owned(), found)
        }
    }
}

fn nobody() -> String {
    "nobody: a client's own token".to_owned()
}

fn asked(grant: GrantType) -> String {
    grant.name().to_owned()
}

fn covered(covers: &Covers) -> String {
    match covers {
        Covers::All => "all".to_owned(),
        Covers::Only(names) => one_of(names),
    }
}

fn one_of(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
