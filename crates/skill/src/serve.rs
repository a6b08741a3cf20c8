//! Serving a skill over HTTP with axum.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::post;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sayso_alexa::signature::{CHAIN_URL_HEADER, SIGNATURE_HEADER};

use crate::skill::Skill;
use crate::trace::{TELL_HEADER, TRACE_HEADER};
use crate::verification::Post;

/// Alexa's requests have a few KiB.
const LARGEST_BODY: usize = 128 * 1024;
/// How long a sender may take for its body.
const BODY_WITHIN: Duration = Duration::from_secs(3);

impl Skill {
    /// A router that answers `POST /`; nest it under the path the skill shall have.
    ///
    /// ```no_run
    /// # async fn main_of_a_skill(skill: sayso_skill::Skill, other: sayso_skill::Skill) -> std::io::Result<()> {
    /// // `https://skills.example/quiz` and `https://skills.example/shop`, behind a proxy that speaks TLS:
    /// let app = axum::Router::new().nest("/quiz", skill.into_router()).nest("/shop", other.into_router());
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    /// axum::serve(listener, app).await
    /// # }
    /// ```
    ///
    /// The body must not have passed through any parser before: the signature is over its bytes.
    pub fn into_router(self) -> Router {
        Router::new().route("/", post(serve)).with_state(Arc::new(self))
    }
}

async fn serve(State(skill): State<Arc<Skill>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    if announced_length(&head.headers).is_some_and(|length| length > LARGEST_BODY as u64) {
        return empty(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return empty(status),
    };
    let post = Post {
        signatures: values(&head.headers, SIGNATURE_HEADER),
        chain_urls: values(&head.headers, CHAIN_URL_HEADER),
        body: &body,
    };
    let name = head.headers.get(TELL_HEADER).and_then(|name| name.to_str().ok());
    let reply = skill.reply_and_tell(post, name).await;

    let mut response = empty(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    if !reply.body.is_empty() {
        let json = HeaderValue::from_static("application/json;charset=UTF-8");
        response.headers_mut().insert(CONTENT_TYPE, json);
        *response.body_mut() = Body::from(reply.body);
    }
    if let Some(Ok(trace)) = reply.trace.map(HeaderValue::try_from) {
        response.headers_mut().insert(HeaderName::from_static(TRACE_HEADER), trace);
    }
    response
}

fn values<'h>(headers: &'h HeaderMap, name: &str) -> Vec<&'h [u8]> {
    headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The raw bytes of the body, within bounds.
async fn read(body: Body) -> Result<Bytes, StatusCode> {
    let whole = Limited::new(body, LARGEST_BODY).collect();
    match tokio::time::timeout(BODY_WITHIN, whole).await {
        Err(_elapsed) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_broken)) => Err(StatusCode::BAD_REQUEST),
        Ok(Ok(body)) => Ok(body.to_bytes()),
    }
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
