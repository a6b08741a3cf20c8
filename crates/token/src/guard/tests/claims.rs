//! Claims that are missing, of the wrong type, or say the wrong thing.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{assert_denied, judge, judge_claims, want};
use crate::algorithm::Algorithm;
use crate::guard::{Check, Reason, Requirements, check_jwt};
use crate::testing::{AUDIENCE, ISSUER, NOW, good_claims, key, keys, now, object, signed, token, with};
use crate::time::Lifetime;

/// JWT-008: each in turn.
#[test]
fn a_missing_claim_is_a_fault_of_form() {
    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"] {
        let verdict = judge_claims(&with(good_claims(), name, None));
        assert_denied(name, &verdict, Check::WellFormed, Reason::Format);
    }
    let verdict = judge_claims(&with(good_claims(), "sub", Some(json!(""))));
    assert_denied("empty sub", &verdict, Check::WellFormed, Reason::Format);
    assert!(judge_claims(&with(good_claims(), "nbf", None)).result.is_ok());
}

/// JWT-007: CVE-2026-25537: what cannot be read is never taken for absent.
#[test]
fn a_claim_of_the_wrong_type_is_a_fault_of_form() {
    let wrong_times =
        ["\"1800000300\"", "1.5", "1e400", "1e9", "-1", "18446744073709551617", "9223372036854775807", "[1]"];
    let wrong_texts = ["1", "true", "null", "[]", "{}", "[\"x\"]"];
    let wrong_audiences = ["1", "null", "true", "{}", "[1]", "[[\"https://whatshouldiwear\"]]", "[null]"];
    let times = ["exp", "nbf", "iat"].map(|name| (name, [&wrong_times[..], &["{}", "null", "true"]].concat()));
    let texts = ["iss", "sub", "jti", "client_id", "azp", "cid", "scope"].map(|name| (name, wrong_texts.to_vec()));
    let rest = [("aud", wrong_audiences.to_vec())];
    for (name, values) in times.into_iter().chain(texts).chain(rest) {
        for value in values {
            let claims = with(good_claims(), name, Some(json!("HERE")));
            let payload = json!(claims).to_string().replace("\"HERE\"", value);
            let header = json!(crate::testing::good_header(key(Algorithm::Es256))).to_string();
            let verdict = judge(&signed(&header, &payload, key(Algorithm::Es256)));
            assert_denied(&format!("{name} = {value}"), &verdict, Check::WellFormed, Reason::Format);
        }
    }
    let bad_scp = with(with(good_claims(), "scope", None), "scp", Some(json!(["read:whattowear", 1])));
    assert_denied("scp", &judge_claims(&bad_scp), Check::WellFormed, Reason::Format);
}

/// JWT-009: what is only like it is another.
#[test]
fn only_our_audience_alone_suffices() {
    let passing = [json!(AUDIENCE), json!([AUDIENCE])];
    for aud in passing {
        assert!(judge_claims(&with(good_claims(), "aud", Some(aud.clone()))).result.is_ok(), "{aud}");
    }
    let denied = [
        json!("https://other"),
        json!(""),
        json!([]),
        json!("https://whatshouldiwea"),
        json!("https://whatshouldiwear2"),
        json!("https://whatshouldiwear/"),
        json!("https://WhatShouldIWear"),
        json!(" https://whatshouldiwear"),
        json!("https://whatshouldiwear https://other"),
        json!(["https://other"]),
        json!(["https://other", AUDIENCE]),
        json!([AUDIENCE, "https://other"]),
        json!([AUDIENCE, AUDIENCE]),
    ];
    for aud in denied {
        let verdict = judge_claims(&with(good_claims(), "aud", Some(aud.clone())));
        assert_denied(&aud.to_string(), &verdict, Check::MeantForThisApi, Reason::Audience);
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for iss in
        ["https://authority.test/", "https://AUTHORITY.test", "authority.test", "", "https://authority.test/oauth2/x"]
    {
        let verdict = judge_claims(&with(good_claims(), "iss", Some(json!(iss))));
        assert_denied(iss, &verdict, Check::TrustedSignature, Reason::Issuer);
    }
}

/// JWT-013: both sides of each edge.
#[test]
fn times_hold_to_the_second_with_and_without_leeway() {
    let expired = Some((Check::NotExpired, Reason::Expired));
    let early = Some((Check::NotExpired, Reason::NotYetValid));
    for leeway in [0, 60, 120] {
        let want = want().leeway(Lifetime::from_seconds(leeway));
        let leeway = i64::from(leeway);
        let cases = [
            ("exp", NOW - leeway - 1, expired),
            ("exp", NOW - leeway, expired),
            ("exp", NOW - leeway + 1, None),
            ("exp", NOW + 1, None),
            ("exp", 0, expired),
            ("exp", 1 << 40, None),
            ("nbf", NOW, None),
            ("nbf", NOW + leeway, None),
            ("nbf", NOW + leeway + 1, early),
            ("iat", NOW + leeway, None),
            ("iat", NOW + leeway + 1, early),
            ("iat", 0, None),
        ];
        for (name, seconds, fault) in cases {
            let signed = token(&with(good_claims(), name, Some(json!(seconds))), key(Algorithm::Es256));
            let verdict = check_jwt(&signed, &keys(), &want, now(), &|_| true);
            let name = format!("{name} {:+} with leeway {leeway}", seconds - NOW);
            match fault {
                Some((check, reason)) => assert_denied(&name, &verdict, check, reason),
                None => assert!(verdict.result.is_ok(), "{name}"),
            }
        }
    }
}

#[test]
fn the_default_leeway_is_a_minute() {
    for (seconds, passes) in [(NOW - 60, false), (NOW - 59, true)] {
        let verdict = judge_claims(&with(good_claims(), "exp", Some(json!(seconds))));
        assert_eq!(verdict.result.is_ok(), passes, "{}", seconds - NOW);
    }
}

/// JWT-018: longer words, other blanks and other cases are other scopes.
#[test]
fn a_scope_is_a_whole_word() {
    let scopes = [
        ("read:whattowear2 xread:whattowear", false),
        ("", false),
        (" ", false),
        ("READ:whattowear", false),
        ("read:whattowear\topenid", false),
        ("read:whattowear\u{a0}openid", false),
        ("read:whattowear\nopenid", false),
        ("openid,read:whattowear", false),
        ("read whattowear", false),
        ("read:whattowear", true),
        ("  read:whattowear  openid ", true),
    ];
    for (scope, passes) in scopes {
        let verdict = judge_claims(&with(good_claims(), "scope", Some(json!(scope))));
        match passes {
            true => assert!(verdict.result.is_ok(), "{scope:?}"),
            false => assert_denied(scope, &verdict, Check::ScopeGranted, Reason::Scope),
        }
    }
    let none = judge_claims(&with(good_claims(), "scope", None));
    assert_denied("no scope", &none, Check::ScopeGranted, Reason::Scope);
}

#[test]
fn every_demanded_scope_must_be_there() {
    let signed = token(&good_claims(), key(Algorithm::Es256));
    for (more, passes) in [("openid", true), ("write:all", false), ("", false), ("read:whattowear openid", false)] {
        let verdict = check_jwt(&signed, &keys(), &want().scope(more), now(), &|_| true);
        assert_eq!(verdict.result.is_ok(), passes, "{more:?}");
    }
}

/// The three profiles name client and scopes differently.
#[test]
fn the_profiles_of_the_vendors_are_read() {
    let without = with(with(good_claims(), "client_id", None), "scope", None);
    let profiles = [
        with(with(without.clone(), "azp", Some(json!("alexa"))), "scope", Some(json!("read:whattowear"))),
        with(with(without.clone(), "cid", Some(json!("alexa"))), "scp", Some(json!(["read:whattowear"]))),
    ];
    for claims in profiles {
        let token = judge_claims(&claims).result.unwrap();
        assert_eq!((token.client.as_deref(), token.scopes), (Some("alexa"), vec!["read:whattowear".to_owned()]));
    }
    let joined = with(with(without, "cid", Some(json!("alexa"))), "scp", Some(json!("openid read:whattowear")));
    assert_denied("scp is not one text", &judge_claims(&joined), Check::ScopeGranted, Reason::Scope);
    let both = with(good_claims(), "scp", Some(json!(["write:all"])));
    let token = judge_claims(&both).result.unwrap();
    assert!(!token.scopes.contains(&"write:all".to_owned()), "scope and scp do not add up");
}

/// JWT-011, INT-012: a signed introspection answer (RFC 9701) among them.
#[test]
fn only_an_access_token_is_one() {
    let es = key(Algorithm::Es256);
    let typed = |typ: Value, claims: &serde_json::Map<String, Value>| {
        let header = with(crate::testing::good_header(es), "typ", Some(typ));
        judge(&signed(&json!(header).to_string(), &json!(claims).to_string(), es))
    };
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        assert!(typed(json!(typ), &good_claims()).result.is_ok(), "{typ}");
    }
    let others = [
        json!("JWT"),
        json!("jwt"),
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("token-introspection+jwt"),
        json!(""),
        json!("at+jwt "),
        json!("application/application/at+jwt"),
        json!(null),
        json!(["at+jwt"]),
    ];
    for typ in others {
        let verdict = typed(typ.clone(), &good_claims());
        assert_denied(&typ.to_string(), &verdict, Check::MeantForThisApi, Reason::Type);
    }
    let header = with(crate::testing::good_header(es), "typ", None);
    let verdict = judge(&signed(&json!(header).to_string(), &json!(good_claims()).to_string(), es));
    assert_denied("no typ", &verdict, Check::MeantForThisApi, Reason::Type);
    // An ID token lacks what only an access token has, and is still called what it is.
    let id_token = object(json!({
        "iss": ISSUER, "sub": "usr_ada", "aud": "alexa", "iat": NOW, "exp": NOW + 600, "auth_time": NOW, "nonce": "n",
    }));
    assert_denied("ID token", &typed(json!("JWT"), &id_token), Check::MeantForThisApi, Reason::Type);
    let for_the_api = with(id_token, "aud", Some(json!(AUDIENCE)));
    assert_denied("ID token, audience", &typed(json!("JWT"), &for_the_api), Check::MeantForThisApi, Reason::Type);
}

#[test]
fn an_older_profile_needs_no_id_but_all_else() {
    let es = key(Algorithm::Es256);
    let want = Requirements::new(ISSUER, AUDIENCE).unwrap().algorithms(vec![Algorithm::Es256]).older_profile("JWT");
    let check = |claims: &serde_json::Map<String, Value>| {
        let header = with(crate::testing::good_header(es), "typ", Some(json!("JWT")));
        let token = signed(&json!(header).to_string(), &json!(claims).to_string(), es);
        check_jwt(&token, &keys(), &want, now(), &|_| true)
    };
    assert!(check(&with(good_claims(), "jti", None)).result.is_ok());
    for name in ["iss", "sub", "aud", "exp", "iat", "client_id"] {
        assert_denied(name, &check(&with(good_claims(), name, None)), Check::WellFormed, Reason::Format);
    }
}

proptest! {
    /// Whatever a trusted authority signs, only our audience, our issuer and a live token pass.
    #[test]
    fn what_passes_is_ours_and_alive(name in "iss|sub|aud|exp|iat|nbf|jti|client_id|scope|x", value in any_json()) {
        let claims = with(good_claims(), &name, Some(value));
        if let Ok(token) = judge_claims(&claims).result {
            prop_assert_eq!(token.issuer, ISSUER);
            prop_assert_eq!(token.audience, vec![AUDIENCE.to_owned()]);
            prop_assert!(!token.subject.is_empty());
            prop_assert!(token.expires_at.seconds() + 60 > NOW);
            prop_assert!(token.scopes.contains(&"read:whattowear".to_owned()));
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (NOW - 200..NOW + 200).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!(AUDIENCE)),
    ];
    leaf.prop_recursive(3, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
