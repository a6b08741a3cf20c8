//! The guard in front of an API: what RFC 6750 and RFC 9470 say is what is answered.
#![cfg(all(feature = "axum", feature = "http", feature = "layer"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::sync::Arc;

use alexa_cloud::*;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Extension, Router};
use http_body_util::BodyExt as _;
use sayso_skill::outside::FetchFailed;
use sayso_skill::token::guard::{AccessToken, Requirements};
use sayso_skill::{BadSkill, Guard, GuardLayer, Requirement, linked_account, scope};
use serde_json::{Value, json};
use tower::ServiceExt as _;

async fn whoami(Extension(token): Extension<AccessToken>) -> String {
    token.subject
}

struct Api {
    web: Arc<Web>,
    router: Router,
}

fn guard() -> Guard {
    Guard::jwks(Requirements::new(ISSUER, AUDIENCE).unwrap(), JWKS_URL).user_allowed(|token| token.subject != "mallory")
}

fn api(requirement: Requirement) -> Api {
    let (clock, web) = clock_and_web();
    let layer = GuardLayer::new(guard(), requirement, outside(&clock, &web)).unwrap().realm("color");
    Api { web, router: Router::new().route("/color", get(whoami)).layer(layer) }
}

impl Api {
    async fn get(&self, address: &str, authorization: &[&str]) -> (StatusCode, Option<String>, String) {
        let mut request = Request::get(address);
        for value in authorization {
            request = request.header("authorization", *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        if status != StatusCode::OK {
            assert_eq!(response.headers()["cache-control"], "no-store", "{status}");
        }
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, challenge, String::from_utf8(body.to_vec()).unwrap())
    }
}

fn bearer(claims: &Value) -> String {
    format!("Bearer {}", jwt(token_key(), claims))
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[tokio::test]
async fn a_good_token_is_let_through_and_handed_on() {
    let api = api(scope("read:color"));
    for value in [bearer(&claims()), bearer(&claims()).replace("Bearer", "bearer")] {
        assert_eq!(api.get("/color", &[&value]).await, (StatusCode::OK, None, "ada".to_owned()));
    }
    assert_eq!(api.web.count(JWKS_URL), 1);
}

#[tokio::test]
async fn every_refusal_is_the_rfc_s() {
    let api = api(scope("read:color").and_scope("openid"));
    let claims = with("scope", json!("read:color openid"));
    let good = bearer(&claims);
    let expired = bearer(&with("exp", json!(NOW / 1_000 - 61)));
    let mut bound = claims.clone();
    bound["cnf"] = json!({"jkt": "x"});
    let bound = bearer(&bound);
    let invalid = Some("invalid_token");
    for (address, values, status, error) in [
        ("/color", vec![], 401, None),
        ("/color", vec!["Basic YTpi"], 401, None),
        ("/color", vec!["DPoP abc"], 401, None),
        ("/color", vec!["Bearer"], 400, Some("invalid_request")),
        ("/color", vec![good.as_str(), good.as_str()], 400, Some("invalid_request")),
        ("/color?access_token=x", vec![], 400, Some("invalid_request")),
        ("/color?a=b&access_token=x", vec![good.as_str()], 400, Some("invalid_request")),
        ("/color", vec!["Bearer opaque"], 401, invalid),
        ("/color", vec![expired.as_str()], 401, invalid),
        ("/color", vec![bearer(&with("aud", json!("https://other"))).leak()], 401, invalid),
        ("/color", vec![bound.as_str()], 401, invalid),
        ("/color", vec![bearer(&with("scope", json!("read:color"))).leak()], 403, Some("insufficient_scope")),
    ] {
        let (found, challenge, body) = api.get(address, &values).await;
        let challenge = challenge.unwrap();
        assert_eq!((found.as_u16(), body.as_str()), (status, ""), "{address} {values:?}");
        assert!(challenge.starts_with(r#"Bearer realm="color""#), "{challenge}");
        match error {
            Some(error) => assert!(challenge.contains(&format!(r#"error="{error}""#)), "{challenge}"),
            None => assert_eq!(challenge, r#"Bearer realm="color", scope="read:color openid""#),
        }
    }
    assert_eq!(api.get("/color", &[&good]).await.2, "ada");
}

#[tokio::test]
async fn who_may_not_is_told_so_without_a_challenge_that_would_not_help() {
    let api = api(linked_account());
    let (status, challenge, _) = api.get("/color", &[&bearer(&with("sub", json!("mallory")))]).await;
    assert_eq!((status, challenge), (StatusCode::FORBIDDEN, None));
}

#[tokio::test]
async fn a_stronger_sign_in_is_asked_for() {
    let api = api(linked_account().acr_values(["mfa"]).max_age_seconds(300));
    let (status, challenge, _) = api.get("/color", &[&bearer(&claims())]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let challenge = challenge.unwrap();
    assert!(challenge.contains(r#"error="insufficient_user_authentication""#), "{challenge}");
    assert!(challenge.ends_with(r#"acr_values="mfa", max_age="300""#), "{challenge}");
    let mut strong = with("acr", json!("mfa"));
    strong["auth_time"] = json!(NOW / 1_000 - 200);
    assert_eq!(api.get("/color", &[&bearer(&strong)]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_outage_is_not_the_caller_s_fault() {
    let api = api(linked_account());
    api.web.fail(JWKS_URL, FetchFailed::TooSlow);
    let (status, challenge, _) = api.get("/color", &[&bearer(&claims())]).await;
    assert_eq!((status, challenge), (StatusCode::SERVICE_UNAVAILABLE, None));
}

#[tokio::test]
async fn what_only_alexa_can_tell_is_never_met() {
    let api = api(linked_account().confidence(300));
    assert_eq!(api.get("/color", &[&bearer(&claims())]).await.0, StatusCode::FORBIDDEN);
}

#[test]
fn a_layer_that_would_be_open_is_not_built() {
    let (clock, web) = clock_and_web();
    let open = Guard::jwks(Requirements::new(ISSUER, AUDIENCE).unwrap(), "http://auth.example/keys");
    let expected = BadSkill::InsecureGuard("http://auth.example/keys".to_owned());
    assert_eq!(GuardLayer::new(open, linked_account(), outside(&clock, &web)).err(), Some(expected));
    assert_eq!(
        GuardLayer::new(guard(), linked_account().live(), outside(&clock, &web)).err(),
        Some(BadSkill::CannotAsk)
    );
}
