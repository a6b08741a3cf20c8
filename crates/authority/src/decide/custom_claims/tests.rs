use serde_json::json;

use super::*;
use crate::expression::Expression;
use crate::testing::{AUDIENCE, ada, authority};

fn claim(name: &str, carriers: &[Carrier], expression: &str) -> Claim {
    Claim {
        name: name.to_owned(),
        carriers: carriers.to_vec(),
        says: Says::Expression(Expression::parse(expression).unwrap()),
        scopes: Vec::new(),
        on_request: false,
    }
}

fn carried(authority: &Authority, carrier: Carrier, scope: &[&str], requested: &[&str]) -> Value {
    let ada = ada();
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (scope, requested) = (texts(scope), texts(requested));
    let client = authority.client("alexa").unwrap();
    let roots = Roots { user: Some(&ada), client, scope: &scope, api: authority.api(AUDIENCE) };
    let mut claims = Map::new();
    custom_claims(carrier, &ClaimsAbout { authority, roots, requested: &requested }, &mut claims);
    Value::Object(claims)
}

#[test]
fn each_carrier_has_its_own() {
    let mut authority = authority();
    authority.claims = Carrier::ALL.map(|carrier| claim(carrier.name(), &[carrier], "client.id")).to_vec();
    authority.claims.push(claim("every", &Carrier::ALL, "user.firstName + '!'"));
    for carrier in Carrier::ALL {
        let expected = json!({carrier.name(): "alexa", "every": "Ada!"});
        assert_eq!(carried(&authority, carrier, &[], &[]), expected, "{carrier:?}");
    }
}

#[test]
fn a_claim_may_need_a_scope_a_request_or_both() {
    let mut authority = authority();
    let scoped = Claim { scopes: vec!["profile".into()], ..claim("scoped", &[Carrier::Userinfo], "1") };
    let asked = Claim { on_request: true, ..claim("asked", &[Carrier::Userinfo], "2") };
    let both = Claim { name: "both".into(), on_request: true, ..scoped.clone() };
    authority.claims = vec![scoped, asked, both];
    for (scope, requested, expected) in [
        (&[][..], &[][..], json!({})),
        (&["profile"], &[], json!({"scoped": 1})),
        (&[], &["asked", "both"], json!({"asked": 2})),
        (&["profile"], &["both"], json!({"scoped": 1, "both": 1})),
        (&["openid"], &["scoped"], json!({})),
    ] {
        assert_eq!(carried(&authority, Carrier::Userinfo, scope, requested), expected, "{scope:?} {requested:?}");
    }
}

#[test]
fn a_claim_without_a_value_is_left_out_and_says_why() {
    let authority = authority();
    let ada = ada();
    let roots = Roots { user: Some(&ada), client: authority.client("alexa").unwrap(), scope: &[], api: None };
    let about = ClaimsAbout { authority: &authority, roots, requested: &[] };
    let scoped = Claim { scopes: vec!["profile".into()], ..claim("x", &[], "1") };
    for (claim, expected) in [
        (claim("x", &[], "user.nickname"), "nickname is not there"),
        (claim("x", &[], "null"), "the expression says null"),
        (claim("sub", &[], "user.firstName"), "the name is the protocol's own"),
        (scoped, "none of its scopes is granted: profile"),
        (Claim { on_request: true, ..claim("x", &[], "1") }, "the claims parameter does not ask for it"),
        (Claim { says: Says::Attribute("shoe".into()), ..claim("x", &[], "1") }, "shoe is not there"),
    ] {
        assert_eq!(outcome(&claim, &about), Outcome::LeftOut(expected.into()));
    }
}
