//! `[[authority.policy]]`

use sayso_authority::expression::Expression;
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::client::GrantType;
use sayso_authority::record::policy::{Covers, Factor, Lifetimes, Policy, Rule};
use sayso_authority::record::user::User;
use sayso_token::time::Lifetime;
use toml::Spanned;

use super::finding::Findings;
use super::group::{self, SeedGroup};
use super::names::{self, Unique};
use super::{KnownScopes, api, claim, shape};

/// The shortest life of a link, in seconds.
const SHORTEST_LINK: u32 = 24 * 60 * 60;

/// What rules may name.
pub(super) struct Grounds<'a> {
    /// The scopes of the authority.
    pub(super) scopes: &'a KnownScopes<'a>,
    /// The profile.
    pub(super) schema: &'a [Attribute],
    /// The groups.
    pub(super) groups: &'a [SeedGroup],
}

/// The policies of an authority. Where none is written, one allows every client whatever it is registered for.
pub(super) fn policies(
    tables: &[shape::Policy],
    clients: &[shape::Client],
    grounds: &Grounds<'_>,
    findings: &mut Findings<'_>,
) -> Vec<Policy> {
    if tables.is_empty() {
        return vec![whatever_is_registered()];
    }
    let mut unique = Unique::default();
    let mut one = |table: &shape::Policy| {
        let name = table.name.get_ref();
        unique.check(name, table.name.span(), "policy", findings);
        findings.within(format!("policy {name:?}"), |findings| policy(table, clients, grounds, findings))
    };
    tables.iter().map(&mut one).collect()
}

fn whatever_is_registered() -> Policy {
    Policy {
        name: "whatever a client is registered for".to_owned(),
        clients: Covers::All,
        rules: vec![Rule::whatever("all", &[GrantType::AuthorizationCode, GrantType::ClientCredentials])],
    }
}

fn policy(
    table: &shape::Policy,
    clients: &[shape::Client],
    grounds: &Grounds<'_>,
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
        findings.within(format!("rule {name:?}"), |findings| rule(table, grounds, findings))
    };
    let rules = table.rules.iter().map(&mut one).collect();
    Policy { name, clients: covers(table.clients.as_deref()), rules }
}

fn rule(table: &shape::Rule, grounds: &Grounds<'_>, findings: &mut Findings<'_>) -> Rule {
    let name = names::shown(Some(&table.name), "name", &table.name, findings);
    let grants = grants(table, findings);
    for scope in table.scopes.iter().flatten() {
        grounds.scopes.check(scope, findings);
    }
    for name in &table.groups {
        group::warn_of_unknown(name, "groups", grounds.groups, findings);
    }
    let when = table.when.as_ref().and_then(|written| condition(written, grounds, findings));
    let of_people = !table.users.is_empty() || !table.groups.is_empty() || table.factor.is_some();
    if of_people && grants == [GrantType::ClientCredentials] {
        let fix = "leave users, groups and factor out, or add authorization_code to grants";
        findings.error(table.name.span(), "grants", "a client's own token has no person: this matches nobody", fix);
    }
    Rule {
        name,
        grants,
        scopes: covers(table.scopes.as_deref()),
        users: table.users.iter().map(|name| User::canonical(name.get_ref())).collect(),
        groups: table.groups.iter().map(|name| name.get_ref().clone()).collect(),
        when,
        factor: table.factor.as_ref().and_then(|written| factor(written, findings)),
        lifetimes: lifetimes(&table.lifetimes, findings),
    }
}

fn grants(table: &shape::Rule, findings: &mut Findings<'_>) -> Vec<GrantType> {
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
    grants
}

/// What must be true. People who could write it themselves would decide what they may.
fn condition(written: &shape::Text, grounds: &Grounds<'_>, findings: &mut Findings<'_>) -> Option<Expression> {
    let expression = claim::expression(written, "when", grounds.schema, findings)?;
    for name in expression.attributes() {
        if grounds.schema.iter().any(|attribute| attribute.name == *name && attribute.self_editable) {
            let what = format!("people write {name} themselves, and so would decide what they may");
            let fix = "ask for a group, or for an attribute without self_editable";
            findings.error(written.span(), "when", what, fix);
        }
    }
    Some(expression)
}

/// A factor that is not built is never there: a rule that demands it would lock everyone out without a word.
fn factor(written: &shape::Text, findings: &mut Findings<'_>) -> Option<Factor> {
    if written.get_ref() == Factor::Password.name() {
        return Some(Factor::Password);
    }
    let what = format!("nobody can sign in with the factor {:?}: a password is all there is yet", written.get_ref());
    findings.error(written.span(), "factor", what, "write \"password\", or leave it out");
    None
}

fn lifetimes(table: &shape::Lifetimes, findings: &mut Findings<'_>) -> Lifetimes {
    Lifetimes {
        access_token: api::lifetime(table.access_token.as_ref(), "lifetimes.access_token", findings),
        refresh_idle: link_lifetime(table.refresh_idle.as_ref(), "lifetimes.refresh_idle", findings),
        refresh_total: link_lifetime(table.refresh_total.as_ref(), "lifetimes.refresh_total", findings),
    }
}

/// How long a link lasts; shorter than a day, it would be lost overnight.
fn link_lifetime(written: Option<&Spanned<i64>>, key: &str, findings: &mut Findings<'_>) -> Option<Lifetime> {
    let written = written?;
    let seconds = u32::try_from(*written.get_ref()).ok().filter(|seconds| *seconds >= SHORTEST_LINK);
    if seconds.is_none() {
        let what = format!("a link cannot end after {} seconds", written.get_ref());
        let fix = "choose at least 86400 (a day), or leave it out: then the client's own rule holds";
        findings.error(written.span(), key, what, fix);
    }
    seconds.map(Lifetime::from_seconds)
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
