//! The ways a skill can be reached: over the web with signed requests, as a function on this machine, or as a command.

use std::process::Stdio;
use std::time::Duration;

use sayso_alexa::account_linking::is_loopback;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::Instant;
use url::Url;

use crate::linking::{ALEXA, SKILL};
use crate::news::Asked;
use crate::outbound::{Incoming, Lost};
use crate::trace::{Hop, RequestShown, ResponseShown};

/// Where the interface for running functions on this machine takes events.
const INVOCATIONS: &str = "/2015-03-31/functions/function/invocations";

/// How a skill is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Signed requests over https, or over http to this machine.
    Web(Url),
    /// The bare event, as a cloud function gets it: no signature, because the cloud vouches for the caller.
    Function(Url),
    /// The same event on a command's standard input; the answer on its standard output.
    Program(String),
}

impl Endpoint {
    /// Reads `https://…`, `http://127.0.0.1…`, `lambda+http://127.0.0.1:9000` or `command:node handler.js`.
    ///
    /// # Errors
    /// What is wrong, and what to write.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(program) = text.strip_prefix("command:") {
            let program = program.trim();
            let missing = "The endpoint names no command: write command:node handler.js.";
            return if program.is_empty() { Err(missing.into()) } else { Ok(Self::Program(program.to_owned())) };
        }
        if text.starts_with("arn:") {
            return Err(format!(
                "The endpoint {text:?} is a function's ARN, which cannot be called from here: run the function on this machine and give lambda+http://127.0.0.1:9000, or command:…"
            ));
        }
        let (address, is_function) = text.strip_prefix("lambda+").map_or((text, false), |address| (address, true));
        let url = Url::parse(address).map_err(|_| format!("The endpoint {text:?} is no web address."))?;
        match (url.scheme(), is_loopback(&url), is_function) {
            ("http", true, true) => {
                let mut url = url;
                if url.path() == "/" {
                    url.set_path(INVOCATIONS);
                }
                Ok(Self::Function(url))
            }
            (_, _, true) => Err(format!(
                "The endpoint {text:?} is not on this machine: events without a signature go nowhere else."
            )),
            ("https", _, false) | ("http", true, false) => Ok(Self::Web(url)),
            ("http", false, false) => {
                Err("The endpoint is plain http on another machine: use https, or http to 127.0.0.1.".into())
            }
            _ => Err(format!("The endpoint {text:?} is no https address.")),
        }
    }
}

/// What a program is given.
pub(crate) struct Event<'a> {
    pub(crate) title: &'a str,
    pub(crate) body: &'a Value,
    pub(crate) limit: Duration,
    pub(crate) largest: usize,
}

/// Runs `program` in a shell with the event on its standard input. One that has not ended in time is killed.
pub(crate) async fn run(program: &str, event: Event<'_>) -> (Result<Incoming, Lost>, Hop) {
    let began = Instant::now();
    let mut hop = Hop {
        title: event.title.to_owned(),
        from: ALEXA.to_owned(),
        to: SKILL.to_owned(),
        request: Some(RequestShown {
            method: "RUN".into(),
            url: program.to_owned(),
            body: event.body.clone(),
            ..RequestShown::default()
        }),
        ..Hop::default()
    };
    let asked = Asked::now(&hop);
    let ended = tokio::time::timeout(event.limit, output(program, &event)).await;
    hop.took(began.elapsed());
    let result = match ended.unwrap_or(Err((Lost::TooSlow, String::new()))) {
        Ok(body) => {
            let shown = crate::outbound::shown_body(&body);
            hop.response = Some(ResponseShown { status: 200, body: shown, ..ResponseShown::default() });
            Ok(Incoming { status: 200, headers: Default::default(), body })
        }
        Err((lost, note)) => {
            hop.note = Some(match lost {
                Lost::TooSlow => format!("The command did not end within {} seconds.", event.limit.as_secs_f32()),
                Lost::TooLarge => format!("The command printed more than {} bytes.", event.largest),
                Lost::Unreachable => note,
            });
            Err(lost)
        }
    };
    asked.answered(&hop);
    (result, hop)
}

async fn output(program: &str, event: &Event<'_>) -> Result<Vec<u8>, (Lost, String)> {
    let broken = |error: std::io::Error| (Lost::Unreachable, format!("The command cannot be run: {error}."));
    let mut child = Command::new("sh")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(broken)?;
    let (input, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let event_bytes = serde_json::to_vec(event.body).unwrap_or_default();
    let write = async move {
        if let Some(mut input) = input {
            // A command that does not read its input may still answer.
            let _ = input.write_all(&event_bytes).await;
        }
    };
    let read = |most: usize| {
        move |from: Option<tokio::process::ChildStdout>| async move {
            let mut bytes = Vec::new();
            if let Some(from) = from {
                from.take(u64::try_from(most).unwrap_or(u64::MAX) + 1).read_to_end(&mut bytes).await?;
            }
            Ok::<_, std::io::Error>(bytes)
        }
    };
    let said = async move {
        let mut bytes = Vec::new();
        if let Some(mut from) = stderr {
            let _ = (&mut from).take(2_000).read_to_end(&mut bytes).await;
            // Whatever else it prints must not block it.
            let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
        }
        String::from_utf8_lossy(&bytes).trim().to_owned()
    };
    let ((), answer, said) = tokio::join!(write, read(event.largest)(stdout), said);
    let answer = answer.map_err(broken)?;
    if answer.len() > event.largest {
        return Err((Lost::TooLarge, String::new()));
    }
    let status = child.wait().await.map_err(broken)?;
    if status.success() {
        return Ok(answer);
    }
    Err((Lost::Unreachable, format!("The command failed ({status}). {said}").trim_end().to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn endpoints_of_every_kind_are_told_apart() {
        let url = |text: &str| Url::parse(text).unwrap();
        for (text, endpoint) in [
            ("https://skill.example/x", Endpoint::Web(url("https://skill.example/x"))),
            ("http://127.0.0.1:3000", Endpoint::Web(url("http://127.0.0.1:3000/"))),
            (
                "lambda+http://127.0.0.1:9000",
                Endpoint::Function(url("http://127.0.0.1:9000/2015-03-31/functions/function/invocations")),
            ),
            ("lambda+http://localhost:9000/own", Endpoint::Function(url("http://localhost:9000/own"))),
            ("command: node index.js", Endpoint::Program("node index.js".into())),
        ] {
            assert_eq!(Endpoint::parse(text), Ok(endpoint), "{text}");
        }
        for (text, said) in [
            ("http://skill.example", "plain http"),
            ("lambda+https://skill.example", "not on this machine"),
            ("arn:aws:lambda:us-east-1:1:function:x", "ARN"),
            ("ftp://127.0.0.1", "no https address"),
            ("command: ", "names no command"),
            ("", "no web address"),
        ] {
            assert!(Endpoint::parse(text).unwrap_err().contains(said), "{text}");
        }
    }

    #[tokio::test]
    async fn a_command_reads_the_event_and_prints_the_answer() {
        let (event, second) = (json!({"n": 7}), Duration::from_secs(20));
        let run = |program: &'static str, limit| run(program, Event { title: "t", body: &event, limit, largest: 100 });
        let (answer, hop) = run("cat", second).await;
        assert_eq!(answer.ok().map(|incoming| incoming.body), Some(br#"{"n":7}"#.to_vec()));
        assert_eq!(hop.response.unwrap().body, event);
        for (program, limit, lost, said) in [
            ("echo oh no >&2; exit 3", second, Lost::Unreachable, "oh no"),
            ("sleep 30", Duration::from_millis(50), Lost::TooSlow, "did not end"),
            ("yes", second, Lost::TooLarge, "more than 100 bytes"),
            ("no-such-command-at-all", second, Lost::Unreachable, "failed"),
        ] {
            let (answer, hop) = run(program, limit).await;
            assert_eq!(answer.err(), Some(lost), "{program}");
            assert!(hop.note.as_deref().unwrap().contains(said), "{program}: {:?}", hop.note);
        }
    }
}
