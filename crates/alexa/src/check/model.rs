//! The rules of one interaction model.

use std::collections::HashSet;

use serde_json::Value;

use super::{Finding, Findings, dialog, invocation_name, names, samples, types};
use crate::interaction_model::{Intent, InteractionModel};
use crate::package::Source;

/// The error of a model whose shape is wrong.
pub(super) const SCHEMA: Option<&str> = Some("InvalidModelDefinitionSchema");

/// Intents that every custom skill must have.
const REQUIRED: [&str; 3] = ["AMAZON.CancelIntent", "AMAZON.HelpIntent", "AMAZON.StopIntent"];

/// Checks a model that was read from `bytes`; `locale` is the one it is for, where that is known.
///
/// A model of the format before 2018 has no invocation name, and its samples stand in another file: they are named at their
/// intent's line.
pub fn check_model(bytes: &[u8], model: &InteractionModel, locale: Option<&str>) -> Vec<Finding> {
    let source = match Source::decode(bytes) {
        Ok(source) => source,
        Err(fault) => return vec![Finding::unreadable(fault, "CONTENT_PARSE_FAILURE")],
    };
    let whole: Value = source.parse().unwrap_or_default();
    let is_old = InteractionModel::is_of_the_old_format(bytes);
    let mut findings = Findings::new(&source);
    if !is_old {
        invocation_name::check(&mut findings, &model.invocation_name, locale);
    }
    required(&mut findings, model, is_old);
    fallback(&mut findings, model);
    let in_dialog = dialog::intents(model);
    for intent in &model.intents {
        names::intent(&mut findings, &intent.name);
        slots(&mut findings, model, intent, &in_dialog, is_old);
        samples::check(&mut findings, intent);
        let is_mute = intent.samples.is_empty() && intent.slots.iter().all(|slot| slot.samples.is_empty());
        if is_mute && !intent.name.starts_with("AMAZON.") && !in_dialog.contains(intent.name.as_str()) {
            let what = format!("nobody can say the intent {}: it has no sample", intent.name);
            findings.warn(&["intents[", &intent.name], what, "add sample utterances, or drop the intent");
        }
    }
    samples::conflicts(&mut findings, model);
    types::check(&mut findings, model, &whole);
    dialog::check(&mut findings, model);
    findings.into_sorted()
}

fn required(findings: &mut Findings<'_>, model: &InteractionModel, is_old: bool) {
    for name in REQUIRED.iter().filter(|name| model.intent(name).is_none()) {
        let (what, fix) = (format!("the required intent {name} is missing"), format!("add {{\"name\": \"{name}\"}}"));
        match is_old {
            false => findings.error(&["intents["], None, what, fix),
            true => findings.warn(&["intents["], what, fix),
        }
    }
    if model.intent("AMAZON.FallbackIntent").is_none() {
        let what = "there is no AMAZON.FallbackIntent: what fits no sample is pressed into some other intent";
        findings.warn(&["intents["], what, "add {\"name\": \"AMAZON.FallbackIntent\"}");
    }
}

fn fallback(findings: &mut Findings<'_>, model: &InteractionModel) {
    if let Some(level) = model.fallback_sensitivity.as_deref()
        && !["LOW", "MEDIUM", "HIGH"].contains(&level)
    {
        let what = format!("the sensitivity {level:?} of the fallback is unknown");
        findings.error(&["fallbackIntentSensitivity", "level"], SCHEMA, what, "write LOW, MEDIUM or HIGH");
    }
    if model.intent("AMAZON.FallbackIntent").is_some_and(|intent| !intent.samples.is_empty()) {
        let fix = "drop its samples; give phrases to an intent of your own";
        let what = "AMAZON.FallbackIntent cannot be extended with samples";
        findings.warn(&["intents[", "AMAZON.FallbackIntent", "samples["], what, fix);
    }
}

fn slots(
    findings: &mut Findings<'_>,
    model: &InteractionModel,
    intent: &Intent,
    in_dialog: &HashSet<&str>,
    is_old: bool,
) {
    let mut seen = HashSet::new();
    for slot in &intent.slots {
        let path = ["intents[", intent.name.as_str(), "slots[", slot.name.as_str()];
        names::slot(findings, &path, &slot.name);
        if !seen.insert(slot.name.to_lowercase()) {
            let what = format!("the intent {} declares the slot {} twice", intent.name, slot.name);
            findings.error(&path, SCHEMA, what, "keep one of the two");
        }
        let kind_path = ["intents[", intent.name.as_str(), "slots[", slot.name.as_str(), slot.kind.as_str()];
        if slot.kind.is_empty() {
            findings.error(&path, SCHEMA, format!("the slot {} has no type", slot.name), "add \"type\"");
        } else if let Some(built_in) = slot.kind.strip_prefix("AMAZON.") {
            if !types::is_built_in(built_in) && model.slot_type(&slot.kind).is_none() {
                let what = format!("Amazon has no slot type {} that is known here", slot.kind);
                findings.warn(&kind_path, what, "check its name, and that the locale has it: the build refuses others");
            }
        } else if model.slot_type(&slot.kind).is_none() && slot.kind != "LITERAL" {
            let what = format!("the slot {} has the type {}, which the model does not declare", slot.name, slot.kind);
            match is_old {
                // The old console kept the values.
                true => {
                    findings.warn(&kind_path, what, "put its values into a text file of its name beside the schema")
                }
                false => {
                    let fix = "add it to \"types\", or use one of Amazon's";
                    findings.error(&kind_path, Some("InvalidSlotTypeName"), what, fix);
                }
            }
        }
        if slot.kind.trim_start_matches("AMAZON.").eq_ignore_ascii_case("literal") {
            let fix = "use AMAZON.SearchQuery, or a type of your own";
            match in_dialog.contains(intent.name.as_str()) {
                true => findings.error(&kind_path, None, "AMAZON.LITERAL is not allowed in a dialog", fix),
                false => findings.warn(&kind_path, "AMAZON.LITERAL is no longer supported", fix),
            }
        }
        let is_named = |sample: &String| samples::slot_names(sample).any(|name| name.eq_ignore_ascii_case(&slot.name));
        let all = intent.samples.iter().chain(intent.slots.iter().flat_map(|slot| &slot.samples));
        if !all.clone().any(is_named) && !in_dialog.contains(intent.name.as_str()) && slot.samples.is_empty() {
            let what = format!("no sample of {} names the slot {}", intent.name, slot.name);
            findings.warn(&path, what, format!("write {{{}}} into a sample, or drop the slot", slot.name));
        }
    }
}
