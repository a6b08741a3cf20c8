//! What every request meets on its way in and every answer on its way out, in the right order: number and log, protect
//! by headers, catch a panic, check the host, bound the body.
//!
//! All of it is one service around the whole router. As a layer for each manner, every request paid for a boxed service
//! inside a boxed service, cloned at each level: as much as all that these manners do.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt as _;
use http::{HeaderValue, Method, Uri};
use sayso_token::entropy::SharedEntropy;
use tower::Service;

use crate::faces::{Asked, Failure};
use crate::headers::{ContentPolicy, Protection};
use crate::host::Hosts;
use crate::limits::body::BodyLimit;
use crate::request_id::RequestId;

/// The manners of one listening router.
#[derive(Clone, Debug)]
pub struct Manners {
    entropy: SharedEntropy,
    hosts: Hosts,
    protection: Protection,
    body: BodyLimit,
}

impl Manners {
    /// Default content policy and body limit for a server that answers to `hosts`.
    pub fn new(entropy: SharedEntropy, hosts: Hosts) -> Self {
        let protection = Protection::by(&ContentPolicy::default());
        Self { entropy, hosts, protection, body: BodyLimit::default() }
    }

    /// The content policy of pages that set none of their own.
    pub fn policy(self, policy: ContentPolicy) -> Self {
        Self { protection: Protection::by(&policy), ..self }
    }

    /// How large a request body may be and how long it may take.
    pub fn body(self, body: BodyLimit) -> Self {
        Self { body, ..self }
    }

    /// `router`, well mannered. Paths without a route get a neutral 404.
    pub fn dress(self, router: Router) -> Router {
        Router::new().fallback_service(Dressed { manners: Arc::new(self), router })
    }

    /// One line per request: method, path without query, status, milliseconds. Never a header, query or body: they carry
    /// codes, tokens and passwords.
    async fn number_and_log(self: Arc<Self>, router: Router, mut request: Request) -> Response {
        let given = request.extensions().get::<RequestId>().cloned();
        let id = given.unwrap_or_else(|| RequestId::draw(&self.entropy));
        request.extensions_mut().insert(id.clone());
        let number = id.clone();
        id.while_answering(async move {
            let method = request.method().clone();
            let uri = request.uri().clone();
            let begun = tokio::time::Instant::now();
            let mut answer = self.protected(router, request).await;
            if let Ok(value) = HeaderValue::from_str(number.as_str()) {
                answer.headers_mut().insert("x-request-id", value);
            }
            log(&method, &uri, begun.elapsed(), &answer);
            answer
        })
        .await
    }

    async fn protected(&self, router: Router, request: Request) -> Response {
        let asked = Asked::of(&request);
        let answer = AssertUnwindSafe(self.admitted(router, request)).catch_unwind().await;
        let mut answer = answer.unwrap_or_else(|_payload| {
            // The payload is not looked at: it may quote what the request carried.
            tracing::error!("a handler panicked");
            Failure::internal().answer(&asked)
        });
        self.protection.protect(&mut answer);
        answer
    }

    async fn admitted(&self, mut router: Router, request: Request) -> Response {
        if let Some(refusal) = self.hosts.refuse(&request) {
            return refusal;
        }
        match self.body.read(request).await {
            Ok(request) => router.call(request).await.unwrap_or_else(|never| match never {}),
            Err(refusal) => *refusal,
        }
    }
}

fn log(method: &Method, uri: &Uri, took: Duration, answer: &Response) {
    let path = crate::harmless::harmless(uri.path(), 200);
    let (status, millis) = (answer.status().as_u16(), took.as_millis());
    if answer.status().is_success() && answer.extensions().get::<Published>().is_some() {
        tracing::debug!(%method, path, status, millis, "answered");
    } else {
        tracing::info!(%method, path, status, millis, "answered");
    }
}

/// Marks an answer that anyone may read and that is asked for again and again, such as keys: it is logged at `debug`.
#[derive(Clone, Copy, Debug)]
pub struct Published;

/// The router behind the manners. It is the whole of another router's fallback: as a layer it would stand before each
/// route, which is boxed and cloned for every request; the router itself is cheap to clone.
#[derive(Clone)]
struct Dressed {
    manners: Arc<Manners>,
    router: Router,
}

impl Service<Request> for Dressed {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router always is.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (manners, router) = (self.manners.clone(), self.router.clone());
        Box::pin(manners.number_and_log(router, request).map(Ok))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::testing::{entropy, text};
    use axum::body::Body;
    use axum::routing::{get, post};
    use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST};
    use tower::ServiceExt as _;

    fn router() -> Router {
        async fn fails() -> &'static str {
            panic!("secret-in-panic")
        }
        let router = Router::new()
            .route("/id", get(|id: RequestId| async move { id.as_str().to_owned() }))
            .route("/panic", get(fails))
            .route("/echo", post(|body: String| async move { body }))
            .fallback(crate::faces::not_found);
        let manners = Manners::new(entropy(), Hosts::of_urls(["https://id.example"])).body(BodyLimit::bytes(8));
        manners.dress(router)
    }

    async fn send(request: http::request::Builder, body: &'static str) -> Response {
        router().oneshot(request.header(HOST, "id.example").body(Body::from(body)).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn the_handler_the_header_and_the_error_page_agree_on_the_number() {
        let answer = send(Request::get("/id"), "").await;
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(id.len(), 12);
        assert_eq!(text(answer).await, id);

        let answer = send(Request::get("/nowhere").header(ACCEPT, "text/html"), "").await;
        assert_eq!(answer.status(), 404);
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(text(answer).await.contains(&id));
    }

    #[tokio::test]
    async fn a_number_from_outside_is_not_taken() {
        let answer = send(Request::get("/id").header("x-request-id", "forged"), "").await;
        assert_ne!(text(answer).await, "forged");
    }

    #[tokio::test]
    async fn a_panic_is_a_neutral_answer_with_all_headers() {
        for accept in ["text/html", "application/json"] {
            let answer = send(Request::get("/panic").header(ACCEPT, accept), "").await;
            assert_eq!(answer.status(), 500);
            assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
            assert!(answer.headers().contains_key(CONTENT_SECURITY_POLICY));
            let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            let body = text(answer).await;
            assert!(body.contains(&id) && body.contains("internal_error"), "{body}");
            assert!(!body.contains("secret"), "{body}");
        }
    }

    #[tokio::test]
    async fn refusals_on_the_way_in_are_numbered_and_protected() {
        let answer = send(Request::post("/echo"), "123456789").await;
        assert_eq!(answer.status(), 413);
        assert!(answer.headers().contains_key("x-request-id"));
        assert!(answer.headers().contains_key(CONTENT_SECURITY_POLICY));
        assert_eq!(text(send(Request::post("/echo"), "12345678").await).await, "12345678");
    }
}
