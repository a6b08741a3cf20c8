//! What every request meets on its way in and every answer on its way out, in the right order: number and log, protect
//! by headers, catch a panic, check the host, bound the body.
//!
//! All of it is one service around the whole router. As a layer for each manner, every request paid for a boxed service
//! inside a boxed service, cloned at each level: as much as all that these manners do.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, Ready, ready};
use http::StatusCode;
use http::header::{PRAGMA, RETRY_AFTER};
use sayso_token::entropy::SharedEntropy;
use tokio::time::timeout;
use tower::Service;

use crate::faces::{Asked, Failure};
use crate::headers::{ContentPolicy, Protection};
use crate::host::Hosts;
use crate::limits::body::BodyLimit;
use crate::published::Published;
use crate::request_id::{RequestId, RequestIds};

/// The manners of one listening router.
#[derive(Clone, Debug)]
pub struct Manners {
    ids: RequestIds,
    hosts: Hosts,
    protection: Protection,
    body: BodyLimit,
    published: Published,
    patience: Option<Patience>,
}

/// How long an answer may take, and where it may take longer.
#[derive(Clone, Copy, Debug)]
struct Patience {
    at_most: Duration,
    but_below: &'static str,
}

impl Manners {
    /// Default content policy and body limit for a server that answers to `hosts`.
    pub fn new(entropy: SharedEntropy, hosts: Hosts) -> Self {
        let protection = Protection::by(&ContentPolicy::default());
        Self {
            ids: RequestIds::new(entropy),
            hosts,
            protection,
            body: BodyLimit::default(),
            published: Published::default(),
            patience: None,
        }
    }

    /// The content policy of pages that set none of their own.
    pub fn policy(self, policy: ContentPolicy) -> Self {
        Self { protection: Protection::by(&policy), ..self }
    }

    /// How large a request body may be and how long it may take.
    pub fn body(self, body: BodyLimit) -> Self {
        Self { body, ..self }
    }

    /// Whoever waits longer than this for an answer hears 503, and that a retry is welcome; but for paths that begin with
    /// `but_below`. The time runs from when the request is whole. What was begun is not undone, and may yet be done.
    pub fn answers_within(self, at_most: Duration, but_below: &'static str) -> Self {
        Self { patience: Some(Patience { at_most, but_below }), ..self }
    }

    /// Answers these documents from memory. They are logged at `debug`: who asks for them is no news.
    pub fn publishing(self, published: Published) -> Self {
        let published = published.protected(&self.protection);
        Self { published, ..self }
    }

    /// `router`, well mannered. Paths without a route get a neutral 404.
    pub fn dress(self, router: Router) -> Router {
        Router::new().fallback_service(self.around(router))
    }

    /// As [`dress`](Self::dress), for whoever needs no router.
    pub fn around(self, router: Router) -> Dressed {
        Dressed { manners: Arc::new(self), router }
    }

    fn number(&self, request: &Request) -> RequestId {
        let given = request.extensions().get::<RequestId>().cloned();
        given.unwrap_or_else(|| self.ids.draw())
    }

    /// A document of those that are answered from memory.
    fn remembered(&self, request: &Request) -> Option<Response> {
        let answer = self.published.answer(request)?;
        if self.hosts.refuse(request).is_some() {
            return None;
        }
        let id = self.number(request);
        let answer = id.clone().on(answer);
        let (method, path, status) = (request.method(), request.uri().path(), answer.status().as_u16());
        id.while_saying(|| tracing::debug!(%method, path, status, "answered from memory"));
        Some(answer)
    }

    /// One line per request: method, path without query, status, milliseconds. Never a header, query or body: they carry
    /// codes, tokens and passwords.
    async fn number_and_log(self: Arc<Self>, router: Router, mut request: Request) -> Response {
        let id = self.number(&request);
        request.extensions_mut().insert(id.clone());
        id.clone()
            .while_answering(async move {
                let method = request.method().clone();
                let path = crate::harmless::harmless(request.uri().path(), 200);
                let begun = tokio::time::Instant::now();
                let answer = self.protected(router, request).await;
                let (status, millis) = (answer.status().as_u16(), begun.elapsed().as_millis());
                tracing::info!(%method, path, status, millis, "answered");
                id.on(answer)
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
        let request = match self.body.read(request).await {
            Ok(request) => request,
            Err(refusal) => return *refusal,
        };
        let asked = Asked::of(&request);
        let patience = self.patience.filter(|patience| !request.uri().path().starts_with(patience.but_below));
        let answer = router.call(request).map(|answer| answer.unwrap_or_else(|never| match never {}));
        match patience {
            Some(patience) => timeout(patience.at_most, answer).await.unwrap_or_else(|_| too_slow(&asked)),
            None => answer.await,
        }
    }
}

fn too_slow(asked: &Asked) -> Response {
    tracing::error!("a request was given up: what it waited for took too long");
    let failure = Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "This takes longer than it should.",
        "Please try again in a moment.",
    );
    // Pragma, as with every error at a token endpoint (RFC 6749 section 5.1).
    ([(RETRY_AFTER, "2"), (PRAGMA, "no-cache")], failure.answer(asked)).into_response()
}

/// The router behind the manners. It stands before the whole router: as a layer it would stand before each route, which is
/// boxed and cloned for every request; the router itself is cheap to clone.
#[derive(Clone, Debug)]
pub struct Dressed {
    manners: Arc<Manners>,
    router: Router,
}

impl Service<Request> for Dressed {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router always is.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if let Some(answer) = self.manners.remembered(&request) {
            return Either::Left(ready(Ok(answer)));
        }
        let (manners, router) = (self.manners.clone(), self.router.clone());
        Either::Right(Box::pin(manners.number_and_log(router, request).map(Ok)))
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
    async fn who_would_wait_too_long_hears_to_try_again() {
        let routes =
            Router::new().route("/slow", get(std::future::pending::<String>)).route("/", get(|| async { "x" }));
        async fn late() -> &'static str {
            tokio::time::sleep(Duration::from_millis(60)).await;
            "x"
        }
        let routes = routes.route("/apart/late", get(late));
        let manners = Manners::new(entropy(), Hosts::of_urls(["https://id.example"]));
        let router = manners.answers_within(Duration::from_millis(20), "/apart/").dress(routes);
        for (path, accept, status) in
            [("/slow", "text/html", 503), ("/slow", "*/*", 503), ("/", "*/*", 200), ("/apart/late", "*/*", 200)]
        {
            let request = Request::get(path).header(HOST, "id.example").header(ACCEPT, accept);
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(
                (answer.status().as_u16(), answer.headers().contains_key("retry-after")),
                (status, status == 503)
            );
            assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
            let body = text(answer).await;
            assert!(status == 200 || body.contains("temporarily_unavailable"), "{body}");
        }
    }

    #[tokio::test]
    async fn what_is_published_is_answered_as_by_its_route() {
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let asked = count.clone();
        let keys = move || {
            asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async { ([(CACHE_CONTROL, "public, max-age=300")], "keys") }
        };
        let routes = Router::new().route("/keys", get(keys)).fallback(crate::faces::not_found);
        let published = Published::by(&routes, ["/keys".to_owned(), "/nowhere".to_owned()]).await;
        let manners = Manners::new(entropy(), Hosts::of_urls(["https://id.example"]));
        let (plain, quick) = (manners.clone().dress(routes.clone()), manners.publishing(published).dress(routes));
        let ask = |router: &Router, method: &str, uri: &str, host: &str| {
            let request = Request::builder().method(method).uri(uri).header(HOST, host).body(Body::empty());
            router.clone().oneshot(request.unwrap())
        };
        let before = count.load(std::sync::atomic::Ordering::Relaxed);
        let mut numbers = std::collections::BTreeSet::new();
        for _ in 0..3 {
            let mut answer = ask(&quick, "GET", "/keys", "id.example").await.unwrap();
            numbers.insert(answer.headers_mut().remove("x-request-id").unwrap().to_str().unwrap().to_owned());
            let mut expected = ask(&plain, "GET", "/keys", "id.example").await.unwrap();
            expected.headers_mut().remove("x-request-id");
            assert_eq!((answer.status(), answer.headers()), (expected.status(), expected.headers()));
            assert_eq!(text(answer).await, text(expected).await);
        }
        assert_eq!(numbers.len(), 3, "each has a number of its own");
        assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), before + 3, "only the plain one asked its route");
        for (method, uri, host, status) in [
            ("GET", "/keys", "other.example", 421),
            ("HEAD", "/keys", "id.example", 200),
            ("POST", "/keys", "id.example", 405),
            ("GET", "/keys?x", "id.example", 200),
            ("GET", "/nowhere", "id.example", 404),
        ] {
            assert_eq!(ask(&quick, method, uri, host).await.unwrap().status(), status, "{method} {uri} {host}");
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
