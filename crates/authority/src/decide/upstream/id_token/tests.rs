//! What an ID token from elsewhere must say, as tables of what holds and what each fault is called.

use proptest::prelude::*;
use sayso_token::jwk::Jwk;
use sayso_token::time::Lifetime;
use serde_json::{Map, Value, json};

use super::*;
use crate::decide::upstream::testing::{
    CLIENT, ISSUER, NONCE, connection, header, jwt, keys, object, outward, provider, raw, unsigned, with,
};
use crate::testing::{NOW, key, make_key, now, seconds_later};

const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
/// Of that one: the example of OpenID Connect Core A.3.
const AT_HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";

fn claims() -> Map<String, Value> {
    object(json!({
        "iss": ISSUER, "sub": "ada", "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": NONCE,
        "email": "ada@corp.test", "email_verified": true, "name": "Ada Lovelace", "given_name": "Ada",
        "family_name": "Lovelace", "sid": "session-1",
    }))
}

fn but(name: &str, value: Value) -> Map<String, Value> {
    with(claims(), name, Some(value))
}

fn without(name: &str) -> Map<String, Value> {
    with(claims(), name, None)
}

fn reply(id_token: Secret) -> TokenReply {
    TokenReply { id_token, access_token: Some(Secret::new(ACCESS_TOKEN)) }
}

fn judged_by(token: Secret, outward: &Outward, keys: &JwkSet) -> Result<UpstreamIdentity, Refused> {
    let reply = reply(token);
    let claimed = claimed(&reply, &provider())?;
    judge(&claimed, &connection(), outward, keys, now())
}

fn judged(claims: &Map<String, Value>) -> Result<UpstreamIdentity, Refused> {
    judged_by(jwt(&header("JWT"), claims), &outward(), &keys())
}

fn headed(header: &Map<String, Value>) -> Result<UpstreamIdentity, Refused> {
    judged_by(jwt(header, &claims()), &outward(), &keys())
}

#[test]
fn who_signed_in_is_what_the_token_says() {
    let identity = judged(&claims()).unwrap();
    let expected = UpstreamIdentity {
        issuer: ISSUER.to_owned(),
        subject: "ada".to_owned(),
        session: Some("session-1".to_owned()),
        authenticated_at: None,
        email: Some("ada@corp.test".to_owned()),
        email_verified: true,
        name: Some("Ada Lovelace".to_owned()),
        given_name: Some("Ada".to_owned()),
        family_name: Some("Lovelace".to_owned()),
    };
    assert_eq!(identity, expected);
    let reply = reply(jwt(&header("JWT"), &claims()));
    assert_eq!(claimed(&reply, &provider()).unwrap().kid(), Some(key().kid()));
}

#[test]
fn every_claim_is_needed_and_is_of_this_flow() {
    use Refused::*;
    let cases: Vec<(&str, Map<String, Value>, Refused)> = vec![
        ("no iss", without("iss"), TokenIssuer),
        ("another iss", but("iss", json!("https://evil.test")), TokenIssuer),
        ("a slash more", but("iss", json!("https://idp.test/")), TokenIssuer),
        ("iss in capitals", but("iss", json!("https://IDP.test")), TokenIssuer),
        ("iss a list", but("iss", json!([ISSUER])), TokenIssuer),
        ("iss null", but("iss", Value::Null), TokenIssuer),
        ("no aud", without("aud"), TokenAudience),
        ("another aud", but("aud", json!("other")), TokenAudience),
        ("aud in capitals", but("aud", json!("SAYSO")), TokenAudience),
        ("aud empty", but("aud", json!([])), TokenAudience),
        ("aud an object", but("aud", json!({ "sayso": true })), TokenAudience),
        ("aud a mixed list", but("aud", json!(["sayso", 1])), TokenAudience),
        ("aud null", but("aud", Value::Null), TokenAudience),
        ("two auds without azp", but("aud", json!(["sayso", "other"])), TokenAudience),
        ("the same twice without azp", but("aud", json!(["sayso", "sayso"])), TokenAudience),
        ("another azp", but("azp", json!("other")), TokenAudience),
        ("azp a list", but("azp", json!(["sayso"])), TokenAudience),
        ("azp null", but("azp", Value::Null), TokenAudience),
        (
            "two auds, another azp",
            with(but("aud", json!(["sayso", "other"])), "azp", Some(json!("other"))),
            TokenAudience,
        ),
        ("ours by azp alone", with(but("aud", json!("other")), "azp", Some(json!("sayso"))), TokenAudience),
        ("no exp", without("exp"), TokenMalformed),
        ("exp a text", but("exp", json!("soon")), TokenMalformed),
        ("exp a fraction", but("exp", json!(NOW as f64 + 300.5)), TokenMalformed),
        ("exp null", but("exp", Value::Null), TokenMalformed),
        ("exp beyond all bounds", but("exp", json!(u64::MAX)), TokenMalformed),
        ("over", but("exp", json!(NOW - 30)), TokenTime),
        ("no iat", without("iat"), TokenMalformed),
        ("iat a text", but("iat", json!(NOW.to_string())), TokenMalformed),
        ("from the future", but("iat", json!(NOW + 31)), TokenTime),
        ("from before the flow", but("iat", json!(NOW - 31)), TokenTime),
        ("not yet", but("nbf", json!(NOW + 31)), TokenTime),
        ("nbf a text", but("nbf", json!("now")), TokenMalformed),
        ("no nonce", without("nonce"), Nonce),
        ("another nonce", but("nonce", json!("other")), Nonce),
        ("nonce empty", but("nonce", json!("")), Nonce),
        ("nonce a list", but("nonce", json!([NONCE])), TokenMalformed),
        ("nonce null", but("nonce", Value::Null), TokenMalformed),
        ("auth_time a text", but("auth_time", json!("now")), TokenMalformed),
        ("auth_time to come", but("auth_time", json!(NOW + 31)), TokenTime),
        ("another at_hash", but("at_hash", json!("77QmUPtjPfzWtF2AnpK9RA")), AccessTokenHash),
        ("at_hash empty", but("at_hash", json!("")), AccessTokenHash),
        ("at_hash with padding", but("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ==")), AccessTokenHash),
        ("at_hash no text", but("at_hash", json!(1)), TokenMalformed),
        ("at_hash null", but("at_hash", Value::Null), TokenMalformed),
    ];
    for (name, claims, why) in cases {
        assert_eq!(judged(&claims), Err(why), "{name}");
    }
    for (name, claims) in [
        ("aud a list of one", but("aud", json!([CLIENT]))),
        ("two auds with azp", with(but("aud", json!(["other", CLIENT])), "azp", Some(json!(CLIENT)))),
        ("azp", but("azp", json!(CLIENT))),
        ("over a moment ago", but("exp", json!(NOW - 29))),
        ("a fast clock", but("iat", json!(NOW + 30))),
        ("a slow clock", but("iat", json!(NOW - 30))),
        ("nbf", but("nbf", json!(NOW + 30))),
        ("at_hash", but("at_hash", json!(AT_HASH))),
        ("more claims", but("groups", json!(["a"]))),
    ] {
        assert!(judged(&claims).is_ok(), "{name}");
    }
}

/// OID-010: what names nobody is nobody, and never one account for all such.
#[test]
fn oid_010_a_null_or_empty_subject_is_refused() {
    for bad in [
        Value::Null,
        json!(""),
        json!(" "),
        json!("\t"),
        json!("\u{a0}"),
        json!(0),
        json!(42),
        json!(true),
        json!([]),
        json!(["ada"]),
        json!({}),
        json!("a\u{0}"),
        json!("a\nb"),
        json!("x".repeat(256)),
        json!("ä".repeat(128)),
    ] {
        assert_eq!(judged(&but("sub", bad.clone())), Err(Refused::Subject), "{bad}");
    }
    assert_eq!(judged(&without("sub")), Err(Refused::Subject));
    for good in ["x".repeat(255), "auth0|5f7c".to_owned(), "10769150350006150715113082367".to_owned(), "ä".to_owned()]
    {
        assert_eq!(judged(&but("sub", json!(good))).unwrap().subject, good, "as it stands");
    }
}

#[test]
fn oid_010_the_same_subject_of_two_providers_is_two_people() {
    let other = Connection { issuer: "https://other.test".to_owned(), id: "other".to_owned(), ..connection() };
    let flow = Outward { issuer: other.issuer.clone(), connection: other.id.clone(), ..outward() };
    let from_other = reply(jwt(&header("JWT"), &but("iss", json!("https://other.test"))));
    let claimed = claimed(&from_other, &provider()).unwrap();
    let theirs = judge(&claimed, &other, &flow, &keys(), now()).unwrap();
    let ours = judged(&claims()).unwrap();
    assert_eq!(theirs.subject, ours.subject);
    assert_ne!((theirs.issuer, theirs.subject), (ours.issuer, ours.subject));
    assert_eq!(judge(&claimed, &other, &outward(), &keys(), now()), Err(Refused::AnotherConnection));
}

#[test]
fn the_key_and_the_algorithm_are_the_providers() {
    use Refused::*;
    let head = |name: &str, value: Value| with(header("JWT"), name, Some(value));
    for (name, header, why) in [
        ("none", head("alg", json!("none")), TokenAlgorithm),
        ("None", head("alg", json!("None")), TokenAlgorithm),
        ("no alg", with(header("JWT"), "alg", None), TokenAlgorithm),
        ("alg null", head("alg", Value::Null), TokenAlgorithm),
        ("HS256", head("alg", json!("HS256")), TokenAlgorithm),
        ("es256", head("alg", json!("es256")), TokenAlgorithm),
        ("RS512", head("alg", json!("RS512")), TokenAlgorithm),
        ("known, but not announced", head("alg", json!("EdDSA")), TokenAlgorithm),
        ("announced, but not the key's", head("alg", json!("RS256")), TokenSignature),
        ("its own key", head("jwk", key().public().to_json()), TokenSignature),
        ("its own address", head("jku", json!("https://evil.test/jwks")), TokenSignature),
        ("its own certificate", head("x5c", json!(["AAAA"])), TokenSignature),
        ("its certificate's address", head("x5u", json!("https://evil.test/")), TokenSignature),
        ("another kid", head("kid", json!("other")), TokenSignature),
        ("kid no text", head("kid", json!(1)), TokenMalformed),
        ("kid null", head("kid", Value::Null), TokenMalformed),
        ("kid long", head("kid", json!("x".repeat(257))), TokenMalformed),
        ("critical", head("crit", json!(["exp"])), TokenMalformed),
        ("an access token", head("typ", json!("at+jwt")), TokenType),
        ("a logout token", head("typ", json!("logout+jwt")), TokenType),
        ("a proof", head("typ", json!("dpop+jwt")), TokenType),
        ("typ empty", head("typ", json!("")), TokenType),
        ("typ no text", head("typ", json!(1)), TokenType),
        ("typ null", head("typ", Value::Null), TokenType),
    ] {
        assert_eq!(headed(&header), Err(why), "{name}");
    }
    for header in [
        with(header("JWT"), "kid", None),
        with(header("JWT"), "typ", None),
        header("jwt"),
        head("x5t", json!("thumbprint")),
        head("x5t#S256", json!("thumbprint")),
    ] {
        assert!(headed(&header).is_ok(), "{header:?}");
    }
    let strangers = JwkSet::new(vec![make_key().public().clone()]);
    for keys in [strangers, JwkSet::default()] {
        assert_eq!(judged_by(jwt(&header("JWT"), &claims()), &outward(), &keys), Err(TokenSignature));
    }
    assert_eq!(judged_by(unsigned(&header("JWT"), &claims()), &outward(), &keys()), Err(TokenSignature));
    let mut nameless = key().public().to_json();
    nameless.as_object_mut().unwrap().remove("kid");
    let set = JwkSet::parse(json!({ "keys": [nameless] }).to_string().as_bytes()).unwrap();
    assert!(set.only().is_some_and(|key: &Jwk| key.kid().is_none()));
    assert!(judged_by(jwt(&header("JWT"), &claims()), &outward(), &set).is_ok(), "a key without an id suits any");
}

#[test]
fn what_is_no_token_is_refused() {
    let good = jwt(&header("JWT"), &claims()).expose().to_owned();
    let head = json!(header("JWT")).to_string();
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{good}.x"),
        format!(" {good}"),
        format!("{good}="),
        raw(&head, "[]").expose().to_owned(),
        raw(&head, &format!("{{\"sub\":\"eve\",{}", &json!(claims()).to_string()[1..])).expose().to_owned(),
        raw("{\"alg\":\"ES256\",\"alg\":\"none\"}", "{}").expose().to_owned(),
        "x".repeat(20_000),
    ] {
        let refused = judged_by(Secret::new(token.clone()), &outward(), &keys());
        assert_eq!(refused, Err(Refused::TokenMalformed), "{token}");
    }
}

#[test]
fn a_fresh_sign_in_is_told_where_it_was_asked_for() {
    let (login, five) = (Some(Afresh::Login), Some(Afresh::MaxAge(Lifetime::from_seconds(300))));
    for (afresh, auth_time, fresh) in [
        (None, None, true),
        (None, Some(NOW - 100_000), true),
        (login, None, false),
        (login, Some(NOW - 31), false),
        (login, Some(NOW - 30), true),
        (login, Some(NOW), true),
        (login, Some(NOW + 30), true),
        (five, None, false),
        (five, Some(NOW - 331), false),
        (five, Some(NOW - 330), true),
        (five, Some(NOW), true),
    ] {
        let flow = Outward { afresh, ..outward() };
        let claims = with(claims(), "auth_time", auth_time.map(|at| json!(at)));
        let got = judged_by(jwt(&header("JWT"), &claims), &flow, &keys());
        let expected = if fresh { Ok(auth_time.map(Timestamp::from_seconds)) } else { Err(Refused::NotFresh) };
        assert_eq!(got.map(|identity| identity.authenticated_at), expected, "{afresh:?} {auth_time:?}");
    }
}

#[test]
fn the_hash_is_of_the_access_token_that_came_with_it() {
    let token = Secret::new(ACCESS_TOKEN);
    assert!(hash_fits(AT_HASH, &token, Algorithm::Rs256));
    let long = base64url(&sha512(ACCESS_TOKEN.as_bytes())[..32]);
    for (algorithm, fits) in [(Algorithm::EdDsa, true), (Algorithm::Es256, false), (Algorithm::Ps256, false)] {
        assert!(hash_fits(AT_HASH, &token, algorithm), "{algorithm}");
        assert_eq!(hash_fits(&long, &token, algorithm), fits, "{algorithm}");
    }
    let alone = TokenReply { id_token: jwt(&header("JWT"), &but("at_hash", json!(AT_HASH))), access_token: None };
    let claimed = claimed(&alone, &provider()).unwrap();
    let refused = judge(&claimed, &connection(), &outward(), &keys(), now());
    assert_eq!(refused, Err(Refused::AccessTokenHash), "there is nothing that it could be of");
}

#[test]
fn what_cannot_be_used_of_a_profile_is_left_out() {
    for verified in [json!("true"), json!(1), json!(false), Value::Null, json!([true]), json!("yes")] {
        let identity = judged(&but("email_verified", verified.clone())).unwrap();
        assert_eq!((identity.email.is_some(), identity.email_verified), (true, false), "{verified}");
    }
    assert!(!judged(&without("email_verified")).unwrap().email_verified);
    for bad in
        [json!(1), Value::Null, json!(""), json!(" "), json!("a\r\nb"), json!("a\u{202e}b"), json!("x".repeat(256))]
    {
        for name in ["email", "name", "given_name", "family_name"] {
            let identity = judged(&but(name, bad.clone())).unwrap();
            let told = [identity.email.clone(), identity.name, identity.given_name, identity.family_name];
            assert_eq!(told.iter().flatten().count(), 3, "{name} {bad}");
            assert_eq!(identity.email_verified, name != "email", "{name} {bad}");
        }
    }
    for bad in [json!(1), Value::Null, json!(""), json!("a\nb"), json!("x".repeat(257))] {
        assert_eq!(judged(&but("sid", bad.clone())).unwrap().session, None, "{bad}");
    }
    let late = judge(
        &claimed(&reply(jwt(&header("JWT"), &claims())), &provider()).unwrap(),
        &connection(),
        &outward(),
        &keys(),
        seconds_later(330),
    );
    assert_eq!(late, Err(Refused::TokenTime));
}

fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        ".{0,20}".prop_map(|value| json!(value)),
        proptest::collection::vec(".{0,5}", 0..3).prop_map(|value| json!(value)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is signed, it is judged without a panic, and who comes in has a name.
    #[test]
    fn any_claims_are_judged(name in "iss|sub|aud|azp|exp|iat|nbf|nonce|auth_time|at_hash|sid|email|name", value in any_json()) {
        if let Ok(identity) = judged(&but(&name, value)) {
            prop_assert!(!identity.subject.is_empty() && identity.issuer == ISSUER);
        }
    }

    #[test]
    fn any_text_is_judged(text in "[ -~]{0,40}|[a-zA-Z0-9_.-]{0,60}|.{0,20}") {
        prop_assert!(judged_by(Secret::new(text), &outward(), &keys()).is_err());
    }

    #[test]
    fn any_header_and_payload_are_judged(head in ".{0,40}", payload in ".{0,40}") {
        prop_assert!(judged_by(raw(&head, &payload), &outward(), &keys()).is_err());
    }
}
