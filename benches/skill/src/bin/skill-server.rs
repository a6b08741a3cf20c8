//! The skill as a server: `/` verifies its requests, `/unverified` does not. Prints its port when it listens.
//! Arguments: the root that is believed as a PEM file, and the address that chains may come from.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use sayso_alexa::envelope::RequestEnvelope;
use sayso_benches_skill::skill;
use sayso_skill::{DangerousLocalTrust, Outside, Skill, Trust};

async fn unverified(State(skill): State<Arc<Skill>>, body: Bytes) -> Result<impl IntoResponse, StatusCode> {
    let envelope = RequestEnvelope::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let answer = skill.answer(envelope).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let body = serde_json::to_vec(&answer).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_TYPE, "application/json;charset=UTF-8")], body))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (root, prefix) = arguments.next().zip(arguments.next()).context("name a root's file and a chain's address")?;
    let root = std::fs::read_to_string(&root).context(root)?;
    let trust = Trust::DangerousLocal(DangerousLocalTrust::new(&root, &prefix)?);
    let outside = Outside::system()?;
    let plain = Router::new()
        .route("/unverified", post(unverified))
        .with_state(Arc::new(skill(outside.clone(), trust.clone())?));
    let router = skill(outside, trust)?.into_router().merge(plain);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, router).await?;
    Ok(())
}
