//! The guard in front of an API that takes bound tokens: each proof once, for one token, one request and one key.
#![cfg(all(feature = "axum", feature = "http", feature = "layer"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::sync::{Arc, LazyLock};

use alexa_cloud::*;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Extension, Router};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use sayso_skill::spent::{SpentIds, SpentInMemory};
use sayso_skill::token::algorithm::Algorithm;
use sayso_skill::token::digest::Digest;
use sayso_skill::token::encoding::base64url;
use sayso_skill::token::guard::{AccessToken, Requirements};
use sayso_skill::token::keyring::SigningKey;
use sayso_skill::{Guard, GuardLayer, Introspection, Requirement, linked_account, scope};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The key of a caller, and one of somebody else.
static HELD: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
    [(); 2].map(|()| {
        let pkcs8 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_der();
        SigningKey::from_pkcs8(Algorithm::Es256, &pkcs8).unwrap()
    })
});

fn own() -> &'static SigningKey {
    &HELD[0]
}

/// A token that is bound to the caller's key.
fn bound(change: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims();
    claims["cnf"] = json!({"jkt": own().public().thumbprint().base64url()});
    change(&mut claims);
    jwt(token_key(), &claims)
}

fn proof(key: &SigningKey, token: &str, change: impl FnOnce(&mut Value)) -> String {
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.public().to_json()});
    let ath = Digest::of(token.as_bytes()).base64url();
    let mut claims = json!({
        "htm": "GET", "htu": "https://api.example/v1/color", "iat": NOW / 1_000, "jti": "p1", "ath": ath,
    });
    change(&mut claims);
    let body = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let signature = base64url(&key.sign(body.as_bytes()).unwrap());
    format!("{body}.{signature}")
}

async fn whoami(Extension(token): Extension<AccessToken>) -> String {
    token.subject
}

struct Api {
    router: Router,
    clock: Arc<HandClock>,
    web: Arc<Web>,
}

fn guard() -> Guard {
    Guard::jwks(Requirements::new(ISSUER, AUDIENCE).unwrap(), JWKS_URL)
}

fn api_of(guard: Guard, requirement: Requirement, store: impl SpentIds + 'static) -> Api {
    let (clock, web) = clock_and_web();
    let layer =
        GuardLayer::new(guard, requirement, outside(&clock, &web)).unwrap().dpop("https://api.example/v1/").unwrap();
    let router = Router::new().route("/color", get(whoami)).layer(layer.spent_proofs(store));
    Api { clock, web, router }
}

fn api() -> Api {
    api_of(guard(), scope("read:color"), SpentInMemory::default())
}

impl Api {
    async fn get(&self, authorization: &str, proofs: &[&str]) -> (u16, String) {
        let mut request = Request::get("/color?shade=dark").header("authorization", authorization);
        for proof in proofs {
            request = request.header("DPoP", *proof);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), challenge.unwrap_or_default())
    }
}

const ALGS: &str = r#"algs="ES256 EdDSA PS256""#;

#[tokio::test]
async fn a_bound_token_opens_with_a_proof_and_each_proof_once() {
    let api = api();
    let token = bound(|_| {});
    let shown = format!("DPoP {token}");
    let first = proof(own(), &token, |_| {});
    assert_eq!(api.get(&shown, &[&first]).await, (200, String::new()));
    let (status, challenge) = api.get(&shown, &[&first]).await;
    assert_eq!(status, 401);
    assert!(challenge.starts_with(r#"DPoP error="invalid_dpop_proof""#) && challenge.ends_with(ALGS), "{challenge}");
    let second = proof(own(), &token, |claims| claims["jti"] = json!("p2"));
    assert_eq!(api.get(&shown, &[&second]).await.0, 200);
    // When it is forgotten it is too old.
    api.clock.advance(61);
    assert_eq!(api.get(&shown, &[&first]).await.0, 401);
}

#[tokio::test]
async fn what_is_not_proven_stays_closed() {
    let api = api();
    let token = bound(|_| {});
    let good = proof(own(), &token, |_| {});
    let (shown, borne) = (format!("DPoP {token}"), format!("Bearer {token}"));
    let unbound = jwt(token_key(), &claims());
    let proven_unbound = proof(own(), &unbound, |_| {});
    let strangers = proof(&HELD[1], &token, |_| {});
    let elsewhere = proof(own(), &token, |claims| claims["htu"] = json!("https://api.example/color"));
    let posted = proof(own(), &token, |claims| claims["htm"] = json!("POST"));
    let old = proof(own(), &token, |claims| claims["iat"] = json!(NOW / 1_000 - 61));
    let ahead = proof(own(), &token, |claims| claims["iat"] = json!(NOW / 1_000 + 61));
    let of_other_token = proof(own(), &unbound, |_| {});
    let narrow = bound(|claims| claims["scope"] = json!("write:color"));
    let proven_narrow = proof(own(), &narrow, |_| {});
    for (why, authorization, proofs, status, error) in [
        ("no proof", shown.clone(), vec![], 401, "invalid_dpop_proof"),
        ("two proofs", shown.clone(), vec![good.as_str(), &good], 401, "invalid_dpop_proof"),
        ("as a bearer token", borne.clone(), vec![], 401, "invalid_token"),
        ("as a bearer token, with a proof", borne, vec![good.as_str()], 401, "invalid_token"),
        ("another key", shown.clone(), vec![strangers.as_str()], 401, "invalid_token"),
        ("another address", shown.clone(), vec![elsewhere.as_str()], 401, "invalid_dpop_proof"),
        ("another method", shown.clone(), vec![posted.as_str()], 401, "invalid_dpop_proof"),
        ("too old", shown.clone(), vec![old.as_str()], 401, "invalid_dpop_proof"),
        ("too early", shown.clone(), vec![ahead.as_str()], 401, "invalid_dpop_proof"),
        ("another token", shown.clone(), vec![of_other_token.as_str()], 401, "invalid_dpop_proof"),
        ("not bound", format!("DPoP {unbound}"), vec![proven_unbound.as_str()], 401, "invalid_token"),
        ("without the scope", format!("DPoP {narrow}"), vec![proven_narrow.as_str()], 403, "insufficient_scope"),
        ("no token", "DPoP".to_owned(), vec![good.as_str()], 400, "invalid_request"),
    ] {
        let (found, challenge) = api.get(&authorization, &proofs).await;
        assert_eq!(found, status, "{why}: {challenge}");
        assert!(challenge.contains(&format!(r#"error="{error}""#)) && challenge.contains(ALGS), "{why}: {challenge}");
    }
    // None of that has used the good proof up.
    assert_eq!(api.get(&shown, &[&good]).await.0, 200);
    assert_eq!(api.get(&format!("Bearer {unbound}"), &[]).await.0, 200);
    let expected = format!(r#"Bearer scope="read:color", DPoP {ALGS}"#);
    assert_eq!(api.get("Basic YTpi", &[]).await, (401, expected));
}

#[tokio::test]
async fn an_answer_that_leaves_the_key_out_does_not_unbind_the_token() {
    let asking = Introspection::new(INTROSPECTION_URL, "api", &sayso_skill::token::secret::Secret::new("s"));
    let want = Requirements::new(ISSUER, AUDIENCE).unwrap();
    let guard = Guard::both(want, JWKS_URL, asking);
    let api = api_of(guard, linked_account().live(), SpentInMemory::default());
    let mut answer = claims();
    answer["active"] = json!(true);
    api.web.set(INTROSPECTION_URL, 200, answer.to_string());
    let token = bound(|_| {});
    assert_eq!(api.get(&format!("Bearer {token}"), &[]).await.0, 401);
    assert_eq!(api.get(&format!("DPoP {token}"), &[&proof(own(), &token, |_| {})]).await.0, 200);
}

/// A store that has gone.
#[tokio::test]
async fn without_its_memory_the_api_stays_closed() {
    let api = api_of(guard(), linked_account(), Gone);
    let token = bound(|_| {});
    let (status, _) = api.get(&format!("DPoP {token}"), &[&proof(own(), &token, |_| {})]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE.as_u16());
}

#[test]
fn proofs_need_the_public_address() {
    let (clock, web) = clock_and_web();
    for bad in [
        "",
        "api.example",
        "ftp://api.example",
        "https://api.example?x",
        "https://a@api.example",
        "https://api.example#",
    ] {
        let layer = GuardLayer::new(guard(), linked_account(), outside(&clock, &web)).unwrap();
        assert!(layer.dpop(bad).is_err(), "{bad}");
    }
}
