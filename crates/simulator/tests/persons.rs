//! The household and its recognised persons: links of their own, PINs, permissions, events, and how Alexa refreshes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::http::Method;
use serde_json::{Value, json};
use stubs::{CONSOLE, World, parameter};

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
const COLOR: &str = "ask sample quiz game what is my favorite color";

/// A skill that asks for these permissions, and wants to know of every event.
async fn world(permissions: &[&str], more: Value) -> World {
    let permissions: Vec<Value> = permissions.iter().map(|name| json!({ "name": name })).collect();
    World::with_files(|package| {
        let file = package.join("skill.json");
        let mut manifest: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        manifest["manifest"]["permissions"] = permissions.into();
        manifest["manifest"]["events"]["subscriptions"] =
            ["SKILL_ENABLED", "SKILL_DISABLED", "SKILL_ACCOUNT_LINKED", "SKILL_PERMISSION_CHANGED"]
                .map(|name| json!({"eventName": name}))
                .to_vec()
                .into();
        std::fs::write(file, manifest.to_string()).unwrap();
        let file = package.join("accountLinking.json");
        let mut linking: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        linking["accountLinkingRequest"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        std::fs::write(file, linking.to_string()).unwrap();
    })
    .await
}

async fn link(world: &World, fields: &str) {
    let (status, headers, text) = world.send(Method::POST, "/companion/sample-quiz-game/enable", &FORM, fields).await;
    assert_eq!(status, 303, "{text}");
    let to = url::Url::parse(headers["location"].to_str().unwrap()).unwrap();
    let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let query = format!("code=the-code&state={}", parameter(&to, "state"));
    let page = world.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await;
    assert!(page.contains("id=\"linked\"") || page.contains("successfully linked"), "{page}");
}

fn last(world: &World) -> Value {
    world.told().skill_requests.last().unwrap().1.clone()
}

#[tokio::test]
async fn a_recognised_person_has_an_id_and_a_link_of_their_own() {
    let world = world(&["alexa::person_id:read"], json!({})).await;
    link(&world, "region=na").await;
    link(&world, "region=na&person=ada").await;
    world.turn(json!({"utterance": COLOR, "person": "ada"})).await;
    let ada = last(&world)["context"]["System"].clone();
    assert!(ada["person"]["personId"].as_str().unwrap().starts_with("amzn1.ask.person."));
    assert_eq!(ada["person"]["authenticationConfidenceLevel"]["level"], 300);
    assert_ne!(ada["person"]["accessToken"], ada["user"]["accessToken"]);
    world.turn(json!({"utterance": COLOR, "person": "bob"})).await;
    let bob = last(&world)["context"]["System"].clone();
    assert!(bob["person"].get("accessToken").is_none(), "bob has linked nothing");
    assert_ne!(bob["person"]["personId"], ada["person"]["personId"]);
    world.ask(COLOR).await;
    assert!(last(&world)["context"]["System"].get("person").is_none(), "a voice nobody knows");
    // Each link is refreshed on its own; a lost one is lost alone.
    world.clock.forward(3601);
    world.told().token_answers = vec![
        (200, json!({"access_token": "opaque-access-token-x", "token_type": "Bearer", "expires_in": 3600})),
        (400, json!({"error": "invalid_grant"})),
    ];
    let turn = world.turn(json!({"utterance": COLOR, "person": "ada"})).await;
    assert!(turn["explanation"].as_str().unwrap().contains("was lost"), "{turn}");
    let ada = last(&world)["context"]["System"].clone();
    assert!(ada["person"].get("accessToken").is_none() && ada["user"]["accessToken"] == "opaque-access-token-x");
    let (_, _, page) = world.get("/companion/sample-quiz-game").await;
    assert!(page.contains("<dt>ada</dt><dd>Account not linked</dd>"), "{page}");
}

#[tokio::test]
async fn without_the_permission_the_skill_is_not_told_who_speaks() {
    let world = world(&[], json!({})).await;
    let turn = world.turn(json!({"utterance": COLOR, "person": "ada"})).await;
    assert!(last(&world)["context"]["System"].get("person").is_none());
    assert!(turn["explanation"].as_str().unwrap().contains("alexa::person_id:read"), "{turn}");
}

fn verify() -> (u16, String) {
    let directive = json!({"type": "Connections.StartConnection", "uri": "connection://AMAZON.VerifyPerson/2", "token": "t1",
        "onCompletion": "RESUME_SESSION", "input": {"requestedAuthenticationConfidenceLevel": {"level": 400,
        "customPolicy": {"policyName": "VOICE_PIN"}}}});
    (200, json!({"version": "1.0", "sessionAttributes": {"n": 1}, "response": {"directives": [directive]}}).to_string())
}

fn stays() -> (u16, String) {
    (200, json!({"version": "1.0", "response": {"shouldEndSession": false}}).to_string())
}

#[tokio::test]
async fn a_pin_proves_who_speaks_and_never_reaches_the_skill() {
    let may = ["alexa::person_id:read", "alexa::authenticate:2:mandatory"];
    for (said, status, reason, level) in [
        (vec!["one two three four"], "ACHIEVED", None, 400),
        (vec!["9999", "it is 1 2 3 4"], "ACHIEVED", None, 400),
        (vec!["9999", "9999", "9999"], "NOT_ACHIEVED", Some("METHOD_LOCKOUT"), 300),
        (vec!["never mind"], "NOT_ACHIEVED", Some("NOT_MATCH"), 300),
    ] {
        let world = world(&may, json!({})).await;
        world.told().skill_answers = vec![verify(), stays(), stays()];
        let say = |words: &str| world.turn(json!({"utterance": words, "person": "ada"}));
        let turn = say("open sample quiz game").await;
        assert_eq!(
            (turn["spoken"].as_str(), turn["session"]["awaits"].as_str()),
            (Some("What's your PIN?"), Some("PIN"))
        );
        for words in &said {
            let turn = say(words).await;
            assert_eq!(turn["utterance"], "(PIN)");
            assert!(!turn.to_string().contains("9999") && !turn.to_string().contains("one two"), "{turn}");
        }
        let (_, _, flow) = world.get("/flow").await;
        assert!(!flow.contains("9999") && !flow.contains("one two"), "{flow}");
        let resumed = last(&world);
        let cause = &resumed["request"]["cause"];
        assert_eq!(resumed["request"]["type"], "SessionResumedRequest");
        assert_eq!((&cause["token"], &cause["status"]["code"]), (&json!("t1"), &json!("200")));
        assert_eq!(cause["result"]["status"], status);
        assert_eq!(cause["result"]["reason"].as_str(), reason);
        assert_eq!((&resumed["session"]["new"], &resumed["session"]["attributes"]["n"]), (&json!(false), &json!(1)));
        assert_eq!(resumed["context"]["System"]["person"]["authenticationConfidenceLevel"]["level"], level);
    }
    for (permissions, person, code, status) in
        [(&may[..1], Some("ada"), "403", None), (&may[..], None, "200", Some("NOT_ENABLED"))]
    {
        let world = world(permissions, json!({})).await;
        world.told().skill_answers = vec![verify(), stays()];
        world.turn(json!({"utterance": "open sample quiz game", "person": person})).await;
        let cause = last(&world)["request"]["cause"].clone();
        assert_eq!(
            (cause["status"]["code"].as_str(), cause["result"]["status"].as_str()),
            (Some(code), status),
            "{cause}"
        );
    }
}

#[tokio::test]
async fn an_account_is_linked_in_the_middle_of_a_conversation() {
    let ask = || {
        let directive = json!({"type": "Connections.StartConnection", "uri": "connection://AMAZON.AskForAccountLinking/1",
            "input": {"@type": "AskForAccountLinkingRequest", "@version": "1"}, "token": "t2"});
        (200, json!({"version": "1.0", "response": {"directives": [directive]}}).to_string())
    };
    let world = world(&[], json!({"voiceForwardAccountLinking": "ENABLED"})).await;
    world.told().skill_answers = vec![ask()];
    let turn = world.ask("open sample quiz game").await;
    assert_eq!(turn["session"]["awaits"], "linking");
    link(&world, "region=na").await;
    let resumed = last(&world);
    assert_eq!(
        (&resumed["request"]["type"], &resumed["request"]["cause"]["token"]),
        (&json!("SessionResumedRequest"), &json!("t2"))
    );
    assert_eq!(resumed["session"]["user"]["accessToken"], "opaque-access-token-1");
    let other = World::new().await;
    other.told().skill_answers = vec![ask(), stays()];
    other.ask("open sample quiz game").await;
    assert_eq!(last(&other)["request"]["cause"]["status"]["code"], "403", "it is switched off");
}

#[tokio::test]
async fn permissions_are_granted_and_denied_and_events_may_come_late() {
    let world = world(&["alexa::profile:email:read", "alexa::profile:name:read"], json!({})).await;
    let late = json!({"events_late_seconds": 1800}).to_string();
    assert_eq!(world.send(Method::PUT, "/api/skills/sample-quiz-game/habits", &JSON, &late).await.0, 200);
    link(&world, "region=eu").await;
    let events = |world: &World| {
        let told = world.told();
        let shown = told.skill_requests.iter().filter(|(_, body, _)| body.get("session").is_none());
        shown.map(|(_, body, _)| body.clone()).collect::<Vec<_>>()
    };
    let [enabled, linked] = &events(&world)[..] else {
        panic!("{:?} {:#}", events(&world), world.get("/api/turns").await.2)
    };
    assert_eq!(enabled["request"]["type"], "AlexaSkillEvent.SkillEnabled");
    assert_eq!(linked["request"]["type"], "AlexaSkillEvent.SkillAccountLinked");
    assert_eq!(linked["request"]["body"]["accessToken"], "opaque-access-token-1");
    assert_eq!(linked["request"]["timestamp"], "2027-01-15T07:30:00Z", "half an hour before the clock");
    let form = "granted=alexa%3A%3Aprofile%3Aemail%3Aread&granted=alexa%3A%3Aunasked";
    assert_eq!(world.send(Method::POST, "/companion/sample-quiz-game/permissions", &FORM, form).await.0, 303);
    let changed = events(&world).pop().unwrap();
    assert_eq!(changed["request"]["body"]["acceptedPermissions"], json!([{"scope": "alexa::profile:email:read"}]));
    world.ask(COLOR).await;
    let scopes = last(&world)["context"]["System"]["user"]["permissions"]["scopes"].clone();
    assert_eq!(
        scopes,
        json!({"alexa::profile:email:read": {"status": "GRANTED"}, "alexa::profile:name:read": {"status": "DENIED"}})
    );
    for wrong in ["{\"retries\": 9}", "{\"events_late_seconds\": 4000}", "{\"unknown\": 1}", "[]", ""] {
        let status = world.send(Method::PUT, "/api/skills/sample-quiz-game/habits", &JSON, wrong).await.0;
        assert!(status == 400 || status == 422, "{wrong}");
    }
}

#[tokio::test]
async fn alexa_refreshes_early_late_twice_and_again() {
    let fresh = |n: u8| {
        (
            200,
            json!({"access_token": format!("opaque-access-token-f{n}"), "token_type": "Bearer", "expires_in": 3600, "refresh_token": "opaque-refresh-token-f"}),
        )
    };
    for (habits, seconds, answers, asked, token) in [
        (json!({"refresh_early_seconds": 300}), 3301, vec![fresh(1)], 1, "opaque-access-token-f1"),
        (json!({"refresh_early_seconds": 300}), 3299, vec![], 0, "opaque-access-token-1"),
        (json!({"refresh_early_seconds": -60}), 3601, vec![], 0, "opaque-access-token-1"),
        (json!({"retries": 2}), 3601, vec![(503, json!({})), (500, json!({})), fresh(3)], 3, "opaque-access-token-f3"),
        (json!({"retries": 1}), 3601, vec![(503, json!({})), (500, json!({}))], 2, "opaque-access-token-1"),
    ] {
        let world = World::new().await;
        world.link().await;
        let (status, ..) =
            world.send(Method::PUT, "/api/skills/sample-quiz-game/habits", &JSON, &habits.to_string()).await;
        assert_eq!(status, 200);
        world.clock.forward(seconds);
        let before = world.told().token_requests.len();
        world.told().token_answers = answers;
        world.ask(COLOR).await;
        assert_eq!(world.told().token_requests.len() - before, asked, "{habits}");
        assert_eq!(last(&world)["session"]["user"]["accessToken"], token, "{habits}");
    }
    let world = World::new().await;
    world.link().await;
    let twice = json!({"refreshes_twice": true}).to_string();
    world.send(Method::PUT, "/api/skills/sample-quiz-game/habits", &JSON, &twice).await;
    world.clock.forward(3601);
    let turn = world.ask(COLOR).await;
    let titles =
        turn["hops"].as_array().unwrap().iter().filter(|hop| hop["title"] == "Refresh the access token").count();
    assert_eq!((titles, turn["outcome"].as_str()), (2, Some("answered")));
    let told = world.told();
    let [.., one, other] = &told.token_requests[..] else { panic!() };
    assert_eq!(one.1["refresh_token"], other.1["refresh_token"], "the same token, twice");
}

#[tokio::test]
async fn the_providers_own_app_links_with_a_fresh_code_and_wants_one_of_alexas() {
    let world = World::new().await;
    let stub = world.stub.clone();
    drop(world);
    let reciprocal = json!({"reciprocalAccessTokenUrl": format!("{stub}/revoke")});
    let world = self::world(&[], reciprocal).await;
    let id = world.simulator.skill_id("sample-quiz-game").unwrap();
    let path = format!("/v1/users/~current/skills/{id}/enablement");
    let body = json!({"stage": "development", "accountLinkRequest": {"redirectUri": "https://app.example/cb", "authCode": "fresh-code-1", "type": "AUTH_CODE"}});
    let (status, _, text) = world.send(Method::POST, &path, &JSON, &body.to_string()).await;
    assert_eq!(status, 201, "{text}");
    let shown: Value = serde_json::from_str(&world.get(&path).await.2).unwrap();
    assert_eq!((shown["status"].as_str(), shown["accountLink"]["status"].as_str()), (Some("ENABLED"), Some("LINKED")));
    let form = world.told().token_requests[0].1.clone();
    assert_eq!((form["code"].as_str(), form["redirect_uri"].as_str()), ("fresh-code-1", "https://app.example/cb"));
    assert!(!form.contains_key("code_verifier"), "no browser of Alexa's was on the way");
    assert_eq!(world.send(Method::DELETE, &path, &[], "").await.0, 204);
    let shown: Value = serde_json::from_str(&world.get(&path).await.2).unwrap();
    assert_eq!(shown["accountLink"]["status"], "NOT_LINKED");
    world.told().token_answers = vec![(400, json!({"error": "invalid_grant"}))];
    assert_eq!(world.send(Method::POST, &path, &JSON, &body.to_string()).await.0, 400);
    assert!(CONSOLE.starts_with("http"));
}
