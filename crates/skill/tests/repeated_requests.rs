//! What comes again: a copied request, and a flood while a skill starts.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use alexa_cloud::*;
use axum::http::{HeaderValue, StatusCode};
use sayso_skill::{Answer, HandlerError, HandlerInput, On};
use serde_json::{Value, json};

async fn hello(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("hello"))
}

fn world() -> World {
    World::new(|skill| skill.on(On::anything(), hello))
}

fn bytes(envelope: &Value) -> Vec<u8> {
    serde_json::to_vec(envelope).unwrap()
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let world = world();
    let request = intent("Hello", None);
    assert_eq!(world.post(bytes(&request), |request| request).await.status, StatusCode::OK);
    // As it was, and told anew in other words under its id.
    let mut told_anew = request.clone();
    told_anew["session"]["new"] = json!(false);
    for again in [&request, &told_anew] {
        let heard = world.post(bytes(again), |request| request).await;
        assert_eq!((heard.status, heard.speech()), (StatusCode::BAD_REQUEST, ""));
        assert_eq!(heard.trace.unwrap()["request_checks"][8]["reason"], json!("request_repeated"));
    }
    // Later its time refuses it, and before that it is not forgotten.
    for seconds in [150, 1] {
        world.clock.advance(seconds);
        assert_eq!(world.post(bytes(&request), |request| request).await.status, StatusCode::BAD_REQUEST);
    }
    let mut without_id = intent("Hello", None);
    without_id["request"]["timestamp"] = json!("2026-11-22T12:02:00Z");
    without_id["request"].as_object_mut().unwrap().remove("requestId");
    for status in [StatusCode::OK, StatusCode::BAD_REQUEST] {
        assert_eq!(world.post(bytes(&without_id), |request| request).await.status, status);
    }
}

#[tokio::test]
async fn of_many_at_once_one_is_answered() {
    let world = world();
    let request = bytes(&intent("Hello", None));
    let all = (0..20).map(|_| world.post(request.clone(), |request| request));
    let answered = futures_util::future::join_all(all).await.iter().filter(|heard| heard.status.is_success()).count();
    assert_eq!(answered, 1);
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_the_good_one() {
    let world = world();
    let request = intent("Hello", None);
    let mut of_another = request.clone();
    of_another["context"]["System"]["application"]["applicationId"] = json!("amzn1.ask.skill.other");
    assert_eq!(world.post(bytes(&of_another), |request| request).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.post(bytes(&request), |request| request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_skill_event_may_come_again() {
    let world = world();
    let mut event = intent("Hello", None);
    event["request"]["type"] = json!("AlexaSkillEvent.SkillDisabled");
    for _ in 0..2 {
        assert_eq!(world.post(bytes(&event), |request| request).await.status, StatusCode::OK);
    }
}

/// A store that has gone.
#[tokio::test]
async fn without_its_memory_a_skill_answers_nobody() {
    let world = World::new(|skill| skill.on(On::anything(), hello).spent_requests(Gone));
    let heard = world.send(&intent("Hello", None)).await;
    assert_eq!(heard.status, StatusCode::BAD_REQUEST);
    assert_eq!(heard.trace.unwrap()["request_checks"][8]["reason"], json!("request_untold"));
}

/// ALX-008: also before the first chain is known.
#[tokio::test]
async fn a_flood_while_a_skill_starts_does_not_keep_alexa_out() {
    let world = world();
    let body = bytes(&intent("Hello", None));
    let mut answered = false;
    for number in 0..200 {
        let address = format!("{PREFIX}{number}.pem");
        let named = |mut request: axum::http::Request<axum::body::Body>| {
            request.headers_mut().insert("signaturecertchainurl", HeaderValue::from_str(&address).unwrap());
            request
        };
        assert_eq!(world.post(body.clone(), named).await.status, StatusCode::BAD_REQUEST);
        // Alexa calls once in twenty requests, from when all that anyone may fetch is spent.
        if number >= 100 && number % 20 == 0 {
            answered |= world.send(&intent("Hello", None)).await.status == StatusCode::OK;
        }
    }
    assert!(answered);
    assert!(world.web.asked().len() <= 21, "{} fetches", world.web.asked().len());
    assert_eq!(world.web.count(CHAIN_URL), 1);
}
