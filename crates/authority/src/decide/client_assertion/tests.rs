//! CLI-004 and CLI-006: what an assertion must say, as tables of what holds and what each fault is called.

use sayso_token::encoding::base64url;
use sayso_token::jwk::Jwk;
use serde_json::{Map, Value, json};

use super::*;
use crate::record::client::ClientKeys;
use crate::testing::{ISSUER, NOW, authority, client_mut, key, make_key, now, seconds_later};

fn signing() -> Authority {
    let mut authority = authority();
    let machine = client_mut(&mut authority, "machine");
    machine.authentication = ClientAuthentication::PrivateKeyJwt;
    machine.assertion = Some(AssertionRule {
        keys: ClientKeys::At("https://client.test/jwks".to_owned()),
        algorithms: vec![Algorithm::Es256],
        audience: AssertionAudience::Issuer,
    });
    authority
}

fn claims() -> Map<String, Value> {
    let claims = json!({
        "iss": "machine", "sub": "machine", "aud": ISSUER, "iat": NOW, "exp": NOW + 60, "jti": "one",
    });
    claims.as_object().unwrap().clone()
}

fn with(name: &str, value: Value) -> Map<String, Value> {
    let mut claims = claims();
    match value {
        Value::Null => claims.remove(name),
        value => claims.insert(name.to_owned(), value),
    };
    claims
}

fn header(name: &str, value: Value) -> Value {
    let mut header = json!({ "alg": "ES256", "kid": key().kid(), "typ": "JWT" });
    match value {
        Value::Null => header.as_object_mut().unwrap().remove(name),
        value => header.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    header
}

fn jwt(header: &Value, claims: &Map<String, Value>) -> Secret {
    let body =
        format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(json!(claims).to_string().as_bytes()));
    let signature = key().sign(body.as_bytes()).unwrap();
    Secret::new(format!("{body}.{}", base64url(&signature)))
}

fn signed(claims: &Map<String, Value>) -> Secret {
    jwt(&header("kid", json!(key().kid())), claims)
}

fn judged(authority: &Authority, assertion: &Secret, keys: &JwkSet) -> Result<Proven, Refused> {
    let parts = parse(assertion);
    let claimed = claimed(authority, "machine", parts.as_ref())?;
    judge(authority, &claimed, keys, now())
}

fn keys() -> JwkSet {
    JwkSet::new(vec![key().public().clone()])
}

#[track_caller]
fn assert_refused(name: &str, assertion: &Secret, why: Refused) {
    assert_eq!(judged(&signing(), assertion, &keys()).unwrap_err(), why, "{name}");
}

#[test]
fn a_good_assertion_is_spent_by_its_id_until_it_is_over() {
    let proven = judged(&signing(), &signed(&claims()), &keys()).unwrap();
    let Change::SpendOnce { kind, value, expires_at } = proven.spend else { panic!("{:?}", proven.spend) };
    assert_eq!((kind, value, expires_at), (CLIENT_ASSERTION, proven.value, seconds_later(60) + LEEWAY));
    let value_of =
        |authority: &Authority, claims: &Map<String, Value>| judged(authority, &signed(claims), &keys()).unwrap().value;
    assert_eq!(value_of(&signing(), &with("exp", json!(NOW + 50))), value, "the id is what is spent");
    assert_ne!(value_of(&signing(), &with("jti", json!("two"))), value);
    let other = Authority { id: "quiz".to_owned(), ..signing() };
    assert_ne!(value_of(&other, &claims()), value, "each authority remembers its own");
}

#[test]
fn cli_004_the_issuer_alone_is_the_audience() {
    let token = format!("{ISSUER}/oauth/token");
    let mut lenient = signing();
    let rule = client_mut(&mut lenient, "machine").assertion.as_mut().unwrap();
    rule.audience = AssertionAudience::IssuerOrTokenEndpoint;
    for (audience, holds, leniently) in [
        (json!(ISSUER), true, true),
        (json!(token), false, true),
        (json!(format!("{ISSUER}/oauth/par")), false, false),
        (json!(format!("{token}/")), false, false),
        (json!(format!("{ISSUER}/")), false, false),
        (json!(ISSUER.to_uppercase()), false, false),
        (json!("https://other.test"), false, false),
        (json!([ISSUER]), false, false),
        (json!([ISSUER, "https://other.test"]), false, false),
        (json!([token]), false, false),
        (json!(""), false, false),
        (json!(1), false, false),
        (Value::Null, false, false),
    ] {
        let assertion = signed(&with("aud", audience.clone()));
        for (authority, holds) in [(signing(), holds), (lenient.clone(), leniently)] {
            match judged(&authority, &assertion, &keys()) {
                Ok(_) => assert!(holds, "{audience}"),
                Err(why) => assert_eq!((why, holds), (Refused::AssertionAudience, false), "{audience}"),
            }
        }
    }
}

#[test]
fn cli_006_every_claim_is_needed_and_within_bounds() {
    let cases = [
        ("no iss", with("iss", Value::Null), Refused::AssertionSubject),
        ("another's iss", with("iss", json!("alexa")), Refused::AssertionSubject),
        ("no sub", with("sub", Value::Null), Refused::AssertionSubject),
        ("another's sub", with("sub", json!("alexa")), Refused::AssertionSubject),
        ("iss no text", with("iss", json!(["machine"])), Refused::AssertionMalformed),
        ("no exp", with("exp", Value::Null), Refused::AssertionMalformed),
        ("exp a text", with("exp", json!("soon")), Refused::AssertionMalformed),
        ("exp a fraction", with("exp", json!(NOW as f64 + 60.5)), Refused::AssertionMalformed),
        ("over", with("exp", json!(NOW - 30)), Refused::AssertionTime),
        ("in two hours", with("exp", json!(NOW + 7200)), Refused::AssertionTime),
        ("beyond all bounds", with("exp", json!(1_u64 << 40)), Refused::AssertionTime),
        ("from the future", with("iat", json!(NOW + 31)), Refused::AssertionTime),
        ("from long ago", with("iat", json!(NOW - 3631)), Refused::AssertionTime),
        ("not yet", with("nbf", json!(NOW + 31)), Refused::AssertionTime),
        ("iat a text", with("iat", json!("now")), Refused::AssertionMalformed),
        ("no jti", with("jti", Value::Null), Refused::AssertionMalformed),
        ("empty jti", with("jti", json!("")), Refused::AssertionMalformed),
        ("long jti", with("jti", json!("x".repeat(257))), Refused::AssertionMalformed),
        ("jti a number", with("jti", json!(7)), Refused::AssertionMalformed),
    ];
    for (name, claims, why) in cases {
        assert_refused(name, &signed(&claims), why);
    }
    for claims in [
        with("exp", json!(NOW - 29)),
        with("exp", json!(NOW + 3600)),
        with("iat", json!(NOW + 30)),
        with("nbf", json!(NOW + 30)),
        with("iat", Value::Null),
        with("more", json!("is fine")),
    ] {
        assert!(judged(&signing(), &signed(&claims), &keys()).is_ok(), "{claims:?}");
    }
}

#[test]
fn cli_006_the_key_and_the_algorithm_are_the_clients() {
    let cases = [
        ("none", header("alg", json!("none")), Refused::AssertionSignature),
        ("no alg", header("alg", Value::Null), Refused::AssertionSignature),
        ("HS256", header("alg", json!("HS256")), Refused::AssertionSignature),
        ("another algorithm", header("alg", json!("RS256")), Refused::AssertionSignature),
        ("its own key", header("jwk", key().public().to_json()), Refused::AssertionSignature),
        ("its own address", header("jku", json!("https://evil.test/jwks")), Refused::AssertionSignature),
        ("another kid", header("kid", json!("other")), Refused::AssertionSignature),
        ("kid no text", header("kid", json!(1)), Refused::AssertionMalformed),
        ("an access token", header("typ", json!("at+jwt")), Refused::AssertionMalformed),
        ("an ID token's neighbour", header("typ", json!("logout+jwt")), Refused::AssertionMalformed),
        ("typ no text", header("typ", json!(1)), Refused::AssertionMalformed),
    ];
    for (name, header, why) in cases {
        assert_refused(name, &jwt(&header, &claims()), why);
    }
    for header in [
        header("kid", Value::Null),
        header("typ", Value::Null),
        header("typ", json!("jwt")),
        header("typ", json!("client-authentication+jwt")),
    ] {
        assert!(judged(&signing(), &jwt(&header, &claims()), &keys()).is_ok(), "{header}");
    }
    let stranger = JwkSet::new(vec![make_key().public().clone()]);
    assert_eq!(judged(&signing(), &signed(&claims()), &stranger).unwrap_err(), Refused::AssertionSignature);
    assert_eq!(judged(&signing(), &signed(&claims()), &JwkSet::default()).unwrap_err(), Refused::AssertionSignature);
    let unnamed = JwkSet::new(vec![Jwk::clone(make_key().public()), nameless()]);
    assert!(judged(&signing(), &signed(&claims()), &unnamed).is_ok(), "a key without an id suits any");
    let cut = signed(&claims()).expose().trim_end_matches(char::is_alphanumeric).to_owned();
    assert!(judged(&signing(), &Secret::new(cut), &keys()).is_err());
}

fn nameless() -> Jwk {
    let mut members = key().public().to_json();
    members.as_object_mut().unwrap().remove("kid");
    let set = JwkSet::parse(json!({ "keys": [members] }).to_string().as_bytes()).unwrap();
    set.only().unwrap().clone()
}

#[test]
fn only_a_client_that_signs_may_sign() {
    let assertion = signed(&claims());
    let parts = parse(&assertion);
    assert_eq!(claimed(&authority(), "machine", parts.as_ref()).unwrap_err(), Refused::WrongMethod);
    assert_eq!(claimed(&signing(), "nobody", parts.as_ref()).unwrap_err(), Refused::Unknown);
    assert_eq!(claimed(&signing(), "alexa", parts.as_ref()).unwrap_err(), Refused::WrongMethod);
    assert_eq!(claimed(&signing(), "machine", None).unwrap_err(), Refused::AssertionMalformed);
    let mut retired = signing();
    client_mut(&mut retired, "machine").disabled = true;
    assert_eq!(judged(&retired, &assertion, &keys()).unwrap_err(), Refused::Disabled);
}
