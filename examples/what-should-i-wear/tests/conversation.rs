//! What the skill says, and what its API answers it, with the authority as a stub.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use sayso_skill::alexa::account_linking::AccountLinking;
use sayso_skill::alexa::envelope::RequestEnvelope;
use sayso_skill::alexa::interaction_model::InteractionModel;
use sayso_skill::alexa::manifest::Manifest;
use sayso_skill::outside::{Fetch, FetchFailed, Fetched, Form, Outgoing, Outside, Timer};
use sayso_skill::token::algorithm::Algorithm;
use sayso_skill::token::jws;
use sayso_skill::token::keyring::SigningKey;
use sayso_skill::token::time::{Clock, Timestamp};
use sayso_skill::{Skill, Trust, async_trait};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use what_should_i_wear::{AUDIENCE, Setup, api, guard, skill};

const SKILL_ID: &str = "amzn1.ask.skill.wear";
const ISSUER: &str = "http://127.0.0.1:4000";
const API_URL: &str = "http://127.0.0.1:3002/api";
const NOW: i64 = 1_795_348_800;

/// The authority publishes its keys.
struct Authority;

#[async_trait]
impl Fetch for Authority {
    async fn fetch(&self, _question: Outgoing) -> Result<Fetched, FetchFailed> {
        Ok(Fetched::new(200, json!({"keys": [KEYS[0].public().to_json()]}).to_string()))
    }
}

/// What the skill reaches: the API at its address, and the authority everywhere else.
struct Web(Router);

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, question: Outgoing) -> Result<Fetched, FetchFailed> {
        let Some(path) = question.url.strip_prefix(API_URL) else { return Authority.fetch(question).await };
        let mut request = Request::builder().uri(path).header("authorization", bearer(&question));
        if let Some(Form { content_type, .. }) = question.form {
            request = request.method("POST").header("content-type", content_type);
        }
        let body = question.form.map(|form| form.body.expose().to_owned()).unwrap_or_default();
        let answer = self.0.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        Ok(Fetched::new(status, answer.into_body().collect().await.unwrap().to_bytes()))
    }
}

fn bearer(question: &Outgoing) -> String {
    question.authorization.as_ref().map(|line| line.expose().to_owned()).unwrap_or_default()
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(NOW)
    }
}

struct Never;

#[async_trait]
impl Timer for Never {
    async fn sleep(&self, _duration: Duration) {
        std::future::pending().await
    }
}

static KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
    [(); 2].map(|()| {
        let pkcs8 = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_der();
        SigningKey::from_pkcs8(Algorithm::Rs256, &pkcs8).unwrap()
    })
});

fn outside(fetch: impl Fetch + 'static) -> Outside {
    Outside { clock: Arc::new(Noon), timer: Arc::new(Never), fetch: Arc::new(fetch) }
}

/// The skill and its API, which remembers whose jacket is in the wash.
fn wear() -> Skill {
    let setup = Setup {
        skill_id: SKILL_ID.to_owned(),
        trust: Trust::Amazon,
        issuer: ISSUER.to_owned(),
        jwks_url: format!("{ISSUER}/.well-known/jwks.json"),
        api_url: API_URL.to_owned(),
    };
    let api = api::router(&guard(&setup).unwrap(), &setup.trust, &outside(Authority)).unwrap();
    skill(setup, outside(Web(api))).unwrap()
}

/// The token of the tutorial, with one claim changed.
fn token(key: &SigningKey, name: &str, value: Value) -> String {
    let mut claims = json!({
        "iss": ISSUER, "sub": "auth0|574", "aud": AUDIENCE, "azp": "alexa", "client_id": "alexa", "jti": "1",
        "iat": NOW, "exp": NOW + 3_600, "scope": "read:whattowear",
    });
    claims[name] = value;
    jws::sign("at+jwt", claims.as_object().unwrap(), key).unwrap()
}

async fn ask(request: Value, token: Option<String>) -> (String, Value) {
    ask_of(&wear(), request, token).await
}

async fn ask_of(skill: &Skill, request: Value, token: Option<String>) -> (String, Value) {
    let mut user = json!({"userId": "amzn1.ask.account.A"});
    if let Some(token) = token {
        user["accessToken"] = json!(token);
    }
    let application = json!({"applicationId": SKILL_ID});
    let envelope: RequestEnvelope = serde_json::from_value(json!({
        "version": "1.0",
        "session": {"new": true, "application": application, "user": user},
        "context": {"System": {"application": application, "user": user}},
        "request": request,
    }))
    .unwrap();
    let answer = serde_json::to_value(skill.answer(envelope).await.unwrap()).unwrap();
    (answer["response"]["outputSpeech"]["text"].as_str().unwrap_or_default().to_owned(), answer)
}

fn intent(name: &str) -> Value {
    json!({"type": "IntentRequest", "locale": "en-US", "intent": {"name": name}})
}

#[tokio::test]
async fn the_tutorial_s_answer_is_given_for_the_tutorial_s_token() {
    let good = token(&KEYS[0], "jti", json!("1"));
    let (speech, answer) = ask(intent("WhatToWearIntent"), Some(good)).await;
    assert_eq!(speech, "Long pants, short sleeves, jacket in the afternoon");
    assert_eq!(answer["response"]["shouldEndSession"], json!(true));
}

#[tokio::test]
async fn whose_jacket_is_in_the_wash_is_advised_otherwise_and_nobody_else() {
    let (skill, both) = (wear(), json!("read:whattowear write:whattowear"));
    let ada = token(&KEYS[0], "scope", both);
    let (speech, answer) = ask_of(&skill, intent("JacketInTheWashIntent"), Some(ada.clone())).await;
    assert!(speech.starts_with("I have noted it") && answer["response"]["card"].is_null(), "{speech}");
    let (speech, _) = ask_of(&skill, intent("WhatToWearIntent"), Some(ada)).await;
    assert_eq!(speech, "Long pants and long sleeves: your jacket is in the wash");
    let grace = token(&KEYS[0], "sub", json!("auth0|575"));
    let (speech, _) = ask_of(&skill, intent("WhatToWearIntent"), Some(grace)).await;
    assert_eq!(speech, "Long pants, short sleeves, jacket in the afternoon");
}

/// The skill lets every linked account through; the API does not.
#[tokio::test]
async fn what_the_api_refuses_is_not_done_and_says_so() {
    let reading = token(&KEYS[0], "jti", json!("1"));
    let (speech, answer) = ask(intent("JacketInTheWashIntent"), Some(reading)).await;
    assert!(speech.starts_with("Your link does not allow that"), "{speech}");
    assert_eq!(answer["response"]["card"], json!({"type": "LinkAccount"}));
}

#[tokio::test]
async fn an_api_that_is_broken_is_no_reason_to_link_again() {
    let setup = Setup {
        skill_id: SKILL_ID.to_owned(),
        trust: Trust::Amazon,
        issuer: ISSUER.to_owned(),
        jwks_url: format!("{ISSUER}/.well-known/jwks.json"),
        api_url: API_URL.to_owned(),
    };
    // No such routes.
    let skill = skill(setup, outside(Web(Router::new()))).unwrap();
    for name in ["WhatToWearIntent", "JacketInTheWashIntent"] {
        let (speech, answer) = ask_of(&skill, intent(name), Some(token(&KEYS[0], "jti", json!("1")))).await;
        assert!(speech.contains("something went wrong") && answer["response"]["card"].is_null(), "{speech}");
    }
}

#[tokio::test]
async fn a_token_that_fails_any_of_the_questions_gets_a_card() {
    for (question, token) in [
        ("there", None),
        ("formatted", Some("not.a.token".to_owned())),
        ("signed", Some(token(&KEYS[1], "jti", json!("1")))),
        ("ours", Some(token(&KEYS[0], "aud", json!("https://whatshouldieat")))),
        ("expired", Some(token(&KEYS[0], "exp", json!(NOW - 61)))),
        ("granted", Some(token(&KEYS[0], "scope", json!("read:whattowear2")))),
    ] {
        let (speech, answer) = ask(intent("WhatToWearIntent"), token).await;
        assert_eq!(answer["response"]["card"], json!({"type": "LinkAccount"}), "{question}");
        assert!(!speech.contains("pants"), "{question}: {speech}");
    }
}

#[tokio::test]
async fn every_intent_of_the_interaction_model_is_answered() {
    let model = include_bytes!("../skill-package/interactionModels/custom/en-US.json");
    let model = InteractionModel::parse(model).unwrap();
    assert!(model.intents.len() >= 7);
    for declared in &model.intents {
        let (speech, _) = ask(intent(&declared.name), None).await;
        assert!(!speech.is_empty() && !speech.contains("cannot help"), "{}: {speech}", declared.name);
    }
    let (_, answer) = ask(json!({"type": "SessionEndedRequest"}), None).await;
    assert_eq!(answer["response"], json!({}));
}

#[test]
fn the_skill_package_is_what_alexa_takes() {
    let manifest = Manifest::parse(include_bytes!("../skill-package/skill.json")).unwrap();
    assert_eq!(manifest.name("en-US"), Some("What Should I Wear"));
    let linking = AccountLinking::parse(include_bytes!("../skill-package/accountLinking.json")).unwrap();
    assert_eq!(linking.authorization_url, "http://127.0.0.1:4000/authorize?audience=https://whatshouldiwear");
    assert_eq!(linking.scopes, ["read:whattowear"]);
}
