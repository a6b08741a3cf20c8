//! What a local simulator's console is told: the checks with their times, and whom the skill has asked. Never a token.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::time::Duration;

use alexa_cloud::*;
use sayso_skill::outside::{Form, Outgoing};
use sayso_skill::token::guard::Requirements;
use sayso_skill::{Answer, Guard, HandlerError, HandlerInput, On, scope};
use serde_json::{Value, json};

const COLORS: &str = "https://api.example/v1/colors?person=ada";

/// Asks an API by the SDK's own door, and by others.
async fn asks(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let token = input.envelope().access_token().unwrap().expose().to_owned();
    let body = Form::json(json!({"secret": "in the body"}).to_string(), None);
    for (url, form) in [(COLORS.to_owned(), None), ("https://api.example/gone".to_owned(), Some(body))] {
        let deadline = Duration::from_secs(1);
        let question = Outgoing { url, accept: "application/json", form, deadline, largest_body: 1024 };
        let _ = input.outside().fetch.fetch(question).await;
    }
    input.begin_call("PUT", &format!("https://api.example/by-token/{token}")).answered(204);
    drop(input.begin_call("GET", "https://ada:pw@api.example/hangs"));
    Ok(input.respond().speak("done"))
}

fn world() -> World {
    let requirements = Requirements::new(ISSUER, AUDIENCE).unwrap();
    let world = World::new(|skill| {
        skill
            .guard(Guard::jwks(requirements, JWKS_URL).user_looked_up(|_token| async { true }))
            .on(On::intent("X").requires(scope("read:color")), asks)
    });
    let answer = json!({"color": "teal", "api_key": "k3y", "said": "hi"});
    world.web.set(COLORS, 200, answer.to_string());
    world
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[tokio::test]
async fn each_check_is_timed_and_each_call_is_told() {
    let world = world();
    let token = jwt(token_key(), &claims());
    let trace = world.send(&intent("X", Some(&token))).await.trace.unwrap();
    assert_eq!(trace["version"], json!(2));
    let checks = trace["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 6);
    for row in checks {
        assert!(row["outcome"] == "passed" && row["micros"].as_u64() >= Some(1), "{row}");
    }
    let told: Vec<(&str, &str, &str, Value)> = trace["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| {
            assert!(call["micros"].is_u64() && call["after_micros"].is_u64(), "{call}");
            let came = if call["failure"].is_null() { &call["status"] } else { &call["failure"] };
            (text(&call["to"]), text(&call["method"]), text(&call["url"]), came.clone())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("alexa", "GET", CHAIN_URL, json!(200)),
            ("authorization_server", "GET", JWKS_URL, json!(200)),
            ("api", "GET", "https://api.example/v1/colors?…", json!(200)),
            ("api", "POST", "https://api.example/gone", json!("fetch_unreachable")),
            ("api", "PUT", "https://api.example/…", json!(204)),
            ("api", "GET", "https://api.example/hangs", json!("call_unanswered")),
        ]
    );
    assert_eq!(trace["calls"][2]["answer"], json!({"color": "teal", "api_key": "…", "said": "hi"}));
    let shown = trace.to_string();
    for secret in [token.as_str(), "person=ada", "pw@", "in the body", "k3y"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn a_check_that_fails_is_timed_and_what_was_not_reached_is_not() {
    let world = world();
    let mut other = claims();
    other["aud"] = json!("https://another.example");
    let trace = world.send(&intent("X", Some(&jwt(token_key(), &other)))).await.trace.unwrap();
    let timed: Vec<bool> = trace["checks"].as_array().unwrap().iter().map(|row| row["micros"].is_u64()).collect();
    assert_eq!(timed, [true, true, true, false, false, false]);
    let trace = world.send(&intent("X", None)).await.trace.unwrap();
    assert!(trace["checks"].as_array().unwrap().iter().all(|row| row["micros"].is_null()), "{trace}");
}

#[tokio::test]
async fn an_address_that_holds_the_token_is_not_told() {
    async fn by_token(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let token = input.envelope().access_token().unwrap().expose().to_owned();
        input.begin_call("GET", &format!("https://api.example/by/{token}/colors")).answered(200);
        Ok(input.respond().speak("done"))
    }
    let world = World::new(|skill| skill.on(On::intent("X"), by_token));
    let trace = world.send(&intent("X", Some("0p4que-t0ken"))).await.trace.unwrap();
    assert_eq!((&trace["calls"][1]["url"], &trace["calls"][1]["to"]), (&json!("…"), &json!("api")));
}

#[tokio::test]
async fn a_handler_that_asks_without_end_is_told_as_far_as_it_is_read() {
    async fn asks_and_asks(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        for number in 0..200 {
            input.begin_call("GET", &format!("https://api.example/{number}")).answered(200);
        }
        Ok(input.respond().speak("done"))
    }
    let world = World::new(|skill| skill.on(On::intent("X"), asks_and_asks));
    let trace = world.send(&intent("X", None)).await.trace.unwrap();
    assert_eq!(trace["calls"].as_array().unwrap().len(), 24);
    assert_eq!(trace["checks"], json!([]), "nothing was to be checked");
}
