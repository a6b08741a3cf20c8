//! `sayso new`, and what becomes of it: its own tests pass, `sayso dev` runs it, Lambda's runtime can start it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::demo::{Demo, binary};
use crate::{assert_said, link};

const SKILL: &str = "lucky-number";
const WHO: &str = "alexa, ask lucky number who am i";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Where new skills are built, so that another run finds their dependencies there.
fn target() -> PathBuf {
    sayso_e2e::demo::pictures().unwrap().with_file_name("new-skill")
}

/// What cargo is told: no registry, and nothing that is only there to look into.
fn how_to_build() -> Vec<(&'static str, OsString)> {
    let mut told: Vec<_> =
        [("CARGO_NET_OFFLINE", "true"), ("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")]
            .map(|(name, value)| (name, value.into()))
            .into();
    told.push(("CARGO_TARGET_DIR", target().into_os_string()));
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_skill_is_tested_and_runs_at_once() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join(SKILL);
    let made = Command::new(binary()).args(["new", SKILL]).current_dir(top.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let told = String::from_utf8(made.stdout).unwrap();
    assert!(told.contains(&format!("  cd {SKILL}\n  {} dev\n", binary().display())), "{told}");

    // With the versions that everything else is tested with, and without asking a registry.
    std::fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    cargo(&folder, &["test"]).await;
    cargo(&folder, &["fmt", "--check"]).await;

    let demo = Demo::of_skill(&folder, how_to_build(), None).await;
    let said = demo.ask(&[WHO]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stdout.contains("link your account"), "{said:?}");
    let page = link(&demo, SKILL).await;
    assert!(page.contains("id=\"unlink\""), "the companion shows the link: {page}");
    assert_said(&demo.ask(&[WHO]).await, 0, "You are Ada.\n");
    assert_said(&demo.ask(&["alexa, open lucky number"]).await, 0, "Hello! Ask me who you are.\n");
    let said = demo.ask(&["--json", WHO]).await;
    for secret in demo.secrets() {
        assert!(!said.stdout.contains(&secret), "a secret or token is shown: {}", said.stdout);
    }
    let port = demo.port();
    assert_eq!(demo.stop().await, Some(0), "SIGTERM ends it well");

    // What was linked, stays linked.
    let demo = Demo::of_skill(&folder, how_to_build(), Some(port)).await;
    assert_said(&demo.ask(&[WHO]).await, 0, "You are Ada.\n");
    assert_eq!(demo.stop().await, Some(0));

    as_a_function().await;
    what_cannot_be_built_is_told(&folder);
}

/// Runs cargo in the new skill's folder; it must end well.
async fn cargo(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(folder).envs(how_to_build());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let told =
        || [output.stdout.clone(), output.stderr.clone()].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "cargo {arguments:?}: {}", told().concat());
}

/// The program that was just built, started as Lambda's runtime starts it.
async fn as_a_function() {
    let (answers, mut answered) = mpsc::unbounded_channel();
    let (hand_out, events) = mpsc::unbounded_channel::<Value>();
    let events = Arc::new(tokio::sync::Mutex::new(events));
    let next = async |State(events): State<Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Value>>>>| {
        // The function waits here between its calls, as it does on the platform.
        let event = events.lock().await.recv().await.ok_or(StatusCode::GONE)?;
        let headers = [("lambda-runtime-aws-request-id", "1"), ("lambda-runtime-deadline-ms", "4102444800000")];
        Ok::<_, StatusCode>((headers, Json(event)))
    };
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .with_state(events)
        .route("/2018-06-01/runtime/invocation/1/response", post(async move |body: Bytes| drop(answers.send(body))));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let mut function = Command::new(target().join("debug").join(SKILL))
        .envs([
            ("SKILL_ID", "amzn1.ask.skill.1"),
            ("ISSUER", "https://id.example"),
            ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
        ])
        .envs([("AWS_LAMBDA_FUNCTION_NAME", SKILL), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
        .envs([
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "g"),
        ])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let application = json!({"applicationId": "amzn1.ask.skill.1"});
    let user = json!({"userId": "amzn1.ask.account.1"});
    let event = json!({
        "version": "1.0",
        "session": {"new": true, "sessionId": "s", "application": application, "user": user},
        "context": {"System": {"application": application, "user": user, "apiEndpoint": "https://api.amazonalexa.com"}},
        "request": {"type": "LaunchRequest", "requestId": "r", "timestamp": "2026-11-25T12:00:00Z", "locale": "en-US"},
    });
    hand_out.send(event).unwrap();
    let answer = tokio::time::timeout(std::time::Duration::from_secs(60), answered.recv()).await;
    let _ = function.kill();
    let _ = function.wait();
    let answer: Value = serde_json::from_slice(&answer.unwrap().unwrap()).unwrap();
    assert_eq!(answer["response"]["outputSpeech"]["text"], "Hello! Ask me who you are.", "{answer}");
}

/// `sayso dev` ends when the skill cannot be built, and says so.
fn what_cannot_be_built_is_told(folder: &Path) {
    std::fs::write(folder.join("src/answers.rs"), "not Rust").unwrap();
    let mut command = Command::new(binary());
    command.args(["dev", "--log", "error"]).current_dir(folder);
    let output = command.envs(how_to_build()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("expected one of") && told.contains("sayso: the skill did not start"), "{told}");
    assert!(output.stdout.is_empty(), "nothing is announced: {told}");
}
