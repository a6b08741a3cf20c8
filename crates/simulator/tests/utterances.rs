//! The corpus of utterances: what was said to published skills, and what Alexa would make of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

use sayso_alexa::interaction_model::InteractionModel;
use sayso_simulator::understand::{Listener, NOON};
use sayso_simulator::{UtteranceCases, read_model};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}

/// The cases that do not come out right.
fn wrong(file: &Path, expected: usize) -> Vec<String> {
    let mut cases = UtteranceCases::read(file, &corpus()).unwrap();
    assert_eq!(cases.len(), expected);
    cases.outcomes().filter(|outcome| !outcome.pass).map(|outcome| format!("{outcome:?}")).collect()
}

/// All come out exactly right, so there is no list of exceptions.
#[test]
fn the_corpus_of_utterances_is_understood() {
    let wrong = wrong(&corpus().join("utterances-dev.json"), 206);
    assert!(wrong.is_empty(), "{} of 206 wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn sentences_to_the_skills_that_the_corpus_of_utterances_leaves_out_are_understood() {
    let wrong = wrong(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sentences.json"), 303);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn cases_that_cannot_be_tried_have_failed_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    fs::write(folder.path().join("broken.json"), "{\"languageModel\":\n{").unwrap();
    fs::write(folder.path().join("m.json"), r#"{"intents": [{"name": "A", "samples": ["go"]}]}"#).unwrap();
    let case = |model: &str, now: &str| {
        format!(
            r#"{{"id": "c", "model": "{model}", "locale": "en-US", "utterance": "go", "expected": {{"intent": "A"}}{now}}}"#
        )
    };
    for (content, said) in [
        (case("m.json", ""), None),
        (case("absent.json", ""), Some("absent.json")),
        (case("broken.json", ""), Some("broken.json: line 2")),
        (case("m.json", r#", "now": "noon""#), Some("now is \"noon\"")),
        (r#"{"model": 3}"#.to_owned(), Some("the case cannot be read")),
    ] {
        fs::write(&file, format!("[{content}]")).unwrap();
        let outcome = UtteranceCases::read(&file, folder.path()).unwrap().outcomes().next().unwrap();
        assert_eq!(outcome.pass, said.is_none(), "{outcome:?}");
        let reason = outcome.reason.unwrap_or_default();
        assert!(reason.contains(said.unwrap_or_default()), "{content}: {reason}");
    }
    for content in ["{", "[{]", "{\"id\": 1}\n{"] {
        fs::write(&file, content).unwrap();
        assert!(UtteranceCases::read(&file, folder.path()).is_err(), "{content}");
    }
    assert!(UtteranceCases::read(&file, &folder.path().join("nowhere")).is_err());
}

fn models(folder: &Path, into: &mut Vec<(PathBuf, InteractionModel)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            models(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "json")
            && let Ok((model, _)) = read_model(&path)
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
    assert_eq!(found.len(), 274);
    let mut tried = 0;
    for (path, model) in &found {
        let listener = Listener::new(model, locale_of(path));
        for intent in &model.intents {
            for sample in intent.samples.iter().filter(|sample| !sample.contains('{')) {
                let Some(understood) = listener.understand(sample, None, NOON) else {
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
            let understood = listener.understand(&sentence, None, NOON).unwrap();
            let slot = understood.slots.iter().find(|slot| slot.value.is_some()).unwrap();
            let resolved = &slot.resolution.as_ref().unwrap().values;
            assert!(resolved.iter().any(|one| one.name == value.name.value), "{sentence}: {understood:?}");
        }
    }
}

#[test]
fn models_of_the_old_format_load_with_their_samples_and_types() {
    let skills = corpus().join("skills");
    let mut found = Vec::new();
    models(&skills, &mut found);
    let is_old = |path: &Path| InteractionModel::is_of_the_old_format(&fs::read(path).unwrap());
    let old: Vec<_> = found.into_iter().filter(|(path, _)| is_old(path)).collect();
    assert_eq!(old.len(), 22);
    for (path, model) in &old {
        assert!(model.intents.iter().any(|intent| !intent.samples.is_empty()), "{}", path.display());
    }
    let model = |part: &str| &old.iter().find(|(path, _)| path.ends_with(part)).unwrap().1;
    let tides = model("johnwheeler__flask-ask/samples/tidepooler/speech_assets/IntentSchema.json");
    assert!(tides.intent("OneshotTideIntent").unwrap().samples.len() > 20);
    let chapters = model("tjaffri__alexa-skill-meezan/model/schema.json");
    assert_eq!(chapters.slot_type("MEEZAN_CHAPTERNAME").unwrap().values[0].name.value, "Al-Faatiha");
    assert!(chapters.intent("AboutIntent").unwrap().samples.iter().any(|sample| sample == "who wrote this app"));
    let simple = model("bespoken__bst/test/resources/speechAssets/SimpleIntentSchema.json");
    assert_eq!(simple.intent("HelloWorldIntent").unwrap().samples.len(), 7);
}

#[test]
fn faults_of_the_old_format_name_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("IntentSchema.json");
    fs::write(&schema, "{\"intents\": [{\"intent\": \"Go\"}]}").unwrap();
    let error = read_model(&schema).unwrap_err().to_string();
    assert!(error.contains("IntentSchema.json: line 1") && error.contains("SampleUtterances.txt"), "{error}");
    let source = corpus().join("skills/bespoken__bst/test/alexa/resources");
    for (samples, line) in [("SampleUtterancesNoUtterance.txt", 3), ("SampleUtterances.txt", 3)] {
        fs::copy(source.join("IntentSchema.json"), &schema).unwrap();
        fs::copy(source.join(samples), folder.path().join("SampleUtterances.txt")).unwrap();
        let (model, unusable) = read_model(&schema).unwrap();
        assert_eq!(model.intent("Test").unwrap().samples, ["Test", "Test2"]);
        let (file, fault) = &unusable[0];
        assert!(file.ends_with("SampleUtterances.txt") && fault.line == line, "{samples}: {fault}");
    }
    fs::write(folder.path().join("SampleUtterances.txt"), b"Test \xFF").unwrap();
    let error = read_model(&schema).unwrap_err().to_string();
    assert!(error.contains("SampleUtterances.txt: line 1, column 6"), "{error}");
    fs::copy(source.join("IntentSchemaBad.txt"), &schema).unwrap();
    let error = read_model(&schema).unwrap_err().to_string();
    assert!(error.contains("IntentSchema.json: line 3"), "{error}");
}
