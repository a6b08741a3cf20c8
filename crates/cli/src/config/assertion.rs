//! A client that signs assertions instead of keeping a secret (`private_key_jwt`): its keys and what it signs.

use sayso_authority::record::client::{AssertionAudience, AssertionRule, ClientAuthentication, ClientKeys};
use sayso_connections::fetch::LONGEST_URL;
use sayso_token::algorithm::Algorithm;
use sayso_token::jwk::{JwkSet, MAX_KEY_SET_BYTES};
use serde_json::Value;

use super::beside;
use super::finding::Findings;
use super::shape::{self, Text};

/// Members that only a private or a shared key has.
const PRIVATE: [&str; 2] = ["d", "k"];

/// The rule of a client that authenticates so; a finding for keys that nothing uses.
pub(super) fn rule(
    table: &shape::Client,
    authentication: ClientAuthentication,
    findings: &mut Findings<'_>,
) -> Option<AssertionRule> {
    let algorithm = table.assertion_algorithm.unwrap_or(Algorithm::Rs256);
    let keys = keys(table, algorithm, findings);
    if authentication != ClientAuthentication::PrivateKeyJwt {
        if let Some((span, key)) = written(table) {
            let fix = "take it out, or write authentication = \"private_key_jwt\"";
            findings.error(span, key, "this client proves itself otherwise", fix);
        }
        return None;
    }
    let Some(keys) = keys else {
        if written(table).is_none() {
            let fix = "add jwks_file, jwks or jwks_uri with its public keys";
            findings.error(table.id.span(), "jwks", "the client has no keys to sign with", fix);
        }
        return None;
    };
    let audience = match table.assertion_audience.unwrap_or(shape::AssertionAudience::Issuer) {
        shape::AssertionAudience::Issuer => AssertionAudience::Issuer,
        shape::AssertionAudience::IssuerOrTokenEndpoint => AssertionAudience::IssuerOrTokenEndpoint,
    };
    Some(AssertionRule { keys, algorithms: vec![algorithm], audience })
}

/// Where keys stand, in the order in which they are looked for.
fn written(table: &shape::Client) -> Option<(std::ops::Range<usize>, &'static str)> {
    let all = [(&table.jwks, "jwks"), (&table.jwks_file, "jwks_file"), (&table.jwks_uri, "jwks_uri")];
    all.into_iter().find_map(|(text, key)| Some((text.as_ref()?.span(), key)))
}

fn keys(table: &shape::Client, algorithm: Algorithm, findings: &mut Findings<'_>) -> Option<ClientKeys> {
    match (&table.jwks, &table.jwks_file, &table.jwks_uri) {
        (Some(text), None, None) => inline(text.get_ref(), (text, "jwks"), algorithm, findings),
        (None, Some(file), None) => {
            let path = beside(findings.file(), file.get_ref());
            match std::fs::read_to_string(&path) {
                Ok(text) => inline(&text, (file, "jwks_file"), algorithm, findings),
                Err(error) => {
                    let what = format!("{}: {error}", path.display());
                    findings.error(file.span(), "jwks_file", what, "give the path of a JSON Web Key Set");
                    None
                }
            }
        }
        (None, None, Some(uri)) => address(uri, findings),
        (None, None, None) => None,
        _ => {
            let (span, key) = written(table)?;
            findings.error(span, key, "keys stand in several places", "keep one of jwks, jwks_file and jwks_uri");
            None
        }
    }
}

fn inline(
    text: &str,
    (place, key): (&Text, &str),
    algorithm: Algorithm,
    findings: &mut Findings<'_>,
) -> Option<ClientKeys> {
    let mut wrong = |what: &str, fix: &str| {
        findings.error(place.span(), key, what, fix);
        None
    };
    let read = JwkSet::parse(text.as_bytes()).ok().filter(|_| text.len() <= MAX_KEY_SET_BYTES);
    let (Some(set), Ok(document)) = (read, serde_json::from_str::<Value>(text)) else {
        return wrong("this is no JSON Web Key Set", "write {\"keys\": [ … ]}, with the public keys of the client");
    };
    let members = document.get("keys").and_then(Value::as_array).into_iter().flatten();
    if members.filter_map(Value::as_object).any(|jwk| PRIVATE.iter().any(|name| jwk.contains_key(*name))) {
        return wrong(
            "a private key stands there",
            "write public keys only: the client keeps the private ones to itself",
        );
    }
    if set.suiting(algorithm).next().is_none() {
        let what = format!("no key is there that verifies {algorithm}");
        return wrong(&what, "add one, or name another assertion_algorithm: RS256 is the default");
    }
    Some(ClientKeys::Inline(document))
}

fn address(uri: &Text, findings: &mut Findings<'_>) -> Option<ClientKeys> {
    let written = uri.get_ref();
    let parsed = url::Url::parse(written).ok().filter(|url| url.scheme() == "https" && url.has_host());
    if parsed.is_none() || written.contains(['#', '@']) || written.len() > LONGEST_URL {
        let fix = "write an https address without a name before the host and without a fragment";
        findings.error(uri.span(), "jwks_uri", format!("keys are not fetched from {written:?}"), fix);
        return None;
    }
    Some(ClientKeys::At(written.clone()))
}
