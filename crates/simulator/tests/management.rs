//! The stand-in for the management API, as tools of the field call it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::http::Method;
use serde_json::{Value, json};
use stubs::World;

const JSON: [(&str, &str); 2] = [("content-type", "application/json"), ("authorization", "Bearer anything")];

async fn call(world: &World, path: &str, body: Value) -> (u16, Value) {
    let (status, _, text) = world.send(Method::POST, path, &JSON, &body.to_string()).await;
    (status, serde_json::from_str(&text).unwrap_or_default())
}

#[tokio::test]
async fn a_simulation_is_asked_for_and_looked_at() {
    let world = World::new().await;
    let id = world.simulator.skill_id("sample-quiz-game").unwrap();
    let path = format!("/v2/skills/{id}/stages/development/simulations");
    let said = |content: &str| json!({"input": {"content": content}, "device": {"locale": "en-US"}, "session": {"mode": "FORCE_NEW_SESSION"}});
    let (status, begun) = call(&world, &path, said("ask sample quiz game to pick two of crimson")).await;
    assert_eq!((status, begun["status"].as_str()), (200, Some("IN_PROGRESS")));
    let seen: Value =
        serde_json::from_str(&world.get(&format!("{path}/{}", begun["id"].as_str().unwrap())).await.2).unwrap();
    assert_eq!(seen["status"], "SUCCESSFUL");
    let alexa = &seen["result"]["alexaExecutionInfo"];
    assert_eq!(alexa["alexaResponses"][0], json!({"type": "Speech", "content": {"caption": "Please link."}}));
    assert_eq!(alexa["consideredIntents"][0]["slots"]["color"]["value"], "crimson");
    let invocation = &seen["result"]["skillExecutionInfo"]["invocations"][0];
    assert_eq!(invocation["invocationRequest"]["body"]["request"]["type"], "IntentRequest");
    assert_eq!(invocation["invocationResponse"]["body"]["response"]["card"]["type"], "LinkAccount");
    world.told().skill_answers = vec![(500, "{}".into())];
    let (_, begun) = call(&world, &path, said("open sample quiz game")).await;
    let failed: Value =
        serde_json::from_str(&world.get(&format!("{path}/{}", begun["id"].as_str().unwrap())).await.2).unwrap();
    assert_eq!(failed["status"], "FAILED");
    assert!(failed["result"]["error"]["message"].as_str().unwrap().contains("status 500"));
    for (path, body, status) in [
        (path.as_str(), json!({}), 400),
        (&path, said(" "), 400),
        ("/v2/skills/amzn1.ask.skill.none/stages/development/simulations", said("x"), 404),
    ] {
        assert_eq!(call(&world, path, body).await.0, status, "{path}");
    }
    assert_eq!(world.get(&format!("{path}/none")).await.0, 404);
}

#[tokio::test]
async fn a_request_is_invoked_as_it_is() {
    let world = World::new().await;
    let id = world.simulator.skill_id("sample-quiz-game").unwrap();
    let path = format!("/v2/skills/{id}/stages/development/invocations");
    let body = json!({"version": "1.0", "context": {}, "request": {"type": "LaunchRequest", "requestId": "mine"}});
    let (status, seen) = call(&world, &path, json!({"endpointRegion": "NA", "skillRequest": {"body": body}})).await;
    assert_eq!((status, seen["status"].as_str()), (200, Some("SUCCESSFUL")), "{seen}");
    assert_eq!(world.told().skill_requests[0].1, body);
    assert_eq!(seen["result"]["skillExecutionInfo"]["invocationResponse"]["body"]["version"], "1.0");
    world.told().skill_answers = vec![(200, "no json".into())];
    let (_, seen) = call(&world, &path, json!({"endpointRegion": "default", "skillRequest": {"body": body}})).await;
    assert_eq!(
        (seen["status"].as_str(), seen["result"]["error"]["code"].as_str()),
        (Some("FAILED"), Some("INVALID_RESPONSE"))
    );
    assert_eq!(call(&world, &path, json!({"endpointRegion": "MARS", "skillRequest": {"body": body}})).await.0, 400);
    assert_eq!(call(&world, &path, json!({"endpointRegion": "NA"})).await.0, 400);
}

#[tokio::test]
async fn a_profile_leads_the_dialog_by_its_token() {
    let asked = |name: &str| json!({"name": name, "type": "AMAZON.NUMBER", "elicitationRequired": true, "prompts": {"elicitation": name}});
    let prompt = |id: &str, text: &str| json!({"id": id, "variations": [{"type": "PlainText", "value": text}]});
    let world = World::with_model(&json!({"interactionModel": {
        "languageModel": {"invocationName": "sums", "intents": [
            {"name": "AddIntent", "samples": ["add", "add {one}"], "slots": [{"name": "one", "type": "AMAZON.NUMBER"}, {"name": "two", "type": "AMAZON.NUMBER"}]},
            {"name": "AMAZON.HelpIntent", "samples": []}]},
        "dialog": {"intents": [{"name": "AddIntent", "confirmationRequired": true, "prompts": {"confirmation": "sure"}, "slots": [asked("one"), asked("two")]}]},
        "prompts": [prompt("one", "What first?"), prompt("two", "And to {one}?"), prompt("sure", "{one} and {two}?")]}}))
    .await;
    let id = world.simulator.skill_id("sample-quiz-game").unwrap();
    let path = format!("/v1/skills/{id}/stages/development/interactionModel/locales/en-US/profileNlu");
    let mut token = Value::Null;
    for (utterance, act, prompt) in [
        ("add", Some("Dialog.ElicitSlot"), "What first?"),
        ("two", Some("Dialog.ElicitSlot"), "And to 2?"),
        ("forty", Some("Dialog.ConfirmIntent"), "2 and 40?"),
        ("yes", None, ""),
    ] {
        let (status, seen) = call(&world, &path, json!({"utterance": utterance, "multiTurnToken": token})).await;
        assert_eq!(status, 200, "{seen}");
        assert_eq!(seen["selectedIntent"]["name"], "AddIntent");
        assert_eq!(seen["multiTurn"]["dialogAct"]["type"].as_str(), act, "{utterance}: {seen}");
        assert_eq!(seen["multiTurn"]["prompt"].as_str().unwrap_or_default(), prompt, "{utterance}");
        token = seen["multiTurn"]["token"].clone();
        if act.is_none() {
            assert_eq!(seen["selectedIntent"]["confirmationStatus"], "CONFIRMED");
            assert_eq!(seen["selectedIntent"]["slots"]["two"]["value"], "40");
        }
    }
    let (_, nothing) = call(&world, &path, json!({"utterance": "gibberish that fits nothing"})).await;
    assert_eq!(nothing["selectedIntent"], Value::Null);
    assert_eq!(call(&world, &path, json!({"utterance": "add", "multiTurnToken": "forged"})).await.0, 400);
    assert_eq!(call(&world, &path.replace("en-US", "de-DE"), json!({"utterance": "add"})).await.0, 404);
}

#[tokio::test]
async fn a_tool_finds_manifest_and_enablement_before_it_simulates() {
    let world = World::new().await;
    let id = world.simulator.skill_id("sample-quiz-game").unwrap();
    let path = |what: &str| format!("/v1/skills/{id}/stages/development/{what}");
    let (status, _, manifest) = world.get(&path("manifest")).await;
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!((status, manifest["manifest"]["manifestVersion"].as_str()), (200, Some("1.0")));
    assert_eq!(world.get(&path("enablement")).await.0, 204);
    let (status, headers, _) = world.get(&path("something/else")).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (404, "application/json"));
    for what in ["manifest", "enablement"] {
        assert_eq!(world.get(&path(what).replace(&id, "amzn1.ask.skill.none")).await.0, 404, "{what}");
    }
}
