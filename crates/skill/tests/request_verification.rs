//! What is let through to the handlers, and what is refused with 400 and nothing else.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use alexa_cloud::*;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};
use rcgen::{CertificateParams, KeyUsagePurpose, date_time_ymd};
use sayso_skill::outside::FetchFailed;
use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, Trust, async_trait};
use serde_json::{Value, json};

/// Counts how often it was run.
struct Counting(Arc<AtomicUsize>);

#[async_trait]
impl Handler for Counting {
    fn can_handle(&self, _input: &HandlerInput) -> bool {
        true
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(if input.is_intent("HelloIntent") { input.respond().speak("hello").end_session() } else { input.respond() })
    }
}

struct Counted {
    world: World,
    runs: Arc<AtomicUsize>,
}

fn counted() -> Counted {
    let runs = Arc::new(AtomicUsize::new(0));
    Counted { world: World::new(|skill| skill.handler(Counting(Arc::clone(&runs)))), runs }
}

impl Counted {
    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    fn assert_refused(&self, heard: &Heard, why: &str) {
        assert_eq!(heard.status, StatusCode::BAD_REQUEST, "{why}");
        assert_eq!(heard.json, Value::Null, "{why}");
        assert_eq!(self.runs(), 0, "{why}");
    }
}

fn hello() -> Value {
    intent("HelloIntent", None)
}

#[tokio::test]
async fn a_good_request_is_answered() {
    let skill = counted();
    let heard = skill.world.send(&hello()).await;
    assert_eq!(heard.status, StatusCode::OK);
    assert_eq!(
        heard.json,
        json!({
            "version": "1.0", "sessionAttributes": {},
            "response": {"outputSpeech": {"type": "PlainText", "text": "hello"}, "shouldEndSession": true},
        })
    );
    assert_eq!(skill.runs(), 1);
}

/// ALX-001: nothing is fetched from anywhere else.
#[tokio::test]
async fn both_headers_must_be_there_once_and_the_chain_url_must_be_amazon_s() {
    let body = serde_json::to_vec(&hello()).unwrap();
    let with = |name: &'static str, value: &'static str| {
        move |mut request: Request<Body>| {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
            request
        }
    };
    let without = |name: &'static str| {
        move |mut request: Request<Body>| {
            request.headers_mut().remove(name);
            request
        }
    };
    let twice = |name: &'static str| {
        move |mut request: Request<Body>| {
            let value = request.headers()[name].clone();
            request.headers_mut().append(name, value);
            request
        }
    };
    type Change = Box<dyn FnOnce(Request<Body>) -> Request<Body>>;
    let changes: Vec<(&str, Change)> = vec![
        ("no signature", Box::new(without("signature-256"))),
        ("empty signature", Box::new(with("signature-256", ""))),
        ("two signatures", Box::new(twice("signature-256"))),
        ("no chain URL", Box::new(without("signaturecertchainurl"))),
        ("empty chain URL", Box::new(with("signaturecertchainurl", ""))),
        ("two chain URLs", Box::new(twice("signaturecertchainurl"))),
        ("http", Box::new(with("signaturecertchainurl", "http://s3.amazonaws.com/echo.api/cert.pem"))),
        ("other host", Box::new(with("signaturecertchainurl", "https://s3.amazonaws.com.evil.test/echo.api/cert.pem"))),
        ("port", Box::new(with("signaturecertchainurl", "https://s3.amazonaws.com:563/echo.api/cert.pem"))),
        ("case", Box::new(with("signaturecertchainurl", "https://s3.amazonaws.com/EcHo.aPi/cert.pem"))),
        ("dots", Box::new(with("signaturecertchainurl", "https://s3.amazonaws.com/echo.api/../bucket/x.pem"))),
        ("encoded dots", Box::new(with("signaturecertchainurl", "https://s3.amazonaws.com/echo.api/%2e%2e/x.pem"))),
        ("user", Box::new(with("signaturecertchainurl", "https://user@s3.amazonaws.com/echo.api/cert.pem"))),
        ("query", Box::new(with("signaturecertchainurl", "https://s3.amazonaws.com/echo.api/cert.pem?x"))),
        (
            "dots out of the local prefix",
            Box::new(with("signaturecertchainurl", "http://127.0.0.1:4001/echo.api/../x")),
        ),
    ];
    for (why, change) in changes {
        let skill = counted();
        let heard = skill.world.post(body.clone(), change).await;
        skill.assert_refused(&heard, why);
        assert_eq!(skill.world.web.asked().len(), 0, "{why}: nothing is fetched");
        assert_eq!(heard.trace, None, "{why}");
    }
}

#[tokio::test]
async fn a_wrong_signature_is_refused() {
    let body = serde_json::to_vec(&hello()).unwrap();
    let mut altered = body.clone();
    *altered.last_mut().unwrap() = b' ';
    let legacy = sign(&body);
    for (why, sent, signature) in [
        ("of another body", body.clone(), sign(b"{}")),
        ("body altered by one byte", altered, sign(&body)),
        ("not base64", body.clone(), "!!!".to_owned()),
        ("zeros", body.clone(), "A".repeat(344)),
        ("only a legacy one", body.clone(), String::new()),
    ] {
        let skill = counted();
        let heard = skill
            .world
            .post(sent, |mut request| {
                request.headers_mut().insert("signature-256", HeaderValue::from_str(&signature).unwrap());
                request.headers_mut().insert("signature", HeaderValue::from_str(&legacy).unwrap());
                request
            })
            .await;
        skill.assert_refused(&heard, why);
        assert_eq!(heard.trace, None, "{why}: who does not prove to be Alexa learns nothing");
    }
}

/// ALX-002, ALX-008: certificates, and answers that are none.
#[tokio::test]
async fn a_bad_chain_is_refused() {
    let cases: Vec<(&str, String)> = vec![
        ("expired", chain_pem(|leaf| leaf.not_after = date_time_ymd(2026, 11, 1))),
        ("not yet valid", chain_pem(|leaf| leaf.not_before = date_time_ymd(2026, 12, 1))),
        (
            "other name",
            chain_pem(|leaf| {
                leaf.subject_alt_names = CertificateParams::new(["evil.test".to_owned()]).unwrap().subject_alt_names;
            }),
        ),
        ("name in CN only", chain_pem(|leaf| leaf.subject_alt_names.clear())),
        ("no digitalSignature", chain_pem(|leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyEncipherment])),
        ("root only", root_pem()),
        ("no PEM", "<html></html>".to_owned()),
        ("empty", String::new()),
    ];
    for (why, pem) in cases {
        let skill = counted();
        skill.world.web.set(CHAIN_URL, 200, pem);
        skill.assert_refused(&skill.world.send(&hello()).await, why);
    }
    for status in [301, 404, 500] {
        let skill = counted();
        skill.world.web.set(CHAIN_URL, status, chain_pem(|_| {}));
        skill.assert_refused(&skill.world.send(&hello()).await, "status");
    }
    for failed in [FetchFailed::TooSlow, FetchFailed::TooLarge, FetchFailed::Unreachable] {
        let skill = counted();
        skill.world.web.fail(CHAIN_URL, failed);
        skill.assert_refused(&skill.world.send(&hello()).await, "fetch");
    }
}

/// ALX-014: its root is no root there.
#[tokio::test]
async fn the_simulator_cannot_sign_for_a_skill_in_production() {
    let runs = Arc::new(AtomicUsize::new(0));
    let world = World::new(|skill| skill.handler(Counting(Arc::clone(&runs))).trust(Trust::Amazon));
    // Neither from its own address, nor from Amazon's, does the simulator's chain count.
    let amazon = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";
    world.web.set(amazon, 200, chain_pem(|_| {}));
    for address in [CHAIN_URL, amazon] {
        let body = serde_json::to_vec(&hello()).unwrap();
        let heard = world
            .post(body, |mut request| {
                request.headers_mut().insert("signaturecertchainurl", HeaderValue::from_static(address));
                request
            })
            .await;
        assert_eq!((heard.status, heard.trace), (StatusCode::BAD_REQUEST, None), "{address}");
    }
    assert_eq!((world.web.count(CHAIN_URL), world.web.count(amazon)), (0, 1));
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_local_root_vouches_for_local_chains_only() {
    let skill = counted();
    let amazon = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";
    skill.world.web.set(amazon, 200, chain_pem(|_| {}));
    let body = serde_json::to_vec(&hello()).unwrap();
    let heard = skill
        .world
        .post(body, |mut request| {
            request.headers_mut().insert("signaturecertchainurl", HeaderValue::from_static(amazon));
            request
        })
        .await;
    skill.assert_refused(&heard, "a local chain behind Amazon's address");
}

/// ALX-007, ALX-010: whoever signed it.
#[tokio::test]
async fn a_signed_request_must_be_fresh_ours_and_of_one_account() {
    let changed = |pointer: &str, value: Value| {
        let mut envelope = intent("HelloIntent", Some("t"));
        *envelope.pointer_mut(pointer).unwrap() = value;
        envelope
    };
    for (envelope, expected) in [
        (changed("/request/timestamp", json!("2026-11-22T11:57:29Z")), "timestamp_too_old"),
        (changed("/request/timestamp", json!("2026-11-22T12:02:31Z")), "timestamp_in_the_future"),
        (changed("/request/timestamp", json!("now")), "timestamp_unparsable"),
        (changed("/request/timestamp", json!(NOW)), "timestamp_unparsable"),
        (changed("/request/timestamp", Value::Null), "timestamp_missing"),
        (changed("/session/application/applicationId", json!("amzn1.ask.skill.other")), "other_skill_in_session"),
        (
            changed("/context/System/application/applicationId", json!("amzn1.ask.skill.other")),
            "other_skill_in_context",
        ),
        (changed("/context/System/application", json!({})), "no_skill_in_context"),
        (changed("/session/user/userId", json!("amzn1.ask.account.B")), "users_differ"),
        (changed("/session/user/accessToken", json!("u")), "access_tokens_differ"),
        (changed("/request/type", Value::Null), "body_malformed"),
        (changed("/request", Value::Null), "body_malformed"),
    ] {
        let skill = counted();
        let heard = skill.world.send(&envelope).await;
        skill.assert_refused(&heard, expected);
        let trace = heard.trace.unwrap();
        let reasons: Vec<_> =
            trace["request_checks"].as_array().unwrap().iter().filter_map(|row| row["reason"].as_str()).collect();
        assert_eq!(reasons, [expected]);
    }
    for (timestamp, kind) in [
        ("2026-11-22T11:57:30Z", "IntentRequest"),
        ("2026-11-22T12:02:30Z", "IntentRequest"),
        ("2026-11-22T11:00:00Z", "AlexaSkillEvent.SkillDisabled"),
    ] {
        let skill = counted();
        let mut envelope = hello();
        envelope["request"]["timestamp"] = json!(timestamp);
        envelope["request"]["type"] = json!(kind);
        assert_eq!(skill.world.send(&envelope).await.status, StatusCode::OK, "{kind} {timestamp}");
    }
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    for body in ["", "{", "null", "[]", "\"x\"", "{}", "\u{0}", "{\"request\":{\"type\":\"X\"},\"request\":{}}"] {
        let skill = counted();
        let heard = skill.world.post(body.into(), |request| request).await;
        skill.assert_refused(&heard, body);
    }
    let skill = counted();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    skill.assert_refused(&skill.world.post(deep.into(), |request| request).await, "deep");
}

#[tokio::test]
async fn an_oversized_body_is_refused_unread() {
    let skill = counted();
    let largest = 128 * 1024;
    for (length, expected) in [(largest, StatusCode::BAD_REQUEST), (largest + 1, StatusCode::PAYLOAD_TOO_LARGE)] {
        let heard = skill.world.post(vec![b' '; length], |request| request).await;
        assert_eq!(heard.status, expected, "{length}");
        let announced = Request::post("/").header("content-length", length).body(Body::empty()).unwrap();
        assert_eq!(skill.world.call(announced).await.status, expected, "{length} announced");
    }
    assert_eq!(skill.runs(), 0);
}

#[tokio::test]
async fn only_post_is_answered() {
    let skill = counted();
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
        assert_eq!(skill.world.call(request).await.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

#[tokio::test]
async fn a_chain_is_fetched_once_for_many_requests_at_once() {
    let skill = counted();
    let envelope = hello();
    let all = (0..20).map(|_| skill.world.send(&envelope));
    for heard in futures_util::future::join_all(all).await {
        assert_eq!(heard.status, StatusCode::OK);
    }
    assert_eq!(skill.world.web.count(CHAIN_URL), 1);
}

#[tokio::test]
async fn a_kept_chain_is_judged_by_its_dates_at_every_use() {
    let skill = counted();
    let noon_next_day = chain_pem(|leaf| leaf.not_after = date_time_ymd(2026, 11, 23));
    skill.world.web.set(CHAIN_URL, 200, noon_next_day);
    assert_eq!(skill.world.send(&hello()).await.status, StatusCode::OK);
    // Twelve hours later it has expired; the server still serves it.
    skill.world.clock.advance(12 * 3_600 + 1);
    let mut later = hello();
    later["request"]["timestamp"] = json!("2026-11-23T00:00:01Z");
    assert_eq!(skill.world.send(&later).await.status, StatusCode::BAD_REQUEST);
    // Once a new chain is there, it is taken.
    skill.world.web.set(CHAIN_URL, 200, chain_pem(|_| {}));
    skill.world.clock.advance(11);
    assert_eq!(skill.world.send(&later).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_kept_chain_outlives_an_outage_of_its_server() {
    let skill = counted();
    assert_eq!(skill.world.send(&hello()).await.status, StatusCode::OK);
    skill.world.web.fail(CHAIN_URL, FetchFailed::Unreachable);
    skill.world.clock.advance(25 * 3_600);
    let mut later = hello();
    later["request"]["timestamp"] = json!("2026-11-23T13:00:00Z");
    assert_eq!(skill.world.send(&later).await.status, StatusCode::OK);
    assert_eq!(skill.world.web.count(CHAIN_URL), 2);
}

/// ALX-008: fetches have a budget.
#[tokio::test]
async fn a_flood_of_addresses_is_bounded_and_harms_no_known_one() {
    let skill = counted();
    assert_eq!(skill.world.send(&hello()).await.status, StatusCode::OK);
    let body = serde_json::to_vec(&hello()).unwrap();
    for number in 0..1_000 {
        let address = format!("{PREFIX}{number}.pem");
        let heard = skill
            .world
            .post(body.clone(), |mut request| {
                request.headers_mut().insert("signaturecertchainurl", HeaderValue::from_str(&address).unwrap());
                request
            })
            .await;
        assert_eq!(heard.status, StatusCode::BAD_REQUEST);
    }
    assert!(skill.world.web.asked().len() <= 21, "{} fetches", skill.world.web.asked().len());
    assert_eq!(skill.world.send(&hello()).await.status, StatusCode::OK);
    assert_eq!(skill.world.web.count(CHAIN_URL), 1);
}
