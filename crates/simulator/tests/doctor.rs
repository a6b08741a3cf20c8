//! The doctor: a good provider and skill are found good, and each fault of a bad one is named.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sayso_simulator::{Checked, Examination, Health, Returning};
use serde_json::json;
use std::collections::HashMap;
use stubs::World;

fn here() -> Examination<'static> {
    Examination { returning: Returning::Here, refreshes_twice: false }
}

type Asked = Query<HashMap<String, String>>;

fn is_ours(asked: &Asked) -> bool {
    [
        "http://127.0.0.1:4001/",
        "https://pitangui.amazon.com/",
        "https://layla.amazon.com/",
        "https://alexa.amazon.co.jp/",
    ]
    .iter()
    .any(|start| asked["redirect_uri"].starts_with(start))
}

async fn good_page(asked: Asked) -> Response {
    if is_ours(&asked) {
        let page = "<meta name=\"viewport\" content=\"width=device-width\"><form action=\"/login\">";
        return Html(page).into_response();
    }
    StatusCode::BAD_REQUEST.into_response()
}

async fn one_region(asked: Asked) -> StatusCode {
    if asked["redirect_uri"].contains("/na/") { StatusCode::OK } else { StatusCode::BAD_REQUEST }
}

async fn error(asked: Asked) -> Redirect {
    Redirect::to(&format!("{}?error=invalid_scope&state={}", asked["redirect_uri"], asked["state"]))
}

async fn cuts_state(asked: Asked) -> Redirect {
    let state: String = asked["state"].chars().take(128).collect();
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", &state).finish();
    Redirect::to(&format!("{}?code=x&{query}", asked["redirect_uri"]))
}

async fn odd_page() -> Response {
    let page = "<script src=\"https://cdn.example/x.js\"></script><script>window.open('/x'); alert(1)</script>";
    ([(header::CONTENT_SECURITY_POLICY, "default-src 'none'; form-action 'self'")], Html(page)).into_response()
}

/// Knows the client by the header only.
async fn token(headers: HeaderMap) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        return (StatusCode::BAD_REQUEST, axum::Json(json!({"error": "invalid_grant"}))).into_response();
    }
    (StatusCode::UNAUTHORIZED, axum::Json(json!({"error": "invalid_client"}))).into_response()
}

async fn provider() -> String {
    let router = Router::new()
        .route("/authorize", get(good_page))
        .route("/one-region", get(one_region))
        .route("/error", get(error))
        .route("/cuts-state", get(cuts_state))
        .route("/odd-page", get(odd_page))
        .route("/too-long", get(|| async { StatusCode::URI_TOO_LONG }))
        .route("/moved", get(|| async { Redirect::to("/terms") }))
        .route("/terms", get(|| async { Html(format!("<p>{}</p>", "We keep nothing. ".repeat(40))) }))
        .route("/token", post(token))
        .route("/broken", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/page", post(|| async { Html("<p>Are you a robot?</p>") }))
        .route("/all", post(|| async { axum::Json(json!({"access_token": "x"})) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn examined(page: &str, token: &str, scheme: &str) -> (World, Vec<Checked>) {
    let provider = provider().await;
    let world = World::with(|settings| {
        settings["authorizationUrl"] = format!("{provider}/{page}").into();
        settings["accessTokenUrl"] = format!("{provider}/{token}").into();
        settings["accessTokenScheme"] = scheme.into();
        settings["skipOnEnablement"] = true.into();
    })
    .await;
    let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
    (world, checks)
}

fn found<'c>(checks: &'c [Checked], name: &str) -> &'c Checked {
    checks.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("no {name} in {checks:#?}"))
}

#[tokio::test]
async fn a_good_provider_and_skill_are_found_good() {
    let (world, checks) = examined("authorize", "token", "HTTP_BASIC").await;
    for name in [
        "Login page for North America",
        "Login page for Europe and India",
        "Login page for Japan and Australia",
        "A state of 4000 signs",
        "A redirect URI of somebody else",
        "The page on a phone",
        "The server's clock",
        "Exchange of a code",
        "Refresh of a token",
        "Time of the token answer",
        "The skill's answer",
    ] {
        // The stub's clock stands still in another year.
        let expected = if name == "The server's clock" { Health::Doubtful } else { Health::Good };
        assert_eq!(found(&checks, name).health, expected, "{name}: {checks:#?}");
    }
    // This stub verifies nothing.
    for name in ["Requests without a signature", "A request of half an hour ago"] {
        let answered = found(&checks, name);
        assert_eq!((answered.health, answered.found.as_str()), (Health::Bad, "It is answered."), "{name}");
    }
    assert_eq!(found(&checks, "The link").health, Health::Unknown);
    assert!(world.simulator.turns().is_empty(), "an examination is no turn");
    world.told().skill_answers = vec![(200, "{}".into()); 3];
    world.told().skill_answers.extend([(400, String::new()), (400, String::new()), (400, String::new())]);
    let checks = world
        .simulator
        .examine("sample-quiz-game", Examination { returning: Returning::Amazon("M2VENDOR"), ..here() })
        .await
        .unwrap();
    assert_eq!(found(&checks, "Login page for Europe and India").health, Health::Good);
    assert_eq!(found(&checks, "The skill's answer").health, Health::Bad);
    assert_eq!(found(&checks, "Requests without a signature").health, Health::Good);
    let late = found(&checks, "A late event");
    assert!(late.health == Health::Bad && late.remedy.contains("up to an hour old"), "{late:?}");
    assert!(world.simulator.examine("none", here()).await.is_none());
}

const LINK: &str = "{\"version\": \"1.0\", \"response\": {\"outputSpeech\": {\"type\": \"PlainText\", \"text\": \"Please link.\"}, \"card\": {\"type\": \"LinkAccount\"}}}";

#[tokio::test]
async fn a_careful_skill_is_tried_by_a_stranger() {
    let world = World::new().await;
    world.link().await;
    world.ask("ask sample quiz game what is my favorite color").await;
    let known = world.told().skill_requests.drain(..).next().unwrap().1;
    world.told().skill_answers = vec![(200, LINK.into()); 4];
    world.told().skill_answers.extend([(400, String::new()), (400, String::new()), (200, "{}".into())]);
    let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
    for name in [
        "The skill's answer",
        "Tokens that nobody issued",
        "Requests without a signature",
        "A request of half an hour ago",
        "A late event",
    ] {
        assert_eq!(found(&checks, name).health, Health::Good, "{name}: {checks:#?}");
    }
    let requests: Vec<_> = world.told().skill_requests.iter().map(|(_, body, _)| body.clone()).collect();
    let users: Vec<&str> =
        requests.iter().map(|body| body["context"]["System"]["user"]["userId"].as_str().unwrap()).collect();
    assert!(
        users.iter().all(|user| *user == users[0]) && known["context"]["System"]["user"]["userId"] != users[0],
        "{users:?}"
    );
    let tokens: Vec<Option<&str>> =
        requests.iter().map(|body| body["context"]["System"]["user"]["accessToken"].as_str()).collect();
    assert_eq!((tokens.len(), tokens[2]), (7, Some("sayso-doctor-made-up")));
    assert_eq!(tokens[3].unwrap().split('.').count(), 3, "a token that looks like one");
    assert!([0, 1, 4, 5, 6].iter().all(|at| tokens[*at].is_none()), "{tokens:?}");
    let told = |at: usize| (requests[at]["request"]["type"].clone(), requests[at]["request"]["timestamp"].clone());
    assert_eq!(told(5), (json!("LaunchRequest"), json!("2027-01-15T07:30:00Z")));
    assert_eq!(told(6), (json!("AlexaSkillEvent.SkillDisabled"), json!("2027-01-15T07:30:00Z")));
    assert!(requests[6].get("session").is_none());
    for one in &checks {
        assert!(one.tried.len() > 20 && one.source.len() > 10 && one.source_url.starts_with("https://"), "{one:?}");
    }
}

#[tokio::test]
async fn a_skill_that_believes_nobody_proves_nothing_by_refusing() {
    let world = World::new().await;
    world.told().skill_answers = vec![(400, String::new()); 20];
    let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
    assert!(found(&checks, "The skill's answer").remedy.contains("trust/root.pem"));
    for name in ["Requests without a signature", "A request of half an hour ago", "A late event"] {
        assert_eq!(found(&checks, name).health, Health::Unknown, "{name}");
    }
}

#[tokio::test]
async fn a_refresh_that_comes_twice_is_tried_only_when_it_is_asked_for() {
    let twice = Examination { refreshes_twice: true, ..here() };
    let dead = || (400, json!({"error": "invalid_grant"}));
    let good = |name: &str| {
        (
            200,
            json!({"access_token": format!("access-{name}"), "token_type": "Bearer", "expires_in": 3600, "refresh_token": format!("refresh-{name}")}),
        )
    };
    for (answers, health, next) in [
        (vec![good("a"), good("a"), good("a"), good("b")], Health::Good, "refresh-b"),
        (vec![good("a"), dead(), good("a"), good("b")], Health::Bad, "refresh-b"),
        (vec![good("a"), dead(), dead(), dead()], Health::Bad, "refresh-a"),
    ] {
        let world = World::new().await;
        world.link().await;
        let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
        assert!(!checks.iter().any(|one| one.name == "The same refresh twice"));
        assert!(found(&checks, "Refreshing").remedy.contains("refreshed twice"));
        // The two made-up ones come first.
        world.told().token_answers = [vec![dead(), dead()], answers].concat();
        world.told().token_requests.clear();
        let checks = world.simulator.examine("sample-quiz-game", twice).await.unwrap();
        assert_eq!(found(&checks, "The same refresh twice").health, health, "{checks:#?}");
        let sent: Vec<String> =
            world.told().token_requests.iter().filter_map(|(_, form)| form.get("refresh_token").cloned()).collect();
        assert_eq!(sent[1..4], ["opaque-refresh-token-1"; 3], "{sent:?}");
        assert_eq!(sent[4], "refresh-a");
        world
            .simulator
            .say(&sayso_simulator::Saying {
                fault: sayso_simulator::Fault::named("token-lost"),
                ..sayso_simulator::Saying::words("ask sample quiz game what is my favorite color")
            })
            .await;
        let last = world.told().token_requests.last().unwrap().1["refresh_token"].clone();
        assert_eq!(last, next, "the link goes on with what came of it");
        assert!(!format!("{checks:?}").contains("refresh-"), "{checks:#?}");
    }
}

#[tokio::test]
async fn the_pages_of_the_manifest_are_opened() {
    let provider = provider().await;
    let pages = |policy: &str, terms: &str| json!({"privacyPolicyUrl": policy, "termsOfUseUrl": terms});
    let locales = json!({
        "en-US": pages(&format!("{provider}/nowhere"), &format!("{provider}/moved")),
        "de-DE": pages(&format!("{provider}/nowhere"), "http://127.0.0.1:1/terms"),
        "fr-FR": pages("our policy", &format!("{provider}/broken-terms")),
    });
    let world = World::with_files(|package| {
        let file = package.join("skill.json");
        let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        manifest["manifest"]["privacyAndCompliance"] = json!({ "locales": locales });
        std::fs::write(&file, manifest.to_string()).unwrap();
    })
    .await;
    let checks = world.simulator.examine("sample-quiz-game", here()).await.unwrap();
    let said: Vec<&str> =
        checks.iter().filter(|one| one.name == "Privacy policy and terms").map(|one| one.found.as_str()).collect();
    for expected in [
        "/nowhere (privacy policy en-US, privacy policy de-DE) answers with status 404",
        "/moved (terms en-US) is not https",
        "(terms de-DE) cannot be reached",
        "our policy (privacy policy fr-FR) is no web address",
    ] {
        assert!(said.iter().any(|said| said.contains(expected)), "{expected}: {said:#?}");
    }
    assert_eq!(said.len(), 5, "{said:#?}");
    let certified: Vec<&str> =
        checks.iter().filter(|one| one.name == "Certification").map(|one| one.found.as_str()).collect();
    assert!(certified.iter().any(|said| said.contains("name no test account")), "{certified:?}");
}

#[tokio::test]
async fn each_fault_is_named_with_what_to_do() {
    for (page, token, scheme, name, health, said) in [
        (
            "one-region",
            "token",
            "HTTP_BASIC",
            "Login page for Europe and India",
            Health::Bad,
            "Register the redirect URI",
        ),
        ("error", "token", "HTTP_BASIC", "Login page for North America", Health::Bad, "every scope"),
        ("cuts-state", "token", "HTTP_BASIC", "A state of 4000 signs", Health::Bad, "exactly as it came"),
        ("cuts-state", "token", "HTTP_BASIC", "A redirect URI of somebody else", Health::Bad, "Compare redirect URIs"),
        ("too-long", "token", "HTTP_BASIC", "A state of 4000 signs", Health::Bad, "be longer"),
        ("nowhere", "token", "HTTP_BASIC", "Login page for North America", Health::Bad, "Check authorizationUrl"),
        ("odd-page", "token", "HTTP_BASIC", "The page on a phone", Health::Doubtful, "fits a phone"),
        ("authorize", "token", "REQUEST_BODY_CREDENTIALS", "Client authentication", Health::Bad, "HTTP_BASIC"),
        (
            "authorize",
            "token",
            "REQUEST_BODY_CREDENTIALS",
            "Exchange of a code",
            Health::Bad,
            "does not know the client",
        ),
        ("authorize", "broken", "HTTP_BASIC", "Refresh of a token", Health::Bad, "5xx tells Alexa"),
        ("authorize", "page", "HTTP_BASIC", "Exchange of a code", Health::Bad, "something made up"),
        ("authorize", "all", "HTTP_BASIC", "Exchange of a code", Health::Bad, "something made up"),
        ("authorize", "nowhere", "HTTP_BASIC", "Exchange of a code", Health::Bad, "Check accessTokenUrl"),
    ] {
        let (_, checks) = examined(page, token, scheme).await;
        let one = found(&checks, name);
        assert_eq!(one.health, health, "{page} {token}: {one:?}");
        assert!(format!("{} {}", one.found, one.remedy).contains(said), "{page} {token}: {one:?}");
        assert!(!format!("{checks:?}").contains(stubs::SECRET));
    }
    let (_, checks) = examined("odd-page", "token", "HTTP_BASIC").await;
    let all = format!("{checks:?}");
    for said in
        ["opens another window", "shows an alert box", "cdn.example", "lets no form end at http://127.0.0.1:4001"]
    {
        assert!(all.contains(said), "{said}: {all}");
    }
}

#[tokio::test]
async fn the_page_examines_only_when_it_is_asked_to() {
    let (world, _) = examined("authorize", "token", "HTTP_BASIC").await;
    world.told().skill_requests.clear();
    let (status, _, page) = world.get("/companion/sample-quiz-game/doctor").await;
    assert!(status == 200 && page.contains("id=\"examine\"") && !page.contains("id=\"diagnosis\""), "{page}");
    assert!(page.contains("http://127.0.0.1:4001/eu/api/skill/link/") && world.told().skill_requests.is_empty());
    let (status, _, page) = world.send(Method::POST, "/companion/sample-quiz-game/doctor", &[], "").await;
    assert!(
        status == 200 && page.contains("3 things keep Alexa from linking") && page.contains("It is answered."),
        "{page}"
    );
    assert_eq!(world.get("/companion/none/doctor").await.0, 404);
    assert!(world.get("/companion/sample-quiz-game").await.2.contains("id=\"doctor\""));
}
