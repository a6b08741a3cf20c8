//! `[[authority.claim]]`

use sayso_authority::decide::access_token::PROTOCOL_CLAIMS;
use sayso_authority::expression::Expression;
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::claim::{Carrier, Claim, Says};

use super::attribute::readable;
use super::finding::Findings;
use super::{KnownScopes, names, shape};

/// The custom claim that the table describes; none when what it says cannot be read.
pub(super) fn claim(
    table: &shape::Claim,
    schema: &[Attribute],
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Option<Claim> {
    let name = &table.name;
    names::identifier(name, "name", findings);
    if PROTOCOL_CLAIMS.contains(&name.get_ref().as_str()) {
        let what = format!("{:?} is a claim of the protocol itself", name.get_ref());
        findings.error(name.span(), "name", what, "choose another name, such as FavoriteColorClaim");
    }
    for scope in &table.scopes {
        known.check(scope, findings);
    }
    let carriers = carriers(table, findings);
    if table.on_request && !carriers.iter().any(|carrier| Carrier::OF_IDENTITY.contains(carrier)) {
        let fix = "leave on_request out, or let it travel in id_token or userinfo";
        findings.error(name.span(), "on_request", "nobody can request a claim of access tokens", fix);
    }
    Some(Claim {
        name: name.get_ref().clone(),
        carriers,
        says: says(table, schema, findings)?,
        scopes: table.scopes.iter().map(|scope| scope.get_ref().clone()).collect(),
        on_request: table.on_request,
    })
}

fn carriers(table: &shape::Claim, findings: &mut Findings<'_>) -> Vec<Carrier> {
    let pair = table.carrier.map(|pair| match pair {
        shape::CarrierPair::AccessToken => Carrier::OF_ACCESS.to_vec(),
        shape::CarrierPair::IdToken => Carrier::OF_IDENTITY.to_vec(),
    });
    let Some(written) = &table.carriers else { return pair.unwrap_or_else(|| Carrier::OF_ACCESS.to_vec()) };
    if pair.is_some() {
        let fix = "keep carriers: carrier = \"id_token\" is short for carriers = [\"id_token\", \"userinfo\"]";
        findings.error(written.span(), "carriers", "carrier stands here as well", fix);
    }
    if written.get_ref().is_empty() {
        let fix = "name one of access_token, introspection, id_token, userinfo";
        findings.error(written.span(), "carriers", "a claim that nothing carries says nothing", fix);
    }
    let mut carriers = written.get_ref().clone();
    carriers.sort();
    carriers.dedup();
    carriers
}

fn says(table: &shape::Claim, schema: &[Attribute], findings: &mut Findings<'_>) -> Option<Says> {
    match (&table.attribute, &table.expression) {
        (Some(attribute), None) => {
            known_attribute(attribute.get_ref(), schema, |what, fix| {
                findings.error(attribute.span(), "attribute", what, fix);
            });
            readable(attribute.get_ref(), schema, attribute.span(), "attribute", findings);
            Some(Says::Attribute(attribute.get_ref().clone()))
        }
        (None, Some(written)) => expression(written, "expression", schema, findings).map(Says::Expression),
        (given, _) => {
            let what = if given.is_some() { "both say what the claim is" } else { "nothing says what the claim is" };
            let fix = "write attribute, the name of one, or expression, such as \"user.firstName + '!'\"";
            findings.error(table.name.span(), "attribute or expression", what, fix);
            None
        }
    }
}

/// An expression over the profile, if it can be used.
pub(super) fn expression(
    written: &shape::Text,
    key: &str,
    schema: &[Attribute],
    findings: &mut Findings<'_>,
) -> Option<Expression> {
    match Expression::parse(written.get_ref()) {
        Ok(expression) => {
            for name in expression.attributes() {
                known_attribute(name, schema, |what, fix| findings.error(written.span(), key, what, fix));
                readable(name, schema, written.span(), key, findings);
            }
            if let Some(why) = expression.misfit(schema) {
                let what = format!("with a profile that has everything, this goes wrong: {why}");
                findings.error(
                    written.span(),
                    key,
                    what,
                    "put together what fits: string(x) makes a text, int(x) a number",
                );
            }
            Some(expression)
        }
        Err(fault) => {
            findings.error(written.span(), key, fault.what(), fault.remedy());
            None
        }
    }
}

fn known_attribute(name: &str, schema: &[Attribute], tell: impl FnOnce(String, String)) {
    if schema.iter().any(|known| known.name == name) {
        return;
    }
    let all: Vec<&str> = schema.iter().map(|known| known.name.as_str()).collect();
    let fix = match all.as_slice() {
        [] => "describe it first, in a table [[attribute]]".to_owned(),
        all => format!("take one of {}, or describe it in a table [[attribute]]", all.join(", ")),
    };
    tell(format!("there is no attribute {name:?}"), fix);
}
