//! The doctor: a good provider and skill are found good, and each fault of a bad one is named.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sayso_simulator::{Checked, Health, Returning};
use serde_json::json;
use std::collections::HashMap;
use stubs::World;

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
    let checks = world.simulator.examine("sample-quiz-game", Returning::Here).await.unwrap();
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
    let forged = found(&checks, "Requests without a signature");
    assert_eq!((forged.health, forged.found.as_str()), (Health::Bad, "They are answered."));
    assert_eq!(found(&checks, "The link").health, Health::Unknown);
    assert!(world.simulator.turns().is_empty(), "an examination is no turn");
    world.told().skill_answers = vec![(200, "{}".into()), (400, String::new())];
    let checks = world.simulator.examine("sample-quiz-game", Returning::Amazon("M2VENDOR")).await.unwrap();
    assert_eq!(found(&checks, "Login page for Europe and India").health, Health::Good);
    assert_eq!(found(&checks, "The skill's answer").health, Health::Bad);
    assert_eq!(found(&checks, "Requests without a signature").health, Health::Good);
    assert!(world.simulator.examine("none", Returning::Here).await.is_none());
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
        status == 200 && page.contains("1 thing keeps Alexa from linking") && page.contains("They are answered."),
        "{page}"
    );
    assert_eq!(world.get("/companion/none/doctor").await.0, 404);
    assert!(world.get("/companion/sample-quiz-game").await.2.contains("id=\"doctor\""));
}
