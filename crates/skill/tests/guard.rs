//! No handler that requires a token runs without a good one; the person hears how to link the account instead.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use alexa_cloud::*;
use axum::http::StatusCode;
use sayso_skill::outside::FetchFailed;
use sayso_skill::token::encoding::{base64url, from_base64};
use sayso_skill::token::guard::Requirements;
use sayso_skill::token::secret::Secret;
use sayso_skill::{
    Answer, BadSkill, Guard, Handler, HandlerError, HandlerInput, Introspection, Refusal, Requirement, Skill,
    async_trait,
};
use serde_json::{Value, json};

/// Needs a scope, says who is asking, and counts how often it was run.
struct Guarded(Arc<AtomicUsize>);

#[async_trait]
impl Handler for Guarded {
    fn can_handle(&self, _input: &HandlerInput) -> bool {
        true
    }

    fn requires(&self) -> Option<Requirement> {
        Some(Requirement::scope("read:color"))
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let subject = input.verified_token()?.subject.clone();
        Ok(input.respond().speak(format!("hello {subject}")))
    }
}

fn requirements() -> Requirements {
    Requirements::new(ISSUER, AUDIENCE).unwrap()
}

fn by_keys() -> Guard {
    Guard::jwks(requirements(), JWKS_URL)
}

fn by_asking() -> Guard {
    let secret = Secret::new("s:%");
    Guard::introspection(requirements(), Introspection::new(INTROSPECTION_URL, "skill", &secret))
}

fn guarded(guard: Guard) -> (World, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    (World::new(|skill| skill.guard(guard).handler(Guarded(Arc::clone(&runs)))), runs)
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn assert_refused(heard: &Heard, runs: &AtomicUsize, expected: &str) {
    assert_eq!(heard.status, StatusCode::OK, "{expected}");
    assert_eq!(heard.denied(), Some(expected));
    assert!(heard.has_link_card(), "{expected}: {}", heard.json);
    assert!(!heard.speech().is_empty() && !heard.speech().contains("ada"), "{expected}");
    assert!(!heard.speech().contains(expected), "the reason is not spoken: {}", heard.speech());
    assert_eq!(heard.json["response"]["shouldEndSession"], json!(true), "{expected}");
    assert_eq!(runs.load(Ordering::SeqCst), 0, "{expected}");
}

#[tokio::test]
async fn a_good_token_opens_the_handler() {
    let (world, runs) = guarded(by_keys());
    let heard = world.send(&intent("X", Some(&jwt(token_key(), &claims())))).await;
    assert_eq!(heard.speech(), "hello ada");
    assert_eq!(heard.denied(), None);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

/// SEED-002, ALX-009: its own reason for each, and the handler never runs.
#[tokio::test]
async fn every_bad_jwt_is_refused_with_a_card() {
    let second = NOW / 1_000;
    let good = jwt(token_key(), &claims());
    let (head, tail) = good.split_at(good.find('.').unwrap());
    let none = base64url(br#"{"alg":"none","typ":"at+jwt"}"#) + tail;
    let id_token = sayso_skill::token::jws::sign("JWT", claims().as_object().unwrap(), token_key()).unwrap();
    for (token, expected) in [
        (String::new(), "format"),
        ("opaque".to_owned(), "format"),
        (format!("{head}.{}", "a.b"), "format"),
        (jwt(token_key(), &with(claims(), "exp", json!("soon"))), "format"),
        (jwt(foreign_key(), &claims()), "signature"),
        (none, "signature"),
        (format!("{}AAAA", &good[..good.len() - 4]), "signature"),
        (jwt(token_key(), &with(claims(), "iss", json!("http://evil.test"))), "issuer"),
        (id_token, "type"),
        (jwt(token_key(), &with(claims(), "aud", json!("https://api.example/"))), "audience"),
        (jwt(token_key(), &with(claims(), "aud", json!(["https://other.example"]))), "audience"),
        (jwt(token_key(), &with(claims(), "exp", json!(second - 61))), "expired"),
        (jwt(token_key(), &with(claims(), "nbf", json!(second + 61))), "not_yet_valid"),
        (jwt(token_key(), &with(claims(), "scope", json!("read:color2 xread:color"))), "scope"),
        (jwt(token_key(), &with(claims(), "scope", json!(""))), "scope"),
    ] {
        let (world, runs) = guarded(by_keys());
        assert_refused(&world.send(&intent("X", Some(&token))).await, &runs, expected);
    }
}

#[tokio::test]
async fn a_missing_token_is_refused_without_asking_anyone() {
    for guard in [by_keys(), by_asking()] {
        let (world, runs) = guarded(guard);
        let heard = world.send(&intent("X", None)).await;
        assert_refused(&heard, &runs, "token_missing");
        assert_eq!(heard.speech(), Refusal::NotLinked.words());
        assert_eq!(world.web.asked().len(), 1, "only the certificate chain is fetched");
    }
}

#[tokio::test]
async fn a_user_who_may_not_is_refused() {
    let (world, runs) = guarded(by_keys().user_allowed(|token| token.subject != "ada"));
    let heard = world.send(&intent("X", Some(&jwt(token_key(), &claims())))).await;
    assert_refused(&heard, &runs, "user");
    assert_eq!(heard.speech(), Refusal::NotAllowed.words());
}

#[tokio::test]
async fn the_account_s_token_counts_unless_the_skill_prefers_the_person_s() {
    let person = jwt(token_key(), &with(claims(), "sub", json!("bob")));
    let mut envelope = intent("X", Some(&jwt(token_key(), &claims())));
    envelope["context"]["System"]["person"] = json!({"personId": "amzn1.ask.person.B", "accessToken": person});
    assert_eq!(guarded(by_keys()).0.send(&envelope).await.speech(), "hello ada");
    assert_eq!(guarded(by_keys().person_first()).0.send(&envelope).await.speech(), "hello bob");
    envelope["context"]["System"]["person"] = json!({"personId": "amzn1.ask.person.B"});
    assert_eq!(guarded(by_keys().person_first()).0.send(&envelope).await.speech(), "hello ada");
}

#[tokio::test]
async fn a_token_in_the_session_alone_opens_nothing() {
    let (world, runs) = guarded(by_keys());
    let mut envelope = intent("X", Some(&jwt(token_key(), &claims())));
    envelope["context"]["System"]["user"].as_object_mut().unwrap().remove("accessToken");
    assert_refused(&world.send(&envelope).await, &runs, "token_missing");
}

/// JWT-020: a rotated key is picked up without a refusal.
#[tokio::test]
async fn keys_are_fetched_once_and_again_when_a_new_one_appears() {
    let (world, _) = guarded(by_keys());
    let old = intent("X", Some(&jwt(token_key(), &claims())));
    let all = (0..10).map(|_| world.send(&old));
    for heard in futures_util::future::join_all(all).await {
        assert_eq!(heard.speech(), "hello ada");
    }
    assert_eq!(world.web.count(JWKS_URL), 1);

    world.web.set(JWKS_URL, 200, key_set(&[token_key(), foreign_key()]));
    let new = intent("X", Some(&jwt(foreign_key(), &claims())));
    assert_eq!(world.send(&new).await.speech(), "hello ada", "an unknown key id causes a fetch");
    assert_eq!(world.web.count(JWKS_URL), 2);
}

/// JWT-005: unknown key ids do not make the guard a hammer on the issuer.
#[tokio::test]
async fn a_thousand_unknown_key_ids_cause_one_fetch() {
    let (world, runs) = guarded(by_keys());
    let body = base64url(&serde_json::to_vec(&claims()).unwrap());
    let mut last = None;
    for number in 0..1_000 {
        let head = base64url(format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"unknown-{number}"}}"#).as_bytes());
        last = Some(world.send(&intent("X", Some(&format!("{head}.{body}.AAAA")))).await);
    }
    assert_refused(&last.unwrap(), &runs, "signature");
    assert_eq!(world.web.count(JWKS_URL), 2, "the first, and one for all unknown ids");
}

/// JWT-022: kept keys serve until they are too old.
#[tokio::test]
async fn an_outage_is_bridged_for_a_while_and_then_closes() {
    let (world, runs) = guarded(by_keys());
    let at = |seconds: i64| {
        let claims = with(claims(), "exp", json!(NOW / 1_000 + 86_400));
        let mut envelope = intent("X", Some(&jwt(token_key(), &claims)));
        let time = time::OffsetDateTime::from_unix_timestamp(NOW / 1_000 + seconds).unwrap();
        envelope["request"]["timestamp"] = json!(time.format(&time::format_description::well_known::Rfc3339).unwrap());
        envelope
    };
    assert_eq!(world.send(&at(0)).await.speech(), "hello ada");
    world.web.fail(JWKS_URL, FetchFailed::TooSlow);
    world.clock.advance(30 * 60);
    assert_eq!(world.send(&at(1_800)).await.speech(), "hello ada", "the kept keys bridge the outage");
    assert_eq!(world.send(&at(1_800)).await.speech(), "hello ada");
    assert_eq!(world.web.count(JWKS_URL), 2, "the pause after a failure is kept");
    world.clock.advance(30 * 60);
    runs.store(0, Ordering::SeqCst);
    let heard = world.send(&at(3_600)).await;
    assert_refused(&heard, &runs, "keys_unavailable");
    assert_eq!(heard.speech(), Refusal::Unavailable.words());
    world.web.set(JWKS_URL, 200, key_set(&[token_key()]));
    world.clock.advance(11);
    assert_eq!(world.send(&at(3_611)).await.speech(), "hello ada");
}

/// JWT-022: an error page or a heap of bytes is no key set.
#[tokio::test]
async fn a_bad_key_set_opens_nothing() {
    for (status, body) in [
        (200, b"<html></html>".to_vec()),
        (200, b"{}".to_vec()),
        (200, vec![b' '; 70_000]),
        (500, key_set(&[token_key()])),
        (302, key_set(&[token_key()])),
    ] {
        let (world, runs) = guarded(by_keys());
        world.web.set(JWKS_URL, status, body);
        let heard = world.send(&intent("X", Some(&jwt(token_key(), &claims())))).await;
        assert_refused(&heard, &runs, "keys_unavailable");
    }
    let (world, runs) = guarded(by_keys());
    world.web.set(JWKS_URL, 200, br#"{"keys":[]}"#);
    let heard = world.send(&intent("X", Some(&jwt(token_key(), &claims())))).await;
    assert_refused(&heard, &runs, "signature");
}

fn active() -> Value {
    with(claims(), "active", json!(true))
}

#[tokio::test]
async fn the_authority_is_asked_with_form_and_basic_credentials() {
    let (world, _) = guarded(by_asking());
    world.web.set(INTROSPECTION_URL, 200, active().to_string());
    assert_eq!(world.send(&intent("X", Some("opaque+/&x"))).await.speech(), "hello ada");
    let asked = world.web.asked();
    let question = asked.iter().find(|outgoing| outgoing.url == INTROSPECTION_URL).unwrap();
    let form = question.form.as_ref().unwrap();
    assert_eq!(form.body.expose(), "token=opaque%2B%2F%26x&token_type_hint=access_token");
    let credentials = question.authorization.as_ref().unwrap().expose().strip_prefix("Basic ").unwrap();
    assert_eq!(from_base64(credentials).unwrap(), b"skill:s%3A%25");
    assert!(question.deadline.as_secs() <= 2 && question.largest_body <= 64 * 1024);
}

/// INT-006
#[tokio::test]
async fn every_doubtful_introspection_answer_is_a_refusal() {
    let answers = [
        (200, json!({}).to_string(), "introspection_failed"),
        (200, with(active(), "active", json!("true")).to_string(), "introspection_failed"),
        (200, with(active(), "active", json!(1)).to_string(), "introspection_failed"),
        (200, json!({"active": false}).to_string(), "inactive"),
        (200, json!({"active": false, "FirstNameClaim": "x", "sub": "ada"}).to_string(), "inactive"),
        (200, "[true]".to_owned(), "introspection_failed"),
        (200, "<html>active</html>".to_owned(), "introspection_failed"),
        (200, String::new(), "introspection_failed"),
        (200, with(active(), "x", json!("y".repeat(70_000))).to_string(), "introspection_failed"),
        (401, active().to_string(), "introspection_failed"),
        (500, active().to_string(), "introspection_failed"),
        (302, active().to_string(), "introspection_failed"),
        (200, with(active(), "aud", json!("https://other.example")).to_string(), "audience"),
        (200, with(active(), "iss", json!("http://evil.test")).to_string(), "issuer"),
        (200, with(active(), "exp", json!(NOW / 1_000 - 61)).to_string(), "expired"),
        (200, with(active(), "scope", json!("openid")).to_string(), "scope"),
        (200, r#"{"active":false,"active":true}"#.to_owned(), "introspection_failed"),
    ];
    for (status, body, expected) in answers {
        let (world, runs) = guarded(by_asking());
        world.web.set(INTROSPECTION_URL, status, body);
        assert_refused(&world.send(&intent("X", Some("t"))).await, &runs, expected);
    }
    for failed in [FetchFailed::TooSlow, FetchFailed::TooLarge, FetchFailed::Unreachable] {
        let (world, runs) = guarded(by_asking());
        world.web.fail(INTROSPECTION_URL, failed);
        assert_refused(&world.send(&intent("X", Some("t"))).await, &runs, "introspection_failed");
    }
}

#[tokio::test]
async fn the_trace_tells_the_simulator_everything_but_the_token() {
    let (world, _) = guarded(by_asking());
    let answer = with(with(active(), "FirstNameClaim", json!("Ada")), "echo", json!("you sent s3cr3t-t0ken"));
    world.web.set(INTROSPECTION_URL, 200, answer.to_string());
    let heard = world.send(&intent("X", Some("s3cr3t-t0ken"))).await;
    let trace = heard.trace.unwrap();
    let outcomes = |name: &str| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        trace[name].as_array().unwrap().iter().map(|row| (text(&row["check"]), text(&row["outcome"]))).collect()
    };
    let passed = |names: &[&str]| -> Vec<(String, String)> {
        names.iter().map(|name| ((*name).to_owned(), "passed".to_owned())).collect()
    };
    assert_eq!(
        outcomes("checks"),
        passed(&[
            "well_formed",
            "trusted_signature",
            "meant_for_this_api",
            "not_expired",
            "user_allowed",
            "scope_granted"
        ])
    );
    assert_eq!(
        outcomes("request_checks"),
        passed(&[
            "headers",
            "chain_url",
            "certificate",
            "signature",
            "body",
            "timestamp",
            "skill_id",
            "account",
            "once"
        ])
    );
    assert_eq!(trace["mode"], json!("introspection"));
    assert_eq!(trace["introspection"]["url"], json!(INTROSPECTION_URL));
    assert_eq!(trace["introspection"]["status"], json!(200));
    assert_eq!(trace["claims"]["FirstNameClaim"], json!("Ada"));
    assert!(!trace.to_string().contains("s3cr3t"), "{trace}");
}

#[tokio::test]
async fn a_skill_can_choose_its_words() {
    let world = World::new(|skill| {
        skill
            .guard(by_keys())
            .handler(Guarded(Arc::default()))
            .refusal_words(|refusal, locale| format!("{refusal:?} in {}", locale.unwrap_or("no language")))
    });
    assert_eq!(world.send(&intent("X", None)).await.speech(), "NotLinked in en-US");
}

#[test]
fn a_skill_that_would_be_open_is_not_built() {
    let world = World::new(|skill| skill.guard(by_keys()).handler(Guarded(Arc::default())));
    let outside = || outside(&world.clock, &world.web);
    let handler = || Guarded(Arc::default());
    let open_line = Guard::jwks(requirements(), "http://auth.example/keys");
    for (skill, expected) in [
        (Skill::builder(SKILL_ID, outside()).handler(handler()), BadSkill::NoGuard),
        (Skill::builder(SKILL_ID, outside()).guard(by_keys()), BadSkill::NoHandler),
        (Skill::builder("", outside()).guard(by_keys()).handler(handler()), BadSkill::NoSkillId),
        (
            Skill::builder(SKILL_ID, outside()).guard(open_line).handler(handler()),
            BadSkill::InsecureGuard("http://auth.example/keys".to_owned()),
        ),
    ] {
        assert_eq!(skill.build().err(), Some(expected));
    }
}
