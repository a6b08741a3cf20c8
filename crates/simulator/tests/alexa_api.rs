//! Alexa's own interfaces, called by a skill while it answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::http::Method;
use serde_json::{Value, json};
use stubs::{CONSOLE, Meanwhile, World};

const COLOR: &str = "ask sample quiz game what is my favorite color";

/// The token of the last request that the skill was sent.
fn token(world: &World) -> String {
    world.told().skill_requests.last().unwrap().1["context"]["System"]["apiAccessToken"].as_str().unwrap().to_owned()
}

/// Asks the skill, which asks this before it answers: the turn, and what the skill was told.
async fn asked(world: &World, meanwhile: Vec<Meanwhile>) -> (Value, Vec<(u16, Value)>) {
    // What it is told of the session before would be the first request.
    world.turn(json!({"exit": true})).await;
    world.told().meanwhile = meanwhile;
    let turn = world.ask(COLOR).await;
    let answers = std::mem::take(&mut world.told().meanwhile_answers);
    (turn, answers)
}

async fn page(world: &World, turn: &Value, what: &str) -> String {
    world.get(&format!("/turns/{}{what}", turn["id"].as_str().unwrap())).await.2
}

#[tokio::test]
async fn something_is_heard_before_the_answer() {
    let world = World::new().await;
    world.link().await;
    let speaks = vec![
        Meanwhile::speak("<speak>Let me <b>look</b>.</speak>"),
        Meanwhile::speak("Still at it, says opaque-access-token-1."),
    ];
    let (turn, answers) = asked(&world, speaks).await;
    assert_eq!(answers, [(204, Value::Null), (204, Value::Null)]);
    assert_eq!(turn["progressive"][0], "Let me look.");
    assert!(turn["progressive"][1].as_str().unwrap().starts_with("Still at it, says …"), "{turn}");
    let hops = turn["hops"].as_array().unwrap();
    let ways: Vec<_> = hops.iter().map(|hop| (hop["from"].as_str().unwrap(), hop["within"] == true)).collect();
    assert_eq!(ways, [("Alexa", false), ("Skill", true), ("Skill", true)]);
    assert_eq!((&hops[1]["to"], &hops[1]["response"]["status"]), (&json!("Alexa"), &json!(204)));
    assert_eq!(hops[1]["request"]["url"], format!("{CONSOLE}/v1/directives"));
    assert!(hops[1]["micros"].is_u64() && hops[1]["at"].is_string(), "{turn}");
    let system = world.told().skill_requests.last().unwrap().1["context"]["System"].clone();
    assert_eq!(system["apiEndpoint"], CONSOLE);

    let (whole, svg) = (page(&world, &turn, "").await, page(&world, &turn, "/flow.svg").await);
    let place = |text: &str| whole.find(text).unwrap_or_else(|| panic!("{text}: {whole}"));
    assert!(place("Let me look.") < place("color is teal"), "{whole}");
    let rows = [">Ask the skill<", ">Say something meanwhile<", ">Let me look.<", "color is teal"];
    let places: Vec<usize> = rows.iter().map(|row| svg.find(row).unwrap_or_else(|| panic!("{row}: {svg}"))).collect();
    assert!(places.is_sorted(), "{places:?}: {svg}");
    let har = page(&world, &turn, "/har").await;
    assert!(har.contains("\"_spoken\":\"Let me look.\"") && har.contains("VoicePlayer.Speak"), "{har}");
    let turns = world.get("/api/turns").await.2;
    for shown in [turn.to_string(), whole, svg, har, turns, world.get("/flow").await.2] {
        assert!(!shown.contains("opaque-access-token") && !shown.contains("alexa-api-"), "{shown}");
    }
}

#[tokio::test]
async fn what_alexa_does_not_take_is_refused_in_amazons_words_and_shown() {
    let world = World::new().await;
    world.link().await;
    world.ask(COLOR).await;
    let of_before = token(&world);
    let speak = || Meanwhile::speak("Hm.");
    let with = |token: &str| Meanwhile { token: Some(token.into()), ..speak() };
    let (bad, no, forbidden) = (
        json!({"code": 400, "message": "Directive not valid."}),
        json!({"code": 401, "message": "Not Authorized."}),
        json!({"code": 403, "message": "The skill is not allowed to send directives at the moment."}),
    );
    for (asks, status, body, note) in [
        (with(""), 401, &no, None),
        (with("opaque-access-token-1"), 401, &no, Some("not the access token of the account")),
        (with(&of_before), 400, &bad, None),
        (Meanwhile { body: json!({"header": {}}), ..speak() }, 400, &bad, Some("header.requestId is missing")),
        (Meanwhile { body: json!(7), ..speak() }, 400, &bad, Some("no JSON object")),
        (Meanwhile::speak(&"x".repeat(601)), 400, &bad, Some("601 characters")),
    ] {
        let (turn, answers) = asked(&world, vec![asks]).await;
        assert_eq!(answers, [(status, body.clone())]);
        let hop = &turn["hops"][1];
        assert_eq!(hop.is_object(), note.is_some(), "{turn}");
        assert!(hop["note"].as_str().unwrap_or_default().contains(note.unwrap_or_default()), "{note:?}: {turn}");
        assert_eq!((&turn["outcome"], &turn["progressive"]), (&json!("answered"), &json!([])));
    }
    let (_, answers) = asked(&world, vec![Meanwhile { method: Method::PUT, ..speak() }]).await;
    assert_eq!(answers[0].0, 405);
    let (turn, answers) = asked(&world, vec![speak(); 6]).await;
    assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [204, 204, 204, 204, 204, 403]);
    assert_eq!((&answers[5].1, turn["progressive"].as_array().unwrap().len()), (&forbidden, 5));
}

#[tokio::test]
async fn after_the_answer_it_is_too_late_and_the_turn_shows_it() {
    let world = World::new().await;
    world.link().await;
    let turn = world.ask(COLOR).await;
    let sent = world.told().skill_requests.last().unwrap().1.clone();
    let own = token(&world);
    let body = json!({"header": {"requestId": sent["request"]["requestId"]},
        "directive": {"type": "VoicePlayer.Speak", "speech": "Wait!"}});
    let speak = async || {
        let line = format!("Bearer {own}");
        let lines = [("authorization", line.as_str()), ("content-type", "application/json")];
        world.send(Method::POST, "/v1/directives", &lines, &body.to_string()).await.0
    };
    assert_eq!(speak().await, 403);
    let shown: Value =
        serde_json::from_str(&world.get(&format!("/api/turns/{}", turn["id"].as_str().unwrap())).await.2).unwrap();
    let late = shown["hops"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&late["title"], &late["within"]), (&json!("Say something meanwhile"), &Value::Null));
    assert!(late["note"].as_str().unwrap().contains("answered already") && shown["progressive"] == json!([]), "{late}");
    world.clock.forward(3_600);
    assert_eq!(speak().await, 401, "the hour is over");
    let shown = world.get("/api/turns").await.2;
    assert!(shown.contains("hour is over") && !shown.contains("alexa-api-"), "{shown}");
}

#[tokio::test]
async fn a_session_that_ends_takes_no_progressive_response() {
    let world = World::new().await;
    world.link().await;
    world.ask("open sample quiz game").await;
    world.told().meanwhile = vec![Meanwhile::speak("Bye.")];
    let turn = world.turn(json!({"exit": true})).await;
    assert_eq!(world.told().meanwhile_answers[0].0, 403);
    assert!(turn["hops"][1]["note"].as_str().unwrap().contains("SessionEndedRequest"), "{turn}");
}

#[tokio::test]
async fn a_skill_elsewhere_is_sent_to_amazon_without_a_token() {
    let world = World::reached(|_| "https://0.0.0.0:1/".into()).await;
    let turn = world.ask(COLOR).await;
    let system = &turn["hops"][0]["request"]["body"]["context"]["System"];
    assert_eq!(system["apiEndpoint"], "https://api.amazonalexa.com");
    assert!(system.get("apiAccessToken").is_none(), "{turn}");
}

#[tokio::test]
async fn what_the_skill_tells_of_is_not_drawn_twice() {
    use base64::Engine as _;
    let world = World::new().await;
    world.link().await;
    let call = |to: &str, method: &str, url: String, after: u64| json!({"to": to, "method": method, "url": url, "status": 204, "after_micros": after, "micros": 7});
    let calls = json!([
        call("alexa", "GET", format!("{CONSOLE}/echo.api/x.pem"), 0),
        call("alexa", "POST", format!("{CONSOLE}/v1/directives"), 60_000_000),
        call("alexa", "POST", "https://api.amazonalexa.com/v1/directives".into(), 90_000_000),
    ]);
    let trace =
        json!({"version": 2, "checks": [{"check": "well_formed", "outcome": "passed", "micros": 3}], "calls": calls});
    world.told().skill_trace = Some(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(trace.to_string()));
    let (turn, _) = asked(&world, vec![Meanwhile::speak("Hm.")]).await;
    let hops = turn["hops"].as_array().unwrap();
    let urls: Vec<_> = hops[1..].iter().map(|hop| hop["request"]["url"].as_str().unwrap()).collect();
    let own = format!("{CONSOLE}/v1/directives");
    assert_eq!(urls, [&format!("{CONSOLE}/echo.api/x.pem"), &own, "https://api.amazonalexa.com/v1/directives"]);
    assert_eq!(hops[2]["spoken"], "Hm.", "the one that Alexa has seen");
    let svg = page(&world, &turn, "/flow.svg").await;
    let place = |text: &str| svg.find(text).unwrap_or_else(|| panic!("{text}: {svg}"));
    assert!(
        place("Fetch the certificates") < place("Well formed") && place("Well formed") < place("something meanwhile")
    );
}

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// A skill whose manifest asks for these permissions.
async fn world_asking_for(permissions: &[&str]) -> World {
    let permissions: Vec<Value> = permissions.iter().map(|name| json!({ "name": name })).collect();
    World::with_files(|package| {
        let file = package.join("skill.json");
        let mut manifest: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        manifest["manifest"]["permissions"] = permissions.into();
        std::fs::write(file, manifest.to_string()).unwrap();
    })
    .await
}

async fn grant(world: &World, permissions: &[&str]) {
    let granted = permissions.iter().map(|name| ("granted", name));
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(granted).finish();
    assert_eq!(world.send(Method::POST, "/companion/sample-quiz-game/permissions", &FORM, &form).await.0, 303);
}

const EMAIL: &str = "/v2/accounts/~current/settings/Profile.email";
const PERSON: &str = "/v2/persons/~current/profile/givenName";
const ADDRESS: &str = "/v1/devices/{device}/settings/address";
const COUNTRY: &str = "/v1/devices/{device}/settings/address/countryAndPostalCode";
const ZONE: &str = "/v2/devices/{device}/settings/System.timeZone";

#[tokio::test]
async fn a_setting_is_told_to_whom_it_was_granted() {
    let (email, name) = ("alexa::profile:email:read", "alexa::profile:given_name:read");
    let address = "alexa::devices:all:address:full:read";
    let world = world_asking_for(&[email, name, address, "alexa::person_id:read"]).await;
    world.link().await;
    let code = |code: &str, message: &str| json!({"code": code, "message": message});
    let forbidden = |message: &str| json!({"type": "FORBIDDEN", "message": message});
    let denied = code("ACCESS_DENIED", "Access denied with reason: ACCESS_NOT_REQUESTED");
    let invalid = code("INVALID_TOKEN", "The authentication token is malformed or invalid.");
    let whole = json!({"addressLine1": "1 Example Street", "addressLine2": "", "addressLine3": "", "city": "Seattle",
        "districtOrCounty": "", "stateOrRegion": "WA", "postalCode": "98101", "countryCode": "US"});
    let not_yet = forbidden("Access to this resource has not yet been requested.");
    for (granted, path, status, body) in [
        (&[][..], EMAIL, 403, denied.clone()),
        (&[email], EMAIL, 200, json!("ada@example.com")),
        (&[email], ADDRESS, 403, not_yet),
        (&[address], EMAIL, 403, denied),
        (&[address], ADDRESS, 200, whole),
        (&[address], COUNTRY, 200, json!({"countryCode": "US", "postalCode": "98101"})),
        (&[], ZONE, 200, json!("UTC")),
        (
            &[],
            "/v2/accounts/~current/settings/Profile.mobileNumber",
            403,
            code("ACCESS_DENIED", "Access denied with reason: FORBIDDEN"),
        ),
        (
            &[],
            "/v2/accounts/~current/settings/Profile.age",
            404,
            code("INVALID_KEY", "The setting key is not supported."),
        ),
        (
            &[],
            "/v2/devices/amzn1.ask.device.OTHER/settings/System.timeZone",
            403,
            code("ACCESS_DENIED", "The authentication token does not have access to resource."),
        ),
        (&[name], PERSON, 403, code("ACCESS_DENIED", "The authentication token does not have access to resource.")),
    ] {
        grant(&world, granted).await;
        let (turn, answers) = asked(&world, vec![Meanwhile::get(path)]).await;
        assert_eq!(answers, [(status, body)], "{granted:?} {path}");
        let hop = &turn["hops"][1];
        assert_eq!((&hop["response"]["status"], &hop["within"]), (&json!(status), &json!(true)), "{turn}");
        assert_eq!(hop["note"].is_string(), status != 200, "a refusal says what to do: {turn}");
        assert!(hop["title"].as_str().unwrap().starts_with("Ask for "), "{turn}");
    }
    grant(&world, &[name]).await;
    world.turn(json!({"exit": true})).await;
    world.told().meanwhile = vec![Meanwhile::get(PERSON)];
    world.turn(json!({"utterance": COLOR, "person": "bob"})).await;
    assert_eq!(std::mem::take(&mut world.told().meanwhile_answers), [(200, json!("Bob"))]);

    let with = |path, token: &str| Meanwhile { token: Some(token.into()), ..Meanwhile::get(path) };
    let not_valid = forbidden("The authentication token is not valid.");
    let post = Meanwhile { method: Method::POST, ..Meanwhile::get(EMAIL) };
    let asks = vec![with(EMAIL, ""), with(EMAIL, "made-up-token"), with(ADDRESS, "made-up-token"), post];
    let (turn, answers) = asked(&world, asks).await;
    let method = json!({"message": "The method is not supported."});
    assert_eq!(answers, [(401, invalid.clone()), (401, invalid), (403, not_valid), (405, method)]);
    assert_eq!(turn["hops"].as_array().unwrap().len(), 4, "without a token nothing is noted: {turn}");
}

#[tokio::test]
async fn a_token_ends_with_the_user_it_was_issued_for() {
    let world = World::new().await;
    world.link().await;
    world.ask(COLOR).await;
    let line = format!("Bearer {}", token(&world));
    let path = "/v2/accounts/~current/settings/Profile.email";
    let status = async || world.send(Method::GET, path, &[("authorization", &line)], "").await.0;
    assert_eq!(status().await, 403, "it is good, and nothing is granted");
    world.send(Method::POST, "/companion/sample-quiz-game/unlink", &FORM, "").await;
    assert_eq!(status().await, 401, "the skill has another user now");
}

#[tokio::test]
async fn the_household_says_what_is_told_and_the_device_where_tomorrow_begins() {
    let world = World::with_model(&json!({"interactionModel": {"languageModel": {"invocationName": "sample quiz game", "intents": [
        {"name": "DayIntent", "slots": [{"name": "day", "type": "AMAZON.DATE"}], "samples": ["play {day}"]}], "types": []}}}))
    .await;
    world.link().await;
    let day =
        async || world.ask("ask sample quiz game to play tomorrow").await["heard"]["slots"]["day"]["value"].clone();
    assert_eq!(day().await, "2027-01-16", "the clock stands at 2027-01-15T08:00:00Z");
    let form = "name=Bea+Example&given_name=Bea&email=&mobile_country=&mobile_number=&address_line1=&address_line2=&address_line3=\
        &city=&district_or_county=&state_or_region=&postal_code=&country_code=&time_zone=America%2FLos_Angeles&distance_units=IMPERIAL&temperature_unit=";
    assert_eq!(world.send(Method::POST, "/household", &FORM, form).await.0, 303);
    world.clock.forward(-2 * 3_600);
    assert_eq!(day().await, "2027-01-15", "there it is still the day before");
    world.clock.forward(2 * 3_600);
    assert_eq!(day().await, "2027-01-16");
    let unit = |name: &str| format!("/v2/devices/{{device}}/settings/System.{name}");
    let paths = [unit("timeZone"), unit("distanceUnits"), unit("temperatureUnit")].map(String::leak);
    world.told().meanwhile = paths.map(|path| Meanwhile::get(path)).to_vec();
    world.ask("ask sample quiz game to play tomorrow").await;
    let answers = std::mem::take(&mut world.told().meanwhile_answers);
    assert_eq!(answers, [(200, json!("America/Los_Angeles")), (200, json!("IMPERIAL")), (204, Value::Null)]);

    let (status, _, page) = world.get("/household").await;
    assert!(
        status == 200 && page.contains("value=\"America/Los_Angeles\"") && page.contains("<option selected>IMPERIAL"),
        "{page}"
    );
    let wrong = form.replace("America%2FLos_Angeles", "Mars%2FOlympus");
    let (status, _, page) = world.send(Method::POST, "/household", &FORM, &wrong).await;
    assert!(status == 422 && page.contains("no time zone") && page.contains("value=\"Mars/Olympus\""), "{page}");
    assert_eq!(world.send(Method::POST, "/household", &FORM, "name=x").await.0, 400);
    let person = "person=ada&name=Ada+Lovelace&given_name=Ada&mobile_country=%2B44&mobile_number=20+7946+0000";
    assert_eq!(world.send(Method::POST, "/household/persons", &FORM, person).await.0, 303);
    assert_eq!(world.send(Method::POST, "/household/persons", &FORM, "person=%3Cb%3E").await.0, 422);
    assert!(world.get("/household").await.2.contains("Ada Lovelace"));
    let home: Value = serde_json::from_str(&world.get("/api/household").await.2).unwrap();
    assert_eq!(
        (&home["givenName"], &home["persons"]["ada"]["mobileNumber"]["countryCode"]),
        (&json!("Bea"), &json!("+44"))
    );
    for (body, status) in [
        (json!({"timeZone": "Europe/Berlin"}).to_string(), 200),
        (json!({"timeZone": "Berlin"}).to_string(), 422),
        (json!({"persons": {"<b>": {}}}).to_string(), 422),
        (json!({"colour": "red"}).to_string(), 400),
        ("[]".into(), 400),
    ] {
        assert_eq!(world.send(Method::PUT, "/api/household", &JSON, &body).await.0, status, "{body}");
    }
    let home: Value = serde_json::from_str(&world.get("/api/household").await.2).unwrap();
    assert_eq!(
        (&home["timeZone"], &home["givenName"], &home["persons"]),
        (&json!("Europe/Berlin"), &json!("Ada"), &json!({}))
    );
    let mut world = world;
    world.restart().await;
    assert!(world.get("/api/household").await.2.contains("Europe/Berlin"), "it is kept");
    let (_, headers, _) = world
        .send(Method::POST, "/household", &[("content-type", FORM[0].1), ("origin", "https://evil.example")], form)
        .await;
    assert!(headers.get("location").is_none(), "another site changes nothing");
}

#[tokio::test]
async fn what_is_said_meanwhile_is_drawn_while_the_answer_is_awaited() {
    let world = World::new().await;
    world.link().await;
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    world.told().skill_gate = Some(gate.clone());
    world.told().meanwhile = vec![Meanwhile::speak("Let me look.")];
    let drawn = async {
        loop {
            let page = world.get("/flow").await.2;
            if page.contains(">Let me look.<") {
                gate.add_permits(1);
                return page;
            }
            tokio::task::yield_now().await;
        }
    };
    let both = async { tokio::join!(world.ask(COLOR), drawn) };
    let (turn, page) = tokio::time::timeout(std::time::Duration::from_secs(60), both).await.unwrap();
    assert!(page.contains("Under way") && page.contains(">Say something meanwhile<"), "{page}");
    assert_eq!(turn["progressive"], json!(["Let me look."]));
}
