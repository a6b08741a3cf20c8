//! The rules of sample utterances.

use std::collections::HashMap;

use super::Findings;
use super::invocation_name::is_mark;
use super::model::SCHEMA;
use crate::interaction_model::{Intent, InteractionModel};

/// The names in braces, without their braces.
pub(super) fn slot_names(sample: &str) -> impl Iterator<Item = &str> {
    // `{example|Slot}` is the old way to write a slot.
    let inside = sample.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
    inside.map(|inside| inside.rsplit('|').next().unwrap_or(inside).trim())
}

/// Checks an intent's samples and those of its slots.
pub(super) fn check(findings: &mut Findings<'_>, intent: &Intent) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for sample in &intent.samples {
        let path = ["intents[", intent.name.as_str(), "samples[", sample.as_str()];
        let Some(()) = written(findings, &path, intent, sample) else { continue };
        phrase(findings, &path, intent, sample);
        if let Some(earlier) = seen.insert(spoken_shape(sample, |slot| slot.to_owned()), sample) {
            let what = format!("{} has the sample {sample:?} twice (as {earlier:?})", intent.name);
            findings.warn(&path, what, "keep one of the two");
        }
    }
    for slot in &intent.slots {
        for sample in &slot.samples {
            let path = ["intents[", intent.name.as_str(), "slots[", slot.name.as_str(), "samples[", sample.as_str()];
            let is_written = written(findings, &path, intent, sample).is_some();
            if is_written && !slot_names(sample).any(|name| name.eq_ignore_ascii_case(&slot.name)) {
                let what = format!("the sample {sample:?} of the slot {} does not name it", slot.name);
                findings.warn(&path, what, format!("write {{{}}} into it", slot.name));
            }
        }
    }
}

/// Signs, braces and slots; nothing when the sample is of no use.
fn written(findings: &mut Findings<'_>, path: &[&str], intent: &Intent, sample: &str) -> Option<()> {
    if sample.trim().is_empty() {
        findings.error(path, SCHEMA, format!("{} has an empty sample", intent.name), "drop it");
        return None;
    }
    let mut depth = 0_i32;
    for sign in sample.chars() {
        depth += i32::from(sign == '{') - i32::from(sign == '}');
        if !(0..=1).contains(&depth) {
            break;
        }
    }
    if depth != 0 {
        let what = format!("the braces of the sample {sample:?} do not match");
        findings.error(path, SCHEMA, what, "write each slot as {name}");
        return None;
    }
    let mut outside = String::new();
    let mut rest = sample;
    while let Some((before, behind)) = rest.split_once('{') {
        outside.push_str(before);
        rest = behind.split_once('}').map_or("", |(_, after)| after);
    }
    outside.push_str(rest);
    let is_allowed = |c: char| c.is_alphabetic() || is_mark(c) || matches!(c, ' ' | '\'' | '’' | '.' | '-' | '_');
    if let Some(sign) = outside.chars().find(|c| !is_allowed(*c)) {
        let (what, fix) = match sign.is_numeric() {
            true => ("digits", "spell numbers out"),
            false => {
                ("a sign people do not say", "drop it; letters, blanks, apostrophes, periods, hyphens may stand there")
            }
        };
        findings.warn(path, format!("the sample {sample:?} holds {what}: {sign:?}"), fix);
    }
    for name in slot_names(sample) {
        if !intent.slots.iter().any(|slot| slot.name.eq_ignore_ascii_case(name)) {
            let what = format!("the sample {sample:?} names the slot {name:?}, which {} does not declare", intent.name);
            findings.error(path, Some("MissingSlot"), what, "add it to the intent's \"slots\", or correct the name");
        }
    }
    Some(())
}

/// A phrase slot needs words around it, and no other slot beside it.
fn phrase(findings: &mut Findings<'_>, path: &[&str], intent: &Intent, sample: &str) {
    let kind =
        |name: &str| intent.slots.iter().find(|slot| slot.name.eq_ignore_ascii_case(name)).map(|slot| &slot.kind);
    let names: Vec<&str> = slot_names(sample).collect();
    if !names.iter().any(|name| kind(name).is_some_and(|kind| kind == "AMAZON.SearchQuery")) {
        return;
    }
    if names.len() > 1 {
        let what = format!("the sample {sample:?} has another slot beside one of AMAZON.SearchQuery");
        findings.error(path, None, what, "leave the phrase as the only slot of the sample");
    }
    if spoken_shape(sample, |_| String::new()).trim().is_empty() {
        let what = format!("the sample {sample:?} must include a carrier phrase: it consists of only slots");
        findings.error(path, None, what, "put words around the slot of AMAZON.SearchQuery");
    }
}

/// What a sample sounds like: its words in lower case, each slot as `name` writes it. Two samples of the same shape cannot
/// be told apart.
pub fn spoken_shape(sample: &str, name: impl Fn(&str) -> String) -> String {
    let words = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty());
        words.map(|word| word.to_lowercase() + " ").collect::<String>()
    };
    let mut shape = String::new();
    let mut rest = sample;
    while let Some((before, behind)) = rest.split_once('{') {
        let (inside, after) = behind.split_once('}').unwrap_or((behind, ""));
        shape.push_str(&words(before));
        let slot = name(inside.rsplit('|').next().unwrap_or(inside).trim());
        if !slot.is_empty() {
            shape.push_str(&format!("{{{slot}}} "));
        }
        rest = after;
    }
    shape + &words(rest)
}

/// Samples that say the same in two intents.
pub(super) fn conflicts(findings: &mut Findings<'_>, model: &InteractionModel) {
    let mut first: HashMap<String, &str> = HashMap::new();
    for intent in &model.intents {
        let kind = |name: &str| {
            let slot = intent.slots.iter().find(|slot| slot.name.eq_ignore_ascii_case(name));
            slot.map_or_else(|| name.to_owned(), |slot| slot.kind.clone())
        };
        for sample in &intent.samples {
            let owner = *first.entry(spoken_shape(sample, kind)).or_insert(&intent.name);
            if owner != intent.name {
                let what = format!("{} has the sample {sample:?}, which {owner} has too", intent.name);
                let path = ["intents[", intent.name.as_str(), "samples[", sample.as_str()];
                findings.warn(&path, what, "leave it to one of the two: which of them is meant is chance");
            }
        }
    }
}
