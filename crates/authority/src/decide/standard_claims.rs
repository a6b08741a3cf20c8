//! What does a profile say in OpenID's words? (OpenID Connect Core sections 5.1 and 5.4)
//!
//! An attribute that is called like the claim, in either spelling (`given_name`, `givenName`), fills it; `firstName` and
//! `lastName` fill the names that the tutorials keep there. An empty attribute is none.

use serde_json::{Map, Value, json};

use crate::record::attribute::AttributeValue;
use crate::record::user::User;

/// The scopes that stand for claims, and the claims they stand for.
pub const CLAIMS_OF_SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// The members of `address` beside `formatted` (section 5.1.1).
const ADDRESS_MEMBERS: [&str; 5] = ["street_address", "locality", "region", "postal_code", "country"];

/// The claims that a scope stands for; of any other scope none.
pub fn claims_of(scope: &str) -> &'static [&'static str] {
    CLAIMS_OF_SCOPES.iter().find(|(name, _)| *name == scope).map_or(&[], |(_, claims)| claims)
}

/// The scope that stands for a claim.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    CLAIMS_OF_SCOPES.iter().find(|(_, claims)| claims.contains(&claim)).map(|(scope, _)| *scope)
}

/// How an attribute may be called that fills this claim.
pub fn spellings(claim: &str) -> Vec<String> {
    let mut words = claim.split('_');
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut signs = word.chars();
        joined.extend(signs.next().map(|first| first.to_ascii_uppercase()));
        joined.push_str(signs.as_str());
    }
    let tutorials = match claim {
        "given_name" => Some("firstName"),
        "family_name" => Some("lastName"),
        _ => None,
    };
    let mut spellings = vec![claim.to_owned(), joined];
    spellings.dedup();
    spellings.extend(tutorials.map(str::to_owned));
    spellings
}

/// The value of a standard claim, of the type that the specification gives it; `None` when nothing is known.
pub fn standard_claim(user: &User, claim: &str) -> Option<Value> {
    match claim {
        "name" => attribute(user, "name").map(|name| json!(name)).or_else(|| joined_name(user)),
        "preferred_username" => Some(json!(attribute(user, claim).unwrap_or(&user.username))),
        "updated_at" => Some(json!(user.updated_at.unwrap_or(user.created_at).seconds())),
        "email_verified" => verified(user, "email", claim),
        "phone_number_verified" => verified(user, "phone_number", claim),
        "address" => address(user),
        // Nothing else: an attribute of any other name is the owner's to publish, by a claim of its own.
        _ => scope_of(claim).and_then(|_| attribute(user, claim)).map(|value| json!(value)),
    }
}

/// Fills the standard claims of these names.
pub fn standard_claims<'a>(user: &User, names: impl Iterator<Item = &'a str>, claims: &mut Map<String, Value>) {
    claims.extend(names.filter_map(|name| Some((name.to_owned(), standard_claim(user, name)?))));
}

fn attribute<'a>(user: &'a User, claim: &str) -> Option<&'a str> {
    spellings(claim).iter().find_map(|name| user.text(name))
}

fn joined_name(user: &User) -> Option<Value> {
    let parts: Vec<&str> =
        ["given_name", "middle_name", "family_name"].into_iter().filter_map(|part| attribute(user, part)).collect();
    (!parts.is_empty()).then(|| json!(parts.join(" ")))
}

/// Only where there is something that could be verified; whatever is not `true` is not.
fn verified(user: &User, of: &str, claim: &str) -> Option<Value> {
    let told = |name: &String| match user.attributes.get(name)? {
        AttributeValue::Boolean(told) => Some(*told),
        other => other.as_text().filter(|text| !text.is_empty()).map(|text| text == "true"),
    };
    attribute(user, of).map(|_| json!(spellings(claim).iter().find_map(told).unwrap_or(false)))
}

fn address(user: &User) -> Option<Value> {
    let mut address = Map::new();
    address.extend(attribute(user, "address").map(|text| ("formatted".to_owned(), json!(text))));
    let members = ADDRESS_MEMBERS.into_iter().filter_map(|name| Some((name.to_owned(), json!(attribute(user, name)?))));
    address.extend(members);
    (!address.is_empty()).then_some(Value::Object(address))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::testing::{NOW, ada, eve, seconds_later};

    /// Names and values of a profile.
    type Attributes<'a> = &'a [(&'a str, &'a str)];

    fn with(attributes: &[(&str, &str)]) -> User {
        let attributes: BTreeMap<_, _> = attributes.iter().map(|(a, b)| ((*a).to_owned(), (*b).into())).collect();
        User { attributes, ..eve() }
    }

    #[test]
    fn an_attribute_fills_the_claim_of_its_name() {
        let cases: [(Attributes<'_>, &str, Option<Value>); 22] = [
            (&[("given_name", "Ada")], "given_name", Some(json!("Ada"))),
            (&[("givenName", "Ada")], "given_name", Some(json!("Ada"))),
            (&[("firstName", "Ada")], "given_name", Some(json!("Ada"))),
            (&[("firstName", "A"), ("given_name", "Ada")], "given_name", Some(json!("Ada"))),
            (&[("firstName", "")], "given_name", None),
            (&[("lastName", "Byron")], "family_name", Some(json!("Byron"))),
            (&[("firstName", "Ada"), ("lastName", "Byron")], "name", Some(json!("Ada Byron"))),
            (&[("name", "Countess"), ("lastName", "Byron")], "name", Some(json!("Countess"))),
            (&[], "name", None),
            (&[], "preferred_username", Some(json!("eve"))),
            (&[("preferredUsername", "evie")], "preferred_username", Some(json!("evie"))),
            (&[("birthdate", "1815-12-10")], "birthdate", Some(json!("1815-12-10"))),
            (&[("email", "e@a.test")], "email_verified", Some(json!(false))),
            (&[("email", "e@a.test"), ("emailVerified", "true")], "email_verified", Some(json!(true))),
            (&[("email", "e@a.test"), ("emailVerified", "TRUE")], "email_verified", Some(json!(false))),
            (&[("emailVerified", "true")], "email_verified", None),
            (
                &[("phoneNumber", "+44 1"), ("phone_number_verified", "true")],
                "phone_number_verified",
                Some(json!(true)),
            ),
            (&[("address", "1 Main St")], "address", Some(json!({ "formatted": "1 Main St" }))),
            (
                &[("streetAddress", "1"), ("postal_code", "N1"), ("country", "")],
                "address",
                Some(json!({ "street_address": "1", "postal_code": "N1" })),
            ),
            (&[], "address", None),
            // Not a standard claim, whatever the profile says.
            (&[("favoriteColor", "teal")], "favoriteColor", None),
            (&[("sub", "usr_ada")], "sub", None),
        ];
        for (attributes, claim, expected) in cases {
            assert_eq!(standard_claim(&with(attributes), claim), expected, "{attributes:?} {claim}");
        }
    }

    #[test]
    fn a_profile_was_updated_when_it_was_last_changed() {
        assert_eq!(standard_claim(&ada(), "updated_at"), Some(json!(NOW - 10_000)), "made then, and not changed since");
        let changed = User { updated_at: Some(seconds_later(-5)), ..ada() };
        assert_eq!(standard_claim(&changed, "updated_at"), Some(json!(NOW - 5)));
    }

    #[test]
    fn each_claim_belongs_to_one_scope() {
        let all: Vec<_> = CLAIMS_OF_SCOPES.iter().flat_map(|(_, claims)| *claims).collect();
        assert_eq!(all.len(), 19);
        for (scope, claims) in CLAIMS_OF_SCOPES {
            assert_eq!(claims_of(scope), claims);
            assert!(claims.iter().all(|claim| scope_of(claim) == Some(scope)));
        }
        assert!(claims_of("openid").is_empty() && scope_of("sub").is_none());
    }
}
