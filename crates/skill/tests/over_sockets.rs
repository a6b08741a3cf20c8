//! The whole path once over real sockets, with the system's clock: chain and keys are fetched over HTTP.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use alexa_cloud::*;
use axum::Router;
use axum::routing::get;
use sayso_skill::outside::SystemClock;
use sayso_skill::token::guard::Requirements;
use sayso_skill::token::time::Clock as _;
use sayso_skill::{
    Answer, DangerousLocalTrust, Guard, Handler, HandlerError, HandlerInput, Outside, Requirement, Skill, Trust,
    async_trait,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

struct Greeting;

#[async_trait]
impl Handler for Greeting {
    fn can_handle(&self, _input: &HandlerInput) -> bool {
        true
    }

    fn requires(&self) -> Option<Requirement> {
        Some(Requirement::linked_account())
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak(format!("hello {}", input.verified_token()?.subject)))
    }
}

async fn start(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Posts and reads everything until the server closes.
async fn post(address: &str, path: &str, chain_url: &str, body: &[u8]) -> String {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\
         signature-256: {}\r\nSIGNATURECERTCHAINURL: {chain_url}\r\n\r\n",
        body.len(),
        sign(body)
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_signed_request_with_a_good_token_is_answered() {
    let now = SystemClock.now().seconds();
    let valid = |seconds: i64| time::OffsetDateTime::from_unix_timestamp(now + seconds).unwrap();
    let chain = chain_pem(|leaf| (leaf.not_before, leaf.not_after) = (valid(-3_600), valid(3_600)));
    let cloud = Router::new()
        .route("/echo.api/cert.pem", get(move || async move { chain }))
        .route("/keys", get(|| async { key_set(&[token_key()]) }));
    let cloud = format!("http://{}", start(cloud).await);

    let trust = DangerousLocalTrust::new(&root_pem(), &format!("{cloud}/echo.api/")).unwrap();
    let skill = Skill::builder(SKILL_ID, Outside::system().unwrap())
        .trust(Trust::DangerousLocal(trust))
        .guard(Guard::jwks(Requirements::new(ISSUER, AUDIENCE).unwrap(), format!("{cloud}/keys")))
        .handler(Greeting)
        .build()
        .unwrap();
    let address = start(Router::new().nest("/greeting", skill.into_router())).await;

    let mut token = claims();
    (token["iat"], token["exp"]) = (json!(now), json!(now + 3_600));
    let mut envelope = intent("X", Some(&jwt(token_key(), &token)));
    envelope["request"]["timestamp"] = json!(valid(0).format(&time::format_description::well_known::Rfc3339).unwrap());
    let body = serde_json::to_vec(&envelope).unwrap();
    let chain_url = format!("{cloud}/echo.api/cert.pem");

    let answer = post(&address, "/greeting", &chain_url, &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: application/json;charset=UTF-8\r\n"), "{answer}");
    assert!(answer.contains("sayso-trace: "), "{answer}");
    let json: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(json["response"]["outputSpeech"]["text"], json!("hello ada"));

    let elsewhere = format!("{cloud}/keys");
    let refused = post(&address, "/greeting", &elsewhere, &body).await;
    assert!(refused.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{refused}");
    assert!(!refused.contains("sayso-trace"), "{refused}");
}
