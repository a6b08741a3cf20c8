//! The same checks on an introspection answer.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{assert_denied, want, watched};
use crate::guard::{Check, MAX_ANSWER_BYTES, Outcome, Reason, Verdict, check_introspection};
use crate::testing::{AUDIENCE, ISSUER, NOW, now, object, with};

fn answer() -> Map<String, Value> {
    object(json!({
        "active": true, "iss": ISSUER, "sub": "usr_ada", "aud": AUDIENCE, "client_id": "alexa", "token_type": "Bearer",
        "scope": "read:whattowear openid", "exp": NOW + 300, "iat": NOW - 10, "jti": "g.0.r",
        "FirstNameClaim": "Ada", "FavoriteColorClaim": "teal",
    }))
}

fn judge(status: u16, body: &[u8]) -> Verdict {
    watched(|watched| watched.introspection(status, body, &want(), now()))
}

fn judge_answer(answer: &Map<String, Value>) -> Verdict {
    judge(200, json!(answer).to_string().as_bytes())
}

#[track_caller]
fn assert_unusable(name: &str, verdict: &Verdict) {
    assert_denied(name, verdict, Check::TrustedSignature, Reason::IntrospectionFailed);
    assert!(verdict.claims.is_none(), "{name}");
}

#[test]
fn a_good_answer_passes_all_six() {
    let verdict = judge_answer(&answer());
    assert!(verdict.checks.iter().all(|(_, outcome)| *outcome == Outcome::Passed));
    assert_eq!(verdict.claims, Some(answer()));
    let token = verdict.result.unwrap();
    assert_eq!((token.subject.as_str(), token.client.as_deref()), ("usr_ada", Some("alexa")));
    assert_eq!(token.claims["FavoriteColorClaim"], "teal");
}

#[test]
fn only_status_200_is_an_answer() {
    let body = json!(answer()).to_string();
    for status in [0, 100, 201, 204, 299, 301, 302, 400, 401, 403, 404, 429, 500, 503, u16::MAX] {
        assert_unusable(&status.to_string(), &judge(status, body.as_bytes()));
    }
}

#[test]
fn what_cannot_be_read_is_not_guessed() {
    let body = json!(answer()).to_string();
    let cases = [
        ("empty", String::new()),
        ("HTML", "<html><body>active</body></html>".to_owned()),
        ("no object", "[]".to_owned()),
        ("true", "true".to_owned()),
        ("nothing said", "{}".to_owned()),
        ("half", body[..body.len() / 2].to_owned()),
        ("twice", format!("{body}{body}")),
        ("trailing text", format!("{body} x")),
        ("active twice", format!("{{\"active\":false,{}", &body[1..])),
        ("oversize", format!("{body}{}", " ".repeat(MAX_ANSWER_BYTES))),
        ("deep", format!("{{\"active\":true,\"x\":{}", "[".repeat(10_000))),
    ];
    for (name, body) in cases {
        assert_unusable(name, &judge(200, body.as_bytes()));
    }
    assert_unusable("not UTF-8", &judge(200, &[b"{\"active\":true,\"x\":\"", &[0xFF][..], b"\"}"].concat()));
    assert_eq!(MAX_ANSWER_BYTES, 65_536);
    let fitting = format!("{body}{}", " ".repeat(MAX_ANSWER_BYTES - body.len()));
    assert!(judge(200, fitting.as_bytes()).result.is_ok(), "exactly as long as is read");
}

#[test]
fn active_is_a_boolean_and_true() {
    for value in [json!("true"), json!(1), json!("True"), json!([true]), json!({}), Value::Null] {
        let verdict = judge_answer(&with(answer(), "active", Some(value.clone())));
        assert_unusable(&value.to_string(), &verdict);
    }
    assert_unusable("absent", &judge_answer(&with(answer(), "active", None)));
    let verdict = judge_answer(&with(answer(), "active", Some(json!(false))));
    assert_denied("inactive", &verdict, Check::TrustedSignature, Reason::Inactive);
    assert!(verdict.claims.is_none(), "the claims of an inactive token are nobody's");
}

#[test]
fn an_answer_names_what_a_token_would() {
    for name in ["iss", "sub", "client_id", "exp"] {
        assert_unusable(name, &judge_answer(&with(answer(), name, None)));
    }
    assert_unusable("empty sub", &judge_answer(&with(answer(), "sub", Some(json!("")))));
    let verdict = judge_answer(&with(answer(), "aud", None));
    assert_denied("aud", &verdict, Check::MeantForThisApi, Reason::Audience);
    for name in ["iat", "jti", "token_type"] {
        assert!(judge_answer(&with(answer(), name, None)).result.is_ok(), "{name} is optional (RFC 7662)");
    }
    let texts = ["iss", "sub", "client_id", "scope", "jti", "token_type"];
    let times = ["exp", "iat", "nbf"];
    for (name, value) in texts.map(|name| (name, json!(1))).into_iter().chain(times.map(|name| (name, json!("1")))) {
        assert_unusable(name, &judge_answer(&with(answer(), name, Some(value))));
    }
    for value in [json!(1), json!([1]), json!([[AUDIENCE]]), Value::Null] {
        assert_unusable("aud of the wrong type", &judge_answer(&with(answer(), "aud", Some(value))));
    }
}

#[test]
fn an_active_token_is_not_yet_one_for_us() {
    let denied = |check, reason| Some((check, reason));
    let cases = [
        ("iss", json!("https://evil.test"), denied(Check::TrustedSignature, Reason::Issuer)),
        ("iss", json!(format!("{ISSUER}/")), denied(Check::TrustedSignature, Reason::Issuer)),
        ("token_type", json!("refresh_token"), denied(Check::MeantForThisApi, Reason::Type)),
        ("token_type", json!(""), denied(Check::MeantForThisApi, Reason::Type)),
        ("token_type", json!("bearer"), None),
        ("token_type", json!("DPoP"), None),
        ("aud", json!("other"), denied(Check::MeantForThisApi, Reason::Audience)),
        ("aud", json!([AUDIENCE, "other"]), denied(Check::MeantForThisApi, Reason::Audience)),
        ("aud", json!([]), denied(Check::MeantForThisApi, Reason::Audience)),
        ("aud", json!([AUDIENCE]), None),
        ("exp", json!(NOW - 60), denied(Check::NotExpired, Reason::Expired)),
        ("exp", json!(NOW - 59), None),
        ("nbf", json!(NOW + 61), denied(Check::NotExpired, Reason::NotYetValid)),
        ("iat", json!(NOW + 61), denied(Check::NotExpired, Reason::NotYetValid)),
        ("scope", json!("read:whattowear2"), denied(Check::ScopeGranted, Reason::Scope)),
        ("scope", json!("read:whattowear\u{a0}"), denied(Check::ScopeGranted, Reason::Scope)),
        ("scope", json!(""), denied(Check::ScopeGranted, Reason::Scope)),
    ];
    for (name, value, fault) in cases {
        let verdict = judge_answer(&with(answer(), name, Some(value.clone())));
        match fault {
            Some((check, reason)) => assert_denied(&format!("{name} {value}"), &verdict, check, reason),
            None => assert!(verdict.result.is_ok(), "{name} {value}"),
        }
    }
}

#[test]
fn clients_and_users_are_checked_as_for_a_jwt() {
    let body = json!(answer()).to_string();
    let stranger = want().clients(vec!["other".to_owned()]);
    let verdict = check_introspection(200, body.as_bytes(), &stranger, now(), &|_| panic!("must not be asked"));
    assert_denied("client", &verdict, Check::UserAllowed, Reason::Client);
    let verdict = check_introspection(200, body.as_bytes(), &want(), now(), &|_| false);
    assert_denied("user", &verdict, Check::UserAllowed, Reason::User);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_never_pass(status: u16, bytes: Vec<u8>) {
        prop_assert!(judge(status, &bytes).result.is_err());
        prop_assert!(judge(200, &bytes).result.is_err());
    }
}
