//! `sayso ask` against a console that answers as it is told.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header};
use axum::routing::post;
use axum::{Router, extract::State};
use serde_json::{Value, json};

/// Status and body of the answer; what was asked.
type Told = Arc<(u16, String, Mutex<Vec<Value>>)>;

/// A console on a port of its own, and its address.
async fn console(status: u16, body: String) -> (String, Told) {
    let told: Told = Arc::new((status, body, Mutex::default()));
    let answer = |State(told): State<Told>, body: String| async move {
        told.2.lock().unwrap().push(serde_json::from_str(&body).unwrap());
        let json = [(header::CONTENT_TYPE, "application/json")];
        (StatusCode::from_u16(told.0).unwrap(), json, told.1.clone())
    };
    let router = Router::new().route("/api/turns", post(answer)).with_state(told.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, told)
}

/// The binary, run with these arguments while the console can answer.
async fn sayso(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
    command.args(arguments).env_remove("RUST_LOG");
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn turn(outcome: &str, spoken: Option<&str>) -> Value {
    json!({
        "id": "1", "utterance": "…", "heard": { "kind": "intent", "skill": "sample-quiz-game" }, "spoken": spoken,
        "reprompt": null, "card": null, "outcome": outcome, "explanation": "Because.", "hops": [], "checks": [],
    })
}

#[tokio::test]
async fn the_exit_code_tells_how_it_ended() {
    let mut linking = turn("refused", Some("Please link."));
    linking["card"] = json!({ "type": "LinkAccount" });
    let mut patient = turn("answered", Some("Teal."));
    patient["progressive"] = json!(["Let me look."]);
    for (status, body, code, stdout, stderr) in [
        (200, turn("answered", Some("Teal.")).to_string(), 0, "Teal.\n", ""),
        (200, turn("answered", None).to_string(), 0, "", ""),
        (200, patient.to_string(), 0, "Let me look.\nTeal.\n", ""),
        (200, turn("refused", Some("No.")).to_string(), 1, "No.\n", "sayso: Because.\n"),
        (200, linking.to_string(), 1, "Please link.\n", "/companion/sample-quiz-game, then ask again\n"),
        (200, turn("not_understood", None).to_string(), 2, "", "sayso: Because.\n"),
        (200, turn("failed", Some("Trouble.")).to_string(), 2, "Trouble.\n", "sayso: Because.\n"),
        (200, turn("something new", None).to_string(), 2, "", "sayso: Because.\n"),
        (200, "<html>".to_owned(), 2, "", "answered something else than a turn"),
        (200, "{}".to_owned(), 2, "", "answered something else than a turn"),
        (
            400,
            json!({ "error": "x", "error_description": "Too long." }).to_string(),
            2,
            "",
            "400 Bad Request: Too long.",
        ),
        (500, "oops".to_owned(), 2, "", "500 Internal Server Error; is it the console"),
    ] {
        let (address, told) = console(status, body.clone()).await;
        let output = sayso(&["ask", "alexa, hello", "--console", &address]).await;
        assert_eq!(output.status.code(), Some(code), "{body}: {output:?}");
        assert_eq!(text(&output.stdout), stdout, "{body}");
        let said = text(&output.stderr);
        assert!(if stderr.is_empty() { said.is_empty() } else { said.contains(stderr) }, "{body}: {said}");
        assert_eq!(*told.2.lock().unwrap(), [json!({ "utterance": "alexa, hello" })]);
    }
}

#[tokio::test]
async fn the_whole_turn_is_json_and_options_are_passed_on() {
    let whole = turn("refused", Some("Nein."));
    let (address, told) = console(200, whole.to_string()).await;
    let slash = format!("{address}/");
    let output =
        sayso(&["ask", "--json", "--locale", "de-DE", "--skill", "quiz", "--console", &slash, "hallo", "du"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), whole);
    let asked = json!({ "utterance": "hallo du", "locale": "de-DE", "skill": "quiz" });
    assert_eq!(*told.2.lock().unwrap(), [asked]);
}

#[tokio::test]
async fn without_a_console_it_says_what_to_start() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{free}");
    for (arguments, words) in [
        (vec!["ask", "hello", "--console", &nobody], "is `make dev` running?"),
        (vec!["ask", "hello", "--console", "localhost"], "is no address"),
        (vec!["ask", " "], "nothing was said"),
        (vec!["ask", "--replay", "no-such-file"], "no-such-file cannot be read"),
        (vec!["ask", "hello", "--log", "a=b=c"], "log filter"),
    ] {
        let output = sayso(&arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
    }
}
