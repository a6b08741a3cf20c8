//! An utterance with what it should mean, and whether it does.

use std::collections::BTreeMap;

use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::heard::Heard;
use super::profile::{Eliciting, FilledSlot, Listener};

/// The clock of a case that names none: Wednesday, 15 May 2024, noon.
pub const NOON: Timestamp = Timestamp::from_millis(1_715_774_400_000);

/// An utterance with what it should mean.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Its name in reports.
    pub id: String,
    /// The interaction model's file, from the folder the cases stand for.
    pub model: String,
    /// The locale it is said in.
    pub locale: String,
    /// What is said.
    pub utterance: String,
    /// What it should mean.
    pub expected: Expected,
    /// The clock for words such as "tomorrow", in RFC 3339; [`NOON`] when it is not said.
    #[serde(default)]
    pub now: Option<String>,
    /// What the session is at.
    #[serde(default)]
    pub state: Option<State>,
    /// Words about the case. `one-shot` and `launch` say that the utterance names the skill; without them the skill's
    /// session is open.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What an utterance should mean.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Expected {
    /// `LaunchRequest`, instead of an intent.
    #[serde(default)]
    pub request: Option<String>,
    /// Name of the intent.
    #[serde(default)]
    pub intent: Option<String>,
    /// Each filled slot with its value; one that is not named is not filled.
    #[serde(default)]
    pub slots: BTreeMap<String, Value>,
    /// For some slots, the name of the value that entity resolution finds.
    #[serde(default)]
    pub resolved: BTreeMap<String, Value>,
    /// For some slots, the id of that value.
    #[serde(default)]
    pub ids: BTreeMap<String, Value>,
}

/// What a session is at.
#[derive(Clone, Debug, Deserialize)]
pub struct State {
    /// The slot the skill has just asked for.
    #[serde(default)]
    pub eliciting: Option<Asked>,
}

/// The slot a skill has asked for.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    /// Name of the intent.
    pub intent: String,
    /// Name of the slot.
    pub slot: String,
}

/// What came out, in the form of what was expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Got {
    /// `LaunchRequest`, instead of an intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Name of the intent; neither this nor a request is there when nothing was understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// The filled slots.
    pub slots: BTreeMap<String, String>,
    /// Names of the values that entity resolution found, the likeliest first.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resolved: BTreeMap<String, Vec<String>>,
    /// Their ids.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ids: BTreeMap<String, Vec<String>>,
    /// The words each slot's value comes from, where they differ from the value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub spoken: BTreeMap<String, String>,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// Which member is missing or has another shape.
    pub fn read(value: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(value)
    }

    /// What the skill hears.
    ///
    /// # Errors
    /// What is wrong when `now` is no time.
    pub fn hear(&self, listener: &Listener, invocation_name: &str) -> Result<Heard, String> {
        let now = match self.now.as_deref() {
            None => NOON,
            Some(text) => moment(text).ok_or_else(|| format!("now is {text:?}; write it as 2024-05-15T12:00:00Z"))?,
        };
        if self.tags.iter().any(|tag| tag == "one-shot" || tag == "launch") {
            return Ok(Heard::naming(listener, invocation_name, &self.utterance, now));
        }
        let asked = self.state.as_ref().and_then(|state| state.eliciting.as_ref());
        let eliciting = asked.map(|asked| Eliciting { intent: asked.intent.clone(), slot: asked.slot.clone() });
        Ok(Heard::in_session(listener, &self.utterance, eliciting.as_ref(), now))
    }

    /// The first thing in which `got` differs from what was expected; nothing when the case passes.
    pub fn difference(&self, got: &Got) -> Option<String> {
        let expected = &self.expected;
        if got.request != expected.request {
            return Some(differs("request", expected.request.as_deref(), got.request.as_deref()));
        }
        if got.request.is_some() {
            return None;
        }
        if got.intent != expected.intent || got.intent.is_none() {
            return Some(differs("intent", expected.intent.as_deref(), got.intent.as_deref()));
        }
        for name in expected.slots.keys().chain(got.slots.keys()) {
            let (want, have) = (expected.slots.get(name).map(text), got.slots.get(name));
            if want.as_deref().map(folded) != have.map(|have| folded(have)) {
                return Some(differs(&format!("slot {name}"), want.as_deref(), have.map(String::as_str)));
            }
        }
        let parts = [("resolved", &expected.resolved, &got.resolved), ("id", &expected.ids, &got.ids)];
        for (part, wanted, found) in parts {
            for (name, want) in wanted {
                let (want, meant) = (text(want), found.get(name).map(Vec::as_slice).unwrap_or_default());
                if !meant.contains(&want) {
                    return Some(differs(&format!("{part} of slot {name}"), Some(&want), Some(&meant.join(", "))));
                }
            }
        }
        None
    }
}

impl From<&Heard> for Got {
    fn from(heard: &Heard) -> Self {
        let found = match heard {
            Heard::Launch => return Self { request: Some("LaunchRequest".into()), ..Self::default() },
            Heard::Nothing(_) => return Self::default(),
            Heard::Intent(found) => found,
        };
        let resolved = |slot: &FilledSlot, part: fn(&super::ResolvedValue) -> &String| {
            let values: Vec<String> = slot.resolution.iter().flat_map(|one| &one.values).map(part).cloned().collect();
            (!values.is_empty()).then(|| (slot.name.clone(), values))
        };
        let spoken = |slot: &FilledSlot| {
            let words = slot.words.as_ref().filter(|words| slot.value.as_ref() != Some(words))?;
            Some((slot.name.clone(), words.clone()))
        };
        let slots = &found.slots;
        Self {
            request: None,
            intent: Some(found.intent.clone()),
            slots: slots.iter().filter_map(|slot| Some((slot.name.clone(), slot.value.clone()?))).collect(),
            resolved: slots.iter().filter_map(|slot| resolved(slot, |value| &value.name)).collect(),
            ids: slots.iter().filter_map(|slot| resolved(slot, |value| &value.id)).collect(),
            spoken: slots.iter().filter_map(spoken).collect(),
        }
    }
}

/// A moment as RFC 3339 writes it.
pub fn moment(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(Timestamp::from_millis(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()?))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Slot values are compared ignoring case, and which apostrophe was typed.
fn folded(value: &str) -> String {
    value.to_lowercase().replace('’', "'")
}

fn differs(part: &str, want: Option<&str>, have: Option<&str>) -> String {
    let said = |one: Option<&str>| one.map_or_else(|| "nothing".to_owned(), |one| format!("{one:?}"));
    format!("{part}: {} expected, {} found", said(want), said(have))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn case(expected: Value) -> Case {
        let whole =
            serde_json::json!({"id": "a", "model": "m", "locale": "en-US", "utterance": "u", "expected": expected});
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn a_case_passes_only_when_everything_named_is_right_and_nothing_else_is_filled() {
        let filled = |slots: &[(&str, &str)]| Got {
            intent: Some("A".into()),
            slots: slots.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            resolved: [("x".to_owned(), vec!["Red".to_owned(), "Crimson".to_owned()])].into(),
            ..Got::default()
        };
        for (expected, got, difference) in [
            (r#"{"intent": "A"}"#, filled(&[]), None),
            (r#"{"intent": "A", "slots": {"x": "Rabbit's"}}"#, filled(&[("x", "rabbit’s")]), None),
            (r#"{"intent": "A", "slots": {"x": 5}}"#, filled(&[("x", "5")]), None),
            (r#"{"intent": "A", "resolved": {"x": "Crimson"}}"#, filled(&[]), None),
            (r#"{"intent": "A", "resolved": {"x": "Blue"}}"#, filled(&[]), Some("resolved of slot x")),
            (r#"{"intent": "A", "ids": {"x": "1"}}"#, filled(&[]), Some("id of slot x")),
            (r#"{"intent": "A"}"#, filled(&[("x", "red")]), Some("slot x: nothing expected")),
            (r#"{"intent": "A", "slots": {"x": "red"}}"#, filled(&[]), Some("slot x: \"red\" expected")),
            (r#"{"intent": "B"}"#, filled(&[]), Some("intent: \"B\" expected, \"A\" found")),
            (r#"{"intent": "B"}"#, Got::default(), Some("intent: \"B\" expected, nothing found")),
            (r#"{"request": "LaunchRequest"}"#, filled(&[]), Some("request")),
            (r#"{"request": "LaunchRequest"}"#, Got::from(&Heard::Launch), None),
            (r#"{"intent": "A"}"#, Got::from(&Heard::Launch), Some("request")),
            ("{}", Got::default(), Some("intent: nothing expected")),
        ] {
            let found = case(serde_json::from_str(expected).unwrap()).difference(&got);
            match difference {
                None => assert_eq!(found, None, "{expected}"),
                Some(said) => {
                    assert!(found.as_ref().is_some_and(|found| found.contains(said)), "{expected}: {found:?}")
                }
            }
        }
    }

    #[test]
    fn the_clock_of_a_case_is_read_or_refused() {
        assert_eq!(moment("2024-05-15T12:00:00Z"), Some(NOON));
        assert_eq!(moment("2024-05-15T14:00:00+02:00"), Some(NOON));
        assert_eq!(moment("noon"), None);
    }
}
