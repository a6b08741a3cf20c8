//! What the skill says, with the authority as a stub.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rcgen::{KeyPair, PKCS_RSA_SHA256};
use sayso_skill::alexa::account_linking::AccountLinking;
use sayso_skill::alexa::envelope::RequestEnvelope;
use sayso_skill::alexa::interaction_model::InteractionModel;
use sayso_skill::alexa::manifest::Manifest;
use sayso_skill::outside::{Fetch, FetchFailed, Fetched, Outgoing, Outside, Timer};
use sayso_skill::token::algorithm::Algorithm;
use sayso_skill::token::jws;
use sayso_skill::token::keyring::SigningKey;
use sayso_skill::token::time::{Clock, Timestamp};
use sayso_skill::{Skill, Trust, async_trait};
use serde_json::{Value, json};
use what_should_i_wear::{AUDIENCE, Setup, skill};

const SKILL_ID: &str = "amzn1.ask.skill.wear";
const ISSUER: &str = "http://127.0.0.1:4000";
const NOW: i64 = 1_795_348_800;

/// The authority: publishes its keys.
struct Authority(Value);

#[async_trait]
impl Fetch for Authority {
    async fn fetch(&self, _question: Outgoing) -> Result<Fetched, FetchFailed> {
        Ok(Fetched { status: 200, body: self.0.to_string().into() })
    }
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

fn wear() -> Skill {
    let setup = Setup {
        skill_id: SKILL_ID.to_owned(),
        trust: Trust::Amazon,
        issuer: ISSUER.to_owned(),
        jwks_url: format!("{ISSUER}/.well-known/jwks.json"),
    };
    let keys = json!({"keys": [KEYS[0].public().to_json()]});
    let outside = Outside { clock: Arc::new(Noon), timer: Arc::new(Never), fetch: Arc::new(Authority(keys)) };
    skill(setup, outside).unwrap()
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
    let answer = serde_json::to_value(wear().answer(envelope).await.unwrap()).unwrap();
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
    assert!(model.intents.len() >= 6);
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
