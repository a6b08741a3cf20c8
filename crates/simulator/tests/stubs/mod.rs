//! A token endpoint, a skill and a clock to try the simulator against, over real HTTP on loopback.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub)]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http_body_util::BodyExt as _;
use sayso_simulator::{Settings, Simulator, SkillSetup};
use sayso_token::entropy::{Entropy, SharedEntropy};
use sayso_token::time::{Clock, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub const HOST: &str = "127.0.0.1:4001";
pub const CONSOLE: &str = "http://127.0.0.1:4001";
pub const VENDOR: &str = "M2SAYSODEMO001";
pub const SECRET: &str = "s3cret/with+signs";

/// A clock that stands still until it is moved.
pub struct StillClock(AtomicI64);

impl StillClock {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, dest: &mut [u8]) {
        for byte in dest {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// What the stubs have seen, and what they are to say next.
#[derive(Default)]
pub struct Told {
    pub token_requests: Vec<(Option<String>, HashMap<String, String>)>,
    pub token_answers: Vec<(u16, Value)>,
    pub token_delay: Duration,
    pub revoked: Vec<HashMap<String, String>>,
    pub skill_requests: Vec<(HeaderMap, Value, Vec<u8>)>,
    pub skill_answers: Vec<(u16, String)>,
    pub skill_trace: Option<String>,
    /// What the skill asks Alexa before it answers, and what it was told.
    pub meanwhile: Vec<Meanwhile>,
    pub meanwhile_answers: Vec<(u16, Value)>,
    pub simulator: Option<Simulator>,
    /// The skill answers once it is let through.
    pub skill_gate: Option<Arc<tokio::sync::Semaphore>>,
}

/// What the skill asks Alexa before it answers. In path and body, `{device}` and `{request}` are those of its request.
#[derive(Clone)]
pub struct Meanwhile {
    pub method: Method,
    pub path: &'static str,
    /// The bearer value; the request's own where nothing is said.
    pub token: Option<String>,
    pub body: Value,
}

impl Meanwhile {
    pub fn get(path: &'static str) -> Self {
        Self { method: Method::GET, path, token: None, body: Value::Null }
    }

    pub fn speak(speech: &str) -> Self {
        let directive = json!({"type": "VoicePlayer.Speak", "speech": speech});
        let body = json!({"header": {"requestId": "{request}"}, "directive": directive});
        Self { method: Method::POST, path: "/v1/directives", token: None, body }
    }

    /// The request, as the skill that was sent `request` would send it.
    fn sent(&self, request: &Value) -> Request<Body> {
        let of = |place: &str| request.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
        let filled = |text: String| {
            text.replace("{device}", &of("/context/System/device/deviceId"))
                .replace("{request}", &of("/request/requestId"))
        };
        let token = self.token.clone().unwrap_or_else(|| of("/context/System/apiAccessToken"));
        let mut sent =
            Request::builder().method(self.method.clone()).uri(filled(self.path.into())).header(header::HOST, HOST);
        if !token.is_empty() {
            sent = sent.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = if self.body.is_null() { Body::empty() } else { Body::from(filled(self.body.to_string())) };
        sent.body(body).unwrap()
    }
}

/// Sends what the skill asks, one after the other.
async fn ask_meanwhile(told: &Shared, request: &Value) {
    let (asked, simulator) = {
        let mut told = told.lock().unwrap();
        (std::mem::take(&mut told.meanwhile), told.simulator.clone())
    };
    for one in asked {
        let router = simulator.as_ref().unwrap().router();
        let response = router.oneshot(one.sent(request)).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        told.lock().unwrap().meanwhile_answers.push((status, body));
    }
}

pub struct World {
    pub folder: tempfile::TempDir,
    pub clock: Arc<StillClock>,
    pub told: Arc<Mutex<Told>>,
    pub simulator: Simulator,
    pub stub: String,
    seed: u64,
}

type Shared = Arc<Mutex<Told>>;

fn form(body: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

async fn token(State(told): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let delay = told.lock().unwrap().token_delay;
    tokio::time::sleep(delay).await;
    let mut told = told.lock().unwrap();
    let authorization = headers.get("authorization").map(|line| line.to_str().unwrap().to_owned());
    told.token_requests.push((authorization, form(&body)));
    let number = told.token_requests.len();
    let (status, answer) = if told.token_answers.is_empty() {
        let answer = json!({"access_token": format!("opaque-access-token-{number}"), "token_type": "Bearer",
            "refresh_token": format!("opaque-refresh-token-{number}"), "expires_in": 3600});
        (200, answer)
    } else {
        told.token_answers.remove(0)
    };
    (StatusCode::from_u16(status).unwrap(), axum::Json(answer)).into_response()
}

async fn revoke(State(told): State<Shared>, body: String) -> StatusCode {
    told.lock().unwrap().revoked.push(form(&body));
    StatusCode::OK
}

/// Repeats the access token in its speech, as a careless skill does, and refuses without one.
async fn skill(State(told): State<Shared>, headers: HeaderMap, body: axum::body::Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap();
    ask_meanwhile(&told, &request).await;
    let token = request["context"]["System"]["user"]["accessToken"].as_str().map(str::to_owned);
    let gate = {
        let mut told = told.lock().unwrap();
        told.skill_requests.push((headers, request, body.to_vec()));
        told.skill_gate.clone()
    };
    if let Some(gate) = gate {
        gate.acquire().await.unwrap().forget();
    }
    let mut told = told.lock().unwrap();
    let (status, answer) = if !told.skill_answers.is_empty() {
        told.skill_answers.remove(0)
    } else if let Some(token) = token {
        let speech = format!("<speak>Ada's color is teal, says {token}.</speak>");
        let answer = json!({"version": "1.0", "sessionAttributes": {"asked": 1}, "response":
            {"outputSpeech": {"type": "SSML", "ssml": speech}, "shouldEndSession": false}});
        (200, answer.to_string())
    } else {
        let answer = json!({"version": "1.0", "response": {"outputSpeech": {"type": "PlainText", "text": "Please link."},
            "card": {"type": "LinkAccount"}, "shouldEndSession": true}});
        (200, answer.to_string())
    };
    let mut response = (StatusCode::from_u16(status).unwrap(), answer).into_response();
    if let Some(trace) = &told.skill_trace {
        response.headers_mut().insert("sayso-trace", trace.parse().unwrap());
    }
    response
}

pub fn write_package(folder: &Path, stub: &str, linking: &Value) {
    let package = folder.join("package/skill-package");
    fs::create_dir_all(package.join("interactionModels/custom")).unwrap();
    let manifest = json!({"manifest": {"manifestVersion": "1.0", "publishingInformation": {"locales": {"en-US":
        {"name": "Sample Quiz Game", "summary": "Knows your favorite color.",
         "examplePhrases": ["Alexa, open sample quiz game"]}}},
        "apis": {"custom": {"endpoint": {"uri": format!("{stub}/skill")}}},
        "events": {"subscriptions": [{"eventName": "SKILL_DISABLED"}]}}});
    let model = json!({"interactionModel": {"languageModel": {"invocationName": "sample quiz game", "intents": [
        {"name": "FavoriteColorIntent", "samples": ["what is my favorite color", "say my favorite color"]},
        {"name": "PickIntent", "slots": [{"name": "color", "type": "Color"}, {"name": "count", "type": "AMAZON.NUMBER"}],
            "samples": ["pick {color}", "pick {count} of {color}"]},
        {"name": "AMAZON.HelpIntent", "samples": []}, {"name": "AMAZON.StopIntent", "samples": []}],
        "types": [{"name": "Color", "values": [{"id": "RED", "name": {"value": "red", "synonyms": ["crimson"]}}]}]}}});
    fs::write(package.join("skill.json"), manifest.to_string()).unwrap();
    fs::write(package.join("interactionModels/custom/en-US.json"), model.to_string()).unwrap();
    fs::write(package.join("accountLinking.json"), json!({ "accountLinkingRequest": linking }).to_string()).unwrap();
}

pub fn linking(stub: &str) -> Value {
    json!({"type": "AUTH_CODE", "authorizationUrl": format!("{stub}/authorize?audience=x"), "accessTokenUrl": format!("{stub}/token"),
        "clientId": "alexa skill", "clientSecret": SECRET, "accessTokenScheme": "HTTP_BASIC",
        "scopes": ["read:color", "offline_access"], "pkceConfiguration": {"status": "ENABLED"}})
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// A world whose account-linking settings are changed first.
    pub async fn with(change: impl FnOnce(&mut Value)) -> Self {
        Self::of(change, |_| (), |_| None).await
    }

    /// A world whose skill has this model.
    pub async fn with_model(model: &Value) -> Self {
        Self::with_files(|package| {
            fs::write(package.join("interactionModels/custom/en-US.json"), model.to_string()).unwrap();
        })
        .await
    }

    /// A world whose package is changed on disk first.
    pub async fn with_files(change: impl FnOnce(&Path)) -> Self {
        Self::of(|_| (), change, |_| None).await
    }

    /// A world whose skill is reached another way; `endpoint` is told the address of the stubs.
    pub async fn reached(endpoint: impl FnOnce(&str) -> String) -> Self {
        Self::of(|_| (), |_| (), |stub| Some(endpoint(stub))).await
    }

    pub async fn of(
        change: impl FnOnce(&mut Value),
        files: impl FnOnce(&Path),
        endpoint: impl FnOnce(&str) -> Option<String>,
    ) -> Self {
        let told: Shared = Arc::default();
        let router = Router::new()
            .route("/token", post(token))
            .route("/revoke", post(revoke))
            .route("/skill", post(skill))
            .with_state(told.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let mut settings = linking(&stub);
        change(&mut settings);
        write_package(folder.path(), &stub, &settings);
        files(&folder.path().join("package/skill-package"));
        let clock = Arc::new(StillClock(AtomicI64::new(1_800_000_000_000)));
        let simulator = open(folder.path(), clock.clone(), (&stub, endpoint(&stub)), 1).await;
        told.lock().unwrap().simulator = Some(simulator.clone());
        Self { folder, clock, told, simulator, stub, seed: 1 }
    }

    /// Stops and starts again with the same data folder.
    pub async fn restart(&mut self) {
        self.seed += 1;
        self.simulator = open(self.folder.path(), self.clock.clone(), (&self.stub, None), self.seed).await;
        self.told().simulator = Some(self.simulator.clone());
    }

    pub fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    pub async fn ask(&self, utterance: &str) -> Value {
        self.turn(json!({ "utterance": utterance })).await
    }

    pub async fn turn(&self, said: Value) -> Value {
        let body = said.to_string();
        let (status, _, text) =
            self.send(Method::POST, "/api/turns", &[("content-type", "application/json")], &body).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn get(&self, path: &str) -> (u16, HeaderMap, String) {
        self.send(Method::GET, path, &[], "").await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        lines: &[(&str, &str)],
        body: &str,
    ) -> (u16, HeaderMap, String) {
        let mut request = Request::builder().method(method).uri(path);
        if !lines.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, HOST);
        }
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.simulator.router().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// Presses "enable": the address the browser is sent to, and the cookie it was given.
    pub async fn enable(&self, region: &str) -> (url::Url, String) {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("region={region}");
        let (status, headers, text) = self.send(Method::POST, "/companion/sample-quiz-game/enable", &kind, &body).await;
        assert_eq!(status, 303, "{text}");
        let to = url::Url::parse(headers["location"].to_str().unwrap()).unwrap();
        let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        (to, cookie)
    }

    /// Links as a consenting person would, and follows to the page that says so.
    pub async fn link(&self) -> String {
        let (to, cookie) = self.enable("na").await;
        self.come_back(
            &parameter(&to, "redirect_uri"),
            &format!("code=the-code&state={}", parameter(&to, "state")),
            &cookie,
        )
        .await
    }

    pub async fn come_back(&self, redirect_uri: &str, query: &str, cookie: &str) -> String {
        let path = redirect_uri.strip_prefix(CONSOLE).unwrap();
        let (status, headers, text) =
            self.send(Method::GET, &format!("{path}?{query}"), &[("cookie", cookie)], "").await;
        if status != 303 {
            return text;
        }
        self.get(headers["location"].to_str().unwrap()).await.2
    }
}

pub fn parameter(url: &url::Url, name: &str) -> String {
    let all: Vec<String> =
        url.query_pairs().filter(|(found, _)| found == name).map(|(_, value)| value.into_owned()).collect();
    assert_eq!(all.len(), 1, "{name} once in {url}");
    all[0].clone()
}

async fn open(folder: &Path, clock: Arc<StillClock>, (stub, endpoint): (&str, Option<String>), seed: u64) -> Simulator {
    let settings = Settings {
        data_dir: folder.join("data"),
        public_url: CONSOLE.into(),
        vendor_id: VENDOR.into(),
        skills: vec![SkillSetup {
            slug: "sample-quiz-game".into(),
            package: folder.join("package"),
            endpoint,
            revocation_url: Some(format!("{stub}/revoke")),
            ..SkillSetup::default()
        }],
        clock,
        entropy: SharedEntropy::new(Counting(seed)),
    };
    Simulator::open(settings).await.unwrap()
}
