//! `sayso skill`: what is printed, and how it ends.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const MODEL: &str = r#"{"interactionModel": {"languageModel": {"invocationName": "color quiz", "intents": [
 {"name": "AMAZON.CancelIntent"}, {"name": "AMAZON.HelpIntent"}, {"name": "AMAZON.StopIntent"},
 {"name": "AskIntent", "slots": [{"name": "color", "type": "COLOR"}], "samples": ["is it {color}"]}],
 "types": [{"name": "COLOR", "values": [{"id": "r", "name": {"value": "red", "synonyms": ["crimson"]}}]}]}}}"#;

fn sayso(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
    command.current_dir(folder).args(["skill"]).args(arguments).env_remove("RUST_LOG").output().unwrap()
}

fn package() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("models")).unwrap();
    fs::write(folder.path().join("models/en-US.json"), MODEL).unwrap();
    fs::write(folder.path().join("broken.json"), "{\"languageModel\": {").unwrap();
    folder
}

#[test]
fn a_profile_is_json_with_intent_slots_and_resolutions() {
    let folder = package();
    let output = sayso(folder.path(), &["profile", "models", "alexa, ask color quiz is it crimson", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["request"], "IntentRequest");
    assert_eq!(shown["selectedIntent"]["name"], "AskIntent");
    let slot = &shown["selectedIntent"]["slots"]["color"];
    assert_eq!((&slot["value"], &slot["words"]), (&"crimson".into(), &"crimson".into()));
    assert_eq!(slot["resolutions"]["status"]["code"], "ER_SUCCESS_MATCH");
    assert_eq!(slot["resolutions"]["values"][0], serde_json::json!({"name": "red", "id": "r"}));
    for (arguments, code) in [
        (&["profile", "models/en-US.json", "open color quiz"][..], 0),
        (&["profile", ".", "is", "it", "blue"], 0),
        (&["profile", "models", "what a lovely day it is"], 1),
        (&["profile", "nowhere", "is it red"], 2),
        (&["profile", "broken.json", "is it red"], 2),
        (&["profile", "models", "is it red", "--locale", "de-DE"], 2),
        (&["profile", "models", "is it red", "--now", "noon"], 2),
        (&["profile", "models", "is it red", "--time-zone", "Mars/Olympus"], 2),
    ] {
        let output = sayso(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert_eq!(output.stdout.is_empty(), code == 2, "{arguments:?}");
        assert_eq!(output.stderr.is_empty(), code != 2, "{arguments:?}");
    }
}

#[test]
fn tomorrow_begins_in_the_time_zone() {
    let folder = package();
    let model = r#"{"interactionModel": {"languageModel": {"invocationName": "color quiz", "intents": [
        {"name": "DayIntent", "slots": [{"name": "day", "type": "AMAZON.DATE"}], "samples": ["play {day}"]}], "types": []}}}"#;
    fs::write(folder.path().join("day.json"), model).unwrap();
    for (zone, day) in
        [(None, "2024-05-16"), (Some("Asia/Tokyo"), "2024-05-17"), (Some("america/los_angeles"), "2024-05-16")]
    {
        let mut arguments = vec!["profile", "day.json", "play tomorrow", "--json", "--now", "2024-05-15T22:30:00Z"];
        arguments.extend(zone.iter().flat_map(|zone| ["--time-zone", zone]));
        let output = sayso(folder.path(), &arguments);
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(shown["selectedIntent"]["slots"]["day"]["value"], day, "{zone:?}");
    }
}

#[test]
fn cases_are_tried_one_a_line() {
    let folder = package();
    let case = |id: &str, model: &str, color: &str| {
        serde_json::json!({"id": id, "model": model, "locale": "en-US", "utterance": "is it Crimson?",
            "expected": {"intent": "AskIntent", "slots": {"color": color}, "ids": {"color": "r"}}})
    };
    let good = case("good", "models/en-US.json", "crimson");
    for (cases, code, passes, summary) in [
        (vec![good.clone()], 0, vec![true], "1 of 1 cases pass"),
        (
            vec![good, case("bad", "models/en-US.json", "red"), case("broken", "broken.json", "crimson")],
            1,
            vec![true, false, false],
            "1 of 3 cases pass",
        ),
    ] {
        fs::write(folder.path().join("cases.json"), serde_json::to_vec(&cases).unwrap()).unwrap();
        let output = sayso(folder.path(), &["profile", "--cases", "cases.json", "--root", "."]);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let lines: Vec<Value> =
            String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.iter().map(|line| line["pass"].as_bool().unwrap()).collect::<Vec<_>>(), passes);
        assert_eq!(lines[0]["got"]["slots"]["color"], "Crimson");
        assert!(String::from_utf8_lossy(&output.stderr).contains(summary), "{output:?}");
    }
    for arguments in [["--cases", "absent.json", "--root", "."], ["--cases", "cases.json", "--root", "absent"]] {
        let output = sayso(folder.path(), &[&["profile"], &arguments[..]].concat());
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("absent"), "{output:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("os error"), "{output:?}");
    }
}

#[test]
fn a_check_names_file_line_and_remedy() {
    let folder = package();
    let output = sayso(folder.path(), &["check", "models"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.ends_with("0 errors, 2 warnings in 1 models, 0 manifests, 0 account-linking files\n"), "{text}");
    fs::write(folder.path().join("models/en-US.json"), MODEL.replace("is it {color}", "is it {colour}")).unwrap();
    let output = sayso(folder.path(), &["check", "models"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("en-US.json:3: error [MissingSlot]: the sample \"is it {colour}\""), "{text}");
    let output = sayso(folder.path(), &["check", "models", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = report["findings"].as_array().unwrap().iter().find(|one| one["severity"] == "error").unwrap();
    assert_eq!((&first["line"], &first["code"]), (&3.into(), &"MissingSlot".into()));
    assert_eq!((output.status.code(), &report["models"]), (Some(1), &1.into()));
    assert_eq!(sayso(folder.path(), &["check", "nowhere"]).status.code(), Some(2));
}
