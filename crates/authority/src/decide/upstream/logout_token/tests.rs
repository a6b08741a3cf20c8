//! OID-012: what ends a session here, and what does not.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::decide::upstream::testing::{
    CLIENT, ISSUER, NONCE, connection, header, jwt, keys, object, provider, raw, unsigned, with,
};
use crate::testing::{NOW, key, make_key, now, seconds_later};

fn claims() -> Map<String, Value> {
    object(json!({
        "iss": ISSUER, "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "one", "events": { EVENT: {} },
        "sub": "ada", "sid": "session-1",
    }))
}

fn but(name: &str, value: Value) -> Map<String, Value> {
    with(claims(), name, Some(value))
}

fn without(name: &str) -> Map<String, Value> {
    with(claims(), name, None)
}

fn judged_at(token: &Secret, keys: &JwkSet, now: Timestamp) -> Result<ToldToEnd, Refused> {
    judge(&claimed(token, &provider())?, &connection(), keys, now)
}

fn judged(claims: &Map<String, Value>) -> Result<ToldToEnd, Refused> {
    judged_at(&jwt(&header("logout+jwt"), claims), &keys(), now())
}

fn spent(told: &ToldToEnd) -> (&'static str, Digest, Timestamp) {
    let Change::SpendOnce { kind, value, expires_at } = told.spend else { panic!("{:?}", told.spend) };
    (kind, value, expires_at)
}

#[test]
fn oid_012_a_whole_one_tells_whose_session_ended() {
    for (claims, subject, session) in [
        (claims(), Some("ada"), Some("session-1")),
        (without("sid"), Some("ada"), None),
        (without("sub"), None, Some("session-1")),
        (without("exp"), Some("ada"), Some("session-1")),
        (but("aud", json!([CLIENT, "other"])), Some("ada"), Some("session-1")),
        (but("iat", json!(NOW + 30)), Some("ada"), Some("session-1")),
        (but("more", json!(1)), Some("ada"), Some("session-1")),
    ] {
        let told = judged(&claims).unwrap();
        assert_eq!((told.subject.as_deref(), told.session.as_deref()), (subject, session), "{claims:?}");
    }
    let token = jwt(&header("logout+jwt"), &claims());
    assert_eq!(claimed(&token, &provider()).unwrap().kid(), Some(key().kid()));
}

#[test]
fn oid_012_what_is_none_ends_nothing() {
    use Refused::*;
    let events = |value: Value| but("events", value);
    let cases: Vec<(&str, Map<String, Value>, Refused)> = vec![
        ("another iss", but("iss", json!("https://evil.test")), TokenIssuer),
        ("no iss", without("iss"), TokenIssuer),
        ("a foreign aud", but("aud", json!("other")), TokenAudience),
        ("foreign auds", but("aud", json!(["other", "others"])), TokenAudience),
        ("no aud", without("aud"), TokenAudience),
        ("no iat", without("iat"), TokenMalformed),
        ("iat null", but("iat", Value::Null), TokenMalformed),
        ("an old iat", with(but("iat", json!(NOW - 630)), "exp", None), TokenTime),
        ("from the future", but("iat", json!(NOW + 31)), TokenTime),
        ("not yet", but("nbf", json!(NOW + 31)), TokenTime),
        ("over", but("exp", json!(NOW - 30)), TokenTime),
        ("exp a text", but("exp", json!("soon")), TokenMalformed),
        ("no jti", without("jti"), TokenMalformed),
        ("jti empty", but("jti", json!("")), TokenMalformed),
        ("jti a number", but("jti", json!(1)), TokenMalformed),
        ("jti long", but("jti", json!("x".repeat(257))), TokenMalformed),
        ("jti with a line break", but("jti", json!("a\nb")), TokenMalformed),
        ("no events", without("events"), TokenEvents),
        ("events null", events(Value::Null), TokenEvents),
        ("events a text", events(json!(EVENT)), TokenEvents),
        ("events a list", events(json!([EVENT])), TokenEvents),
        ("no event", events(json!({})), TokenEvents),
        ("another event", events(json!({ "http://schemas.openid.net/event/other": {} })), TokenEvents),
        ("https", events(json!({ "https://schemas.openid.net/event/backchannel-logout": {} })), TokenEvents),
        ("one beside it", events(json!({ EVENT: {}, "other": {} })), TokenEvents),
        ("the event a text", events(json!({ EVENT: "" })), TokenEvents),
        ("the event null", events(json!({ EVENT: null })), TokenEvents),
        ("the event true", events(json!({ EVENT: true })), TokenEvents),
        ("the event a list", events(json!({ EVENT: [] })), TokenEvents),
        ("with nonce", but("nonce", json!(NONCE)), TokenEvents),
        ("with nonce null", but("nonce", Value::Null), TokenEvents),
        ("of nobody", with(without("sub"), "sid", None), Subject),
        ("sub null", but("sub", Value::Null), Subject),
        ("sub empty", but("sub", json!("")), Subject),
        ("sub a number", but("sub", json!(1)), Subject),
        ("sid null", but("sid", Value::Null), TokenMalformed),
        ("sid empty", but("sid", json!("")), TokenMalformed),
        ("sid a list", but("sid", json!(["session-1"])), TokenMalformed),
    ];
    for (name, claims, why) in cases {
        assert_eq!(judged(&claims).err(), Some(why), "{name}");
    }
}

#[test]
fn oid_012_the_signature_is_the_providers_and_the_token_of_this_kind() {
    use Refused::*;
    let head = |name: &str, value: Value| with(header("logout+jwt"), name, Some(value));
    for (name, header, why) in [
        ("none", head("alg", json!("none")), TokenAlgorithm),
        ("HS256", head("alg", json!("HS256")), TokenAlgorithm),
        ("no alg", with(header("logout+jwt"), "alg", None), TokenAlgorithm),
        ("its own key", head("jwk", key().public().to_json()), TokenSignature),
        ("another kid", head("kid", json!("other")), TokenSignature),
        ("an access token", head("typ", json!("at+jwt")), TokenType),
        ("another event", head("typ", json!("secevent+jwt")), TokenType),
        ("typ no text", head("typ", json!(["logout+jwt"])), TokenType),
    ] {
        assert_eq!(judged_at(&jwt(&header, &claims()), &keys(), now()).err(), Some(why), "{name}");
    }
    let none = with(header("logout+jwt"), "alg", Some(json!("none")));
    assert_eq!(judged_at(&unsigned(&none, &claims()), &keys(), now()).err(), Some(TokenAlgorithm));
    assert_eq!(judged_at(&unsigned(&header("logout+jwt"), &claims()), &keys(), now()).err(), Some(TokenSignature));
    let strangers = JwkSet::new(vec![make_key().public().clone()]);
    assert_eq!(judged_at(&jwt(&header("logout+jwt"), &claims()), &strangers, now()).err(), Some(TokenSignature));
    for header in [header("JWT"), header("Logout+JWT"), with(header("JWT"), "typ", None)] {
        assert!(judged_at(&jwt(&header, &claims()), &keys(), now()).is_ok(), "{header:?}");
    }
}

/// OID-012: a `jti` is spent for as long as the token could be accepted, and once for all tokens of the issuer that have it.
#[test]
fn oid_012_it_is_told_once() {
    let told = judged(&claims()).unwrap();
    let (kind, value, expires_at) = spent(&told);
    assert_eq!(kind, UPSTREAM_LOGOUT_TOKEN);
    let lasting = jwt(&header("logout+jwt"), &without("exp"));
    let last = Timestamp::from_millis(expires_at.millis() - 1);
    assert!(judged_at(&lasting, &keys(), last).is_ok());
    assert_eq!(judged_at(&lasting, &keys(), expires_at).err(), Some(Refused::TokenTime), "and is not needed any more");
    assert_eq!(expires_at, seconds_later(630));
    let value_of = |claims: &Map<String, Value>| spent(&judged(claims).unwrap()).1;
    assert_eq!(value_of(&but("sub", json!("eve"))), value, "the id is what is spent");
    assert_ne!(value_of(&but("jti", json!("two"))), value);
    let other = Connection { issuer: "https://other.test".to_owned(), ..connection() };
    let token = jwt(&header("logout+jwt"), &but("iss", json!("https://other.test")));
    let theirs = judge(&claimed(&token, &provider()).unwrap(), &other, &keys(), now()).unwrap();
    assert_ne!(spent(&theirs).1, value, "each provider counts for itself");
}

fn jwt_of(payload: &str) -> Secret {
    raw("{\"alg\":\"ES256\"}", payload)
}

proptest! {
    #[test]
    fn any_text_is_judged(text in "[a-zA-Z0-9_.-]{0,60}|.{0,20}") {
        prop_assert!(judged_at(&Secret::new(text), &keys(), now()).is_err());
    }

    #[test]
    fn any_payload_is_judged(payload in ".{0,60}") {
        let token = jwt_of(&payload);
        prop_assert!(judged_at(&token, &keys(), now()).is_err());
    }
}
