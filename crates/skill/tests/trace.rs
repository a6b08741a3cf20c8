//! What a local simulator's console is told: the checks with their times, and whom the skill has asked. Never a token.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use alexa_cloud::*;
use sayso_skill::outside::{Form, Outgoing};
use sayso_skill::token::guard::Requirements;
use sayso_skill::{Answer, Guard, Handler, HandlerError, HandlerInput, On, Requirement, async_trait, scope};
use serde_json::{Value, json};

const COLORS: &str = "https://api.example/v1/colors?person=ada";

/// Asks an API by the SDK's own door, and by others.
async fn asks(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let token = input.envelope().access_token().unwrap().expose().to_owned();
    let body = Form::json(json!({"secret": "in the body"}).to_string());
    for (url, form) in [(COLORS.to_owned(), None), ("https://api.example/gone".to_owned(), Some(body))] {
        let deadline = Duration::from_secs(1);
        let question =
            Outgoing { url, accept: "application/json", authorization: None, form, deadline, largest_body: 1024 };
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

const TOLD: &str = "http://127.0.0.1:4001/api/told/name1";

/// Asks an API, and has no answer before the simulator has heard of the question.
struct Slow(Arc<OnceLock<Arc<Web>>>);

#[async_trait]
impl Handler for Slow {
    fn can_handle(&self, _input: &HandlerInput) -> bool {
        true
    }

    fn requires(&self) -> Option<Requirement> {
        Some(scope("read:color"))
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let token = input.envelope().access_token().unwrap().expose().to_owned();
        let (first, second) = (format!("https://api.example/{token}"), "https://api.example/colors?of=ada");
        // The third and the fourth, after the certificates and the keys.
        for (url, number) in [(first.as_str(), 3), (second, 4)] {
            let call = input.begin_call("GET", url);
            self.heard_of(number).await;
            call.answered(200);
        }
        Ok(input.respond().speak("done"))
    }
}

impl Slow {
    /// Waits until so many calls were told, the last without an answer.
    async fn heard_of(&self, number: usize) {
        let web = self.0.get().unwrap();
        for _ in 0..10_000 {
            let told = told(web);
            let calls = told.last().map(|last| last["calls"].as_array().unwrap().clone()).unwrap_or_default();
            if calls.len() == number && calls[number - 1]["status"].is_null() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("call {number} was not told");
    }
}

fn told(web: &Web) -> Vec<Value> {
    let sent = web.asked().into_iter().filter(|sent| sent.url.contains("/api/told/"));
    sent.map(|sent| serde_json::from_str(sent.form.unwrap().body.expose()).unwrap()).collect()
}

#[tokio::test]
async fn a_simulator_that_asks_is_told_while_the_handler_waits() {
    let web = Arc::new(OnceLock::new());
    let slow = Slow(web.clone());
    let requirements = Requirements::new(ISSUER, AUDIENCE).unwrap();
    let world = World::new(|skill| skill.guard(Guard::jwks(requirements, JWKS_URL)).handler(slow));
    web.set(world.web.clone()).ok().unwrap();
    world.web.set(TOLD, 204, "");
    let token = jwt(token_key(), &claims());
    let body = serde_json::to_vec(&intent("X", Some(&token))).unwrap();
    let heard = world
        .post(body, |mut request| {
            request.headers_mut().insert("sayso-tell", "name1".parse().unwrap());
            request
        })
        .await;
    assert_eq!(heard.speech(), "done");
    let told = told(&world.web);
    let (first, last) = (told.first().unwrap(), told.last().unwrap());
    assert_eq!((&first["version"], &first["calls"][0]["to"]), (&json!(2), &json!("alexa")));
    assert_eq!(last["checks"].as_array().unwrap().iter().filter(|row| row["micros"].is_u64()).count(), 6);
    let calls = last["calls"].as_array().unwrap();
    let urls: Vec<&str> = calls.iter().map(|call| text(&call["url"])).collect();
    assert_eq!(urls, [CHAIN_URL, JWKS_URL, "https://api.example/…", "https://api.example/colors?…"]);
    assert_eq!((&calls[2]["status"], &calls[3]["status"]), (&json!(200), &Value::Null), "the first is answered");
    for secret in [token.as_str(), "of=ada", "claims", "\"kty\""] {
        assert!(!told.iter().any(|told| told.to_string().contains(secret)), "{secret} in {told:?}");
    }
    // What comes at the end is whole.
    assert_eq!(heard.trace.unwrap()["calls"][3]["status"], json!(200));
}

#[tokio::test]
async fn nobody_is_told_unasked_or_under_a_name_that_is_none() {
    let long = "a".repeat(65);
    for name in [None, Some(""), Some("../x"), Some("a?b"), Some("a b"), Some(long.as_str())] {
        let world = world();
        let body = serde_json::to_vec(&intent("X", Some(&jwt(token_key(), &claims())))).unwrap();
        let heard = world
            .post(body, |mut request| {
                if let Some(name) = name {
                    request.headers_mut().insert("sayso-tell", name.parse().unwrap());
                }
                request
            })
            .await;
        assert_eq!((heard.speech(), told(&world.web)), ("done", vec![]), "{name:?}");
    }
}

/// A simulator that does not listen is told once, and the answer does not wait for it.
#[tokio::test]
async fn a_simulator_that_does_not_listen_costs_nothing() {
    let world = world();
    let body = serde_json::to_vec(&intent("X", Some(&jwt(token_key(), &claims())))).unwrap();
    let heard = world
        .post(body, |mut request| {
            request.headers_mut().insert("sayso-tell", "name1".parse().unwrap());
            request
        })
        .await;
    assert_eq!(heard.speech(), "done");
    assert_eq!(told(&world.web).len(), 1);
}
