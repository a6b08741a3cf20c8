//! Talking to a skill over the console's HTTP interface.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use std::time::Duration;

use axum::http::Method;
use base64::Engine as _;
use serde_json::{Value, json};
use stubs::World;

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

fn answer(fields: Value) -> (u16, String) {
    (200, json!({"version": "1.0", "sessionAttributes": {"n": 7}, "response": fields}).to_string())
}

#[tokio::test]
async fn a_session_is_kept_as_amazon_keeps_it() {
    let world = World::new().await;
    let speech = json!({"type": "PlainText", "text": "Well?"});
    world.told().skill_answers = vec![
        answer(json!({"outputSpeech": speech, "reprompt": {"outputSpeech": speech}, "shouldEndSession": false})),
        answer(json!({"outputSpeech": speech, "shouldEndSession": null})),
        answer(json!({"outputSpeech": speech})),
    ];
    let turn = world.ask("alexa, open sample quiz game").await;
    assert_eq!((turn["heard"]["kind"].as_str(), turn["session"]["open"].as_bool()), (Some("launch"), Some(true)));
    assert_eq!(turn["reprompt"], "Well?");
    world.ask("pick two of crimson").await;
    let turn = world.ask("help").await;
    assert_eq!(
        (turn["heard"]["intent"].as_str(), turn["session"]["open"].as_bool()),
        (Some("AMAZON.HelpIntent"), Some(false))
    );
    let turn = world.ask("help").await;
    assert_eq!((turn["outcome"].as_str(), turn["heard"]["kind"].as_str()), (Some("not_understood"), Some("no_skill")));

    let told = world.told();
    let bodies: Vec<&Value> = told.skill_requests.iter().map(|(_, body, _)| body).collect();
    assert_eq!(bodies.len(), 3);
    let new: Vec<Option<bool>> = bodies.iter().map(|body| body["session"]["new"].as_bool()).collect();
    assert_eq!(new, [Some(true), Some(false), Some(false)]);
    assert!(bodies.iter().all(|body| body["session"]["sessionId"] == bodies[0]["session"]["sessionId"]));
    assert_eq!(bodies[0]["session"]["attributes"], json!({}));
    assert_eq!(bodies[1]["session"]["attributes"], json!({"n": 7}));
    let slots = &bodies[1]["request"]["intent"]["slots"];
    assert_eq!((slots["count"]["value"].as_str(), slots["color"]["value"].as_str()), (Some("2"), Some("crimson")));
    let meant = &slots["color"]["resolutions"]["resolutionsPerAuthority"][0]["values"][0]["value"];
    assert_eq!(meant, &json!({"name": "red", "id": "RED"}));
    for (value, shape) in [
        (&bodies[0]["session"]["sessionId"], "amzn1.echo-api.session."),
        (&bodies[0]["request"]["requestId"], "amzn1.echo-api.request."),
        (&bodies[0]["session"]["user"]["userId"], "amzn1.ask.account."),
        (&bodies[0]["context"]["System"]["device"]["deviceId"], "amzn1.ask.device."),
        (&bodies[0]["context"]["System"]["application"]["applicationId"], "amzn1.ask.skill."),
    ] {
        let id = value.as_str().unwrap();
        assert!(id.starts_with(shape) && id.len() > shape.len() + 30 && id.len() <= 255, "{id}");
    }
}

#[tokio::test]
async fn leaving_and_changing_skills_ends_the_session() {
    let world = World::new().await;
    let open = || answer(json!({"shouldEndSession": false}));
    world.told().skill_answers = vec![open(), open(), open(), open()];
    world.ask("open sample quiz game").await;
    world.ask("open sample quiz game").await;
    let turn = world.ask("exit").await;
    assert_eq!((turn["heard"]["kind"].as_str(), turn["session"]["open"].as_bool()), (Some("end"), Some(false)));
    let told = world.told();
    let shown: Vec<String> = told
        .skill_requests
        .iter()
        .map(|(_, body, _)| format!("{} {}", body["request"]["type"].as_str().unwrap(), body["request"]["reason"]))
        .collect();
    let ended = "SessionEndedRequest \"USER_INITIATED\"";
    assert_eq!(shown, ["LaunchRequest null", ended, "LaunchRequest null", ended]);
}

#[tokio::test]
async fn requests_are_signed_and_the_chain_is_served() {
    let world = World::new().await;
    world.ask("open sample quiz game").await;
    let (status, _, chain) = world.get("/echo.api/echo-api-cert.pem").await;
    assert_eq!(status, 200);
    assert!(chain.contains(&world.simulator.root_certificate_pem()));
    let told = world.told();
    let (headers, _, _) = &told.skill_requests[0];
    let url = headers["signaturecertchainurl"].to_str().unwrap();
    assert!(url.starts_with(&world.simulator.chain_url_prefix()));
    let signature = base64::engine::general_purpose::STANDARD.decode(headers["signature-256"].as_bytes()).unwrap();
    assert_eq!(signature.len(), 256);
    assert_eq!(headers["content-type"], "application/json;charset=UTF-8");
}

#[tokio::test]
async fn a_broken_skill_is_named_and_told() {
    for (status, body, said, told_again) in [
        (500, "{}".to_owned(), "status 500", true),
        (200, "nonsense".to_owned(), "not valid JSON", true),
        (200, format!("{{\"response\": {{}}, \"x\": \"{}\"}}", "y".repeat(30_000)), "24576 bytes", true),
        (302, String::new(), "status 302", true),
    ] {
        let world = World::new().await;
        world.told().skill_answers = vec![(status, body)];
        let turn = world.ask("open sample quiz game").await;
        assert_eq!(turn["outcome"], "failed");
        assert_eq!(turn["spoken"], "There was a problem with the requested skill's response.");
        assert!(turn["explanation"].as_str().unwrap().contains(said), "{turn}");
        let requests = &world.told().skill_requests;
        assert_eq!(requests.len(), 1 + usize::from(told_again));
        assert_eq!(requests[1].1["request"]["error"]["type"], "INVALID_RESPONSE");
    }
}

#[tokio::test]
async fn what_the_guard_tells_is_shown() {
    let world = World::new().await;
    world.link().await;
    let trace = json!({"checks": [
        {"check": "well_formed", "outcome": "passed", "reason": null, "explanation": "ok"},
        {"check": "trusted_signature", "outcome": "failed", "reason": "inactive", "explanation": "The authority says no."},
        {"check": "meant_for_this_api", "outcome": "not_reached"}],
        "mode": "introspection", "claims": {"sub": "ada", "FavoriteColorClaim": "<b>teal</b>"},
        "introspection": {"url": "http://127.0.0.1:4000/introspect", "status": 200, "millis": 3,
            "answer": {"active": false, "echo": "opaque-access-token-1"}},
        "request_checks": [{"check": "signature", "outcome": "passed"}]});
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(trace.to_string());
    world.told().skill_trace = Some(encoded);
    let turn = world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!(turn["outcome"], "refused", "the guard refused, whatever the skill says");
    assert_eq!(turn["checks"][1]["reason"], "inactive");
    assert_eq!(turn["claims"]["sub"], "ada");
    let hop = &turn["hops"][1];
    assert_eq!((hop["from"].as_str(), hop["to"].as_str()), (Some("Skill"), Some("Authorization server")));
    assert!(!turn.to_string().contains("opaque-access-token"));
    let (_, _, page) = world.get(&format!("/turns/{}", turn["id"].as_str().unwrap())).await;
    assert!(page.contains("A trusted authority vouches for it") && page.contains("The authority says no."));
    assert!(page.contains("&lt;b&gt;teal"), "claims are escaped");
    world.told().skill_trace = Some("%%% not a trace".into());
    assert_eq!(world.ask("ask sample quiz game what is my favorite color").await["checks"], json!([]));
}

#[tokio::test]
async fn bad_input_is_refused_clearly() {
    let world = World::new().await;
    let long = format!("{{\"utterance\": \"{}\"}}", "x".repeat(600_000));
    for (lines, body, status, error) in [
        (&JSON[..], "", 400, "invalid_json"),
        (&JSON, "[]", 400, "invalid_json"),
        (&JSON, "{\"utterance\": 3}", 400, "invalid_json"),
        (&JSON, "{}", 422, "utterance_missing"),
        (&JSON, "{\"utterance\": \"  \"}", 422, "utterance_missing"),
        (&JSON, "{\"utterance\": \"hi\", \"locale\": \"English\"}", 422, "invalid_locale"),
        (&JSON, "{\"utterance\": \"hi\", \"locale\": \"é-US\"}", 422, "invalid_locale"),
        (&JSON, "{\"utterance\": \"hi\", \"skill\": \"nope\"}", 422, "unknown_skill"),
        (&JSON, &long, 413, "body_too_large"),
        (&[("content-type", "text/plain")], "{\"utterance\": \"hi\"}", 415, "unsupported_media_type"),
        (&[], "{\"utterance\": \"hi\"}", 415, "unsupported_media_type"),
        (&[JSON[0], ("origin", "http://127.0.0.1:4000")], "{\"utterance\": \"hi\"}", 403, "form_cross_site"),
        (&[JSON[0], ("sec-fetch-site", "same-site")], "{\"utterance\": \"hi\"}", 403, "form_cross_site"),
        (&[JSON[0], ("host", "evil.example:4001")], "{\"utterance\": \"hi\"}", 421, "unknown_host"),
    ] {
        let (found, _, text) = world.send(Method::POST, "/api/turns", lines, body).await;
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((found, value["error"].as_str()), (status, Some(error)), "{lines:?} {:.60}", body);
        assert!(value["error_description"].as_str().unwrap().len() > 20);
    }
    for (path, status) in [
        ("/api/turns/none", 404),
        ("/api/none", 404),
        ("/turns/none", 404),
        ("/companion/none", 404),
        ("/assets/none.css", 404),
        ("/assets/..%2FCargo.toml", 404),
        ("/none", 404),
    ] {
        assert_eq!(world.get(path).await.0, status, "{path}");
    }
    for (method, path) in [
        (Method::POST, "/"),
        (Method::POST, "/companion/sample-quiz-game/unlink"),
        (Method::POST, "/companion/sample-quiz-game/enable"),
    ] {
        let (status, ..) = world.send(method, path, &[("sec-fetch-site", "cross-site")], "utterance=hi").await;
        assert_eq!(status, 403, "{path}");
    }
}

#[tokio::test]
async fn the_page_works_without_a_script() {
    let world = World::new().await;
    let (status, headers, page) = world.get("/").await;
    assert_eq!(status, 200);
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.contains("style=") && !page.contains("onclick") && !page.contains("<script>"));
    assert!(page.contains("alexa, ask sample quiz game what is my favorite color"), "{page}");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let body = "utterance=alexa%2C+ask+sample+quiz+game+what+is+my+favorite+color";
    let (status, headers, _) = world.send(Method::POST, "/", &kind, body).await;
    assert_eq!(status, 303);
    let (status, _, page) = world.get(headers["location"].to_str().unwrap()).await;
    assert_eq!(status, 200);
    assert!(page.contains("Please link.") && page.contains("href=\"/companion/sample-quiz-game\""), "{page}");
    assert!(page.contains("signature-256"));
    let (status, _, page) =
        world.send(Method::POST, "/", &kind, "utterance=%3Cscript%3Ealert%281%29%3C%2Fscript%3E").await;
    assert_eq!((status, page.contains("<script>alert")), (303, false));
    assert!(world.get("/").await.2.contains("&lt;script&gt;alert"));
    assert_eq!(world.send(Method::POST, "/", &kind, "utterance=+").await.0, 422);
    let (status, headers, _) =
        world.send(Method::GET, "/companion", &[("host", "localhost:4001"), ("accept", "text/html")], "").await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (307, "http://127.0.0.1:4001/companion"));
    let (_, headers, page) = world.get("/companion/sample-quiz-game").await;
    assert!(page.contains("id=\"enable\"") && page.contains("action=\"/companion/sample-quiz-game/enable\""));
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains(&format!("form-action 'self' {};", world.stub)), "{policy}");
}

#[tokio::test]
async fn a_hundred_thousand_characters_are_no_trouble() {
    let world = World::new().await;
    for (word, tail) in
        [("one ", ""), ("pick red of ", ""), ("x", ""), ("what is my favorite color ", "from sample quiz game")]
    {
        let mut utterance = word.repeat(100_000 / word.len());
        utterance.push_str(tail);
        let body = json!({"utterance": utterance, "skill": "sample-quiz-game"}).to_string();
        // Were the time to grow faster than the sentence, this would take hours.
        let answer =
            tokio::time::timeout(Duration::from_secs(120), world.send(Method::POST, "/api/turns", &JSON, &body));
        assert_eq!(answer.await.unwrap().0, 200, "{word:?}");
    }
}

#[tokio::test]
async fn skills_are_listed_for_scripts() {
    let world = World::new().await;
    let list: Value = serde_json::from_str(&world.get("/api/skills").await.2).unwrap();
    assert_eq!(list[0]["slug"], "sample-quiz-game");
    assert_eq!(list[0]["linked"], false);
    assert_eq!(list[0]["locales"]["en-US"]["invocation_name"], "sample quiz game");
    assert_eq!(list[0]["skill_id"].as_str(), world.simulator.skill_id("sample-quiz-game").as_deref());
}
