//! Opening skill packages: published ones load, unreadable ones name file, line and remedy.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sayso_simulator::{OpenError, Settings, Simulator, SkillSetup, skill_id_for};
use sayso_token::entropy::{Entropy, SharedEntropy};
use sayso_token::time::{Clock, Timestamp};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }
}

struct Sevens;

impl Entropy for Sevens {
    fn fill(&mut self, dest: &mut [u8]) {
        dest.fill(7);
    }
}

async fn open(package: &Path, data: &Path, slug: &str) -> Result<Simulator, OpenError> {
    let skill = SkillSetup { slug: slug.into(), package: package.to_owned(), ..SkillSetup::default() };
    Simulator::open(Settings {
        data_dir: data.to_owned(),
        public_url: stubs::CONSOLE.into(),
        vendor_id: stubs::VENDOR.into(),
        skills: vec![skill],
        clock: Arc::new(Noon),
        entropy: SharedEntropy::new(Sevens),
    })
    .await
}

#[tokio::test]
async fn an_unreadable_package_names_file_line_and_remedy() {
    let model = "skill-package/interactionModels/custom/en-US.json";
    let linking = "skill-package/accountLinking.json";
    for (file, content, reason, said) in [
        ("skill-package/skill.json", "{\n\"manifest\": {,}}", "package_unreadable", "skill.json: line 2, column 14: "),
        ("skill-package/skill.json", "{}", "package_unreadable", "no \"manifest\""),
        (
            model,
            "{\"interactionModel\":\n\n{\"languageModel\": {\"intents\": 3}}}",
            "package_unreadable",
            "en-US.json: line 3",
        ),
        (model, "{\"intents\": [{\"intent\": \"A\"}]}", "package_unreadable", "before 2018"),
        (model, "\u{0}", "package_unreadable", "en-US.json: line 1"),
        (
            linking,
            "{\"type\":\n\"PASSWORD\"}",
            "package_unreadable",
            "accountLinking.json: line 1, column 2: the type \"PASSWORD\"",
        ),
        (linking, "{\"type\": \"AUTH_CODE\"}", "package_unreadable", "authorizationUrl is missing"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        stubs::write_package(folder.path(), "http://127.0.0.1:1", &stubs::linking("http://127.0.0.1:1"));
        fs::write(folder.path().join("package").join(file), content).unwrap();
        let error = open(&folder.path().join("package"), &folder.path().join("data"), "quiz").await.err().unwrap();
        assert_eq!(error.reason(), reason, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.to_string().contains(stubs::SECRET));
    }
}

#[tokio::test]
async fn an_incomplete_package_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let package = folder.path().join("package");
    let said = |error: OpenError| format!("{}: {error}", error.reason());
    assert!(said(open(&package, &data, "quiz").await.err().unwrap()).contains("no such folder"));
    fs::create_dir_all(package.join("skill-package")).unwrap();
    assert!(said(open(&package, &data, "quiz").await.err().unwrap()).contains("skill.json is missing"));
    fs::write(package.join("skill-package/skill.json"), "{\"manifest\": {}}").unwrap();
    assert!(said(open(&package, &data, "quiz").await.err().unwrap()).contains("no interaction model"));
    assert!(said(open(&package, &data, "a/b").await.err().unwrap()).starts_with("setting_invalid"));
}

#[tokio::test]
async fn the_older_layout_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("package");
    fs::create_dir_all(package.join("models")).unwrap();
    fs::create_dir_all(package.join(".ask")).unwrap();
    fs::write(package.join("skill.json"), "\u{feff}{\"manifest\": {}}").unwrap();
    let model = r#"{"languageModel": {"invocationName": "old one", "intents": [{"name": "A", "samples": ["a b"]}]}}"#;
    fs::write(package.join("models/en-GB.json"), model).unwrap();
    let simulator = open(&package, &folder.path().join("data"), "old").await.unwrap();
    assert_eq!(simulator.skill_id("old").unwrap(), skill_id_for("old"));
    let turn = simulator.say(&sayso_simulator::Saying::words("open old one")).await;
    assert!(turn.explanation.contains("names no endpoint"), "the English model of another country serves: {turn:?}");
    let id = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";
    let states = format!("{{\"profiles\": {{\"default\": {{\"skillId\": \"{id}\"}}}}}}");
    fs::write(package.join(".ask/ask-states.json"), states).unwrap();
    let simulator = open(&package, &folder.path().join("data"), "old").await.unwrap();
    assert_eq!(simulator.skill_id("old").unwrap(), id);
}

fn package_folders(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("skill-package") && path.join("interactionModels/custom").is_dir() {
            into.push(path.parent().unwrap().to_owned());
        } else if path.is_dir() {
            package_folders(&path, into);
        }
    }
}

#[tokio::test]
async fn every_published_package_opens() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/skills");
    let mut folders = Vec::new();
    package_folders(&corpus, &mut folders);
    assert!(folders.len() > 20, "{}", folders.len());
    let data = tempfile::tempdir().unwrap();
    let mut incomplete = Vec::new();
    for folder in &folders {
        match open(folder, data.path(), "published").await {
            Ok(_) => {}
            Err(error @ OpenError::Missing { .. }) => incomplete.push(error.to_string()),
            Err(error) => panic!("{}: {error}", folder.display()),
        }
    }
    assert!(incomplete.iter().all(|one| one.contains("skill.json is missing")), "{incomplete:?}");
    assert!(incomplete.len() * 4 < folders.len(), "{incomplete:?}");
}
