//! A handler asks an API as the person who speaks, and a local simulator is told what the API has checked.
#![cfg(all(feature = "axum", feature = "http", feature = "layer"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use alexa_cloud::*;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use sayso_skill::outside::Fetched;
use sayso_skill::token::encoding::from_base64url;
use sayso_skill::token::guard::Requirements;
use sayso_skill::{
    Answer, Guard, GuardLayer, HandlerError, HandlerInput, NotAsked, On, Requirement, linked_account, scope,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const COLORS: &str = "https://api.example/v1/colors";

fn guard() -> Guard {
    Guard::jwks(Requirements::new(ISSUER, AUDIENCE).unwrap(), JWKS_URL)
}

/// What an API behind the guard answers to this `Authorization`: its status, and what it tells of its checks.
async fn api(tells: bool, requirement: Requirement, authorization: Option<String>) -> (u16, Option<String>) {
    let (clock, web) = clock_and_web();
    let layer = GuardLayer::new(guard(), requirement, outside(&clock, &web)).unwrap();
    let layer = if tells { layer.dangerous_local_trace() } else { layer };
    let router: Router = Router::new().route("/", get(|| async { "teal" })).layer(layer);
    let mut request = Request::get("/");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let trace = answer.headers().get("sayso-trace").map(|trace| trace.to_str().unwrap().to_owned());
    (answer.status().as_u16(), trace)
}

fn read(trace: &str) -> Value {
    serde_json::from_slice(&from_base64url(trace).unwrap()).unwrap()
}

fn outcomes(told: &Value) -> Vec<&str> {
    told["checks"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_api_tells_what_it_has_checked_only_when_it_is_told_to() {
    let token = jwt(token_key(), &claims());
    let bearer = || Some(format!("Bearer {token}"));
    for requirement in [scope("read:color"), scope("paint")] {
        assert_eq!(api(false, requirement, bearer()).await.1, None);
    }
    let (status, trace) = api(true, scope("read:color"), bearer()).await;
    let told = read(&trace.unwrap());
    assert_eq!((status, outcomes(&told)), (200, vec!["passed"; 6]));
    assert!(told["checks"][1]["micros"].as_u64() >= Some(1), "{told}");
    assert_eq!((&told["calls"][0]["url"], &told["calls"][0]["status"]), (&json!(JWKS_URL), &json!(200)));

    let (status, trace) = api(true, scope("paint"), bearer()).await;
    let told = read(&trace.unwrap());
    assert_eq!(status, 403);
    assert_eq!((&told["checks"][5]["outcome"], &told["checks"][5]["reason"]), (&json!("failed"), &json!("scope")));
    for secret in [token.as_str(), "\"ada\"", "read:color"] {
        assert!(!told.to_string().contains(secret), "{secret} in {told}");
    }

    let (status, trace) = api(true, scope("paint"), None).await;
    assert_eq!((status, &read(&trace.unwrap())["checks"][0]["reason"]), (401, &json!("token_missing")));
    let (status, trace) = api(true, linked_account().confidence(300), bearer()).await;
    let told = read(&trace.unwrap());
    assert_eq!((status, &told["checks"][4]["reason"]), (403, &json!("confidence_level")));
    let (status, trace) = api(true, scope("paint"), Some("Basic YTpi".to_owned())).await;
    assert_eq!((status, outcomes(&read(&trace.unwrap()))[0]), (401, "failed"), "another scheme is no token");
}

async fn colors(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let got = input.get_as_user(COLORS).await?;
    let put = input.post_as_user(&format!("{COLORS}?hue=1"), &json!({"color": "teal"})).await?;
    Ok(input.respond().speak(format!("{} {}", got.status, put.status)))
}

#[tokio::test]
async fn the_verified_token_goes_along_and_the_apis_checks_are_handed_on() {
    let world = World::new(|skill| skill.guard(guard()).on(On::intent("X").requires(scope("read:color")), colors));
    let token = jwt(token_key(), &claims());
    let (status, trace) = api(true, scope("paint"), Some(format!("Bearer {token}"))).await;
    world.web.tell(COLORS, Fetched { trace, ..Fetched::new(status, "") });
    world.web.set(&format!("{COLORS}?hue=1"), 204, "");
    let heard = world.send(&intent("X", Some(&token))).await;
    assert_eq!(heard.speech(), "403 204");

    let asked = world.web.asked();
    let [got, put] = asked.iter().filter(|asked| asked.url.starts_with(COLORS)).collect::<Vec<_>>()[..] else {
        panic!("{asked:?}")
    };
    for sent in [got, put] {
        assert_eq!(sent.authorization.as_ref().unwrap().expose(), format!("Bearer {token}"));
        assert!(!format!("{sent:?}").contains(&token), "it is not printed");
    }
    assert!(got.form.is_none() && got.deadline.as_secs() < 7);
    let form = put.form.as_ref().unwrap();
    assert_eq!((form.content_type, form.body.expose()), ("application/json", "{\"color\":\"teal\"}"));

    let calls = heard.trace.unwrap()["calls"].clone();
    let told = calls.as_array().unwrap().iter().find(|call| call["url"] == COLORS).unwrap()["told"].clone();
    assert_eq!(outcomes(&told), ["passed", "passed", "passed", "passed", "passed", "failed"]);
    assert_eq!(told["calls"][0]["to"], "authorization_server");
    assert!(!calls.to_string().contains(&token));
}

#[tokio::test]
async fn a_person_s_own_token_goes_along_where_that_was_verified() {
    let requirement = scope("read:color").person_only();
    let world = World::new(|skill| skill.guard(guard()).on(On::intent("X").requires(requirement), colors));
    let mut own = claims();
    own["sub"] = json!("grace");
    let own = jwt(token_key(), &own);
    world.web.set(COLORS, 200, "");
    world.web.set(&format!("{COLORS}?hue=1"), 200, "");
    let mut envelope = intent("X", Some(&jwt(token_key(), &claims())));
    envelope["context"]["System"]["person"] = json!({"personId": "amzn1.ask.person.G", "accessToken": own});
    assert_eq!(world.send(&envelope).await.speech(), "200 200");
    let asked = world.web.asked();
    let sent = asked.iter().find(|asked| asked.url == COLORS).unwrap();
    assert_eq!(sent.authorization.as_ref().unwrap().expose(), format!("Bearer {own}"));
}

#[tokio::test]
async fn no_token_goes_over_an_open_line_or_unverified() {
    async fn refused(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let mut said = Vec::new();
        for url in ["http://api.example/v1/colors", "https://api.example/v1/colors", "no address"] {
            said.push(match input.get_as_user(url).await {
                Ok(_) => "asked",
                Err(NotAsked::NotGuarded(_)) => "not guarded",
                Err(NotAsked::Insecure) => "insecure",
                Err(NotAsked::Fetch(_)) => "no answer",
                Err(NotAsked::Body(_)) => "no body",
            });
        }
        Ok(input.respond().speak(said.join(", ")))
    }
    let token = jwt(token_key(), &claims());
    let unguarded = World::new(|skill| skill.on(On::intent("X"), refused));
    assert_eq!(unguarded.send(&intent("X", Some(&token))).await.speech(), "not guarded, not guarded, not guarded");
    let guarded = World::new(|skill| skill.guard(guard()).on(On::intent("X").requires(linked_account()), refused));
    assert_eq!(guarded.send(&intent("X", Some(&token))).await.speech(), "insecure, no answer, insecure");
    assert!(guarded.web.asked().iter().all(|asked| !asked.url.starts_with("http://api")));
}
