//! `[[authority.claim]]`

use sayso_authority::record::authority::{Claim, ClaimCarrier};
use sayso_authority::record::user::Attribute;

use super::finding::Findings;
use super::{KnownScopes, names, shape};

/// Claims that the protocol fills (RFC 7519, RFC 7662, RFC 9068, OpenID Connect Core) or that an API's token profile
/// fills; a custom claim of such a name could say who someone is.
const RESERVED: [&str; 25] = [
    "acr",
    "act",
    "active",
    "amr",
    "aud",
    "auth_time",
    "azp",
    "cid",
    "client_id",
    "cnf",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "scope",
    "scp",
    "sid",
    "sub",
    "token_type",
    "typ",
    "uid",
    "username",
    "ver",
];

/// The custom claim that the table describes.
pub(super) fn claim(
    table: &shape::Claim,
    schema: &[Attribute],
    known: &KnownScopes<'_>,
    findings: &mut Findings<'_>,
) -> Claim {
    let (name, attribute) = (&table.name, &table.attribute);
    names::identifier(name, "name", findings);
    if RESERVED.contains(&name.get_ref().as_str()) {
        let what = format!("{:?} is a claim of the protocol itself", name.get_ref());
        findings.error(name.span(), "name", what, "choose another name, such as FavoriteColorClaim");
    }
    if !schema.iter().any(|known| known.name == *attribute.get_ref()) {
        let all: Vec<&str> = schema.iter().map(|known| known.name.as_str()).collect();
        let what = format!("there is no attribute {:?}", attribute.get_ref());
        let fix = match all.as_slice() {
            [] => "describe it first, in a table [[attribute]]".to_owned(),
            all => format!("take one of {}, or describe it in a table [[attribute]]", all.join(", ")),
        };
        findings.error(attribute.span(), "attribute", what, fix);
    }
    for scope in &table.scopes {
        known.check(scope, findings);
    }
    Claim {
        name: name.get_ref().clone(),
        carrier: match table.carrier.unwrap_or(shape::Carrier::AccessToken) {
            shape::Carrier::AccessToken => ClaimCarrier::AccessToken,
            shape::Carrier::IdToken => ClaimCarrier::IdToken,
        },
        attribute: attribute.get_ref().clone(),
        scopes: table.scopes.iter().map(|scope| scope.get_ref().clone()).collect(),
    }
}
