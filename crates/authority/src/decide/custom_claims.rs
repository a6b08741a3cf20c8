//! Which custom claims does a token or an answer carry, and what do they say?

use serde::Serialize;
use serde_json::{Map, Value};

use super::access_token::PROTOCOL_CLAIMS;
use crate::expression::{NoValue, Roots};
use crate::record::attribute::AttributeValue;
use crate::record::authority::Authority;
use crate::record::claim::{Carrier, Claim, Says};

/// What the claims are about.
#[derive(Clone, Copy, Debug)]
pub struct ClaimsAbout<'a> {
    /// Whose claims.
    pub authority: &'a Authority,
    /// The person, client, scopes and API.
    pub roots: Roots<'a>,
    /// The claims that the `claims` parameter of the request names for this carrier.
    pub requested: &'a [String],
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It says this.
    Value(Value),
    /// It is left out, for this reason.
    LeftOut(String),
}

/// Fills in the custom claims of this carrier. A name of [`PROTOCOL_CLAIMS`] should have been refused when the
/// configuration was read; here it is left out.
pub fn custom_claims(carrier: Carrier, about: &ClaimsAbout<'_>, claims: &mut Map<String, Value>) {
    for claim in about.authority.claims.iter().filter(|claim| claim.carriers.contains(&carrier)) {
        if let Outcome::Value(value) = outcome(claim, about) {
            claims.insert(claim.name.clone(), value);
        }
    }
}

/// What becomes of a claim in those that carry it.
pub fn outcome(claim: &Claim, about: &ClaimsAbout<'_>) -> Outcome {
    if PROTOCOL_CLAIMS.contains(&claim.name.as_str()) {
        return Outcome::LeftOut("the name is the protocol's own".to_owned());
    }
    if !claim.scopes.is_empty() && !claim.scopes.iter().any(|scope| about.roots.scope.contains(scope)) {
        return Outcome::LeftOut(format!("none of its scopes is granted: {}", claim.scopes.join(", ")));
    }
    if claim.on_request && !about.requested.contains(&claim.name) {
        return Outcome::LeftOut("the claims parameter does not ask for it".to_owned());
    }
    match value(&claim.says, &about.roots) {
        Ok(value) => Outcome::Value(value),
        Err(none) => Outcome::LeftOut(none.to_string()),
    }
}

fn value(says: &Says, roots: &Roots<'_>) -> Result<Value, NoValue> {
    match says {
        Says::Attribute(name) => {
            let value = roots.user.and_then(|user| user.attributes.get(name)).filter(|value| !value.is_empty());
            value.map(AttributeValue::to_json).ok_or_else(|| NoValue::Missing(name.clone()))
        }
        Says::Expression(expression) => expression.evaluate(roots),
    }
}

#[cfg(test)]
mod tests;
