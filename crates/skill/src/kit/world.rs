//! The world of a test: its time, its authority, and a web in which nothing leaves the process.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sayso_token::guard::{AccessToken, Requirements, check_jwt};
use sayso_token::jwk::JwkSet;
use sayso_token::jws;
use sayso_token::time::{Clock, Timestamp};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::signer;
use crate::guard::Guard;
use crate::outside::{Fetch, FetchFailed, Fetched, Outgoing, Outside, Timer};
use crate::trust::{DangerousLocalTrust, Trust};

/// 2026-11-22T12:00:00Z
const NOON: i64 = 1_795_348_800;
/// Where progressive responses go.
const DIRECTIVES: &str = "/v1/directives";
const PREFIX: &str = "http://127.0.0.1:4001/echo.api/";

/// Everything around a skill under test. Clones share one world.
#[derive(Clone)]
pub struct World {
    inner: Arc<Inner>,
}

struct Inner {
    now: AtomicI64,
    answers: Mutex<HashMap<String, Result<Fetched, FetchFailed>>>,
    asked: Mutex<Vec<Outgoing>>,
    issuer: Mutex<String>,
    audience: Mutex<String>,
    is_impatient: AtomicBool,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// The id of the skill that [`super::Device`] speaks to.
    pub const SKILL_ID: &str = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000";
    /// Where the authority publishes its keys.
    pub const JWKS_URL: &str = "https://authority.test/.well-known/jwks.json";
    /// Where the authority answers questions about tokens.
    pub const INTROSPECTION_URL: &str = "https://authority.test/oauth/introspect";
    /// Where the certificate chain lies.
    pub const CHAIN_URL: &str = "http://127.0.0.1:4001/echo.api/echo-api-cert.pem";

    /// A world at noon of a day, with an authority that knows one person, `ada`.
    #[must_use]
    pub fn new() -> Self {
        let world = Self {
            inner: Arc::new(Inner {
                now: AtomicI64::new(NOON * 1_000),
                answers: Mutex::default(),
                asked: Mutex::default(),
                issuer: Mutex::new("https://authority.test".to_owned()),
                audience: Mutex::new("https://api.test".to_owned()),
                is_impatient: AtomicBool::new(false),
            }),
        };
        world.answer(Self::CHAIN_URL, 200, signer::chain_pem(|_| {}));
        world
    }

    /// From now on the authority's tokens name this issuer.
    pub fn set_issuer(&self, issuer: impl Into<String>) {
        *self.inner.issuer.lock().unwrap_or_else(PoisonError::into_inner) = issuer.into();
    }

    /// From now on the authority's tokens are for this API.
    pub fn set_audience(&self, audience: impl Into<String>) {
        *self.inner.audience.lock().unwrap_or_else(PoisonError::into_inner) = audience.into();
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.inner.issuer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The audience.
    #[must_use]
    pub fn audience(&self) -> String {
        self.inner.audience.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Clock, timer and web, to build the skill with. The timer never ends unless [`Self::let_time_run_out`] says so: a handler that waits
    /// for something that never comes makes its test wait too.
    #[must_use]
    pub fn outside(&self) -> Outside {
        Outside { clock: self.inner.clone(), timer: self.inner.clone(), fetch: self.inner.clone() }
    }

    /// From now on a handler that waits for anything is told that its 7 s are over, and the skill answers without it.
    pub fn let_time_run_out(&self) {
        self.inner.is_impatient.store(true, Ordering::SeqCst);
    }

    /// What was said at once, before the answers (progressive responses): words, or SSML with its markup.
    #[must_use]
    pub fn said_meanwhile(&self) -> Vec<String> {
        let said = |asked: &Outgoing| {
            let body: Value = serde_json::from_str(asked.form.as_ref()?.body.expose()).ok()?;
            Some(body.pointer("/directive/speech")?.as_str()?.to_owned())
        };
        self.asked().iter().filter(|asked| asked.url.ends_with(DIRECTIVES)).filter_map(said).collect()
    }

    /// Whose signatures the skill must believe.
    ///
    /// # Panics
    /// Never, unless the certificates of the tests are broken.
    #[must_use]
    pub fn trust(&self) -> Trust {
        let trust =
            DangerousLocalTrust::new(&signer::root_pem(), PREFIX).expect("the root of the tests is one certificate");
        Trust::DangerousLocal(trust)
    }

    /// The root that [`Self::trust`] believes, as PEM: for another verifier beside the skill.
    #[must_use]
    pub fn root_pem(&self) -> String {
        signer::root_pem()
    }

    /// The chain that Alexa's requests are signed under, as PEM.
    #[must_use]
    pub fn chain_pem(&self) -> String {
        signer::chain_pem(|_| {})
    }

    /// What the skill must demand of tokens.
    ///
    /// # Panics
    /// Issuer or audience was set to nothing.
    #[must_use]
    pub fn requirements(&self) -> Requirements {
        Requirements::new(self.issuer(), self.audience()).expect("issuer and audience are named")
    }

    /// A guard that checks locally.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard::jwks(self.requirements(), Self::JWKS_URL)
    }

    /// The claims of a good token with these scopes, separated by blanks.
    #[must_use]
    pub fn claims(&self, scopes: &str) -> Map<String, Value> {
        let now = self.now().seconds();
        match json!({
            "iss": self.issuer(), "sub": "ada", "aud": self.audience(), "client_id": "alexa", "jti": "t1", "iat": now - 10,
            "exp": now + 3_600, "scope": scopes,
        }) {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }

    /// A good token of `ada`'s with these scopes, separated by blanks.
    #[must_use]
    pub fn token(&self, scopes: &str) -> String {
        self.token_of(&self.claims(scopes))
    }

    /// A token of these claims, signed by the authority.
    ///
    /// # Panics
    /// Never, unless the keys of the tests are broken.
    #[must_use]
    pub fn token_of(&self, claims: &Map<String, Value>) -> String {
        jws::sign(jws::ACCESS_TOKEN_TYPE, claims, signer::token_keys().0).expect("claims can be signed")
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.now()
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: i64) {
        self.inner.now.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    /// From now on this address answers so, whatever it answered before.
    pub fn answer(&self, url: &str, status: u16, body: impl Into<Vec<u8>>) {
        let body: Vec<u8> = body.into();
        let fetched = Fetched::new(status, body);
        self.inner.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), Ok(fetched));
    }

    /// From now on this address cannot be reached in this way.
    pub fn fail(&self, url: &str, failed: FetchFailed) {
        self.inner.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), Err(failed));
    }

    /// Everything that was asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Outgoing> {
        self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Clock for Inner {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Fetch for Inner {
    async fn fetch(&self, request: Outgoing) -> Result<Fetched, FetchFailed> {
        let set = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&request.url).cloned();
        let answer = set.unwrap_or_else(|| self.authority(&request));
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        answer
    }
}

impl Inner {
    /// The authority, at whatever address the skill thinks it is: keys where a GET wants them, answers where a token is posted.
    fn authority(&self, request: &Outgoing) -> Result<Fetched, FetchFailed> {
        let json = |value: &Value| Ok(Fetched::new(200, value.to_string()));
        match &request.form {
            None if request.accept.contains("jwk-set") => {
                json(&json!({"keys": [signer::token_keys().0.public().to_json()]}))
            }
            Some(form) if request.url.contains("introspect") => {
                let posted = form_urlencoded::parse(form.body.expose().as_bytes()).find(|(name, _)| name == "token");
                json(&self.introspected(&posted.map(|(_, token)| token).unwrap_or_default()))
            }
            Some(_) if request.url.ends_with(DIRECTIVES) => Ok(Fetched::new(204, "")),
            _ => Err(FetchFailed::Unreachable),
        }
    }

    /// What an authority says of a token: active only if it is its own access token and not expired. For which API and what scopes it
    /// leaves to whoever asks.
    fn introspected(&self, token: &str) -> Value {
        let issuer = self.issuer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let audience = jws::parse(token).and_then(|parts| Some(parts.payload.get("aud")?.as_str()?.to_owned()));
        let want = audience.and_then(|audience| Requirements::new(issuer, audience).ok());
        let keys = JwkSet::new(vec![signer::token_keys().0.public().clone()]);
        let known = want.and_then(|want| check_jwt(token, &keys, &want, self.now(), &|_| true).result.ok());
        match known {
            None => json!({"active": false}),
            Some(AccessToken { mut claims, .. }) => {
                claims.insert("active".to_owned(), json!(true));
                Value::Object(claims)
            }
        }
    }
}

#[async_trait]
impl Timer for Inner {
    async fn sleep(&self, _duration: Duration) {
        if !self.is_impatient.load(Ordering::SeqCst) {
            pending().await
        }
    }
}
