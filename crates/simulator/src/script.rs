//! Scripts of dialogs: what is said, and what is expected to be answered.
//!
//! Three forms are read, told apart by what the file holds: YAML in the manner of Bespoken's test files, which is also Sayso's own;
//! the replay file of the official command line tool; and the line form of the Alexa cookbook's TestFlow.

mod expectation;
mod flow;
mod replay;
mod yaml;

use std::collections::BTreeMap;

pub use expectation::Expectation;
pub use replay::Replay;

use crate::faults::Fault;
use crate::saying::Utterance;

/// A script.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The locale it is spoken in; none when the script does not say.
    pub locale: Option<String>,
    /// Its dialogs; each begins without a session.
    pub dialogs: Vec<ScriptedDialog>,
}

/// One dialog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScriptedDialog {
    /// What it is called in reports.
    pub name: String,
    /// Why it cannot be played, when it asks for something only its own tool has.
    pub skipped: Option<String>,
    /// What is said, in order.
    pub steps: Vec<ScriptedStep>,
}

/// One thing that is said.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptedStep {
    /// What is said.
    pub utterance: Utterance,
    /// What is to go wrong meanwhile.
    pub fault: Option<Fault>,
    /// What must hold of the turn; nothing when any answer will do.
    pub expected: Vec<Expectation>,
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ScriptFault {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong, and what to write.
    pub what: String,
}

impl Script {
    /// Reads a script. `name` is the file's name: a text file (`.txt`) is in TestFlow's form.
    ///
    /// # Errors
    /// The line, and what is wrong in it.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, ScriptFault> {
        let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
            .map_err(|_| ScriptFault { line: 1, what: "the file is not UTF-8".into() })?;
        if name.ends_with(".txt") {
            return Ok(flow::parse(text));
        }
        if text.trim_start().starts_with('{') {
            return Replay::parse(bytes).map(|replay| replay.script());
        }
        yaml::parse(text)
    }
}

/// What is said by a word or a line of a script: `LaunchRequest`, `SessionEndedRequest`, `(silence)`, `(launch)`,
/// `SomeIntent slot=value`, or else the words themselves.
fn utterance(text: &str) -> Utterance {
    let text = text.trim();
    match text {
        "LaunchRequest" | "(launch)" => return Utterance::Launch,
        "SessionEndedRequest" | "(exit)" => return Utterance::Exit,
        "(silence)" => return Utterance::Silence,
        _ => {}
    }
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_name = first.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    let is_intent = is_name && (first.ends_with("Intent") || first.starts_with("AMAZON."));
    if !is_intent {
        return Utterance::Words(text.to_owned());
    }
    match slots(rest) {
        Some(slots) => Utterance::Intent { name: first.to_owned(), slots },
        None => Utterance::Words(text.to_owned()),
    }
}

/// `name=value other="two words"`; nothing when it is not of that form. A slot without a value stays empty.
fn slots(text: &str) -> Option<BTreeMap<String, String>> {
    let mut slots = BTreeMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=')?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        // `said/resolved` is TestFlow's way to say what entity resolution finds; the model says that here.
        let said = value.split('/').next().unwrap_or(value).trim();
        if !said.is_empty() {
            slots.insert(name.trim().to_owned(), said.to_owned());
        }
        rest = after.trim_start();
    }
    Some(slots)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
