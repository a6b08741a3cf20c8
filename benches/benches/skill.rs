//! A voice request as the skill meets it: signature, chain, time, skill id, then the six checks with kept keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../crates/skill/tests/alexa_cloud/mod.rs"]
mod alexa_cloud;

use std::hint::black_box;

use alexa_cloud::{AUDIENCE, CHAIN_URL, ISSUER, JWKS_URL, World, claims, intent, jwt, sign, token_key};
use axum::body::Body;
use axum::http::Request;
use criterion::{Criterion, criterion_group, criterion_main};
use sayso_skill::spent::{SpentIds, Untold};
use sayso_skill::token::digest::Digest;
use sayso_skill::token::guard::Requirements;
use sayso_skill::token::time::Timestamp;
use sayso_skill::{Answer, Guard, Handler, HandlerError, HandlerInput, Requirement, async_trait};
use tokio::runtime::Runtime;

struct Color;

/// Forgets what came: here one request comes again and again.
struct Forgetful;

#[async_trait]
impl SpentIds for Forgetful {
    async fn spend(&self, _id: Digest, _until: Timestamp, _now: Timestamp) -> Result<bool, Untold> {
        Ok(true)
    }
}

#[async_trait]
impl Handler for Color {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_intent("Color")
    }

    fn requires(&self) -> Option<Requirement> {
        Some(Requirement::scope("read:color"))
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak("Teal."))
    }
}

fn requests(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let guard = Guard::jwks(Requirements::new(ISSUER, AUDIENCE).unwrap(), JWKS_URL);
    let world = World::new(|skill| skill.guard(guard).handler(Color).spent_requests(Forgetful));
    let token = jwt(token_key(), &claims());
    let body = serde_json::to_vec(&intent("Color", Some(&token))).unwrap();
    let signature = sign(&body);
    let ask = || {
        let request = Request::post("/")
            .header("content-type", "application/json;charset=UTF-8")
            .header("Signature-256", &signature)
            .header("SignatureCertChainUrl", CHAIN_URL)
            .body(Body::from(black_box(body.clone())))
            .unwrap();
        world.call(request)
    };
    let heard = runtime.block_on(ask());
    assert_eq!(heard.speech(), "Teal.", "{heard:?}");

    let mut group = criterion.benchmark_group("skill");
    group.bench_function("verified request, six checks by kept keys", |bencher| {
        bencher.iter(|| runtime.block_on(ask()));
    });
    group.finish();
}

criterion_group!(benches, requests);
criterion_main!(benches);
