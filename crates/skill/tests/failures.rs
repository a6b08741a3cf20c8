//! Whatever a handler does, Alexa gets an answer it takes.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::future::pending;
use std::time::{Duration, Instant};

use alexa_cloud::*;
use axum::http::StatusCode;
use sayso_skill::{
    Answer, ErrorHandler, Failure, Handler, HandlerError, HandlerInput, RequestInterceptor, ResponseInterceptor,
    async_trait,
};
use serde_json::{Value, json};

/// Does what the intent's name says.
struct Obedient;

#[async_trait]
impl Handler for Obedient {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        assert!(!input.is_intent("PanicWhenAsked"), "told to");
        !input.is_intent("Unknown")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let name = input.intent().and_then(|intent| intent.name.text()).unwrap_or_default().to_owned();
        match name.as_str() {
            "Fail" => Err("told to".into()),
            "Panic" => panic!("told to"),
            "Hang" => pending().await,
            "TalkOn" => Ok(input.respond().speak("x".repeat(8_001))),
            "RememberMuch" => {
                input.session_attributes_mut().insert("much".into(), "x".repeat(30_000).into());
                Ok(input.respond().speak("noted"))
            }
            "Remember" => {
                let turns = input.session_attributes().get("turns").and_then(Value::as_u64).unwrap_or_default();
                input.session_attributes_mut().insert("turns".into(), (turns + 1).into());
                Ok(input.respond().speak("noted").reprompt("more?"))
            }
            _ => Ok(input.respond().speak("fine")),
        }
    }
}

/// Says which failure it was; fails itself when told to.
struct Telling;

#[async_trait]
impl ErrorHandler for Telling {
    fn can_handle(&self, _input: &HandlerInput, _failure: &Failure) -> bool {
        true
    }

    async fn handle(&self, input: &mut HandlerInput, failure: &Failure) -> Result<Answer, HandlerError> {
        match input.locale() {
            Some("fail") => Err("told to".into()),
            Some("panic") => panic!("told to"),
            Some("hang") => pending().await,
            _ => Ok(input.respond().speak(failure.reason()).end_session()),
        }
    }
}

const CASES: [(&str, &str); 7] = [
    ("Fail", "handler_error"),
    ("Panic", "handler_panicked"),
    ("PanicWhenAsked", "handler_panicked"),
    ("Hang", "handler_too_late"),
    ("TalkOn", "response_refused"),
    ("RememberMuch", "response_refused"),
    ("Unknown", "no_handler"),
];

/// ALX-016: a panic among them.
#[tokio::test]
async fn every_failure_reaches_the_error_handler() {
    let world = World::new(|skill| skill.handler(Obedient).error_handler(Telling));
    for (name, reason) in CASES {
        if name == "RememberMuch" {
            continue;
        }
        let heard = world.send(&intent(name, None)).await;
        assert_eq!((heard.status, heard.speech()), (StatusCode::OK, reason), "{name}");
    }
}

#[tokio::test]
async fn without_an_error_handler_there_is_a_plain_apology() {
    let world = World::new(|skill| skill.handler(Obedient));
    for (name, _) in CASES {
        let heard = world.send(&intent(name, None)).await;
        assert_eq!(heard.status, StatusCode::OK, "{name}");
        assert!(heard.speech().starts_with("Sorry"), "{name}: {}", heard.json);
        assert_eq!(heard.json["response"]["shouldEndSession"], json!(true), "{name}");
    }
}

#[tokio::test]
async fn an_error_handler_that_fails_too_is_apologised_for() {
    let world = World::new(|skill| skill.handler(Obedient).error_handler(Telling));
    for way in ["fail", "panic", "hang"] {
        let mut envelope = intent("Fail", None);
        envelope["request"]["locale"] = json!(way);
        let heard = world.send(&envelope).await;
        assert!(heard.status == StatusCode::OK && heard.speech().starts_with("Sorry"), "{way}: {}", heard.json);
    }
}

/// ALX-016: Alexa hears an answer within its eight seconds.
#[tokio::test]
async fn a_hung_handler_is_given_up_in_time() {
    // The timer of these tests runs a hundred times as fast: 7 s are 70 ms.
    let world = World::new(|skill| skill.handler(Obedient));
    let started = Instant::now();
    let heard = world.send(&intent("Hang", None)).await;
    assert!(heard.speech().contains("takes too long"));
    assert!((Duration::from_millis(60)..Duration::from_millis(1_000)).contains(&started.elapsed()));
}

#[tokio::test]
async fn where_no_words_are_allowed_none_are_said() {
    let world = World::new(|skill| skill.handler(Obedient));
    let mut ended = intent("Fail", None);
    ended["request"]["type"] = json!("SessionEndedRequest");
    let heard = world.send(&ended).await;
    assert_eq!(heard.json["response"], json!({}), "the handler's words would be refused");

    let mut can_fulfill = intent("Fail", None);
    can_fulfill["request"]["type"] = json!("CanFulfillIntentRequest");
    assert_eq!(world.send(&can_fulfill).await.json["response"], json!({"canFulfillIntent": {"canFulfill": "NO"}}));

    let mut event = intent("Fail", None);
    event.as_object_mut().unwrap().remove("session");
    let heard = world.send(&event).await;
    assert_eq!(heard.json, json!({"version": "1.0", "response": {}}));
}

#[tokio::test]
async fn session_attributes_come_back() {
    let world = World::new(|skill| skill.handler(Obedient));
    let mut envelope = intent("Remember", None);
    envelope["session"]["attributes"] = json!({"turns": 2, "kept": [1, null]});
    let heard = world.send(&envelope).await;
    assert_eq!(heard.json["sessionAttributes"], json!({"turns": 3, "kept": [1, null]}));
    assert_eq!(heard.json["response"]["shouldEndSession"], json!(false));
}

/// Marks what passes.
struct Marking;

#[async_trait]
impl RequestInterceptor for Marking {
    async fn process(&self, input: &mut HandlerInput) -> Result<(), HandlerError> {
        if input.is_intent("Fail") {
            return Err("stopped".into());
        }
        input.session_attributes_mut().insert("seen".into(), true.into());
        Ok(())
    }
}

#[async_trait]
impl ResponseInterceptor for Marking {
    async fn process(&self, _input: &mut HandlerInput, answer: &mut Answer) -> Result<(), HandlerError> {
        *answer = std::mem::take(answer).simple_card("seen", "by the interceptor");
        Ok(())
    }
}

#[tokio::test]
async fn interceptors_see_requests_and_answers() {
    let world = World::new(|skill| {
        skill.handler(Obedient).error_handler(Telling).request_interceptor(Marking).response_interceptor(Marking)
    });
    let heard = world.send(&intent("Fine", None)).await;
    assert_eq!(heard.json["sessionAttributes"], json!({"seen": true}));
    assert_eq!(heard.json["response"]["card"]["title"], json!("seen"));
    assert_eq!(world.send(&intent("Fail", None)).await.speech(), "handler_error");
}
