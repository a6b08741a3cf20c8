//! Published interaction models, manifests and account-linking settings, read as their authors wrote them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

use sayso_alexa::account_linking::AccountLinking;
use sayso_alexa::interaction_model::InteractionModel;
use sayso_alexa::manifest::Manifest;
use serde_json::Value;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}

fn json_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            into.push(path);
        }
    }
}

/// What a file is, judged without the code under test.
fn kind(bytes: &[u8]) -> &'static str {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).unwrap();
    let has = |key: &str| value.get(key).is_some();
    match () {
        () if has("interactionModel") || has("languageModel") || has("intents") => "model",
        () if has("manifest") || has("skillManifest") => "manifest",
        () => "other",
    }
}

#[test]
fn of_274_models_all_of_the_current_format_load_and_the_old_format_is_named() {
    let mut files = Vec::new();
    json_files(&corpus().join("skills"), &mut files);
    let (mut loaded, mut old, mut manifests) = (0, 0, 0);
    for path in files {
        let bytes = fs::read(&path).unwrap();
        match kind(&bytes) {
            "model" => match InteractionModel::parse(&bytes) {
                Ok(model) => {
                    assert!(!model.intents.is_empty(), "{}", path.display());
                    loaded += 1;
                }
                Err(fault) => {
                    assert!(fault.what.contains("before 2018"), "{}: {fault}", path.display());
                    old += 1;
                }
            },
            "manifest" => {
                Manifest::parse(&bytes).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
                manifests += 1;
            }
            _ => assert!(InteractionModel::parse(&bytes).is_err(), "{}", path.display()),
        }
    }
    assert_eq!((loaded, old, manifests), (252, 22, 81));
}

#[test]
fn no_shortened_model_panics() {
    let path = corpus().join("skills/alexa-samples__skill-sample-nodejs-fact/models/en-US.json");
    let bytes = fs::read(path).unwrap();
    for end in (0..bytes.len()).step_by(97) {
        let fault = InteractionModel::parse(&bytes[..end]).unwrap_err();
        assert!(fault.line >= 1 && !fault.what.is_empty() && !fault.fix.is_empty());
    }
}

#[test]
fn every_account_linking_file_is_judged_as_its_index_says() {
    let index: Value = serde_json::from_slice(&fs::read(corpus().join("account-linking/index.json")).unwrap()).unwrap();
    let entries = index.as_array().unwrap();
    assert_eq!(entries.len(), 19);
    for entry in entries {
        let file = entry["file"].as_str().unwrap();
        let verdict = AccountLinking::parse(&fs::read(corpus().join(file)).unwrap());
        assert_eq!(verdict.is_ok(), entry["valid"].as_bool().unwrap(), "{file}: {verdict:?}");
    }
}
