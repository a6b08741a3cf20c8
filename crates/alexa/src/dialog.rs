//! The dialog model: what Alexa asks by itself, in which words, and what it takes for an answer.
//!
//! Shape: the management API's "Interaction Model Schema", `dialog` and `prompts`; meaning: "Dialog Interface Reference" and
//! "Validate Slot Values". Reading is lenient, because published models hold oddities: what a rule lacks, the rule does not ask.

mod moment;
mod progress;
mod validation;

use std::collections::BTreeMap;

use serde_json::Value;

pub use progress::{Awaits, Step, merge, settle, update};
pub use validation::{Rule, Validation};

use crate::envelope::Intent;
use crate::interaction_model::InteractionModel;
use progress::spoken_value;

/// Who decides when Alexa asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// The skill, by answering `Dialog.Delegate` (`SKILL_RESPONSE`).
    #[default]
    SkillResponse,
    /// Alexa; the skill sees the intent when everything is known (`ALWAYS`).
    Always,
}

/// The dialog model of one locale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dialog {
    intents: Vec<DialogIntent>,
    prompts: BTreeMap<String, Vec<Prompt>>,
}

/// The dialog of one intent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DialogIntent {
    /// Name of the intent.
    pub name: String,
    /// Who decides when Alexa asks; the model's own where the intent says nothing.
    pub strategy: Strategy,
    /// The prompt that asks whether all is right, when that is asked.
    pub confirmation: Option<String>,
    /// Its slots, in the order they are asked for.
    pub slots: Vec<DialogSlot>,
}

/// The dialog of one slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DialogSlot {
    /// Name of the slot.
    pub name: String,
    /// Name of its type.
    pub kind: String,
    /// The prompt that asks for it, when it is required.
    pub elicitation: Option<String>,
    /// The prompt that asks whether it is right, when that is asked.
    pub confirmation: Option<String>,
    /// What its value must fulfil, in order.
    pub validations: Vec<Validation>,
}

/// One way to say a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The words, with slots in braces; with markup when it is SSML.
    pub text: String,
    /// Whether it has markup.
    pub is_ssml: bool,
}

impl Dialog {
    /// The dialog model of an interaction model; empty when it has none.
    #[must_use]
    pub fn of(model: &InteractionModel) -> Self {
        let nothing = Value::Null;
        let dialog = model.dialog.as_ref().unwrap_or(&nothing);
        let usual = strategy(dialog).unwrap_or_default();
        let prompts = model.prompts.as_ref().and_then(Value::as_array).into_iter().flatten();
        Self {
            intents: list(dialog, "intents").map(|intent| DialogIntent::read(intent, usual)).collect(),
            prompts: prompts
                .map(|prompt| (text(prompt, "id"), list(prompt, "variations").filter_map(variation).collect()))
                .collect(),
        }
    }

    /// Whether no intent has a dialog.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.intents.is_empty()
    }

    /// The dialog of the intent of this name.
    #[must_use]
    pub fn intent(&self, name: &str) -> Option<&DialogIntent> {
        self.intents.iter().find(|intent| intent.name == name)
    }

    /// The prompt of this id as it is said: the variation of that number, counted round, the slots filled in. A slot that
    /// holds nothing is said as nothing.
    #[must_use]
    pub fn say(&self, id: &str, number: usize, intent: &Intent) -> Option<Prompt> {
        let variations = self.prompts.get(id).filter(|variations| !variations.is_empty())?;
        let prompt = variations.get(number % variations.len())?;
        Some(Prompt { text: filled(prompt, intent), is_ssml: prompt.is_ssml })
    }
}

/// The words with `{slot}` replaced by what the slot holds. Braces around anything else stay.
fn filled(prompt: &Prompt, intent: &Intent) -> String {
    let slots = intent.slots.known();
    let mut said = String::with_capacity(prompt.text.len());
    let mut rest = prompt.text.as_str();
    while let Some((before, behind)) = rest.split_once('{') {
        said.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            said.push('{');
            rest = behind;
            continue;
        };
        match slots.and_then(|slots| slots.get(name.trim())) {
            Some(slot) => {
                let value = spoken_value(slot);
                said.push_str(&if prompt.is_ssml { escaped(&value) } else { value });
            }
            None => said.extend(["{", name, "}"]),
        }
        rest = after;
    }
    said.push_str(rest);
    said
}

/// What a person said must not become markup.
fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl DialogIntent {
    fn read(value: &Value, usual: Strategy) -> Self {
        Self {
            name: text(value, "name"),
            strategy: strategy(value).unwrap_or(usual),
            confirmation: prompt_of(value, "confirmationRequired", "confirmation"),
            slots: list(value, "slots").map(DialogSlot::read).collect(),
        }
    }
}

impl DialogSlot {
    fn read(value: &Value) -> Self {
        Self {
            name: text(value, "name"),
            kind: text(value, "type"),
            elicitation: prompt_of(value, "elicitationRequired", "elicitation"),
            confirmation: prompt_of(value, "confirmationRequired", "confirmation"),
            validations: list(value, "validations").filter_map(Validation::read).collect(),
        }
    }
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn strategy(value: &Value) -> Option<Strategy> {
    match value.get("delegationStrategy")?.as_str()? {
        "ALWAYS" => Some(Strategy::Always),
        "SKILL_RESPONSE" => Some(Strategy::SkillResponse),
        _ => None,
    }
}

/// The id of the prompt, when the switch is on. A prompt that is missing is an empty id: it is asked all the same.
fn prompt_of(value: &Value, switch: &str, prompt: &str) -> Option<String> {
    let is_on = value.get(switch).and_then(Value::as_bool).unwrap_or(false);
    is_on.then(|| value.get("prompts").map(|prompts| text(prompts, prompt)).unwrap_or_default())
}

fn variation(value: &Value) -> Option<Prompt> {
    let text = value.get("value")?.as_str()?.to_owned();
    Some(Prompt { text, is_ssml: value.get("type").and_then(Value::as_str) == Some("SSML") })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
