//! What a skill needs from outside: a clock, a timer, and someone who fetches.
//!
//! The SDK decides when to fetch, how long to wait and what to believe; the implementations here only carry it out.
//! Tests hand in their own.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "axum")]
mod system;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sayso_token::secret::Secret;
use sayso_token::time::Clock;
use url::{Host, Url};

#[cfg(feature = "http")]
pub use http::{HttpFetch, NoTls};
#[cfg(feature = "axum")]
pub use system::{SystemClock, TokioTimer};

/// Everything from outside.
#[derive(Clone)]
pub struct Outside {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Certificates, keys, introspection.
    pub fetch: Arc<dyn Fetch>,
}

impl Outside {
    /// The system's clock, tokio's timer, and HTTP.
    ///
    /// # Errors
    /// The TLS client cannot be set up.
    #[cfg(all(feature = "axum", feature = "http"))]
    pub fn system() -> Result<Self, NoTls> {
        Ok(Self { clock: Arc::new(SystemClock), timer: Arc::new(TokioTimer), fetch: Arc::new(HttpFetch::new()?) })
    }
}

/// Waits.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Returns after that long.
    async fn sleep(&self, duration: Duration);

    /// What a stopwatch shows, in microseconds since some moment of its own; `None` where none is at hand. It is for measuring alone:
    /// a local simulator is told how long things took.
    fn stopwatch(&self) -> Option<u64> {
        None
    }
}

/// Fetches one document.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Carries the request out.
    ///
    /// An implementation follows no redirect, keeps to `deadline` until the last byte of the body, reads no more than
    /// `largest_body`, and returns every status as it is.
    ///
    /// # Errors
    /// No whole answer within the bounds.
    async fn fetch(&self, request: Outgoing) -> Result<Fetched, FetchFailed>;
}

/// A request to be carried out: a GET, or a POST when there is a form.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The whole address.
    pub url: String,
    /// The `Accept` header.
    pub accept: &'static str,
    /// The whole `Authorization` header, where one is wanted.
    pub authorization: Option<Secret>,
    /// What to post.
    pub form: Option<Form>,
    /// From the first byte sent to the last byte read.
    pub deadline: Duration,
    /// In bytes.
    pub largest_body: usize,
}

/// What is posted; the body is secret and prints as `…`.
#[derive(Clone, Debug)]
pub struct Form {
    /// `application/x-www-form-urlencoded`, or `application/json`.
    pub content_type: &'static str,
    /// The body.
    pub body: Secret,
}

impl Form {
    /// An `application/x-www-form-urlencoded` body.
    #[must_use]
    pub fn urlencoded(body: impl Into<String>) -> Self {
        Self { content_type: "application/x-www-form-urlencoded", body: Secret::new(body) }
    }

    /// A JSON body.
    #[must_use]
    pub fn json(body: impl Into<String>) -> Self {
        Self { content_type: "application/json", body: Secret::new(body) }
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Bytes,
    /// The value of the [`TRACE_HEADER`](crate::TRACE_HEADER), by which an API tells a local simulator what it has checked.
    pub trace: Option<String>,
}

impl Fetched {
    /// An answer with this status and body, and nothing told beside it.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, body: body.into(), trace: None }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailed {
    /// No connection, or it broke.
    #[error("the server could not be reached")]
    Unreachable,
    /// The deadline passed first.
    #[error("the server took too long")]
    TooSlow,
    /// The body is larger than allowed.
    #[error("the answer is too large")]
    TooLarge,
}

impl FetchFailed {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unreachable => "fetch_unreachable",
            Self::TooSlow => "fetch_too_slow",
            Self::TooLarge => "fetch_too_large",
        }
    }
}

/// `https`, or `http` to this machine.
pub(crate) fn is_secure(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}
