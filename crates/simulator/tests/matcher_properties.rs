//! What must hold of the matcher whatever the model: a sample means its own intent, and a value put into a slot is found again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sayso_alexa::interaction_model::{Intent, InteractionModel, Slot, SlotType, SlotValue, ValueName};
use sayso_simulator::understand::Listener;
use sayso_simulator::{choose_model, read_model};
use sayso_token::time::Timestamp;

const NOON: Timestamp = Timestamp::from_millis(1_715_774_400_000);
/// Words of samples; none is an article, and none is another's plural.
const WORDS: [&str; 10] = ["find", "call", "near", "with", "blue", "under", "quick", "over", "mark", "left"];
/// Words of values, for each of the two types.
const VALUES: [[&str; 4]; 2] =
    [["paris", "new york", "rio", "upper austria"], ["ada", "grace hopper", "linus", "edsger"]];

/// One piece of a sample: a word, or the slot of one of the two types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Word(usize),
    Slot(usize),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![4 => (0..WORDS.len()).prop_map(Piece::Word), 1 => (0..2_usize).prop_map(Piece::Slot)]
}

/// Has a word of its own, and each slot at most once.
fn is_sample(pieces: &[Piece]) -> bool {
    let slots: Vec<_> = pieces.iter().filter(|piece| matches!(piece, Piece::Slot(_))).collect();
    slots.len() < pieces.len() && slots.iter().collect::<BTreeSet<_>>().len() == slots.len()
}

fn written(pieces: &[Piece]) -> String {
    let words = pieces.iter().map(|piece| match piece {
        Piece::Word(word) => WORDS[*word].to_owned(),
        Piece::Slot(kind) => format!("{{slot{kind}}}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A model of these samples, three to an intent, none of them twice.
fn model(samples: &BTreeSet<Vec<Piece>>) -> InteractionModel {
    let all: Vec<String> = samples.iter().map(|sample| written(sample)).collect();
    let slots: Vec<Slot> = (0..2)
        .map(|kind| Slot { name: format!("slot{kind}"), kind: format!("Kind{kind}"), ..Slot::default() })
        .collect();
    let intents = all.chunks(3).enumerate().map(|(index, samples)| Intent {
        name: format!("Intent{index}"),
        slots: slots.clone(),
        samples: samples.to_vec(),
    });
    let types = (0..2).map(|kind| SlotType {
        name: format!("Kind{kind}"),
        values: VALUES[kind]
            .iter()
            .map(|value| SlotValue { id: None, name: ValueName { value: (*value).into(), synonyms: Vec::new() } })
            .collect(),
    });
    InteractionModel { intents: intents.collect(), types: types.collect(), ..InteractionModel::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_sample_filled_with_any_value_means_its_intent_and_holds_the_value(
        samples in proptest::collection::btree_set(proptest::collection::vec(piece(), 1..6).prop_filter("a word", |pieces| is_sample(pieces)), 1..12),
        picked in 0..4_usize,
    ) {
        let listener = Listener::new(&model(&samples), "en-US");
        for (index, sample) in samples.iter().enumerate() {
            let mut said = written(sample);
            let mut values = [None, None];
            for kind in sample.iter().filter_map(|piece| match piece { Piece::Slot(kind) => Some(*kind), Piece::Word(_) => None }) {
                said = said.replace(&format!("{{slot{kind}}}"), VALUES[kind][picked]);
                values[kind] = Some(VALUES[kind][picked].to_owned());
            }
            let understood = listener.understand(&said, None, NOON).unwrap();
            prop_assert_eq!(&understood.intent, &format!("Intent{}", index / 3), "{}", said);
            let found: Vec<Option<String>> = understood.slots.iter().map(|slot| slot.value.clone()).collect();
            prop_assert_eq!(found, values.to_vec(), "{}", said);
            for slot in understood.slots.iter().filter(|slot| slot.value.is_some()) {
                let resolved = slot.resolution.as_ref().map(|one| one.values.iter().map(|value| value.name.clone()).collect::<Vec<_>>());
                prop_assert_eq!(resolved, slot.value.clone().map(|value| vec![value]));
            }
        }
    }
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

#[test]
fn the_samples_of_published_models_mean_their_own_intents() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/skills");
    let mut files = Vec::new();
    json_files(&corpus, &mut files);
    let (mut models, mut tried) = (0, 0);
    for file in files {
        let Ok((model, _)) = read_model(&file) else { continue };
        let Ok((_, locale)) = choose_model(&file, None) else { continue };
        models += 1;
        let listener = Listener::new(&model, &locale);
        let plain = model.intents.iter().flat_map(|intent| {
            let own = intent
                .samples
                .iter()
                .filter(|sample| !sample.contains('{') && sample.chars().any(char::is_alphanumeric));
            own.take(2).map(|sample| (intent.name.as_str(), sample))
        });
        for (intent, sample) in plain.take(12) {
            tried += 1;
            let understood = listener.understand(sample, None, NOON);
            let understood =
                understood.unwrap_or_else(|| panic!("{}: nothing understood of {sample:?}", file.display()));
            // Another intent may have the same words.
            let is_shared = understood.cost <= 1 && understood.intent != intent;
            assert!(
                understood.intent == intent || is_shared,
                "{}: {sample:?} means {}",
                file.display(),
                understood.intent
            );
        }
    }
    assert!(models > 250 && tried > 1_000, "{models} models, {tried} samples");
}
