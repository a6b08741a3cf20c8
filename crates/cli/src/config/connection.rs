//! `[[authority.connection]]` and `connection_secrets` of `[server]`: providers elsewhere at which people sign in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sayso_authority::record::connection::{Connection, ConnectionAuthentication};
use url::Host;

use super::finding::Findings;
use super::names::{self, Unique};
use super::{addresses, beside, secret, shape};

/// What is asked for unless the file says otherwise: who they are, and how to write to them.
const SCOPES: [&str; 2] = ["email", "profile"];
/// What is always asked for, and so never has to be written.
const OPENID: &str = "openid";

/// The connections of an authority. `ids` are those of the whole installation: a secret is found by the id alone.
pub(super) fn connections(table: &shape::Authority, ids: &mut Unique, findings: &mut Findings<'_>) -> Vec<Connection> {
    let one = |table: &shape::Connection| {
        ids.check(table.id.get_ref(), table.id.span(), "connection", findings);
        let place = format!("connection {:?}", table.id.get_ref());
        findings.within(place, |findings| connection(table, findings))
    };
    table.connections.iter().map(one).collect()
}

fn connection(table: &shape::Connection, findings: &mut Findings<'_>) -> Connection {
    names::short(&table.id, "connection", findings);
    names::identifier(&table.client_id, "client_id", findings);
    addresses::provider(&table.issuer, findings);
    for scope in table.scopes.iter().flatten() {
        names::scope(scope, "scopes", findings);
    }
    let more: Vec<&str> = match &table.scopes {
        Some(scopes) => scopes.iter().map(|scope| scope.get_ref().as_str()).collect(),
        None => SCOPES.to_vec(),
    };
    let more = more.into_iter().filter(|scope| *scope != OPENID);
    let scopes: Vec<String> = std::iter::once(OPENID).chain(more).map(str::to_owned).collect();
    let email_domains: Vec<String> =
        table.email_domains.iter().filter_map(|domain| email_domain(domain, findings)).collect();
    if let Some(first) = table.email_domains.first()
        && !scopes.iter().any(|scope| scope == "email")
    {
        let fix = "add \"email\" to scopes";
        findings.error(first.span(), "email_domains", "nobody comes in whose address is not asked for", fix);
    }
    Connection {
        id: table.id.get_ref().clone(),
        name: names::shown(table.name.as_ref(), "name", &table.id, findings),
        issuer: table.issuer.get_ref().clone(),
        client_id: table.client_id.get_ref().clone(),
        authentication: table.authentication,
        scopes,
        email_domains,
        sign_up: table.sign_up,
    }
}

/// A domain in lower case, as A-labels.
fn email_domain(written: &shape::Text, findings: &mut Findings<'_>) -> Option<String> {
    let domain = match Host::parse(written.get_ref()) {
        Ok(Host::Domain(domain)) if !domain.ends_with('.') && domain.bytes().all(is_of_a_name) => Some(domain),
        _ => None,
    };
    if domain.is_none() {
        let what = format!("{:?} is no domain", written.get_ref());
        let fix = "write what stands behind the @ of an address, such as corp.example; each subdomain on its own";
        findings.error(written.span(), "email_domains", what, fix);
    }
    domain
}

/// A sign that stands in names of hosts (RFC 1123 section 2.1).
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
}

/// The files with their secrets. They are looked at now, so that nobody learns at the first sign-in that one is missing; where one
/// is, the server starts all the same, for passwords go on.
pub(super) fn secrets(file: &shape::File, findings: &mut Findings<'_>) -> BTreeMap<String, PathBuf> {
    const KEY: &str = "connection_secrets";
    let connections = || file.authorities.iter().flat_map(|authority| &authority.connections);
    let files = &file.server.connection_secrets;
    for table in connections().filter(|table| table.authentication != ConnectionAuthentication::None) {
        if !files.keys().any(|id| id.get_ref() == table.id.get_ref()) {
            let what = format!("nobody comes in by the connection {:?}: it has no secret here", table.id.get_ref());
            let fix = format!("write the file with it: connection_secrets = {{ {} = \"FILE\" }}", table.id.get_ref());
            findings.warning(table.id.span(), KEY, what, fix);
        }
    }
    for (id, written) in files {
        if !connections().any(|table| table.id.get_ref() == id.get_ref()) {
            // The configuration in force may have one.
            let what = format!("this file has no connection {:?}", id.get_ref());
            findings.warning(id.span(), KEY, what, "take it out, unless the configuration in force has it");
        }
        let path = beside(findings.file(), written.get_ref());
        if let Err((what, fix)) = secret::read_secret(&path) {
            findings.warning(written.span(), KEY, format!("{}: {what}", path.display()), fix);
        }
    }
    let path = |written: &shape::Text| beside(findings.file(), written.get_ref());
    files.iter().map(|(id, written)| (id.get_ref().clone(), path(written))).collect()
}
