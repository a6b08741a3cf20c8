use serde_json::Value;

use super::*;
use crate::testing::{ISSUER, authority, now, other_authority, session};

const URL: &str = "https://app.test/logout";

fn house() -> Authority {
    let mut authority = authority();
    authority.clients.iter_mut().for_each(|client| client.logout.backchannel_logout_uri = Some(URL.to_owned()));
    authority
}

fn notice(attempts: i64) -> LogoutNotice {
    LogoutNotice { attempts, ..LogoutNotice::new(&session(5), "alexa", now()) }
}

#[test]
fn the_token_says_who_and_which_session_and_nothing_else() {
    let decision = begin(Some(&house()), &notice(0), "usr_ada", now());
    let [Change::AttemptLogout { from_attempts: 0, due_at, .. }] = &decision.changes[..] else {
        panic!("{:?}", decision.changes)
    };
    assert_eq!(*due_at, now() + Lifetime::from_seconds(5));
    let Ok(Some(attempt)) = decision.reply else { panic!("an attempt") };
    assert_eq!((attempt.url.as_str(), attempt.token.typ), (URL, "logout+jwt"));
    let claims = &attempt.token.claims;
    let expected = [
        ("iss", json!(ISSUER)),
        ("sub", json!("usr_ada")),
        ("aud", json!("alexa")),
        ("iat", json!(now().seconds())),
        ("exp", json!(now().seconds() + 120)),
        ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} })),
        ("sid", json!(session(5).sid)),
    ];
    for (name, value) in expected {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(claims.keys().filter(|name| *name != "jti").count(), 7, "no nonce, nothing else: {claims:?}");
    let again = begin(Some(&house()), &notice(1), "usr_ada", now()).reply.ok().flatten();
    assert_ne!(again.map(|again| again.token.claims["jti"].clone()), Some(claims["jti"].clone()));
}

#[test]
fn attempts_are_spaced_and_end() {
    let mut told = notice(0);
    let mut at = now();
    let mut waits = Vec::new();
    let last = loop {
        let Ok(Some(attempt)) = begin(Some(&house()), &told, "usr_ada", at).reply else { panic!("an attempt") };
        let decision = finish(&attempt.notice, Err("fetch_unreachable"));
        if !decision.changes.is_empty() {
            break decision;
        }
        assert!(decision.audit.is_empty());
        waits.push(attempt.notice.due_at.millis_since(at) / 1000);
        told = attempt.notice;
        at = told.due_at;
    };
    assert_eq!(waits, [5, 30, 120, 600, 3600]);
    let [Change::SettleLogout { .. }] = &last.changes[..] else { panic!("{:?}", last.changes) };
    let event = &last.audit[0];
    assert_eq!((event.kind, &event.details["attempts"]), ("logout_undelivered", &Value::from(6)));
    assert_eq!(event.details["reason"], "fetch_unreachable");
}

#[test]
fn whoever_died_in_the_last_attempt_leaves_no_notice_for_ever() {
    let decision = begin(Some(&house()), &notice(6), "usr_ada", now());
    assert_eq!(decision.reply, Ok(None));
    assert!(matches!(decision.changes[..], [Change::SettleLogout { .. }]));
    assert_eq!(decision.audit[0].kind, "logout_undelivered");
}

#[test]
fn a_delivery_is_told_once() {
    let decision = finish(&notice(2), Ok(()));
    assert!(matches!(decision.changes[..], [Change::SettleLogout { .. }]));
    let event = &decision.audit[0];
    assert_eq!(
        (event.kind, event.client.as_deref(), &event.details["attempts"]),
        ("logout_delivered", Some("alexa"), &Value::from(2))
    );
}

#[test]
fn who_does_not_want_to_know_is_not_told() {
    let mut disabled = house();
    disabled.clients.iter_mut().for_each(|client| client.disabled = true);
    let mut deaf = house();
    deaf.clients.iter_mut().for_each(|client| client.logout.backchannel_logout_uri = None);
    let mut gone = house();
    gone.clients.clear();
    let other = other_authority();
    for authority in [None, Some(&disabled), Some(&deaf), Some(&gone), Some(&other)] {
        let decision = begin(authority, &notice(0), "usr_ada", now());
        assert_eq!(decision.reply, Ok(None));
        assert!(matches!(decision.changes[..], [Change::SettleLogout { .. }]) && decision.audit.is_empty());
    }
}
