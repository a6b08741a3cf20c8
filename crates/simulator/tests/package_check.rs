//! The lint over whole folders: published packages, and what it says of broken ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

use sayso_simulator::{PackageReport, Severity, check_skill};
use serde_json::Value;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}

#[test]
fn every_published_package_is_read() {
    let report = check_skill(&corpus().join("skills")).unwrap();
    assert_eq!((report.models, report.manifests), (274, 81));
    for one in &report.findings {
        let lines = String::from_utf8_lossy(&fs::read(&one.file).unwrap()).lines().count();
        assert!((1..=lines.max(1)).contains(&one.finding.line), "{one:?}");
        assert!(!one.finding.what.is_empty() && !one.finding.fix.is_empty(), "{one:?}");
    }
    // None of them misses a required intent or a slot without it being said; few of them are refused.
    assert!(report.count(Severity::Error) < 100, "{}", report.count(Severity::Error));
}

#[test]
fn every_account_linking_file_gets_the_verdict_of_its_index() {
    let index: Value = serde_json::from_slice(&fs::read(corpus().join("account-linking/index.json")).unwrap()).unwrap();
    let entries = index.as_array().unwrap();
    assert_eq!(entries.len(), 19);
    for entry in entries {
        let report = check_skill(&corpus().join(entry["file"].as_str().unwrap())).unwrap();
        assert_eq!(report.account_linking, 1, "{entry}");
        assert_eq!(report.count(Severity::Error) == 0, entry["valid"].as_bool().unwrap(), "{entry}: {report:?}");
    }
}

fn said(report: &PackageReport, file: &str, line: usize, what: &str) -> bool {
    let findings = report.findings.iter();
    findings.clone().any(|one| one.file.ends_with(file) && one.finding.line == line && one.finding.what.contains(what))
}

#[test]
fn a_package_is_checked_over_all_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    };
    assert!(check_skill(folder.path()).is_err(), "an empty folder");
    assert!(check_skill(&folder.path().join("nowhere")).is_err());
    let model = "skill-package/interactionModels/custom/en-US.json";
    write(
        model,
        "{\"interactionModel\": {\"languageModel\": {\"invocationName\": \"color quiz\",\n\"intents\": [\n\
        {\"name\": \"GoIntent\", \"samples\": [\"go {where}\"]}]}}}",
    );
    let report = check_skill(folder.path()).unwrap();
    assert!(said(&report, model, 3, "\"where\""), "{report:?}");
    assert!(report.findings.iter().any(|one| one.finding.what == "there is no manifest"), "{report:?}");
    write(
        "skill-package/skill.json",
        "{\"manifest\": {\"manifestVersion\": \"1.0\", \"apis\": {\"custom\": {}},\n\
        \"publishingInformation\": {\"locales\": {\"en-US\": {\"name\": \"Quiz\", \"examplePhrases\": [\"Alexa, open color quiz\",\n\
        \"Alexa, ask color quiz to dance\"]},\n\"de-DE\": {\"name\": \"Quiz\"}}}}}",
    );
    write("accountLinking.json", "{\"accountLinkingRequest\": {\"type\":\n\"NONE\"}}");
    write("skill-package/interactionModels/custom/fr-FR.json", "{\n\"interactionModel\": ]");
    write("node_modules/other/skill.json", "{");
    let report = check_skill(folder.path()).unwrap();
    assert_eq!((report.models, report.manifests, report.account_linking), (2, 1, 1));
    for (file, line, what) in [
        ("skill-package/skill.json", 3, "to dance"),
        ("skill-package/skill.json", 4, "no model for it"),
        ("accountLinking.json", 2, "\"NONE\" is unknown"),
        ("custom/fr-FR.json", 2, "expected value"),
    ] {
        assert!(said(&report, file, line, what), "{file} {line} {what}: {report:#?}");
    }
    assert!(!report.findings.iter().any(|one| one.finding.what.contains("open color quiz")));
}
