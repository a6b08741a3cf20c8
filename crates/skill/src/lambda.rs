//! A skill as an AWS Lambda function, called by Alexa itself or behind a Function URL.
//!
//! Called by Alexa, the event is the request, without a signature: that only Alexa may call is the function's resource policy
//! (an Alexa trigger with the skill's id), and the skill id is checked here. Behind a Function URL anyone may call, and the event
//! wraps an HTTP request: there the signature is checked as on any web server. Which of the two it is, the caller does not
//! choose: a Function URL always wraps.

use std::sync::Arc;

pub use lambda_runtime::Error;
use lambda_runtime::{LambdaEvent, service_fn};
use sayso_alexa::envelope::RequestEnvelope;
use sayso_alexa::signature::{CHAIN_URL_HEADER, SIGNATURE_HEADER};
use sayso_token::encoding::from_base64;
use serde_json::{Value, json};

use crate::skill::{NotAnswered, Reply, Skill};
use crate::trace::TRACE_HEADER;
use crate::verification::{Post, RequestRefused};

/// Runs the skill as a Lambda function until the platform ends it.
///
/// ```no_run
/// # async fn build() -> Result<sayso_skill::Skill, sayso_skill::BadSkill> { unimplemented!() }
/// # async fn main_of_a_skill() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// sayso_skill::lambda::run(build().await?).await
/// # }
/// ```
///
/// # Errors
/// The runtime's API cannot be reached.
pub async fn run(skill: Skill) -> Result<(), Error> {
    let skill = Arc::new(skill);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let skill = Arc::clone(&skill);
        async move { Ok::<_, Error>(answer(&skill, event.payload).await?) }
    }))
    .await
}

/// Answers one event; what [`run`] does for each.
///
/// # Errors
/// An event of Alexa's own is no request, or another skill's, or a skill event whose handler failed: the platform is told, and Alexa
/// sends that again. A request behind a Function URL is answered with status 400, or 500, instead.
pub async fn answer(skill: &Skill, event: Value) -> Result<Value, NotAnswered> {
    if event.pointer("/requestContext/http").is_some() {
        return Ok(answer_over_http(skill, &event).await);
    }
    let envelope: RequestEnvelope = serde_json::from_value(event).map_err(|_| RequestRefused::Body)?;
    if envelope.request_type().is_none() {
        return Err(RequestRefused::Body.into());
    }
    let response = skill.answer(envelope).await?;
    Ok(serde_json::to_value(response).map_err(|_| RequestRefused::Body)?)
}

/// A Function URL's event, of its payload format 2.0: header names in small letters, repeated ones joined by a comma, which no
/// signature and no address survives.
async fn answer_over_http(skill: &Skill, event: &Value) -> Value {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    if text("/requestContext/http/method") != Some("POST") {
        return http_answer(405, String::new(), None);
    }
    let body = text("/body").unwrap_or_default();
    let is_encoded = event.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    let decoded = if is_encoded { from_base64(body) } else { Some(body.as_bytes().to_vec()) };
    let Some(body) = decoded else { return http_answer(400, String::new(), None) };
    let header = |name: &str| -> Vec<&[u8]> {
        let headers = event.get("headers").and_then(Value::as_object);
        let named = headers.into_iter().flatten().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.filter_map(|(_, value)| value.as_str()).map(str::as_bytes).collect()
    };
    let post = Post { signatures: header(SIGNATURE_HEADER), chain_urls: header(CHAIN_URL_HEADER), body: &body };
    let Reply { status, body, trace, .. } = skill.reply(post).await;
    http_answer(status, String::from_utf8_lossy(&body).into_owned(), trace)
}

fn http_answer(status: u16, body: String, trace: Option<String>) -> Value {
    let mut headers = json!({"cache-control": "no-store"});
    if let Some(headers) = headers.as_object_mut() {
        if !body.is_empty() {
            headers.insert("content-type".to_owned(), json!("application/json;charset=UTF-8"));
        }
        if let Some(trace) = trace {
            headers.insert(TRACE_HEADER.to_owned(), json!(trace));
        }
    }
    json!({"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": false})
}
