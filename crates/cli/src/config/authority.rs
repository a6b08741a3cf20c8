//! `[[authority]]`: each of them, and all of them together.

use sayso_authority::record::api::Api;
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::authority::{Authority, Layout};
use sayso_authority::record::claim::Claim;
use sayso_authority::record::client::Client;

use super::finding::Findings;
use super::group::SeedGroup;
use super::names::{self, Unique};
use super::{KnownScopes, addresses, api, claim, client, connection, policy, registration, shape};

/// The directory of people, which all authorities share.
pub(super) struct Directory<'a> {
    /// The profile schema.
    pub(super) schema: &'a [Attribute],
    /// The groups that the file brings along.
    pub(super) groups: &'a [SeedGroup],
}

/// Ten years.
const MOST_ROTATION_DAYS: u16 = 3650;

/// The authorities that the file describes.
pub(super) fn authorities(
    tables: &[shape::Authority],
    directory: &Directory<'_>,
    findings: &mut Findings<'_>,
) -> Vec<Authority> {
    if tables.is_empty() {
        let fix = "add a table [[authority]] with id, issuer and layout";
        findings.error(0..0, "", "there is no authority", fix);
    }
    let (mut ids, mut issuers, mut connections) = (Unique::default(), Unique::default(), Unique::default());
    for table in tables {
        ids.check(table.id.get_ref(), table.id.span(), "authority", findings);
        issuers.check(table.issuer.get_ref(), table.issuer.span(), "issuer", findings);
        apart(table, tables, findings);
        one_origin(table, tables, findings);
    }
    tables
        .iter()
        .map(|table| {
            let place = format!("authority {:?}", table.id.get_ref());
            findings.within(place, |findings| {
                let connections = connection::connections(table, &mut connections, findings);
                Authority { connections, ..authority(table, directory, findings) }
            })
        })
        .collect()
}

/// Each authority answers below its own issuer, so no issuer may lie where another authority answers.
fn apart(table: &shape::Authority, all: &[shape::Authority], findings: &mut Findings<'_>) {
    for other in all {
        let (outer, inner) = (other.issuer.get_ref(), table.issuer.get_ref());
        if addresses::collide(outer, inner) {
            let what = format!("{inner:?} lies among the addresses of authority {:?}", other.id.get_ref());
            let fix = "give it another path, such as /oauth2/ and its id";
            findings.error(table.issuer.span(), "issuer", what, fix);
        }
    }
}

/// One installation answers to one name: pages, cookies and links of all its authorities belong to one origin.
fn one_origin(table: &shape::Authority, all: &[shape::Authority], findings: &mut Findings<'_>) {
    let origin = |table: &shape::Authority| addresses::origin(table.issuer.get_ref());
    let Some(first) = all.first() else { return };
    if let (Some(first), Some(own)) = (origin(first), origin(table))
        && first != own
    {
        let what = format!("{own} is not {first}, where the first authority is");
        let fix = "give all issuers the same scheme, host and port, and tell them apart by path; or run a second sayso";
        findings.error(table.issuer.span(), "issuer", what, fix);
    }
}

fn authority(table: &shape::Authority, directory: &Directory<'_>, findings: &mut Findings<'_>) -> Authority {
    names::short(&table.id, "authority", findings);
    addresses::issuer(&table.issuer, findings);
    let name = names::shown(table.name.as_ref(), "name", &table.id, findings);
    let apis = apis(table, findings);
    let known = KnownScopes::of(&apis);
    let grounds = policy::Grounds { scopes: &known, schema: directory.schema, groups: directory.groups };
    Authority {
        id: table.id.get_ref().clone(),
        name,
        issuer: table.issuer.get_ref().clone(),
        layout: match table.layout {
            shape::Layout::Auth0 => Layout::Auth0,
            shape::Layout::Okta => Layout::Okta,
        },
        default_audience: default_audience(table, &apis, findings),
        clients: clients(table, &apis, &known, findings),
        claims: claims(table, directory.schema, &known, findings),
        policies: policy::policies(&table.policies, &table.clients, &grounds, findings),
        introspection_by_query: table.introspection_by_query,
        key_rotation_days: key_rotation_days(table, findings),
        registration: registration::registration(table, &known, findings),
        connections: Vec::new(),
        apis,
    }
}

/// Not more often than a replaced key has to stay published; a key that is to stay for longer than ten years stays anyway.
fn key_rotation_days(table: &shape::Authority, findings: &mut Findings<'_>) -> Option<u16> {
    let written = table.key_rotation_days.as_ref()?;
    let days = u16::try_from(*written.get_ref()).ok().filter(|days| (1..=MOST_ROTATION_DAYS).contains(days));
    if days.is_none() {
        let what = format!("signing keys cannot be rotated every {} days", written.get_ref());
        let fix = format!("choose 1 to {MOST_ROTATION_DAYS}, or leave it out to rotate them by command only");
        findings.error(written.span(), "key_rotation_days", what, fix);
    }
    days
}

fn apis(table: &shape::Authority, findings: &mut Findings<'_>) -> Vec<Api> {
    let mut unique = Unique::default();
    let mut one = |table: &shape::Api| {
        let audience = &table.audience;
        unique.check(audience.get_ref(), audience.span(), "audience", findings);
        findings.within(format!("api {:?}", audience.get_ref()), |findings| api::api(table, findings))
    };
    table.apis.iter().map(&mut one).collect()
}

/// What is meant when a request names no API: the one written down, else the only one there is.
fn default_audience(table: &shape::Authority, apis: &[Api], findings: &mut Findings<'_>) -> Option<String> {
    match (&table.default_audience, apis) {
        (None, [only]) => Some(only.audience.clone()),
        (None, _) => None,
        (Some(written), apis) => {
            if !apis.iter().any(|api| api.audience == *written.get_ref()) {
                let what = format!("this authority has no API {:?}", written.get_ref());
                findings.error(written.span(), "default_audience", what, "write the audience of one of its APIs");
            }
            Some(written.get_ref().clone())
        }
    }
}

fn clients(
    table: &shape::Authority,
    apis: &[Api],
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Vec<Client> {
    let audiences: Vec<&str> = apis.iter().map(|api| api.audience.as_str()).collect();
    let mut unique = Unique::default();
    let mut one = |table: &shape::Client| {
        let id = &table.id;
        unique.check(id.get_ref(), id.span(), "client", findings);
        findings
            .within(format!("client {:?}", id.get_ref()), |findings| client::client(table, &audiences, known, findings))
    };
    table.clients.iter().map(&mut one).collect()
}

fn claims(
    table: &shape::Authority,
    schema: &[Attribute],
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for table in &table.claims {
        let name = table.name.get_ref();
        let place = format!("claim {name:?}");
        let Some(claim) = findings.within(place, |findings| claim::claim(table, schema, known, findings)) else {
            continue;
        };
        let shares = |earlier: &Claim| {
            earlier.name == *name && earlier.carriers.iter().any(|carrier| claim.carriers.contains(carrier))
        };
        if claims.iter().any(shares) {
            let what = format!("the claim {name:?} is filled twice");
            findings.error(table.name.span(), "claim", what, "keep one, or let the other travel in other carriers");
        }
        claims.push(claim);
    }
    claims
}
