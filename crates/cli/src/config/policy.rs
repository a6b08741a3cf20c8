//! `[[authority.policy]]`

use sayso_authority::record::client::GrantType;
use sayso_authority::record::policy::{Covers, Policy, Rule};

use super::finding::Findings;
use super::names::{self, Unique};
use super::{KnownScopes, shape};

/// The policies of an authority. Where none is written, one allows every client whatever it is registered for.
pub(super) fn policies(
    tables: &[shape::Policy],
    clients: &[shape::Client],
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Vec<Policy> {
    if tables.is_empty() {
        return vec![whatever_is_registered()];
    }
    let mut unique = Unique::default();
    let mut one = |table: &shape::Policy| {
        let name = table.name.get_ref();
        unique.check(name, table.name.span(), "policy", findings);
        findings.within(format!("policy {name:?}"), |findings| policy(table, clients, known, findings))
    };
    tables.iter().map(&mut one).collect()
}

fn whatever_is_registered() -> Policy {
    Policy {
        name: "whatever a client is registered for".to_owned(),
        clients: Covers::All,
        rules: vec![Rule {
            name: "all".to_owned(),
            grants: vec![GrantType::AuthorizationCode, GrantType::ClientCredentials],
            scopes: Covers::All,
        }],
    }
}

fn policy(
    table: &shape::Policy,
    clients: &[shape::Client],
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Policy {
    let name = names::shown(Some(&table.name), "name", &table.name, findings);
    for assigned in table.clients.iter().flatten() {
        if !clients.iter().any(|client| client.id.get_ref() == assigned.get_ref()) {
            let what = format!("this authority has no client {:?}", assigned.get_ref());
            findings.error(assigned.span(), "clients", what, "write the id of one of its clients");
        }
    }
    if table.rules.is_empty() {
        let fix = "add a table [[authority.policy.rule]] with its grants";
        findings.error(table.name.span(), "rule", "a policy without a rule allows nothing", fix);
    }
    let mut unique = Unique::default();
    let mut one = |table: &shape::Rule| {
        let name = table.name.get_ref();
        unique.check(name, table.name.span(), "rule", findings);
        findings.within(format!("rule {name:?}"), |findings| rule(table, known, findings))
    };
    let rules = table.rules.iter().map(&mut one).collect();
    Policy { name, clients: covers(table.clients.as_deref()), rules }
}

fn rule(table: &shape::Rule, known: &KnownScopes<'_>, findings: &mut Findings<'_>) -> Rule {
    let name = names::shown(Some(&table.name), "name", &table.name, findings);
    if table.grants.get_ref().is_empty() {
        let what = "a rule without a grant allows nothing";
        findings.error(table.grants.span(), "grants", what, "name one, such as authorization_code");
    }
    let mut grants = Vec::new();
    for grant in table.grants.get_ref() {
        if matches!(grant.get_ref(), shape::Grant::RefreshToken) {
            let fix = "leave it out: a refresh counts as the grant that began the link";
            findings.error(grant.span(), "grants", "refresh_token needs no rule", fix);
        }
        grants.push(grant_type(*grant.get_ref()));
    }
    for scope in table.scopes.iter().flatten() {
        known.check(scope, findings);
    }
    Rule { name, grants, scopes: covers(table.scopes.as_deref()) }
}

fn covers(names: Option<&[shape::Text]>) -> Covers {
    match names {
        None => Covers::All,
        Some(names) => Covers::Only(names.iter().map(|name| name.get_ref().clone()).collect()),
    }
}

/// The record's word for a grant.
pub(super) fn grant_type(grant: shape::Grant) -> GrantType {
    match grant {
        shape::Grant::AuthorizationCode => GrantType::AuthorizationCode,
        shape::Grant::ClientCredentials => GrantType::ClientCredentials,
        shape::Grant::RefreshToken => GrantType::RefreshToken,
    }
}
