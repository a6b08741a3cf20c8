//! What one skill hears when a sentence is said, and how that is told.

use sayso_token::time::Timestamp;
use serde_json::{Map, Value, json};

use super::invocation::{Addressed, address, without_wake_word};
use super::profile::{Considered, Eliciting, FilledSlot, Listener, Understood};

/// What one skill hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is launched without a wish: a `LaunchRequest`.
    Launch,
    /// A wish: an `IntentRequest`.
    Intent(Understood),
    /// It is not reached; why, in plain words.
    Nothing(&'static str),
}

const NO_SAMPLE: &str = "no sample fits, and the model has no AMAZON.FallbackIntent";
const NOT_NAMED: &str = "the sentence does not name the skill in a form that Alexa knows";

impl Heard {
    /// A sentence that has to name the skill: `open …`, `ask … to …`.
    pub fn naming(listener: &Listener, invocation_name: &str, sentence: &str, now: Timestamp) -> Self {
        match address(sentence, &[invocation_name], listener.locale()) {
            Addressed::Launch { .. } => Self::Launch,
            Addressed::OneShot { said, .. } => Self::meaning(listener.likeliest(&said, None, now)),
            Addressed::NoOne { .. } => Self::Nothing(NOT_NAMED),
        }
    }

    /// A sentence in the skill's open session, with or without the wake word.
    pub fn in_session(listener: &Listener, sentence: &str, eliciting: Option<&Eliciting>, now: Timestamp) -> Self {
        let woken = without_wake_word(sentence).map(str::to_owned);
        let said: Vec<String> = std::iter::once(sentence.to_owned()).chain(woken).collect();
        Self::meaning(listener.likeliest(&said, eliciting, now))
    }

    /// A sentence of which nobody says whether a session is open: it names the skill, or it is said within.
    ///
    /// A sample word for word is said within, unless the wake word stands before it.
    pub fn anyhow(listener: &Listener, invocation_name: &str, sentence: &str, now: Timestamp) -> Self {
        let within = Self::in_session(listener, sentence, None, now);
        let is_woken = without_wake_word(sentence).is_some();
        if matches!(&within, Self::Intent(found) if found.cost == 0) && !is_woken {
            return within;
        }
        match Self::naming(listener, invocation_name, sentence, now) {
            Self::Nothing(_) => within,
            named => named,
        }
    }

    fn meaning(understood: Option<Understood>) -> Self {
        understood.map_or(Self::Nothing(NO_SAMPLE), Self::Intent)
    }

    /// As JSON, with the members `selectedIntent` and `consideredIntents` of the management API's `profileNlu`; `cost` says how
    /// far-fetched a reading is, and `why` why it was not chosen.
    pub fn profile(&self) -> Value {
        match self {
            Self::Launch => json!({"request": "LaunchRequest", "selectedIntent": null, "consideredIntents": []}),
            Self::Nothing(why) => {
                json!({"request": null, "why": why, "selectedIntent": null, "consideredIntents": []})
            }
            Self::Intent(found) => {
                let considered: Vec<Value> = found.considered.iter().map(|other| lost(other, found)).collect();
                let mut selected = intent(&found.intent, &found.slots);
                match &found.sample {
                    Some(sample) => selected.extend([entry("sample", json!(sample)), entry("cost", json!(found.cost))]),
                    None => selected.extend([entry("why", json!("no sample fits"))]),
                }
                json!({"request": "IntentRequest", "selectedIntent": selected, "consideredIntents": considered})
            }
        }
    }
}

fn entry(name: &str, value: Value) -> (String, Value) {
    (name.to_owned(), value)
}

fn intent(name: &str, slots: &[FilledSlot]) -> Map<String, Value> {
    let slots: Map<String, Value> = slots.iter().map(|slot| entry(&slot.name, shown(slot))).collect();
    [entry("name", json!(name)), entry("slots", Value::Object(slots))].into_iter().collect()
}

fn lost(other: &Considered, chosen: &Understood) -> Value {
    let why = if other.cost > chosen.cost {
        format!("it fits more loosely: cost {} against {}", other.cost, chosen.cost)
    } else {
        "it fits as well, and stands later in the model".to_owned()
    };
    let mut lost = intent(&other.intent, &other.slots);
    lost.extend([entry("sample", json!(other.sample)), entry("cost", json!(other.cost)), entry("why", json!(why))]);
    Value::Object(lost)
}

fn shown(slot: &FilledSlot) -> Value {
    let mut shown = Map::from_iter([entry("name", json!(slot.name)), entry("type", json!(slot.kind))]);
    shown.extend(slot.value.as_ref().map(|value| entry("value", json!(value))));
    shown.extend(slot.words.as_ref().map(|words| entry("words", json!(words))));
    shown.extend(slot.resolution.as_ref().map(|resolution| {
        let code = if resolution.is_empty() { "ER_SUCCESS_NO_MATCH" } else { "ER_SUCCESS_MATCH" };
        entry("resolutions", json!({"status": {"code": code}, "values": resolution.values}))
    }));
    if !slot.several.is_empty() {
        let values: Vec<&str> = slot.several.iter().map(|part| part.value.as_str()).collect();
        shown.extend([entry("several", json!(values))]);
    }
    Value::Object(shown)
}
