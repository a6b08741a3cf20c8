use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;

fn intent(name: &str, slots: &[(&str, &str)]) -> Utterance {
    let slots = slots.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Utterance::Intent { name: name.into(), slots }
}

#[test]
fn what_is_said_is_told_from_what_is_sent() {
    for (text, expected) in [
        ("LaunchRequest", Utterance::Launch),
        ("SessionEndedRequest", Utterance::Exit),
        ("(silence)", Utterance::Silence),
        ("AMAZON.HelpIntent", intent("AMAZON.HelpIntent", &[])),
        ("SetIntent color=red page=\"twenty one\"", intent("SetIntent", &[("color", "red"), ("page", "twenty one")])),
        ("SetIntent color=crimson/red size=", intent("SetIntent", &[("color", "crimson")])),
        ("ask quiz to play", Utterance::Words("ask quiz to play".into())),
        ("MyIntent of yours", Utterance::Words("MyIntent of yours".into())),
    ] {
        assert_eq!(utterance(text), expected, "{text}");
    }
}

#[test]
fn a_script_in_yaml_is_read() {
    let text = "---\nconfiguration:\n  locale: de-DE\n---\n- test: first\n- LaunchRequest\n- hallo: Guten Tag\n- tschüss:\n  - prompt: Tschüss\n  - sessionEnded: true\n  - response.card: undefined\n  - outcome == answered\n- ja: [eins, zwei]\n---\n- test.skip: second\n- AMAZON.YesIntent:\n  - request.session.attributes.n: 1\n";
    let script = Script::parse("x.test.yml", text.as_bytes()).unwrap();
    assert_eq!(script.locale.as_deref(), Some("de-DE"));
    let [first, second] = script.dialogs.as_slice() else { panic!("{script:?}") };
    assert_eq!((first.name.as_str(), first.steps.len()), ("first", 4));
    assert_eq!(first.steps[1].expected, [Expectation::holds_text("prompt", "Guten Tag")]);
    assert_eq!(first.steps[2].expected.len(), 4);
    assert!(first.steps[2].expected[2].any_of.is_empty() && first.steps[2].expected[3].exact);
    assert_eq!(first.steps[3].expected[0].any_of, ["eins", "zwei"]);
    assert!(second.skipped.as_deref().unwrap().contains("attributes"));
}

#[test]
fn a_step_may_go_wrong_on_purpose() {
    let text = "- test: forged\n- what is my color:\n  - fault: signature-wrong\n  - verdict: refused\n- again:\n  - fault: token-lost\n";
    let script = Script::parse("x.yml", text.as_bytes()).unwrap();
    let [first, second] = script.dialogs[0].steps.as_slice() else { panic!("{script:?}") };
    assert_eq!((first.fault, first.expected.len()), (Some(Fault::SignatureWrong), 1));
    assert_eq!((second.fault, second.expected.len()), (Some(Fault::TokenLost), 0));
    let turn = json!({"fault": {"verdict": "not_noticed"}});
    assert!(first.expected[0].missed(&turn).unwrap().contains("not_noticed"));
    assert_eq!(first.expected[0].missed(&json!({"fault": {"verdict": "refused"}})), None);
}

#[test]
fn broken_scripts_name_what_is_wrong() {
    for (name, text, what) in [
        ("a.yml", "- test: [", "no YAML"),
        ("a.yml", "", "no dialog"),
        ("a.yml", "just words", "no dialog"),
        ("a.yml", "- test: a\n- b:\n  - fault: rain", "there is no fault \"rain\"; there are signature-missing"),
        ("a.yml", "- test: a\n- b:\n  - fault: verifier-wrong", "there is no fault"),
        ("a.yml", "- test: a\n- b:\n  - fault: token-lost\n  - fault: token-slow", "one fault"),
        ("a.json", "{", "no replay file"),
        ("a.json", r#"{"skillId": "", "locale": "en-US", "type": "text", "userInput": ["a"]}"#, "skillId"),
        ("a.json", r#"{"skillId": "x", "locale": "", "type": "text", "userInput": ["a"]}"#, "locale"),
        ("a.json", r#"{"skillId": "x", "locale": "en-US", "type": "text", "userInput": [" "]}"#, "userInput"),
    ] {
        let fault = Script::parse(name, text.as_bytes()).unwrap_err();
        assert!(fault.what.contains(what), "{text}: {fault}");
    }
    assert!(Script::parse("a.yml", b"\xFF").is_err());
}

#[test]
fn expectations_are_held_against_a_turn() {
    let body = json!({"version": "1.0", "sessionAttributes": {"list": [{"n": 3}]}, "response": {"card": {"type": "Simple", "title": "T"}}});
    let turn = json!({"spoken": "Welcome to the Quiz!", "progressive": ["One moment.", "Nearly there."], "reprompt": null, "outcome": "answered", "session": {"open": true, "awaits": null},
        "heard": {"intent": "PlayIntent", "slots": {"color": {"value": "red"}, "size": {"value": null}}},
        "hops": [{"title": "Ask the skill", "response": {"body": body}}, {"title": "Tell the skill that the session is over"}]});
    let expect = |path: &str, any_of: &[&str], negated, exact| {
        let any_of = any_of.iter().map(|one| (*one).to_owned()).collect();
        Expectation { path: path.into(), any_of, negated, exact }.missed(&turn)
    };
    for (path, any_of, negated, exact) in [
        ("prompt", &["welcome to"][..], false, false),
        ("prompt", &["nothing", "<speak>Welcome <b>to</b> the * </speak>"], false, false),
        ("prompt", &["/^welcome.*quiz!$/i"], false, false),
        ("prompt", &["welcome to"], true, true),
        ("prompt", &["goodbye"], true, false),
        ("progressive", &["one moment"], false, false),
        ("progressive", &["*nearly*"], false, false),
        ("response.outputSpeech.ssml", &["Welcome*Quiz!"], false, true),
        ("reprompt", &[], false, false),
        ("sessionEnded", &["false"], false, false),
        ("response.card.title", &["T"], false, false),
        ("cardTitle", &["*"], false, false),
        ("response.card.image", &[], false, false),
        ("sessionAttributes.list[0].n", &["3"], false, true),
        ("intent", &["PlayIntent"], false, true),
        ("slots.color", &["red"], false, true),
        ("slots.size", &[], false, false),
    ] {
        assert_eq!(expect(path, any_of, negated, exact), None, "{path}");
    }
    for (path, wanted) in [
        ("prompt", "/Goodbye/"),
        ("prompt", "/unclosed(/"),
        ("sessionAttributes.list[7].n", "3"),
        ("outcome", "refused"),
    ] {
        let missed = expect(path, &[wanted], false, false).unwrap();
        assert!(missed.starts_with(path) && missed.contains("found"), "{missed}");
    }
    assert!(expect("response.card", &[], false, false).is_some(), "it is there");
}

fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let shown = path.to_string_lossy().into_owned();
        if path.is_dir() {
            scripts(&path, found);
        } else if shown.ends_with(".test.yml")
            || shown.contains("TestFlow/dialogs/")
            || shown.ends_with("/dialog-replay-file.json")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_dialog_script_of_the_corpus_is_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let mut found = Vec::new();
    scripts(&corpus, &mut found);
    assert!(found.len() > 25, "{}", found.len());
    let mut playable = 0;
    for file in found {
        let script = Script::parse(&file.to_string_lossy(), &fs::read(&file).unwrap());
        let script = script.unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
        playable += script.dialogs.iter().filter(|dialog| dialog.skipped.is_none() && !dialog.steps.is_empty()).count();
    }
    assert!(playable > 45, "{playable}");
    let invalid = corpus.join("replay/alexa__ask-cli/invalid-dialog-replay-file.json");
    assert!(Script::parse("invalid.json", &fs::read(invalid).unwrap()).is_err());
}
