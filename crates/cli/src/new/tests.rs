#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use sayso_simulator::{Severity, check_skill, understand};
use toml::{Table, Value};

use super::name::Name;
use super::{files, run, sdk_in};
use crate::args;
use crate::config;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn new(folder: &Path) -> anyhow::Result<()> {
    run(&args::New { folder: folder.to_owned(), sdk: Some(source()) })
}

#[test]
fn a_name_has_four_spellings() {
    let name = Name::of(Path::new("some/where/lucky-number-game")).unwrap();
    assert_eq!(name.slug(), "lucky-number-game");
    assert_eq!(name.module(), "lucky_number_game");
    assert_eq!(name.spoken(), "lucky number game");
    assert_eq!(name.title(), "Lucky Number Game");
}

#[test]
fn what_alexa_or_cargo_would_refuse_is_no_name() {
    let top = tempfile::tempdir().unwrap();
    for (name, words) in [
        ("weather", "two words or more"),
        ("", "two words or more"),
        ("..", "two words or more"),
        ("Lucky-Number", "small letters"),
        ("lucky_number", "joined by hyphens"),
        ("lucky--number", "joined by hyphens"),
        ("-number", "joined by hyphens"),
        ("level-3", "numbers spelled out"),
        ("schöne-farbe", "small letters"),
        ("alexa-weather", "a wake word"),
        ("my-skill", "a word of Amazon's"),
        ("open-sesame", "launches skills"),
        ("the-weather", "article or preposition"),
    ] {
        let refused = format!("{:#}", new(&top.path().join(name)).unwrap_err());
        assert!(refused.contains(words), "{name}: {refused}");
    }
    assert_eq!(std::fs::read_dir(top.path()).unwrap().count(), 0, "nothing is left of what was refused");
}

#[test]
fn a_folder_that_is_there_stays_as_it_is() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("lucky-number");
    std::fs::create_dir(&folder).unwrap();
    let refused = new(&folder).unwrap_err().to_string();
    assert!(refused.contains("is there already"), "{refused}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn the_source_is_found_where_it_is() {
    assert_eq!(sdk_in(&source()), Some(source().join("crates/skill")));
    assert_eq!(sdk_in(&source().join("crates/skill")), Some(source().join("crates/skill")));
    assert_eq!(sdk_in(&source().join("crates")), None);
}

#[test]
fn a_new_skill_fits_together_and_keeps_nothing_of_the_example() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("lucky-number");
    new(&folder).unwrap();

    let report = check_skill(&folder).unwrap();
    let found: Vec<&str> = report.findings.iter().map(|found| found.finding.what.as_str()).collect();
    // What is left for the day on which it goes to Amazon.
    assert!(report.findings.iter().all(|found| found.finding.severity == Severity::Warning), "{found:?}");
    let left =
        ["authorizationUrl leads to this machine", "accessTokenUrl leads to this machine", "there is no clientSecret"];
    let left = left.into_iter().chain(["smallIconUri is missing", "largeIconUri is missing"]);
    assert!(found.len() == 5 && found.iter().zip(left).all(|(found, left)| found.starts_with(left)), "{found:?}");
    assert_eq!((report.models, report.manifests, report.account_linking), (1, 1, 1));
    for (path, content) in files::of(&Name::of(&folder).unwrap(), Path::new("/sdk \"of\" mine")) {
        assert!(!content.to_lowercase().contains("hello you") && !content.contains("hello-you"), "{path}");
        assert!(!content.contains("hello_you") && !content.contains("%SDK%"), "{path}");
    }

    // The secrets are made by `sayso dev`; with them the configuration is whole.
    for kept in config::files_with_secrets(&folder.join("sayso.toml")).unwrap() {
        std::fs::create_dir_all(kept.path.parent().unwrap()).unwrap();
        crate::private::write(&kept.path, "x".repeat(43).as_bytes()).unwrap();
    }
    let checked = config::read(&folder.join("sayso.toml")).unwrap();
    assert_eq!(checked.findings.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn its_own_sentences_are_understood() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("lucky-number");
    new(&folder).unwrap();
    let (file, locale) = sayso_simulator::choose_model(&folder, None).unwrap();
    let (model, _) = sayso_simulator::read_model(&file).unwrap();
    let listener = understand::Listener::new(&model, &locale);
    let now =
        sayso_simulator::TimeZone::default().wall_clock(sayso_token::time::Timestamp::from_seconds(1_795_348_800));
    for phrase in ["alexa ask lucky number who am i", "alexa ask lucky number what is my name"] {
        let heard = understand::Heard::anyhow(&listener, &model.invocation_name, phrase, now);
        let profile = heard.profile().to_string();
        assert!(profile.contains("WhoAmIIntent"), "{phrase}: {profile}");
    }
}

/// What the example takes from the workspace, the new skill names itself: both must be the same.
#[test]
fn dependencies_are_those_that_the_example_is_tested_with() {
    let read = |path: &str| toml::from_str::<Table>(&std::fs::read_to_string(source().join(path)).unwrap()).unwrap();
    let (workspace, example) = (read("Cargo.toml"), read("examples/hello-you/Cargo.toml"));
    let sdk = source().join("crates/skill");
    let manifest = files::of(&Name::of(Path::new("hello-you")).unwrap(), &sdk).pop().unwrap().1;
    let manifest: Table = toml::from_str(&manifest).unwrap();
    let names = |table: &Table, key: &str| table[key].as_table().unwrap().keys().cloned().collect::<Vec<_>>();
    for key in ["dependencies", "dev-dependencies"] {
        assert_eq!(names(&manifest, key), names(&example, key), "{key}");
        for (name, own) in manifest[key].as_table().unwrap() {
            let theirs = &workspace["workspace"]["dependencies"][name];
            let version = |value: &Value| value.get("version").unwrap_or(value).as_str().map(str::to_owned);
            if name == "sayso-skill" {
                assert_eq!(own["path"].as_str(), sdk.to_str());
                assert_eq!(own["features"], example[key][name]["features"], "{key}");
            } else {
                assert_eq!(version(own), version(theirs), "{name}");
            }
        }
    }
}
