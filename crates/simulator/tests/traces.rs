//! What a skill tells of its work is drawn and kept; what it does not tell is said to be unknown.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use base64::Engine as _;
use serde_json::{Value, json};
use stubs::World;

const COLOR: &str = "ask sample quiz game what is my favorite color";
const NAMES: [&str; 6] =
    ["well_formed", "trusted_signature", "meant_for_this_api", "not_expired", "user_allowed", "scope_granted"];

fn header(trace: &Value) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(trace.to_string())
}

/// A trace as the SDK of today writes it.
fn trace() -> Value {
    let checks: Vec<Value> = NAMES
        .iter()
        .zip([12, 38, 3, 1, 1_400, 0])
        .map(|(name, micros)| json!({"check": name, "outcome": "passed", "reason": null, "explanation": "", "micros": micros}))
        .collect();
    let call = |to: &str, method: &str, url: &str, status: Value, failure: Value| {
        json!({"to": to, "method": method, "url": url, "status": status, "failure": failure, "after_micros": 2_000,
            "micros": 640, "answer": null})
    };
    let mut colors = call("api", "GET", "https://api.example/v1/colors?…", json!(200), Value::Null);
    colors["answer"] = json!({"color": "teal", "access_token": "abc", "echo": "opaque-access-token-1"});
    json!({"version": 2, "mode": "both", "checks": checks, "claims": {"sub": "ada"}, "request_checks": [],
    "introspection": {"url": "http://127.0.0.1:4000/introspect", "status": 200, "millis": 3, "answer": {"active": true}},
    "calls": [
        call("authorization_server", "GET", "http://127.0.0.1:4000/keys", json!(200), Value::Null),
        call("authorization_server", "POST", "http://127.0.0.1:4000/introspect", json!(200), Value::Null),
        colors,
        call("api", "PUT", "https://api.example/v1/log", Value::Null, json!("fetch_too_slow")),
    ]})
}

async fn told(trace: Option<String>) -> (World, Value) {
    let world = World::new().await;
    world.link().await;
    world.told().skill_trace = trace;
    let turn = world.ask(COLOR).await;
    (world, turn)
}

async fn page_of(world: &World, turn: &Value, what: &str) -> String {
    let (status, _, page) = world.get(&format!("/turns/{}{what}", turn["id"].as_str().unwrap())).await;
    assert_eq!(status, 200);
    page
}

#[tokio::test]
async fn times_and_calls_are_drawn_and_kept() {
    let (world, turn) = told(Some(header(&trace()))).await;
    let hops = turn["hops"].as_array().unwrap();
    let way = |hop: &Value| [&hop["from"], &hop["to"]].map(|name| name.as_str().unwrap().to_owned());
    let ways: Vec<_> = hops.iter().map(way).collect();
    let expected = [
        ["Alexa", "Skill"],
        ["Skill", "Authorization server"],
        ["Skill", "Authorization server"],
        ["Skill", "API"],
        ["Skill", "API"],
    ];
    assert_eq!(ways, expected);
    assert_eq!((&hops[0]["told"], &hops[0]["checks"][1]["micros"]), (&json!(true), &json!(38)));
    assert!(hops[0]["within"].is_null() && hops[1..].iter().all(|hop| hop["within"] == true && hop["micros"] == 640));
    assert_eq!((&hops[0]["at"], &hops[3]["at"]), (&json!("2027-01-15T08:00:00Z"), &json!("2027-01-15T08:00:00.002Z")));
    assert_eq!(hops[2]["response"]["body"], json!({"active": true}), "the answer to the question stands with it");
    assert_eq!(hops[3]["response"]["body"]["color"], "teal");
    assert!(hops[4]["response"].is_null() && hops[4]["note"].as_str().unwrap().contains("No answer in time"));

    let page = page_of(&world, &turn, "").await;
    for said in ["38 µs", "1.4 ms", "640 µs", "GET /v1/colors", "hop within"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Not known"), "{page}");
    let svg = page_of(&world, &turn, "/flow.svg").await;
    // From the request down to the answer: keys and question, the checks, the API, and only then the answer.
    let rows = [
        ">Ask the skill<",
        "authority's keys",
        "Is this token good?",
        "Trusted · 38 µs",
        "User allowed · 1.4 ms",
        "GET /v1/colors",
        ">no answer<",
    ];
    let places: Vec<usize> = rows.iter().map(|row| svg.find(row).unwrap_or_else(|| panic!("{row}: {svg}"))).collect();
    assert!(places.is_sorted(), "{places:?}: {svg}");
    assert!(svg.contains(">API</text>") && svg.contains("#2b8a5f") && svg.contains("role=\"group\""), "{svg}");
    let har: Value = serde_json::from_str(&page_of(&world, &turn, "/har").await).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(
        (entries.len(), &entries[0]["_checks"][1]["micros"], &entries[3]["time"]),
        (5, &json!(38), &json!(0.64))
    );
    assert_eq!(entries[3]["startedDateTime"], "2027-01-15T08:00:00.002Z");
    for shown in [turn.to_string(), page, svg, har.to_string()] {
        assert!(!shown.contains("opaque-access-token") && !shown.contains("\"abc\""), "{shown}");
    }
}

#[tokio::test]
async fn a_failed_check_is_red_and_what_follows_was_not_reached() {
    let mut trace = trace();
    trace["checks"][2] = json!({"check": "meant_for_this_api", "outcome": "failed", "reason": "audience", "explanation": "for another", "micros": 5});
    for at in 3..6 {
        trace["checks"][at] = json!({"check": NAMES[at], "outcome": "not_reached"});
    }
    let (world, turn) = told(Some(header(&trace))).await;
    assert_eq!(turn["outcome"], "refused");
    let svg = page_of(&world, &turn, "/flow.svg").await;
    assert!(svg.contains("For this API: failed · 5 µs") && svg.contains("Not expired: not reached"), "{svg}");
    assert!(svg.contains("fill=\"#c62828\""), "{svg}");
}

#[tokio::test]
async fn the_checks_of_an_api_stand_on_its_own_line_and_its_refusal_is_said() {
    let mut trace = trace();
    let checks: Vec<Value> = NAMES
        .iter()
        .map(|name| {
            let outcome = if *name == "scope_granted" { "failed" } else { "passed" };
            json!({"check": name, "outcome": outcome, "explanation": "the scope was not granted", "micros": 77})
        })
        .collect();
    let keys = json!({"to": "authorization_server", "method": "GET", "url": "http://127.0.0.1:4000/keys", "status": 200,
        "after_micros": 1_000, "micros": 200, "told": {"checks": checks}});
    trace["calls"][2]["status"] = json!(403);
    trace["calls"][2]["told"] = json!({"checks": checks, "calls": [keys]});
    trace["calls"].as_array_mut().unwrap().pop();
    let world = World::new().await;
    world.link().await;
    world.told().skill_trace = Some(header(&trace));
    let answer = json!({"version": "1.0", "response": {"card": {"type": "LinkAccount"}, "shouldEndSession": true,
        "outputSpeech": {"type": "PlainText", "text": "Your link does not allow that."}}});
    world.told().skill_answers = vec![(200, answer.to_string())];
    let turn = world.ask(COLOR).await;
    assert_eq!(turn["outcome"], "refused");
    let explanation = turn["explanation"].as_str().unwrap();
    assert!(
        explanation.contains("The API refused the token at the check scope_granted: the scope was not granted"),
        "{explanation}"
    );
    let hops = turn["hops"].as_array().unwrap();
    assert_eq!(hops.len(), 5);
    assert_eq!(
        (&hops[3]["checks"][5]["outcome"], &hops[0]["checks"][5]["outcome"]),
        (&json!("failed"), &json!("passed"))
    );
    assert_eq!((&hops[4]["from"], &hops[4]["to"]), (&json!("API"), &json!("Authorization server")));
    assert_eq!((&hops[4]["at"], &hops[4]["within"]), (&json!("2027-01-15T08:00:00.003Z"), &json!(true)));
    assert!(hops[4].get("checks").is_none(), "nobody else's are shown");

    let svg = page_of(&world, &turn, "/flow.svg").await;
    let rows = [
        "Scope granted · under 1 µs",
        "GET /v1/colors",
        ">Trusted · 77 µs",
        "Scope granted: failed · 77 µs",
        ">403 · 640 µs",
    ];
    let places: Vec<usize> = rows.iter().map(|row| svg.find(row).unwrap_or_else(|| panic!("{row}: {svg}"))).collect();
    assert!(places.is_sorted(), "{places:?}: {svg}");
    let asked_for_keys = svg.rfind("authority's keys").unwrap();
    assert!(places[1] < asked_for_keys && asked_for_keys < places[2], "the API asks before it checks: {svg}");
    let page = page_of(&world, &turn, "").await;
    assert!(page.contains("The same six, by the API: GET /v1/colors"), "{page}");
    let har: Value = serde_json::from_str(&page_of(&world, &turn, "/har").await).unwrap();
    assert_eq!(har["log"]["entries"][3]["_checks"][5]["outcome"], "failed");

    // An API that tells nothing has refused all the same.
    trace["calls"][2].as_object_mut().unwrap().remove("told");
    world.told().skill_trace = Some(header(&trace));
    let turn = world.ask(COLOR).await;
    assert_eq!(turn["outcome"], "answered", "the skill has found something to say");
    assert!(turn["explanation"].as_str().unwrap().ends_with("The API refused with status 403."), "{turn}");
}

#[tokio::test]
async fn what_a_skill_does_not_tell_is_not_known() {
    let (world, turn) = told(None).await;
    assert_eq!((&turn["hops"][0]["told"], &turn["checks"]), (&json!(false), &json!([])));
    let page = page_of(&world, &turn, "").await;
    assert!(page.contains("Not known. This skill does not tell") && !page.contains("passed"), "{page}");
    assert!(page_of(&world, &turn, "/flow.svg").await.contains("tells nothing of its checks"));

    // An SDK of before tells of the checks, and not of times.
    let before =
        json!({"checks": [{"check": "well_formed", "outcome": "passed", "explanation": "ok"}], "mode": "jwks"});
    let (world, turn) = told(Some(header(&before))).await;
    assert!(turn["checks"][0].get("micros").is_none());
    let page = page_of(&world, &turn, "").await;
    assert!(
        page.contains("How long each check took is not known") && !page.contains("µs</span></span></li>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_trace_of_tomorrow_is_read_as_far_as_it_is_understood() {
    let mut tomorrow = trace();
    tomorrow["version"] = json!(99);
    tomorrow["weather"] = json!({"sunny": [1, 2]});
    tomorrow["checks"][0]["watts"] = json!(3);
    tomorrow["checks"][1]["micros"] = json!("soon");
    tomorrow["calls"][2]["to"] = json!("oracle");
    tomorrow["calls"][3] = json!("a call in words");
    let (world, turn) = told(Some(header(&tomorrow))).await;
    assert_eq!((&turn["checks"][0]["micros"], turn["checks"][1].get("micros")), (&json!(12), None));
    assert_eq!((turn["hops"].as_array().unwrap().len(), &turn["hops"][3]["to"]), (4, &json!("API")));
    page_of(&world, &turn, "").await;
    for odd in [
        json!([]),
        json!({"checks": 3, "calls": {}, "claims": "x", "introspection": 1}),
        json!({"calls": [[], {}, null]}),
    ] {
        let (_, turn) = told(Some(header(&odd))).await;
        assert_eq!((&turn["outcome"], turn["hops"].as_array().unwrap().len()), (&json!("answered"), 1), "{odd}");
    }
    let many: Vec<Value> = (0..500).map(|_| json!({"to": "api", "method": "GET", "url": "x"})).collect();
    let (_, turn) = told(Some(header(&json!({"calls": many})))).await;
    assert_eq!(turn["hops"].as_array().unwrap().len(), 65);
}

#[tokio::test]
async fn a_refusal_is_seen_behind_the_calls_that_came_before_it() {
    let world = World::new().await;
    let chain = json!({"version": 2, "calls": [{"to": "alexa", "method": "GET", "url": "http://127.0.0.1:4001/echo.api/x.pem", "status": 200}],
        "request_checks": [{"check": "timestamp", "outcome": "failed"}]});
    world.told().skill_trace = Some(header(&chain));
    world.told().skill_answers = vec![(400, String::new())];
    let turn = world.turn(json!({"utterance": COLOR, "fault": "clock-behind"})).await;
    assert_eq!(
        (&turn["fault"]["verdict"], &turn["hops"][1]["title"]),
        (&json!("refused"), &json!("Fetch the certificates"))
    );
    world.told().skill_answers = vec![(500, String::new()), (200, "{}".into())];
    let turn = world.ask(COLOR).await;
    assert!(turn["hops"][0]["note"].as_str().unwrap().contains("status 500"), "{turn}");
}

#[tokio::test]
async fn what_a_skill_does_with_an_event_is_drawn_too() {
    let world = World::new().await;
    world.link().await;
    let revokes = json!({"version": 2, "calls": [{"to": "api", "method": "POST", "url": "https://auth.example/revoke", "status": 200, "micros": 9}]});
    world.told().skill_trace = Some(header(&revokes));
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    world.send(axum::http::Method::POST, "/companion/sample-quiz-game/unlink", &kind, "").await;
    let turns: Value = serde_json::from_str(&world.get("/api/turns").await.2).unwrap();
    let hops = turns.as_array().unwrap().last().unwrap()["hops"].as_array().unwrap().clone();
    assert!(hops.iter().any(|hop| hop["title"] == "POST /revoke" && hop["within"] == true), "{hops:?}");
}
