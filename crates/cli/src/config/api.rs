//! `[[authority.api]]`

use sayso_authority::record::api::{Api, Scope, TokenProfile};
use sayso_token::algorithm::Algorithm;
use sayso_token::time::Lifetime;
use toml::Spanned;

use super::finding::Findings;
use super::names::{self, Unique};
use super::{IDENTITY_SCOPES, shape};

/// Seconds that an access token lives when nothing else is said.
const TOKEN_LIFETIME: u32 = 900;
/// Alexa asks for a new token up to six minutes before the old one ends, and drops links with shorter ones.
const SHORTEST_TOKEN: u32 = 360;
/// A day: introspection aside, an access token cannot be taken back.
const LONGEST_TOKEN: u32 = sayso_authority::record::api::LONGEST_TOKEN.seconds();

/// The API that the table describes.
pub(super) fn api(table: &shape::Api, findings: &mut Findings<'_>) -> Api {
    let audience = &table.audience;
    names::identifier(audience, "audience", findings);
    warn_of_audience(audience, findings);
    Api {
        audience: audience.get_ref().clone(),
        name: names::shown(table.name.as_ref(), "name", audience, findings),
        scopes: scopes(&table.scopes, findings),
        algorithm: table.algorithm.unwrap_or(Algorithm::Rs256),
        profile: profile(table.profile.unwrap_or(shape::Profile::Rfc9068)),
        token_lifetime: lifetime(table.token_lifetime.as_ref(), "token_lifetime", findings)
            .unwrap_or(Lifetime::from_seconds(TOKEN_LIFETIME)),
    }
}

/// The record's word for a token profile.
pub(super) fn profile(written: shape::Profile) -> TokenProfile {
    match written {
        shape::Profile::Rfc9068 => TokenProfile::Rfc9068,
        shape::Profile::Azp => TokenProfile::Azp,
        shape::Profile::Cid => TokenProfile::Cid,
        shape::Profile::Opaque => TokenProfile::Opaque,
    }
}

fn warn_of_audience(audience: &shape::Text, findings: &mut Findings<'_>) {
    let name = audience.get_ref();
    let fix = "choose an https address under a domain of yours";
    if name.starts_with("http://") {
        let what = "a plain http address as audience invites to be called without TLS";
        findings.warning(audience.span(), "audience", what, fix);
    } else if !name.contains('.') && !name.starts_with("https://") {
        let what = format!("another installation may well call its API {name:?} too");
        findings.warning(audience.span(), "audience", what, fix);
    }
}

fn scopes(tables: &[shape::Scope], findings: &mut Findings<'_>) -> Vec<Scope> {
    let mut unique = Unique::default();
    let mut one = |table: &shape::Scope| {
        let name = &table.name;
        names::scope(name, "scopes", findings);
        if IDENTITY_SCOPES.contains(&name.get_ref().as_str()) {
            let what = format!("{:?} is a scope of OpenID Connect, about the person", name.get_ref());
            findings.error(name.span(), "scopes", what, "leave it out: clients may have it without an API");
        }
        unique.check(name.get_ref(), name.span(), "scopes", findings);
        let spoken = table.spoken.as_ref().map(|spoken| names::sentence(spoken, "scopes", findings));
        let text = names::sentence(&table.text, "scopes", findings);
        Scope { name: name.get_ref().clone(), text, spoken, consent: table.consent, default: table.default }
    };
    tables.iter().map(&mut one).collect()
}

/// How long access tokens live, of an API, a client or a rule.
pub(super) fn lifetime(written: Option<&Spanned<i64>>, key: &str, findings: &mut Findings<'_>) -> Option<Lifetime> {
    let written = written?;
    let within = u32::try_from(*written.get_ref()).ok().filter(|n| (SHORTEST_TOKEN..=LONGEST_TOKEN).contains(n));
    if within.is_none() {
        let what = format!("a token cannot live for {} seconds", written.get_ref());
        let fix = "choose 360 to 86400: Alexa renews tokens up to six minutes before their end, and a token that is out \
                   cannot be called back";
        findings.error(written.span(), key, what, fix);
    }
    within.map(Lifetime::from_seconds)
}
