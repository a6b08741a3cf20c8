//! What is made to go wrong in flows: events that tell a skill, the exchange of a code, the authorization server's keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sayso_simulator::{AuthorityKeys, Fault, KeyChange};
use serde_json::{Value, json};
use stubs::{World, parameter};

const COLOR: &str = "ask sample quiz game what is my favorite color";
const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

fn refuses() -> (u16, String) {
    (400, "{\"error\": \"timestamp\"}".into())
}

fn takes() -> (u16, String) {
    (200, "{}".into())
}

/// Subscribes the package to every event, and asks for a permission.
fn subscribes(package: &Path) {
    let file = package.join("skill.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let names = ["SKILL_ENABLED", "SKILL_DISABLED", "SKILL_ACCOUNT_LINKED", "SKILL_PERMISSION_CHANGED"];
    manifest["manifest"]["events"]["subscriptions"] = names.map(|name| json!({ "eventName": name })).into();
    manifest["manifest"]["permissions"] = json!([{"name": "alexa::profile:email:read"}]);
    std::fs::write(file, manifest.to_string()).unwrap();
}

async fn last_turn(world: &World) -> Value {
    let turns: Value = serde_json::from_str(&world.get("/api/turns").await.2).unwrap();
    turns.as_array().unwrap().last().unwrap().clone()
}

/// The events that the skill was sent: kind, time, whether it was signed for this skill.
fn events(world: &World) -> Vec<(String, String)> {
    let requests = world.told().skill_requests.drain(..).collect::<Vec<_>>();
    let text = |body: &Value, name: &str| body["request"][name].as_str().unwrap().to_owned();
    requests.iter().map(|(_, body, _)| (text(body, "type"), text(body, "timestamp"))).collect()
}

/// Links with a fault chosen in the companion.
async fn link_with(world: &World, fault: &str) -> String {
    let body = format!("region=na&fault={fault}");
    let (status, headers, text) = world.send(Method::POST, "/companion/sample-quiz-game/enable", &FORM, &body).await;
    assert_eq!(status, 303, "{text}");
    let to = url::Url::parse(headers["location"].to_str().unwrap()).unwrap();
    let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let query = format!("code=the-code&state={}", parameter(&to, "state"));
    world.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await
}

#[tokio::test]
async fn a_recorded_event_is_sent_again_and_the_event_itself_after_it() {
    let world = World::with_files(subscribes).await;
    for (path, form, kind) in [
        ("/companion/sample-quiz-game/permissions", "granted=alexa::profile:email:read&", "SkillPermissionChanged"),
        ("/companion/sample-quiz-game/unlink", "", "SkillDisabled"),
    ] {
        for (answers, verdict) in [(vec![refuses(), takes()], "refused"), (vec![takes(), takes()], "not_noticed")] {
            world.told().skill_answers = answers;
            let (status, ..) = world.send(Method::POST, path, &FORM, &format!("{form}fault=replayed")).await;
            assert_eq!(status, 303);
            let kind = format!("AlexaSkillEvent.{kind}");
            let sent = [(kind.clone(), "2027-01-15T06:50:00Z".into()), (kind, "2027-01-15T08:00:00Z".into())];
            assert_eq!(events(&world), sent, "the recorded one is 70 minutes old");
            let turn = last_turn(&world).await;
            assert_eq!((&turn["fault"]["name"], &turn["fault"]["verdict"]), (&json!("replayed"), &json!(verdict)));
        }
    }
    let (_, _, page) = world
        .get(&format!("/companion/sample-quiz-game?turn={}", last_turn(&world).await["id"].as_str().unwrap()))
        .await;
    assert!(
        page.contains("class=\"fault not_noticed\"") && page.contains("has recorded one can send it again"),
        "{page}"
    );
}

#[tokio::test]
async fn the_events_of_a_linking_are_replayed_and_the_link_is_made() {
    let world = World::with_files(subscribes).await;
    world.told().skill_answers = vec![refuses(), takes(), takes(), takes()];
    let page = link_with(&world, "replayed").await;
    assert!(page.contains("id=\"linked\"") && page.contains("class=\"fault not_noticed\""), "{page}");
    let kinds: Vec<String> = events(&world).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        ["SkillEnabled", "SkillEnabled", "SkillAccountLinked", "SkillAccountLinked"]
            .map(|kind| format!("AlexaSkillEvent.{kind}"))
    );
    assert_eq!(last_turn(&world).await["fault"]["verdict"], "not_noticed", "the worse of the two counts");
}

#[tokio::test]
async fn every_fault_of_a_request_befalls_events_too() {
    let world = World::with_files(subscribes).await;
    for (fault, name, _) in Fault::ALL.into_iter().filter(|(fault, ..)| fault.is_of_requests()) {
        let is_taken = matches!(fault, Fault::KeysRotated | Fault::ClockBehind);
        world.told().skill_answers = if is_taken { vec![takes()] } else { vec![refuses(), takes()] };
        world.send(Method::POST, "/companion/sample-quiz-game/unlink", &FORM, &format!("fault={name}")).await;
        let turn = last_turn(&world).await;
        assert_eq!(turn["fault"]["verdict"], if is_taken { "borne" } else { "refused" }, "{turn}");
        assert_eq!(events(&world).len(), if is_taken { 1 } else { 2 }, "{name}");
    }
    world.told().skill_answers = vec![(503, String::new()), takes()];
    world.send(Method::POST, "/companion/sample-quiz-game/unlink", &FORM, "fault=replayed").await;
    let shown = last_turn(&world).await["fault"].clone();
    assert!(
        shown["verdict"] == "not_borne" && shown["explanation"].as_str().unwrap().contains("status 503"),
        "{shown}"
    );
}

#[tokio::test]
async fn what_cannot_happen_is_said_and_what_is_unknown_refused() {
    // It subscribes to SKILL_DISABLED alone.
    let world = World::new().await;
    let page = link_with(&world, "replayed").await;
    assert!(page.contains("id=\"linked\"") && page.contains("does not subscribe to SKILL_"), "{page}");
    assert!(!page.contains("With the event that tells the skill"), "{page}");
    assert!(page.contains("What goes wrong with the event"), "{page}");
    for (path, fault) in [("unlink", "token-lost"), ("unlink", "rain"), ("enable", "authority-keys-rotated")] {
        let path = format!("/companion/sample-quiz-game/{path}");
        let (status, _, page) = world.send(Method::POST, &path, &FORM, &format!("fault={fault}")).await;
        assert!(status == 422 && page.contains("There is no fault"), "{fault}: {page}");
    }
    world.told().skill_requests.clear();
    let command = World::reached(|_| "command:cat >/dev/null; echo '{}'".into()).await;
    command.send(Method::POST, "/companion/sample-quiz-game/unlink", &FORM, "fault=replayed").await;
    let shown = last_turn(&command).await["fault"].clone();
    assert!(
        shown["verdict"] == "does_not_apply" && shown["explanation"].as_str().unwrap().contains("bare event"),
        "{shown}"
    );
    let turn = world.turn(json!({"utterance": COLOR, "fault": "verifier-wrong"})).await;
    assert!(turn["fault"]["explanation"].as_str().unwrap().contains("in the companion"), "{turn}");
    assert_eq!(turn["outcome"], "answered", "it is sent as it should be");
}

#[tokio::test]
async fn a_wrong_verifier_must_be_refused() {
    let dead = || (400, json!({"error": "invalid_grant"}));
    for (answer, verdict, linked, said) in [
        (Some(dead()), "refused", false, "issued nothing, as it must"),
        (None, "not_noticed", true, "whoever catches a code can use it"),
        (Some((503, json!({}))), "does_not_apply", false, "no clear answer"),
        (Some((401, json!({"error": "invalid_client"}))), "does_not_apply", false, "refused the client"),
    ] {
        let world = World::new().await;
        world.told().token_answers = answer.into_iter().collect();
        let page = link_with(&world, "verifier-wrong").await;
        assert!(page.contains("id=\"linked\"") == linked && page.contains(said), "{verdict}: {page}");
        assert_eq!(last_turn(&world).await["fault"]["verdict"], verdict);
        let verifier = world.told().token_requests[0].1["code_verifier"].clone();
        assert!(verifier.len() >= 43 && !world.get("/api/turns").await.2.contains(&verifier), "it is a secret as well");
    }
    let plain = World::with(|settings| drop(settings.as_object_mut().unwrap().remove("pkceConfiguration"))).await;
    assert!(!plain.get("/companion/sample-quiz-game").await.2.contains("verifier-wrong"));
    assert!(link_with(&plain, "verifier-wrong").await.contains("send no PKCE challenge"));
}

#[tokio::test]
async fn a_refused_linking_judges_no_fault_of_the_exchange() {
    let world = World::new().await;
    let body = "region=na&fault=token-lost";
    let (_, headers, _) = world.send(Method::POST, "/companion/sample-quiz-game/enable", &FORM, body).await;
    let to = url::Url::parse(headers["location"].to_str().unwrap()).unwrap();
    let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let query = format!("error=access_denied&state={}", parameter(&to, "state"));
    world.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await;
    let shown = last_turn(&world).await["fault"].clone();
    assert!(
        shown["verdict"] == "does_not_apply"
            && shown["explanation"].as_str().unwrap().contains("nothing was exchanged")
    );
}

/// Notes what is asked of it, and says that it is done.
#[derive(Default)]
struct Hand(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl AuthorityKeys for Hand {
    async fn change(&self, authorization_url: &str, change: KeyChange<'_>) -> Result<String, String> {
        self.0.lock().unwrap().push(format!("{change:?} {authorization_url}"));
        Ok("Key new signs now.".into())
    }
}

/// A token answer whose access token looks like a JWT.
fn signed_by(kid: Option<&str>, number: u32) -> (u16, Value) {
    let header = kid.map_or_else(|| json!({"alg": "RS256"}), |kid| json!({"alg": "RS256", "kid": kid}));
    let parts = [header.to_string(), json!({"iss": "https://id.example", "n": number}).to_string(), "signature".into()];
    let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let refresh = format!("opaque-refresh-token-{number}");
    (200, json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh}))
}

#[tokio::test]
async fn the_authorization_servers_keys_change_in_mid_session() {
    let world = World::new().await;
    let hand = Arc::new(Hand::default());
    let turn = world.turn(json!({"utterance": COLOR, "fault": "authority-keys-rotated"})).await;
    assert!(turn["fault"]["explanation"].as_str().unwrap().contains("no account is linked"), "{turn}");
    world.told().token_answers = vec![signed_by(Some("old"), 1), signed_by(Some("new"), 2)];
    world.link().await;
    let turn = world.turn(json!({"utterance": COLOR, "fault": "authority-keys-rotated"})).await;
    assert_eq!((&turn["fault"]["verdict"], &turn["outcome"]), (&json!("does_not_apply"), &json!("answered")));
    assert!(turn["fault"]["explanation"].as_str().unwrap().contains("sayso keys rotate"), "{turn}");
    assert_eq!(world.told().token_requests.len(), 1, "nothing was done, and nothing is refreshed for it");

    world.simulator.lend_keys(hand.clone());
    let turn = world.turn(json!({"utterance": COLOR, "fault": "authority-keys-rotated"})).await;
    assert_eq!(turn["fault"]["verdict"], "borne", "{turn}");
    assert!(turn["explanation"].as_str().unwrap().starts_with("Key new signs now."), "{turn}");
    let sent = world.told().skill_requests.last().unwrap().1["session"]["user"]["accessToken"].clone();
    assert_eq!(sent, signed_by(Some("new"), 2).1["access_token"], "the next token is sent at once");
    world.turn(json!({"exit": true})).await;
    world.told().skill_answers = vec![(200, LINK.into())];
    world.told().token_answers = vec![signed_by(Some("newest"), 3)];
    let turn = world.turn(json!({"utterance": COLOR, "fault": "authority-keys-rotated"})).await;
    assert_eq!((&turn["fault"]["verdict"], &turn["outcome"]), (&json!("not_borne"), &json!("refused")), "{turn}");

    for (answer, verdict) in
        [(None, "not_yet"), (Some((200, LINK.to_owned())), "refused"), (Some((500, String::new())), "not_borne")]
    {
        world.turn(json!({"exit": true})).await;
        world.told().skill_answers = answer.into_iter().collect();
        let turn = world.turn(json!({"utterance": COLOR, "fault": "authority-keys-revoked"})).await;
        assert_eq!(turn["fault"]["verdict"], verdict, "{turn}");
    }
    assert_eq!(world.told().token_requests.len(), 3, "Alexa repeats the token: it does not know");
    let asked = hand.0.lock().unwrap().clone();
    let page = format!("{}/authorize?audience=x", world.stub);
    assert_eq!(asked[..3], [format!("Rotate {page}"), format!("Rotate {page}"), format!("Revoke(\"newest\") {page}")]);
}

#[tokio::test]
async fn a_token_that_no_key_has_signed_is_said_to_be_so() {
    for (answer, said) in [(None, "is no JWT"), (Some(signed_by(None, 1)), "which key signed it")] {
        let world = World::new().await;
        world.simulator.lend_keys(Arc::new(Hand::default()));
        world.told().token_answers = answer.into_iter().collect();
        world.link().await;
        let turn = world.turn(json!({"utterance": COLOR, "fault": "authority-keys-revoked"})).await;
        assert!(turn["fault"]["explanation"].as_str().unwrap().contains(said), "{turn}");
    }
}

const LINK: &str = "{\"version\": \"1.0\", \"response\": {\"outputSpeech\": {\"type\": \"PlainText\", \"text\": \"Please link.\"}, \"card\": {\"type\": \"LinkAccount\"}}}";
