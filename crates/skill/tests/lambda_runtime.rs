//! The whole way of a Lambda function: this test program is started again as the function, against a stand-in of the runtime's API.
#![cfg(all(feature = "axum", feature = "kit", feature = "lambda"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use sayso_skill::kit::{Device, World};
use sayso_skill::{Answer, HandlerError, HandlerInput, On, Skill};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

async fn hello(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("hello from a function").end_session())
}

fn skill(world: &World) -> Skill {
    Skill::builder(World::SKILL_ID, world.outside()).on(On::anything(), hello).build().unwrap()
}

/// What the runtime hands out next, and where it keeps what comes back.
struct Runtime {
    events: Mutex<mpsc::UnboundedReceiver<(String, Value)>>,
    answers: mpsc::UnboundedSender<(String, String, Value)>,
}

async fn next(State(runtime): State<Arc<Runtime>>) -> impl IntoResponse {
    // The function waits here between its calls, as it does on the platform.
    let (id, event) = runtime.events.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:1:function:skill".to_owned()),
    ];
    Ok::<_, StatusCode>((headers, Json(event)))
}

async fn answered(
    State(runtime): State<Arc<Runtime>>,
    Path((id, outcome)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    runtime.answers.send((id, outcome, serde_json::from_slice(&body).unwrap_or_default())).unwrap();
    StatusCode::ACCEPTED
}

/// The function, started by the test below; it ends when that test ends it.
#[test]
#[ignore = "the other test starts it"]
fn the_function() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { sayso_skill::lambda::run(skill(&World::new())).await.unwrap() });
}

/// Ends the function, however the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(api: &str) -> Running {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_function", "--ignored", "--nocapture"])
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("AWS_LAMBDA_FUNCTION_NAME", "skill")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
        .stdout(Stdio::null())
        .spawn();
    Running(child.unwrap())
}

#[tokio::test]
async fn a_function_answers_what_the_platform_hands_it() {
    let (hand_out, events) = mpsc::unbounded_channel();
    let (answers, mut taken) = mpsc::unbounded_channel();
    let runtime = Arc::new(Runtime { events: Mutex::new(events), answers });
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(answered))
        .with_state(runtime);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let function = start(&api);

    let world = World::new();
    let event = Device::of(&world, skill(&world)).envelope(json!({"type": "LaunchRequest"}));
    let of_other_skill: Value =
        serde_json::from_str(&event.to_string().replace(World::SKILL_ID, "amzn1.ask.skill.other")).unwrap();
    for (id, event, outcome) in [
        ("1", event.clone(), "response"),
        ("2", of_other_skill, "error"),
        ("3", json!([]), "error"),
        ("4", event, "response"),
    ] {
        hand_out.send((id.to_owned(), event)).unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(60), taken.recv()).await.unwrap().unwrap();
        assert_eq!((answer.0.as_str(), answer.1.as_str()), (id, outcome), "{}", answer.2);
        if outcome == "response" {
            assert_eq!(answer.2["response"]["outputSpeech"]["text"], json!("hello from a function"));
        }
    }
    drop(function);
}
