//! Skills that are no web services: a function on this machine, and a command.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use serde_json::json;
use stubs::World;

#[tokio::test]
async fn a_function_gets_the_bare_event_and_its_error_is_told() {
    let world = World::reached(|stub| format!("lambda+{stub}/skill")).await;
    let speech = json!({"version": "1.0", "response": {"outputSpeech": {"type": "PlainText", "text": "Hi."}}});
    let error = json!({"errorMessage": "x is not defined", "errorType": "ReferenceError", "trace": []});
    world.told().skill_answers = vec![(200, speech.to_string()), (200, error.to_string())];
    assert_eq!(world.ask("open sample quiz game").await["spoken"], "Hi.");
    let (headers, body, _) = world.told().skill_requests[0].clone();
    assert!(headers.get("signature-256").is_none() && headers.get("signaturecertchainurl").is_none());
    assert_eq!(body["request"]["type"], "LaunchRequest");
    let turn = world.ask("open sample quiz game").await;
    assert_eq!(turn["explanation"], "The function failed: ReferenceError x is not defined");
}

#[tokio::test]
async fn faults_of_the_signature_do_not_apply_where_nothing_is_signed() {
    let world = World::reached(|stub| format!("lambda+{stub}/skill")).await;
    world.link().await;
    for fault in ["signature-missing", "certificate-root", "body-altered", "keys-rotated", "clock-ahead", "replayed"] {
        let turn = world.turn(json!({"utterance": "open sample quiz game", "fault": fault})).await;
        assert_eq!(turn["fault"]["verdict"], "does_not_apply", "{fault}: {turn}");
        assert_eq!(turn["outcome"], "answered", "{fault}");
        let (_, body, raw) = world.told().skill_requests.last().unwrap().clone();
        assert_eq!(raw.last(), Some(&b'}'), "{fault}: the body is as it should be");
        assert_eq!(body["request"]["timestamp"], "2027-01-15T08:00:00Z", "{fault}");
    }
    let turn = world.turn(json!({"utterance": "open sample quiz game", "fault": "skill-id"})).await;
    assert_eq!(turn["fault"]["verdict"], "not_noticed", "a foreign skill id can come on every way");
    let turn = world.turn(json!({"utterance": "open sample quiz game", "fault": "token-lost"})).await;
    assert_eq!(turn["fault"]["verdict"], "borne");
}

#[tokio::test]
async fn a_command_is_asked_and_answers() {
    let answer = r#"{"version": "1.0", "response": {"outputSpeech": {"type": "PlainText", "text": "From a command."}, "shouldEndSession": false}}"#;
    let world = World::reached(|_| format!("command:grep -q LaunchRequest && echo '{answer}'")).await;
    let turn = world.ask("open sample quiz game").await;
    assert_eq!((turn["spoken"].as_str(), turn["session"]["open"].as_bool()), (Some("From a command."), Some(true)));
    let turn = world.ask("help").await;
    assert_eq!(turn["outcome"], "failed", "the command ends with 1 for other requests");
    assert!(turn["hops"][0]["note"].as_str().unwrap().contains("cannot be reached"), "{turn}");
}
