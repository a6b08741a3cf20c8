//! The news of the console as server-sent events, and the diagrams drawn from them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, Request, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use stubs::{HOST, World, parameter};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// An open stream, read line by line.
struct Stream {
    body: BodyDataStream,
    read: String,
}

/// One event: its name, its id, its data.
type Event = (String, String, Value);

impl Stream {
    async fn open(world: &World, path: &str, last: Option<&str>) -> (u16, Self) {
        let response = answer(world, path, last).await;
        let status = response.status().as_u16();
        assert!(status != 200 || response.headers()[header::CONTENT_TYPE] == "text/event-stream");
        (status, Self { body: response.into_body().into_data_stream(), read: String::new() })
    }

    /// The next event; nothing when the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let line = |name: &str| {
                    let found = event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    found.unwrap_or_default().to_owned()
                };
                let event = (line("event"), line("id"), serde_json::from_str(&line("data")).unwrap());
                self.read = rest.to_owned();
                return Some(event);
            }
            // Whoever waits here for ever has a failing test, not a hanging one.
            let bytes = tokio::time::timeout(Duration::from_secs(60), frame(&mut self.body)).await.unwrap();
            self.read.push_str(std::str::from_utf8(&bytes?).unwrap());
        }
    }

    async fn until(&mut self, name: &str) -> Vec<Event> {
        let mut seen = Vec::new();
        while let Some(event) = self.next().await {
            let is_last = event.0 == name;
            seen.push(event);
            if is_last {
                return seen;
            }
        }
        panic!("no {name} in {seen:?}")
    }
}

async fn frame(body: &mut BodyDataStream) -> Option<axum::body::Bytes> {
    body.frame().await.map(|frame| frame.unwrap().into_data().unwrap())
}

async fn answer(world: &World, path: &str, last: Option<&str>) -> Response {
    let mut request = Request::get(path).header(header::HOST, HOST).header(header::ACCEPT, "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    world.simulator.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn mark(page: &str) -> String {
    let (_, after) = page.split_once("data-mark=\"").unwrap();
    after.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_turn_is_told_hop_by_hop_and_nothing_secret_is() {
    let world = World::new().await;
    world.link().await;
    let (_, _, page) = world.get("/flow").await;
    assert!(page.contains("Link an account to Sample Quiz Game") && page.contains("<svg "), "{page}");
    let (status, mut stream) = Stream::open(&world, &format!("/api/news?since={}", mark(&page)), None).await;
    assert_eq!((status, stream.next().await.unwrap().0.as_str()), (200, "here"));
    world.clock.forward(4_000);
    let turn = world.ask("ask sample quiz game what is my favorite color").await;
    let told = stream.until("ended").await;
    let names: Vec<&str> = told.iter().map(|event| event.0.as_str()).collect();
    // The refresh and the question, each asked and answered.
    assert_eq!(names, ["begun", "moved", "moved", "moved", "moved", "ended"]);
    assert!(told.iter().all(|event| event.2["turn"] == turn["id"] && event.1.contains('-')), "{told:?}");
    let back = &told[2].1;
    let (_, mut again) = Stream::open(&world, "/api/news?since=nonsense", Some(back)).await;
    assert_eq!(again.next().await.unwrap().0, "here", "the header counts before the address");
    let missed: Vec<String> = again.until("ended").await.into_iter().map(|event| event.1).collect();
    assert_eq!(missed, told[3..].iter().map(|event| event.1.clone()).collect::<Vec<_>>());
    let (status, _, part) = world.get(&format!("/flow/{}", turn["id"].as_str().unwrap())).await;
    assert!(status == 200 && part.contains("-hop-2") && !part.contains("opaque-access-token"), "{part}");
    assert_eq!(world.get("/flow/none").await.0, 404);
}

/// What a skill tells, and what comes of it.
async fn tell(world: &World, name: &str, trace: &Value) -> u16 {
    let kind = [("content-type", "application/json")];
    world.send(Method::POST, &format!("/api/told/{name}"), &kind, &trace.to_string()).await.0
}

#[tokio::test]
async fn what_a_skill_does_is_drawn_while_its_answer_is_awaited() {
    let world = World::new().await;
    world.link().await;
    let gate = Arc::new(Semaphore::new(0));
    world.told().skill_gate = Some(gate.clone());
    let (_, mut stream) = Stream::open(&world, "/api/news", None).await;
    let watching = async {
        let begun = stream.until("moved").await;
        let id = begun[1].2["turn"].as_str().unwrap().to_owned();
        let mut name = None;
        while name.is_none() {
            tokio::task::yield_now().await;
            name = world
                .told()
                .skill_requests
                .last()
                .map(|(headers, ..)| headers["sayso-tell"].to_str().unwrap().to_owned());
        }
        let name = name.unwrap();
        let check = |outcome: &str| json!({"check": "scope_granted", "outcome": outcome, "micros": 7, "explanation": "secret words"});
        let api = |status: Value, told: Value| {
            json!({"to": "api", "method": "GET", "url": "https://api.example/today",
            "status": status, "failure": null, "micros": 950, "answer": {"advice": "secret words"}, "told": told})
        };
        let mut part = String::new();
        for (call, shown, not_shown) in [
            (api(Value::Null, Value::Null), "GET /today", "no answer"),
            (api(json!(403), json!({"checks": [check("failed")]})), "Scope granted: failed · 7 µs", "secret words"),
        ] {
            assert_eq!(
                tell(&world, &name, &json!({"version": 2, "checks": [check("passed")], "calls": [call]})).await,
                204
            );
            assert_eq!(stream.next().await.unwrap().0, "moved");
            part = world.get(&format!("/flow/{id}")).await.2;
            assert!(
                part.contains(shown) && part.contains("Scope granted · 7 µs") && part.contains("Under way"),
                "{part}"
            );
            assert!(!part.contains(not_shown) && !part.contains("secret words"), "{part}");
        }
        assert!(part.contains("403 · 950 µs") && !part.contains("opaque-access-token"), "{part}");
        for (name, trace, status) in [
            (name.as_str(), json!([]), 400),
            ("other", json!({}), 404),
            (name.as_str(), json!({"calls": 3, "checks": "x"}), 204),
        ] {
            assert_eq!(tell(&world, name, &trace).await, status, "{name} {trace}");
        }
        gate.add_permits(1);
        name
    };
    let (turn, name) = tokio::join!(world.ask("ask sample quiz game what is my favorite color"), watching);
    assert_eq!(turn["hops"].as_array().unwrap().len(), 1, "what was told meanwhile is not kept: {turn}");
    assert!(!turn.to_string().contains("sayso-tell"), "the name is no part of the turn");
    assert_eq!(tell(&world, &name, &json!({})).await, 404, "it has answered");
}

#[tokio::test]
async fn a_linking_is_drawn_while_the_person_is_at_the_login_page() {
    let world = World::new().await;
    let (_, mut stream) = Stream::open(&world, "/api/news", None).await;
    let (to, cookie) = world.enable("eu").await;
    let begun = stream.until("moved").await;
    let id = begun[1].2["turn"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/turns/{id}")).await.0, 404, "it is no turn yet");
    let (_, _, part) = world.get(&format!("/flow/{id}")).await;
    assert!(part.contains("Under way") && part.contains("Authorization server"), "{part}");
    assert!(!part.contains("href=\"/turns") && !part.contains(&parameter(&to, "state")), "{part}");
    assert!(world.get("/flow").await.2.contains("Under way"));
    let query = format!("code=the-code-itself&state={}", parameter(&to, "state"));
    world.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await;
    let ended = stream.until("ended").await.pop().unwrap();
    assert_eq!(ended.2["turn"], id.as_str(), "the same turn from its beginning to its end");
    let (_, _, part) = world.get(&format!("/flow/{id}")).await;
    assert!(part.contains("Linked") && part.contains("href=\"/turns"), "{part}");
    assert!(!part.contains("the-code-itself") && !part.contains("opaque-access-token"), "{part}");
}

#[tokio::test]
async fn streams_are_bounded_and_end_with_the_console() {
    let world = World::new().await;
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(Stream::open(&world, "/api/news", None).await.1);
    }
    let refused = answer(&world, "/api/news", None).await;
    assert_eq!((refused.status().as_u16(), refused.headers()[header::RETRY_AFTER].to_str().unwrap()), (503, "30"));
    let mut last = open.pop().unwrap();
    drop(open);
    assert_eq!(answer(&world, "/api/news", None).await.status(), 200, "who goes makes room");
    assert_eq!(last.next().await.unwrap().0, "here");
    world.send(Method::POST, "/api/clock", &[("content-type", "application/json")], "{}").await;
    assert_eq!(last.next().await.unwrap().0, "clock");
    world.simulator.close_streams();
    assert!(last.next().await.is_none());
}
