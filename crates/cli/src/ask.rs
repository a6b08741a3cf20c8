//! `sayso ask`: one sentence, or a conversation, with the voice assistant of a running console.

use std::io::Write as _;
use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::args;

/// A skill may take eight seconds; whatever takes longer than this has gone wrong.
const PATIENCE: Duration = Duration::from_secs(30);
/// No turn is larger.
const LARGEST_TURN: usize = 8 * 1024 * 1024;

/// What of a turn matters here.
#[derive(Deserialize)]
struct Turn {
    outcome: String,
    /// What was heard before the answer.
    #[serde(default)]
    progressive: Vec<String>,
    spoken: Option<String>,
    #[serde(default)]
    explanation: String,
    card: Option<Value>,
    heard: Option<Heard>,
    fault: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    about: String,
    explanation: String,
}

#[derive(Deserialize)]
struct Heard {
    skill: Option<String>,
}

/// How it ended, as an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Answered = 0,
    Refused = 1,
    Failed = 2,
}

/// Says it, prints what came back; without a sentence, holds a conversation.
pub(crate) async fn ask(args: &args::Ask) -> anyhow::Result<Ending> {
    if args.utterance.is_empty() {
        return crate::talk::talk(args).await;
    }
    let utterance = args.utterance.join(" ");
    anyhow::ensure!(!utterance.trim().is_empty(), "nothing was said; write a sentence between quotes");
    let said = args.manner(json!({ "utterance": utterance }), args.locale.as_deref());
    let (ending, _) = Console::at(&args.console)?.say(&said, args.json).await?;
    Ok(ending)
}

impl args::Ask {
    /// What is said, with how and to whom.
    pub(crate) fn manner(&self, mut said: Value, locale: Option<&str>) -> Value {
        let manner = [
            ("locale", locale),
            ("skill", self.skill.as_deref()),
            ("device", self.device.as_deref()),
            ("person", self.person.as_deref()),
            ("fault", self.fault.as_deref()),
        ];
        for (name, value) in manner {
            if let (Some(said), Some(value)) = (said.as_object_mut(), value) {
                said.insert(name.to_owned(), json!(value));
            }
        }
        said
    }
}

/// A running console.
pub(crate) struct Console {
    url: String,
    client: reqwest::Client,
}

impl Console {
    /// The console at this address.
    pub(crate) fn at(written: &str) -> anyhow::Result<Self> {
        let url = Url::parse(written).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        anyhow::ensure!(url.is_some(), "{written:?} is no address; write --console http://127.0.0.1:4001");
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .timeout(PATIENCE)
            .build()?;
        Ok(Self { url: written.trim_end_matches('/').to_owned(), client })
    }

    /// Its address, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Says something and prints what came back: the spoken words, or the whole turn.
    pub(crate) async fn say(&self, said: &Value, as_json: bool) -> anyhow::Result<(Ending, Value)> {
        let whole = self.post_turn(said).await?;
        let unreadable =
            || format!("{} answered something else than a turn; is it the console of `sayso dev`?", self.url);
        let turn = Turn::deserialize(&whole).map_err(|_| anyhow::anyhow!(unreadable()))?;
        if as_json {
            print(&format!("{whole:#}"))?;
        } else {
            let said = turn.progressive.iter().chain(&turn.spoken);
            said.filter(|words| !words.is_empty()).try_for_each(|words| print(words))?;
        }
        Ok((explain(&turn, &self.url), whole))
    }

    /// Says something; the turn.
    pub(crate) async fn post_turn(&self, said: &Value) -> anyhow::Result<Value> {
        let asked = self.client.post(format!("{}/api/turns", self.url)).json(said);
        self.answer(asked).await
    }

    /// Something the console tells.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(self.client.get(format!("{}{path}", self.url))).await
    }

    async fn answer(&self, asked: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let console = &self.url;
        let mut answer = asked.send().await.map_err(|error| {
            if error.is_timeout() && !error.is_connect() {
                anyhow::anyhow!("{console} did not answer within {} seconds", PATIENCE.as_secs())
            } else {
                anyhow::anyhow!(
                    "nothing answers at {console}; is `make dev` running? Its console is one port above its own: with --port 5000, say --console http://127.0.0.1:5001"
                )
            }
        })?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            anyhow::ensure!(body.len() + chunk.len() <= LARGEST_TURN, "{console} answers without an end");
            body.extend_from_slice(&chunk);
        }
        if answer.status() != StatusCode::OK {
            return Err(refusal(console, &answer, &body));
        }
        serde_json::from_slice(&body).map_err(|_| {
            anyhow::anyhow!("{console} answered something else than a turn; is it the console of `sayso dev`?")
        })
    }
}

pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

/// What the console says is wrong with the question.
fn refusal(console: &str, answer: &Response, body: &[u8]) -> anyhow::Error {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = ["error_description", "message", "error"].iter().find_map(|name| value.get(*name)?.as_str());
    match text {
        Some(text) => anyhow::anyhow!("{console} answered {}: {text}", answer.status()),
        None => anyhow::anyhow!("{console} answered {}; is it the console of `sayso dev`?", answer.status()),
    }
}

/// Explains on stderr what the spoken answer does not.
fn explain(turn: &Turn, console: &str) -> Ending {
    let explanation = turn.explanation.trim();
    if let Some(fault) = &turn.fault {
        eprintln!("sayso: {} {}", fault.about, fault.explanation);
    }
    let ending = match turn.outcome.as_str() {
        "answered" => return Ending::Answered,
        "refused" => Ending::Refused,
        _ => Ending::Failed,
    };
    let fallback = match ending {
        Ending::Refused => "The skill refused.",
        _ if turn.outcome == "not_understood" => "No skill understood this.",
        _ => "Something failed on the way.",
    };
    eprintln!("sayso: {}", if explanation.is_empty() { fallback } else { explanation });
    let asks_to_link = turn.card.as_ref().and_then(|card| card.get("type")).is_some_and(|kind| kind == "LinkAccount");
    let skill = turn.heard.as_ref().and_then(|heard| heard.skill.as_deref());
    if let (true, Some(skill)) = (asks_to_link, skill) {
        eprintln!("sayso: link the account at {console}/companion/{skill}, then ask again");
    }
    ending
}
