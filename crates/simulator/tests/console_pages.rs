//! The console's pages beyond talking: the diagram, the archive, the model, the clock; all without a script.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::http::Method;
use serde_json::{Value, json};
use stubs::World;

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

#[tokio::test]
async fn a_turn_is_a_diagram_an_archive_and_a_marked_sentence() {
    let world = World::new().await;
    world.link().await;
    let turn = world.ask("ask sample quiz game to pick two of crimson").await;
    let id = turn["id"].as_str().unwrap();
    let (status, headers, svg) = world.get(&format!("/turns/{id}/flow.svg")).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "image/svg+xml"));
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && svg.contains(">Skill</text>"), "{svg}");
    assert!(svg.contains(&format!("/turns/{id}?hop=1#turn-{id}-hop-1")) && !svg.contains("style="), "{svg}");
    let (_, _, har) = world.get(&format!("/turns/{id}/har")).await;
    let har: Value = serde_json::from_str(&har).unwrap();
    let entry = &har["log"]["entries"][0];
    assert_eq!((&har["log"]["version"], &entry["response"]["status"]), (&json!("1.2"), &json!(200)));
    assert!(entry["request"]["postData"]["text"].as_str().unwrap().contains("IntentRequest"));
    assert!(!har.to_string().contains("opaque-access-token") && !svg.contains("opaque-access-token"));
    let (_, _, page) = world.get(&format!("/turns/{id}")).await;
    assert!(page.contains("<mark title=\"color\">crimson</mark>") && page.contains("Intents weighed"), "{page}");
    let hop = format!("id=\"turn-{id}-hop-1\">\n<details");
    assert!(page.contains(&format!("{hop}>")), "{page}");
    assert!(world.get(&format!("/turns/{id}?hop=1")).await.2.contains(&format!("{hop} open>")));
    world.ask("<script>alert(1)</script> & \"more\"").await;
    let turns: Value = serde_json::from_str(&world.get("/api/turns").await.2).unwrap();
    let odd = turns.as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    assert!(!world.get(&format!("/turns/{odd}/flow.svg")).await.2.contains("<script"));
    for path in ["/turns/none/flow.svg", "/turns/none/har", "/companion/none/model"] {
        assert_eq!(world.get(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_form_says_how_it_is_said() {
    let world = World::new().await;
    let stays = json!({"version": "1.0", "response": {"shouldEndSession": false, "reprompt": {"outputSpeech": {"type": "PlainText", "text": "Well?"}}}});
    world.told().skill_answers = vec![(200, stays.to_string()), (400, "{}".into())];
    let say = async |body: &str| {
        let (status, headers, _) = world.send(Method::POST, "/", &FORM, body).await;
        assert_eq!(status, 303, "{body}");
        world.get(headers["location"].to_str().unwrap()).await.2
    };
    say("utterance=open+sample+quiz+game&skill=&device=screen&person=ada&fault=").await;
    let page = say("utterance=help&fault=signature-wrong").await;
    assert!(
        page.contains("class=\"fault refused\"") && page.contains("The skill refused the request, as it must."),
        "{page}"
    );
    assert!(say("utterance=&act=silence").await.contains("Well?"));
    assert!(say("act=exit").await.contains("You left the skill"));
    let (_, _, page) = world.get("/").await;
    for id in ["skill", "device", "person", "fault", "silence", "exit"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert_eq!(world.send(Method::POST, "/", &FORM, "utterance=hi&person=%3Cb%3E").await.0, 422);
}

#[tokio::test]
async fn the_clock_is_moved_and_tokens_run_out() {
    let world = World::new().await;
    world.link().await;
    let (_, _, page) = world.get("/timeline").await;
    assert!(
        page.contains("</span> of 3600 seconds are left")
            && page.contains("data-left=\"3600\"")
            && page.contains("The real time"),
        "{page}"
    );
    let (status, headers, _) = world.send(Method::POST, "/timeline", &FORM, "seconds=3600").await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (303, "/timeline"));
    let (_, _, page) = world.get("/timeline").await;
    assert!(page.contains("Over since") && page.contains("3600 seconds off the real time"), "{page}");
    let turn = world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!(turn["hops"][0]["title"], "Refresh the access token");
    let told = world.told().skill_requests.last().unwrap().1.clone();
    assert_eq!(told["request"]["timestamp"], "2027-01-15T08:00:00Z", "requests keep the real time");
    assert_eq!(world.send(Method::POST, "/timeline", &FORM, "").await.0, 303);
    assert!(world.get("/timeline").await.2.contains("The real time"));
    let kind = [("content-type", "application/json")];
    let (status, _, text) = world.send(Method::POST, "/api/clock", &kind, "{\"seconds\": 86400}").await;
    assert!(status == 200 && text.contains("2027-01-16T08:00:00Z"), "{text}");
    for (body, status) in [("{\"seconds\": 9000000000}", 422), ("nonsense", 400), ("{}", 200)] {
        assert_eq!(world.send(Method::POST, "/api/clock", &kind, body).await.0, status, "{body}");
    }
}

#[tokio::test]
async fn the_model_page_shows_intents_types_and_problems() {
    let world = World::new().await;
    let (status, _, page) = world.get("/companion/sample-quiz-game/model").await;
    assert_eq!(status, 200, "{page}");
    for text in ["PickIntent", "pick {count} of {color}", "crimson", "“sample quiz game”", "AMAZON.CancelIntent"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(world.get("/companion/sample-quiz-game").await.2.contains("id=\"model\""));
}

#[tokio::test]
async fn an_answer_can_be_heard_with_its_marks_and_drawn() {
    let world = World::new().await;
    let render = json!({"type": "Alexa.Presentation.APL.RenderDocument", "document": {"mainTemplate": {"items": [{"type": "Text", "text": "<b>Teal</b> it is"}]}}});
    let ssml = "<speak>Teal <break time=\"1s\"/> & more</speak>";
    let card = json!({"type": "Standard", "title": "Color", "text": "Teal", "image": {"smallImageUrl": "https://a.example/teal.png"}});
    let answer = json!({"version": "1.0", "response": {"outputSpeech": {"type": "SSML", "ssml": ssml}, "card": card, "directives": [render]}});
    let plain = json!({"version": "1.0", "response": {"outputSpeech": {"type": "PlainText", "text": "a < b"}}});
    world.told().skill_answers = vec![(200, answer.to_string()), (200, plain.to_string()), (200, "{}".into())];
    let turn = world.ask("open sample quiz game").await;
    assert_eq!(turn["ssml"], ssml);
    let part = async |turn: &Value| world.get(&format!("/turns/{}/part", turn["id"].as_str().unwrap())).await.2;
    let page = part(&turn).await;
    assert!(
        page.contains("data-ssml=\"&lt;speak&gt;Teal &lt;break") && page.contains("data-locale=\"en-US\""),
        "{page}"
    );
    assert!(page.contains("Shows something on the screen.") && page.contains("<p>Teal it is</p>"), "{page}");
    assert!(page.contains("<code>https://a.example/teal.png</code>") && !page.contains("<img"), "{page}");
    let turn = world.ask("open sample quiz game").await;
    assert_eq!(turn["ssml"], Value::Null);
    assert!(part(&turn).await.contains("data-ssml=\"&lt;speak&gt;a &amp;lt; b"));
    let turn = world.ask("open sample quiz game").await;
    assert_eq!((&turn["outcome"], &turn["ssml"]), (&json!("failed"), &Value::Null), "the apology is Alexa's");
}

#[tokio::test]
async fn only_the_page_to_talk_on_may_listen() {
    let world = World::new().await;
    for (path, may) in
        [("/", true), ("/turns/none", true), ("/timeline", false), ("/companion", false), ("/flow", false)]
    {
        let policy = world.get(path).await.1["permissions-policy"].to_str().unwrap().to_owned();
        assert_eq!(policy.contains("microphone=(self)"), may, "{path}: {policy}");
        assert!(policy.contains("camera=()"), "{path}: {policy}");
    }
}

/// A JWT that nobody has signed.
fn unsigned(claims: &Value) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "RS256", "kid": "k1"})), part(claims))
}

#[tokio::test]
async fn a_token_is_looked_into_and_never_shown() {
    let world = World::new().await;
    let at = |issuer: &str| unsigned(&json!({"iss": issuer, "sub": "ada", "iat": 1_800_000_000, "exp": 1_800_003_600}));
    for (issuer, said) in
        [("https://elsewhere.example", "not where the skill sends people"), (world.stub.as_str(), "status 404")]
    {
        let answer = json!({"access_token": at(issuer), "token_type": "Bearer", "expires_in": 3600});
        world.told().token_answers = vec![(200, answer)];
        world.link().await;
        let (_, _, page) = world.get("/timeline").await;
        assert!(page.contains("<dd>RS256</dd>") && page.contains("<dd>ada</dd>"), "{page}");
        assert!(page.contains("in 60 minutes") && page.contains("Verify the token's signature"), "{page}");
        let (status, _, verified) =
            world.send(Method::POST, "/timeline/signature", &FORM, "skill=sample-quiz-game&person=").await;
        assert!(status == 200 && verified.contains("Signature not verified") && verified.contains(said), "{verified}");
        for page in [page, verified] {
            assert!(!page.contains("eyJ") && !page.contains("c2lnbmF0dXJl"), "{page}");
        }
        world.send(Method::POST, "/companion/sample-quiz-game/unlink", &FORM, "").await;
    }
    world.link().await;
    assert!(world.get("/timeline").await.2.contains("An opaque token"));
    let (status, ..) = world.send(Method::POST, "/timeline/signature", &FORM, "skill=none").await;
    assert_eq!(status, 303);
}

#[tokio::test]
async fn habits_are_chosen_in_the_companion() {
    let world = World::new().await;
    let choose = async |body: &str| world.send(Method::POST, "/companion/sample-quiz-game/habits", &FORM, body).await;
    let (status, headers, _) =
        choose("refresh_early_seconds=-30&retries=2&events_late_seconds=1800&refreshes_twice=on").await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (303, "/companion/sample-quiz-game#habits"));
    let (_, _, page) = world.get("/companion/sample-quiz-game").await;
    for said in ["value=\"-30\"", "value=\"1800\"", "name=\"refreshes_twice\" checked", "id=\"habits\" open"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for (body, said) in [
        ("refresh_early_seconds=soon&retries=2&events_late_seconds=0", "whole numbers"),
        ("refresh_early_seconds=0&retries=6&events_late_seconds=0", "retries is at most 5"),
        ("refresh_early_seconds=0&retries=0&events_late_seconds=3601", "at most 3600"),
        ("", "whole numbers"),
    ] {
        let (status, _, page) = choose(body).await;
        assert!(status == 422 && page.contains(said), "{body}: {status}");
    }
    assert!(
        world.get("/companion/sample-quiz-game").await.2.contains("value=\"-30\""),
        "what was refused changes nothing"
    );
    assert_eq!(choose("refresh_early_seconds=0&retries=0&events_late_seconds=0").await.0, 303);
    assert!(!world.get("/companion/sample-quiz-game").await.2.contains("id=\"habits\" open"));
    assert_eq!(world.send(Method::POST, "/companion/none/habits", &FORM, "").await.0, 404);
}

#[tokio::test]
async fn a_turn_that_is_kept_is_shown_however_many_came_after_it() {
    let world = World::new().await;
    let first = world.ask("hello").await["id"].as_str().unwrap().to_owned();
    for _ in 0..35 {
        world.ask("hello").await;
    }
    let (_, _, page) = world.get(&format!("/turns/{first}")).await;
    assert!(page.contains(&format!("id=\"turn-{first}\"")) && page.matches("<article").count() == 30, "{first}");
    assert!(!world.get("/").await.2.contains(&format!("id=\"turn-{first}\"")));
}
