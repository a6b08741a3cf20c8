//! The corpus of utterances: what was said to published skills, and what Alexa would make of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use sayso_alexa::interaction_model::InteractionModel;
use sayso_simulator::understand::{Addressed, Eliciting, Listener, Understood, address};
use serde_json::Value;

/// How many of the 206 cases come out exactly right. Raise it when matching gets better; never lower it.
const FLOOR: usize = 180;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}

struct Skill {
    model: InteractionModel,
    listener: Listener,
}

fn said(case: &Value, skill: &Skill) -> Option<Option<Understood>> {
    let utterance = case["utterance"].as_str().unwrap();
    let locale = case["locale"].as_str().unwrap();
    let tagged = |tag: &str| case["tags"].as_array().is_some_and(|tags| tags.iter().any(|one| one == tag));
    let asked = &case["state"]["eliciting"];
    let eliciting = asked["intent"]
        .as_str()
        .map(|intent| Eliciting { intent: intent.to_owned(), slot: asked["slot"].as_str().unwrap().to_owned() });
    if tagged("one-shot") || tagged("launch") {
        return match address(utterance, &[&skill.model.invocation_name], locale) {
            Addressed::Launch { .. } => None,
            Addressed::OneShot { said, .. } => Some(
                said.iter().filter_map(|said| skill.listener.understand(said, None)).min_by_key(|found| found.cost),
            ),
            Addressed::NoOne { .. } => Some(None),
        };
    }
    let understood = skill.listener.understand(utterance, eliciting.as_ref());
    Some(understood.or_else(|| skill.listener.fallback()))
}

fn differs(case: &Value, skill: &Skill) -> Option<String> {
    let expected = &case["expected"];
    let found = match (said(case, skill), expected["request"].as_str()) {
        (None, Some("LaunchRequest")) => return None,
        (None, _) => return Some("launched".into()),
        (Some(None), _) => return Some("nothing understood".into()),
        (Some(Some(found)), _) => found,
    };
    let slots: serde_json::Map<String, Value> = found
        .slots
        .iter()
        .filter_map(|slot| Some((slot.name.clone(), slot.value.clone()?.to_lowercase().into())))
        .collect();
    let wanted: serde_json::Map<String, Value> = expected["slots"]
        .as_object()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (name, value.as_str().unwrap().to_lowercase().into()))
        .collect();
    if found.intent != expected["intent"].as_str().unwrap_or("launch") || slots != wanted {
        return Some(format!("{} {slots:?} cost {}", found.intent, found.cost));
    }
    for (part, of) in [("resolved", 0), ("ids", 1)] {
        for (name, value) in expected[part].as_object().into_iter().flatten() {
            let slot = found.slots.iter().find(|slot| slot.name == *name).unwrap();
            let resolved = slot.resolution.iter().flat_map(|found| &found.values);
            let mut meant = resolved.map(|one| if of == 0 { one.name.as_str() } else { one.id.as_str() });
            if !meant.any(|meant| Some(meant) == value.as_str()) {
                return Some(format!("{part} of {name}: {:?}", slot.resolution));
            }
        }
    }
    None
}

#[test]
fn the_corpus_of_utterances_is_understood() {
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(corpus().join("utterances-dev.json")).unwrap()).unwrap();
    assert_eq!(cases.len(), 206);
    let mut skills: HashMap<String, Option<Skill>> = HashMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let path = case["model"].as_str().unwrap();
        let skill = skills.entry(path.to_owned()).or_insert_with(|| {
            let model = InteractionModel::parse(&fs::read(corpus().join(path)).unwrap()).ok()?;
            let listener = Listener::new(&model, case["locale"].as_str().unwrap());
            Some(Skill { model, listener })
        });
        let difference = match skill {
            Some(skill) => differs(case, skill),
            None => Some("the model is of the format before 2018".into()),
        };
        if let Some(difference) = difference {
            wrong.push(format!("{} {}: {difference}; expected {}", case["id"], case["utterance"], case["expected"]));
        }
    }
    let right = cases.len() - wrong.len();
    println!("{right} of {} right\n{}", cases.len(), wrong.join("\n"));
    assert!(right >= FLOOR, "{right} of {} right, {FLOOR} wanted\n{}", cases.len(), wrong.join("\n"));
}

fn models(folder: &Path, into: &mut Vec<(PathBuf, InteractionModel)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            models(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "json")
            && let Ok(model) = InteractionModel::parse(&fs::read(&path).unwrap())
        {
            into.push((path, model));
        }
    }
}

fn locale_of(path: &Path) -> &str {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    if stem.len() == 5 && stem.is_char_boundary(2) && &stem[2..3] == "-" { stem } else { "en-US" }
}

/// The words of a sample, however they are written.
fn plain(sample: &str) -> String {
    sample
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

#[test]
fn a_sample_without_slots_always_means_its_own_intent() {
    let mut found = Vec::new();
    models(&corpus().join("skills"), &mut found);
    assert_eq!(found.len(), 252);
    let mut tried = 0;
    for (path, model) in &found {
        let listener = Listener::new(model, locale_of(path));
        for intent in &model.intents {
            for sample in intent.samples.iter().filter(|sample| !sample.contains('{')) {
                let Some(understood) = listener.understand(sample, None) else {
                    assert!(plain(sample).is_empty(), "{}: nothing fits {sample:?}", path.display());
                    continue;
                };
                let other = model.intent(&understood.intent).unwrap();
                let is_shared = other.samples.iter().any(|one| plain(one) == plain(sample));
                assert!(
                    understood.intent == intent.name || is_shared,
                    "{}: {sample:?} is {understood:?}",
                    path.display()
                );
                assert_eq!(understood.cost, 0, "{}: {sample:?}", path.display());
                tried += 1;
            }
        }
    }
    assert!(tried > 4_000, "{tried}");
}

#[test]
fn every_value_of_a_slot_is_found_again() {
    let path = corpus().join("skills/alexa-samples__skill-sample-nodejs-howto/models/en-US.json");
    let model = InteractionModel::parse(&fs::read(path).unwrap()).unwrap();
    let listener = Listener::new(&model, "en-US");
    let list = &model.types[0];
    assert!(list.values.len() > 100);
    for value in &list.values {
        for name in std::iter::once(&value.name.value).chain(&value.name.synonyms) {
            let sentence = format!("how can I build a {name}");
            let understood = listener.understand(&sentence, None).unwrap();
            let slot = understood.slots.iter().find(|slot| slot.value.is_some()).unwrap();
            let resolved = &slot.resolution.as_ref().unwrap().values;
            assert!(resolved.iter().any(|one| one.name == value.name.value), "{sentence}: {understood:?}");
        }
    }
}
