//! Alexa's part in the tests: a signer with its own authority, requests, and the web as a table of answers.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(unreachable_pub, reason = "each test file is a crate of its own")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "the RSA signing function demands this source of chance")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_RSA_SHA256, date_time_ymd,
};
use sayso_skill::async_trait;
use sayso_skill::outside::{Fetch, FetchFailed, Fetched, Outgoing, Outside, Timer};
use sayso_skill::spent::{SpentIds, Untold};
use sayso_skill::token::algorithm::Algorithm;
use sayso_skill::token::digest::Digest;
use sayso_skill::token::encoding::{base64, from_base64url};
use sayso_skill::token::jws;
use sayso_skill::token::keyring::SigningKey;
use sayso_skill::token::time::{Clock, Timestamp};
use sayso_skill::{DangerousLocalTrust, Skill, SkillBuilder, Trust};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub const SKILL_ID: &str = "amzn1.ask.skill.2f2d5a3e-0000-4000-8000-000000000001";
/// 2026-11-22T12:00:00Z
pub const NOW: i64 = 1_795_348_800_000;
pub const NOW_TEXT: &str = "2026-11-22T12:00:00Z";
pub const PREFIX: &str = "http://127.0.0.1:4001/echo.api/";
pub const CHAIN_URL: &str = "http://127.0.0.1:4001/echo.api/echo-api-cert.pem";
pub const ISSUER: &str = "http://127.0.0.1:4000";
pub const AUDIENCE: &str = "https://api.example";
pub const JWKS_URL: &str = "http://127.0.0.1:4000/.well-known/jwks.json";
pub const INTROSPECTION_URL: &str = "http://127.0.0.1:4000/oauth/introspect";

/// RSA keys take a while to make: these do for all tests of a file.
static LEAF_KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap());
static SIGNER: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::from_pkcs8(&LEAF_KEY.serialize_der()).unwrap());
static AUTHORITY: LazyLock<(CertificateParams, KeyPair)> = LazyLock::new(|| {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "test root");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (params, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
});
static TOKEN_KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
    [(); 2].map(|()| {
        let pkcs8 = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_der();
        SigningKey::from_pkcs8(Algorithm::Rs256, &pkcs8).unwrap()
    })
});

/// The authority's key, and one that nobody knows.
pub fn token_key() -> &'static SigningKey {
    &TOKEN_KEYS[0]
}

pub fn foreign_key() -> &'static SigningKey {
    &TOKEN_KEYS[1]
}

pub fn root_pem() -> String {
    let (params, key) = &*AUTHORITY;
    params.self_signed(key).unwrap().pem()
}

/// The chain that the simulator serves, after a change to the leaf.
pub fn chain_pem(change: impl FnOnce(&mut CertificateParams)) -> String {
    let (issuer, issuer_key) = &*AUTHORITY;
    let mut params = CertificateParams::new(["echo-api.amazon.com".to_owned()]).unwrap();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    change(&mut params);
    let leaf = params.signed_by(&*LEAF_KEY, &Issuer::from_params(issuer, issuer_key)).unwrap();
    leaf.pem() + &root_pem()
}

pub fn sign(body: &[u8]) -> String {
    let mut signature = vec![0; SIGNER.public_modulus_len()];
    SIGNER.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature).unwrap();
    base64(&signature)
}

pub fn trust() -> Trust {
    Trust::DangerousLocal(DangerousLocalTrust::new(&root_pem(), PREFIX).unwrap())
}

/// The claims of a good token.
pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "client_id": "alexa", "jti": "t1",
        "iat": NOW / 1_000 - 10, "exp": NOW / 1_000 + 3_600, "scope": "read:color write:color",
    })
}

pub fn jwt(key: &SigningKey, claims: &Value) -> String {
    jws::sign("at+jwt", claims.as_object().unwrap(), key).unwrap()
}

pub fn key_set(keys: &[&SigningKey]) -> Vec<u8> {
    let keys: Vec<Value> = keys.iter().map(|key| key.public().to_json()).collect();
    serde_json::to_vec(&json!({ "keys": keys })).unwrap()
}

/// An intent request as Alexa would send it, with the token in both places.
pub fn intent(name: &str, token: Option<&str>) -> Value {
    let mut user = json!({"userId": "amzn1.ask.account.A"});
    if let Some(token) = token {
        user["accessToken"] = json!(token);
    }
    json!({
        "version": "1.0",
        "session": {
            "new": true, "sessionId": "amzn1.echo-api.session.1",
            "application": {"applicationId": SKILL_ID}, "user": user, "attributes": {},
        },
        "context": {"System": {
            "application": {"applicationId": SKILL_ID}, "user": user, "apiEndpoint": "https://api.amazonalexa.com",
        }},
        "request": {
            "type": "IntentRequest", "requestId": "amzn1.echo-api.request.1", "timestamp": NOW_TEXT,
            "locale": "en-US", "intent": {"name": name, "confirmationStatus": "NONE"},
        },
    })
}

/// A clock that is set by hand.
pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Waits a hundredth of what it is told.
pub struct QuickTimer;

#[async_trait]
impl Timer for QuickTimer {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration / 100).await;
    }

    /// Goes on by a microsecond whenever it is looked at.
    fn stopwatch(&self) -> Option<u64> {
        static SHOWN: AtomicU64 = AtomicU64::new(0);
        Some(SHOWN.fetch_add(1, Ordering::Relaxed))
    }
}

/// The web: what each address answers, and who asked for it.
#[derive(Default)]
pub struct Web {
    answers: Mutex<HashMap<String, Result<Fetched, FetchFailed>>>,
    asked: Mutex<Vec<Outgoing>>,
}

impl Web {
    pub fn set(&self, url: &str, status: u16, body: impl Into<Vec<u8>>) {
        let body: Vec<u8> = body.into();
        let fetched = Fetched::new(status, body);
        self.answers.lock().unwrap().insert(url.to_owned(), Ok(fetched));
    }

    /// With what an API tells beside its answer.
    pub fn tell(&self, url: &str, answer: Fetched) {
        self.answers.lock().unwrap().insert(url.to_owned(), Ok(answer));
    }

    pub fn fail(&self, url: &str, failed: FetchFailed) {
        self.answers.lock().unwrap().insert(url.to_owned(), Err(failed));
    }

    pub fn asked(&self) -> Vec<Outgoing> {
        self.asked.lock().unwrap().clone()
    }

    pub fn count(&self, url: &str) -> usize {
        self.asked().iter().filter(|outgoing| outgoing.url == url).count()
    }
}

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, request: Outgoing) -> Result<Fetched, FetchFailed> {
        let answer = self.answers.lock().unwrap().get(&request.url).cloned();
        self.asked.lock().unwrap().push(request);
        // Gives others a chance to ask for the same meanwhile.
        tokio::task::yield_now().await;
        answer.unwrap_or(Err(FetchFailed::Unreachable))
    }
}

/// A skill and the world around it.
pub struct World {
    pub web: Arc<Web>,
    pub clock: Arc<HandClock>,
    pub router: Router,
    sent: AtomicU64,
}

/// What came back.
#[derive(Debug)]
pub struct Heard {
    pub status: StatusCode,
    pub json: Value,
    pub trace: Option<Value>,
}

impl Heard {
    pub fn speech(&self) -> &str {
        self.json["response"]["outputSpeech"]["text"].as_str().unwrap_or_default()
    }

    pub fn has_link_card(&self) -> bool {
        self.json["response"]["card"] == json!({"type": "LinkAccount"})
    }

    /// The reason codes of the token checks that failed.
    pub fn denied(&self) -> Option<&str> {
        let trace = self.trace.as_ref()?;
        trace["checks"].as_array()?.iter().find_map(|row| row["reason"].as_str())
    }
}

/// A clock at [`NOW`], and a web with Alexa's chain and the authority's keys.
pub fn clock_and_web() -> (Arc<HandClock>, Arc<Web>) {
    let (web, clock) = (Arc::new(Web::default()), Arc::new(HandClock(AtomicI64::new(NOW))));
    web.set(CHAIN_URL, 200, chain_pem(|_| {}));
    web.set(JWKS_URL, 200, key_set(&[token_key()]));
    (clock, web)
}

/// What a skill, or a guard by itself, sees of them.
pub fn outside(clock: &Arc<HandClock>, web: &Arc<Web>) -> Outside {
    Outside { clock: clock.clone(), timer: Arc::new(QuickTimer), fetch: web.clone() }
}

/// A memory of what was spent that cannot be asked.
pub struct Gone;

#[async_trait]
impl SpentIds for Gone {
    async fn spend(&self, _id: Digest, _until: Timestamp, _now: Timestamp) -> Result<bool, Untold> {
        Err(Untold("the database is down".into()))
    }
}

impl World {
    /// A skill that trusts the test authority.
    pub fn new(build: impl FnOnce(SkillBuilder) -> SkillBuilder) -> Self {
        let (clock, web) = clock_and_web();
        let skill = build(Skill::builder(SKILL_ID, outside(&clock, &web)).trust(trust())).build().unwrap();
        Self { web, clock, router: skill.into_router(), sent: AtomicU64::new(0) }
    }

    /// Sends a request as Alexa would: each with an id of its own, the first with the one it has.
    pub async fn send(&self, envelope: &Value) -> Heard {
        let mut envelope = envelope.clone();
        let before = self.sent.fetch_add(1, Ordering::Relaxed);
        if before > 0 && envelope["request"].is_object() {
            envelope["request"]["requestId"] = json!(format!("amzn1.echo-api.request.{}", before + 1));
        }
        self.post(serde_json::to_vec(&envelope).unwrap(), |request| request).await
    }

    /// Sends a signed body, after a change to the HTTP request.
    pub async fn post(&self, body: Vec<u8>, change: impl FnOnce(Request<Body>) -> Request<Body>) -> Heard {
        let request = Request::post("/")
            .header("content-type", "application/json;charset=UTF-8")
            .header("Signature-256", sign(&body))
            .header("SignatureCertChainUrl", CHAIN_URL)
            .body(Body::from(body))
            .unwrap();
        self.call(change(request)).await
    }

    pub async fn call(&self, request: Request<Body>) -> Heard {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let trace = response
            .headers()
            .get("sayso-trace")
            .map(|value| serde_json::from_slice(&from_base64url(value.to_str().unwrap()).unwrap()).unwrap());
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let json = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Heard { status, json, trace }
    }
}
