//! What must hold of a turn.

use regex::RegexBuilder;
use serde_json::Value;

use crate::speech::plain;

/// What must hold of one member of a turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Which member: one of the names of [`Expectation::found`], or the path of one in the skill's response.
    pub path: String,
    /// What it must be: one of these. None means it must not be there.
    pub any_of: Vec<String>,
    /// Whether it must be none of these instead.
    pub negated: bool,
    /// Whether it must be the same, rather than hold it.
    pub exact: bool,
}

impl Expectation {
    /// That `path` holds `text`.
    pub(super) fn holds_text(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), any_of: vec![text.to_owned()], negated: false, exact: false }
    }

    /// What the turn has in place of what was expected; nothing when it is as expected.
    pub fn missed(&self, turn: &Value) -> Option<String> {
        let found = self.found(turn);
        let is_good = if self.any_of.is_empty() {
            found.is_none()
        } else {
            let found = found.as_deref().unwrap_or_default();
            self.any_of.iter().any(|wanted| fits(found, wanted, self.exact))
        };
        (is_good == self.negated).then(|| {
            let wanted = match self.any_of.as_slice() {
                [] => "nothing".to_owned(),
                wanted => wanted.join(" | "),
            };
            let not = if self.negated { "not " } else { "" };
            format!("{}: expected {not}{wanted:?}, found {:?}", self.path, found.unwrap_or_else(|| "nothing".into()))
        })
    }

    /// The member, as text.
    fn found(&self, turn: &Value) -> Option<String> {
        let response = response(turn);
        let of_response = |path: &str| response.and_then(|response| at(response, path)).map(shown);
        let of_turn = |path: &str| at(turn, path).map(shown);
        match self.path.as_str() {
            "prompt" | "spoken" | "transcript" | "response.outputSpeech.ssml" | "response.outputSpeech.text" => {
                of_turn("spoken")
            }
            "reprompt" | "response.reprompt.outputSpeech.ssml" | "response.reprompt.outputSpeech.text" => {
                of_turn("reprompt")
            }
            "progressive" => {
                let said = turn.get("progressive")?.as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>();
                (!said.is_empty()).then(|| said.join("\n"))
            }
            "outcome" | "explanation" | "dialog_state" => of_turn(&self.path),
            "intent" | "request.intent.name" => of_turn("heard.intent"),
            "awaits" => of_turn("session.awaits"),
            "verdict" => of_turn("fault.verdict"),
            "sessionEnded" | "response.shouldEndSession" if response.is_none() || self.path == "sessionEnded" => {
                Some((at(turn, "session.open") != Some(&Value::Bool(true))).to_string())
            }
            "cardTitle" => of_response("response.card.title"),
            "cardContent" => of_response("response.card.content").or_else(|| of_response("response.card.text")),
            "cardType" => of_response("response.card.type"),
            path => match path.strip_prefix("slots.") {
                Some(slot) => turn.get("heard")?.get("slots")?.get(slot)?.get("value").and_then(known).map(shown),
                None => of_response(path),
            },
        }
    }
}

/// The last thing the skill answered in the turn.
fn response(turn: &Value) -> Option<&Value> {
    let hops = turn.get("hops")?.as_array()?.iter().rev();
    let mut asked = hops.filter(|hop| {
        let title = hop.get("title").and_then(Value::as_str).unwrap_or_default();
        matches!(title, "Ask the skill" | "Launch the skill" | "Resume the skill")
    });
    asked.next()?.get("response")?.get("body")
}

fn known(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

/// `a.b[0].c`
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let found = path.split(['.', '[']).try_fold(value, |value, step| match step.strip_suffix(']') {
        Some(index) => value.get(index.parse::<usize>().ok()?),
        None => value.get(step),
    })?;
    known(found)
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether `found` is what is wanted: `/a regular expression/i`, or words with `*` for anything. Case and markup do not count.
fn fits(found: &str, wanted: &str, exact: bool) -> bool {
    let regular = wanted.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    let (pattern, ignores_case) = match regular {
        Some((pattern, flags)) if flags.chars().all(|flag| matches!(flag, 'i' | 's' | 'm' | 'g' | 'u')) => {
            (pattern.to_owned(), flags.contains('i'))
        }
        _ => {
            let wanted = if wanted.contains('<') { plain(wanted) } else { wanted.trim().to_owned() };
            let parts: Vec<String> = wanted.split('*').map(regex::escape).collect();
            let parts = parts.join(".*");
            (if exact { format!("^(?:{parts})$") } else { parts }, true)
        }
    };
    let compiled = RegexBuilder::new(&pattern).case_insensitive(ignores_case).dot_matches_new_line(true).build();
    compiled.is_ok_and(|compiled| compiled.is_match(found.trim()))
}
