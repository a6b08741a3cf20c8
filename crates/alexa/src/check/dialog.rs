//! The rules of the dialog model and its prompts.

use std::collections::HashSet;

use serde_json::Value;

use super::Findings;
use super::model::SCHEMA;
use crate::interaction_model::InteractionModel;

const VALIDATIONS: [&str; 9] = [
    "isGreaterThan",
    "isGreaterThanOrEqualTo",
    "isLessThan",
    "isLessThanOrEqualTo",
    "isInSet",
    "isNotInSet",
    "hasEntityResolutionMatch",
    "isInDuration",
    "isNotInDuration",
];

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn is_on(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The intents that have a dialog.
pub(super) fn intents(model: &InteractionModel) -> HashSet<&str> {
    let dialog = model.dialog.as_ref();
    dialog.map(|dialog| list(dialog, "intents").map(|intent| text(intent, "name")).collect()).unwrap_or_default()
}

/// Checks that the dialog names what the language model and the prompts declare.
pub(super) fn check(findings: &mut Findings<'_>, model: &InteractionModel) {
    let prompts = prompts(findings, model);
    let mut used = HashSet::new();
    if let Some(dialog) = &model.dialog {
        delegation(findings, &["dialog"], dialog);
        for intent in list(dialog, "intents") {
            let name = text(intent, "name");
            let path = ["dialog", name];
            delegation(findings, &path, intent);
            let Some(declared) = model.intent(name) else {
                let what = format!("the dialog names the intent {name:?}, which the language model does not declare");
                findings.error(&path, SCHEMA, what, "correct the name, or declare it");
                continue;
            };
            asked(findings, &path, intent, &mut used);
            for slot in list(intent, "slots") {
                let slot_name = text(slot, "name");
                let path = ["dialog", name, "slots", slot_name];
                match declared.slots.iter().find(|one| one.name == slot_name) {
                    None => {
                        let what = format!("the dialog names the slot {slot_name:?}, which {name} does not declare");
                        findings.error(&path, Some("MissingSlot"), what, "correct the name, or declare it");
                    }
                    Some(one) if !text(slot, "type").is_empty() && one.kind != text(slot, "type") => {
                        let (here, there) = (text(slot, "type"), &one.kind);
                        let what =
                            format!("the slot {slot_name} has the type {here} in the dialog and {there} in the model");
                        findings.error(&path, SCHEMA, what, "write the same type");
                    }
                    Some(_) => {}
                }
                asked(findings, &path, slot, &mut used);
                validations(findings, &path, slot, &mut used);
            }
        }
    }
    for id in used.iter().filter(|id| !prompts.contains(*id)) {
        let what = format!("the prompt {id:?} is not declared");
        findings.error(&["dialog", id], SCHEMA, what, "add it to \"prompts\"");
    }
    for id in prompts.iter().filter(|id| !used.contains(*id)) {
        findings.warn(&["prompts[", id], format!("nothing uses the prompt {id:?}"), "use it, or drop it");
    }
}

fn delegation(findings: &mut Findings<'_>, path: &[&str], value: &Value) {
    let strategy = text(value, "delegationStrategy");
    if !matches!(strategy, "" | "ALWAYS" | "SKILL_RESPONSE") {
        let what = format!("the delegation strategy {strategy:?} is unknown");
        findings.error(path, SCHEMA, what, "write ALWAYS or SKILL_RESPONSE");
    }
}

/// What is to be elicited or confirmed needs words to ask with.
fn asked(findings: &mut Findings<'_>, path: &[&str], value: &Value, used: &mut HashSet<String>) {
    let prompts = value.get("prompts").unwrap_or(&Value::Null);
    for (switch, prompt) in [("elicitationRequired", "elicitation"), ("confirmationRequired", "confirmation")] {
        let id = text(prompts, prompt);
        if is_on(value, switch) && id.is_empty() {
            let what = format!("{} has {switch} without a prompt for the {prompt}", text(value, "name"));
            findings.error(path, SCHEMA, what, format!("add \"prompts\": {{\"{prompt}\": …}}"));
        }
        if !id.is_empty() {
            used.insert(id.to_owned());
        }
    }
}

fn validations(findings: &mut Findings<'_>, path: &[&str], slot: &Value, used: &mut HashSet<String>) {
    for validation in list(slot, "validations") {
        let kind = text(validation, "type");
        if !VALIDATIONS.contains(&kind) {
            let what = format!("the validation {kind:?} is unknown");
            findings.error(path, SCHEMA, what, format!("write one of {}", VALIDATIONS.join(", ")));
        }
        match text(validation, "prompt") {
            "" => findings.error(path, SCHEMA, format!("the validation {kind} has no prompt"), "add \"prompt\""),
            id => drop(used.insert(id.to_owned())),
        }
    }
}

/// The ids of the prompts.
fn prompts(findings: &mut Findings<'_>, model: &InteractionModel) -> HashSet<String> {
    let mut ids = HashSet::new();
    for prompt in model.prompts.iter().filter_map(Value::as_array).flatten() {
        let id = text(prompt, "id");
        let path = ["prompts[", id];
        if id.is_empty() {
            findings.error(&["prompts["], SCHEMA, "a prompt has no id", "add \"id\"");
        } else if !ids.insert(id.to_owned()) {
            let what = format!("the prompt {id:?} is declared twice");
            findings.warn(&path, what, "merge the two into one");
        }
        if list(prompt, "variations").next().is_none() {
            findings.error(&path, SCHEMA, format!("the prompt {id:?} has no variations"), "add what Alexa says");
        }
        for variation in list(prompt, "variations") {
            let kind = text(variation, "type");
            if !matches!(kind, "PlainText" | "SSML") {
                let what = format!("the prompt {id:?} has a variation of the type {kind:?}");
                findings.error(&path, SCHEMA, what, "write PlainText or SSML");
            }
            if text(variation, "value").trim().is_empty() {
                findings.error(&path, SCHEMA, format!("the prompt {id:?} has an empty variation"), "add its \"value\"");
            }
        }
    }
    ids
}
