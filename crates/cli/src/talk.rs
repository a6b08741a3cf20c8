//! `sayso ask` without a sentence: a conversation, line by line, that can be recorded and played again.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use sayso_simulator::script::Replay;
use serde_json::{Value, json};

use crate::args;
use crate::ask::{Console, Ending};

const HELP: &str = "Say something, or:
  .silence                        say nothing, for as long as the device waits
  .exit                           leave the skill
  .locale de-DE                   speak another language
  .record FILE [--append-quit]    write what was said so far, for --replay and for the official tool
  .help                           this
  .quit                           end";

/// A conversation under way.
struct Conversation<'a> {
    args: &'a args::Ask,
    console: Console,
    locale: Option<String>,
    /// What was said, for the recording.
    said: Vec<String>,
    /// Slug of the skill that was reached first.
    skill: Option<String>,
    worst: Ending,
}

/// What a line leads to.
enum Line {
    On,
    Quit,
}

/// Plays a recorded conversation, or reads one from stdin.
pub(crate) async fn talk(args: &args::Ask) -> anyhow::Result<Ending> {
    let console = Console::at(&args.console)?;
    let (locale, worst) = (args.locale.clone(), Ending::Answered);
    let mut conversation = Conversation { args, console, locale, said: Vec::new(), skill: None, worst };
    match &args.replay {
        Some(file) => conversation.replay(file).await?,
        None => conversation.read().await?,
    }
    if let Some(file) = &args.record {
        conversation.record(file, false).await?;
    }
    Ok(conversation.worst)
}

impl Conversation<'_> {
    async fn replay(&mut self, file: &Path) -> anyhow::Result<()> {
        let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let replay = Replay::parse(&bytes).with_context(|| file.display().to_string())?;
        self.locale.get_or_insert_with(|| replay.locale.clone());
        for line in &replay.user_input {
            if !self.args.json {
                crate::ask::print(&format!("> {line}"))?;
            }
            if let Line::Quit = self.line(line).await? {
                break;
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let asks = std::io::stdin().is_terminal();
        if asks {
            eprintln!("sayso: talking to {}; .help says what else there is", self.console.url());
        }
        loop {
            if asks {
                eprint!("> ");
                let _ = std::io::stderr().flush();
            }
            let mut line = String::new();
            // Nothing else runs meanwhile: a conversation waits for its person.
            if std::io::stdin().lock().read_line(&mut line).context("stdin cannot be read")? == 0 {
                return Ok(());
            }
            match self.line(&line).await {
                Ok(Line::On) => {}
                Ok(Line::Quit) => return Ok(()),
                // A typing error ends no conversation; one that nobody watches has failed.
                Err(error) if asks => eprintln!("sayso: {error:#}"),
                Err(error) => return Err(error),
            }
        }
    }

    async fn line(&mut self, line: &str) -> anyhow::Result<Line> {
        let line = line.trim();
        let (order, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match order {
            "" => {}
            ".quit" => return Ok(Line::Quit),
            ".help" => eprintln!("{HELP}"),
            ".silence" => self.say(json!({"silence": true})).await?,
            ".exit" => self.say(json!({"exit": true})).await?,
            ".locale" => self.locale = Some(rest.trim().to_owned()).filter(|locale| !locale.is_empty()),
            ".record" => {
                let (file, appends_quit) = match rest.trim().rsplit_once(char::is_whitespace) {
                    Some((file, "--append-quit")) => (file.trim(), true),
                    _ => (rest.trim(), false),
                };
                anyhow::ensure!(!file.is_empty(), "say where to: .record FILE");
                self.record(Path::new(file), appends_quit).await?;
            }
            order if order.starts_with('.') => anyhow::bail!("there is no {order}; .help says what there is"),
            _ => {
                self.said.push(line.to_owned());
                self.say(json!({"utterance": line})).await?;
            }
        }
        Ok(Line::On)
    }

    async fn say(&mut self, said: Value) -> anyhow::Result<()> {
        let said = self.args.manner(said, self.locale.as_deref());
        let (ending, turn) = self.console.say(&said, self.args.json).await?;
        if self.skill.is_none() {
            self.skill = turn.pointer("/heard/skill").and_then(Value::as_str).map(str::to_owned);
        }
        if ending as u8 > self.worst as u8 {
            self.worst = ending;
        }
        Ok(())
    }

    async fn record(&self, file: &Path, appends_quit: bool) -> anyhow::Result<()> {
        let skills = self.console.get("/api/skills").await?;
        let known = skills.as_array().into_iter().flatten();
        let mut named = known.filter(|skill| skill.get("slug").and_then(Value::as_str) == self.skill.as_deref());
        let skill_id = named.next().and_then(|skill| skill.get("skill_id")?.as_str()).unwrap_or_default().to_owned();
        anyhow::ensure!(!skill_id.is_empty(), "nothing is recorded: no skill was reached");
        let mut user_input = self.said.clone();
        user_input.extend(appends_quit.then(|| ".quit".to_owned()));
        let locale = self.locale.clone().unwrap_or_else(|| "en-US".into());
        let replay = Replay { skill_id, locale, kind: "text".into(), user_input };
        let text = serde_json::to_string_pretty(&replay)? + "\n";
        std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
        eprintln!("sayso: recorded in {}", file.display());
        Ok(())
    }
}
