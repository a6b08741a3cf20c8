//! The number of a request.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::HeaderValue;
use http::request::Parts;
use sayso_token::encoding::base64url;
use sayso_token::entropy::SharedEntropy;

/// The number of a request: in its log lines, its `x-request-id` header and on its error page. Extractable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestId(Option<Arc<str>>);

tokio::task_local! {
    /// The request that the running task answers.
    static ANSWERED: RequestId;
}

impl RequestId {
    /// That of the request being answered here, for whoever prints a log line. Kept with the task: a tracing span for each
    /// request costs a fifth of a small answer, and only its number is ever printed.
    pub fn current() -> Option<Self> {
        ANSWERED.try_with(Clone::clone).ok()
    }

    pub(crate) async fn while_answering<F: Future>(self, answer: F) -> F::Output {
        ANSWERED.scope(self, answer).await
    }

    pub(crate) fn while_saying(self, say: impl FnOnce()) {
        ANSWERED.sync_scope(self, say);
    }

    /// The number; `-` outside of a numbered request.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("-")
    }

    /// The answer with this number in its header.
    pub(crate) fn on(&self, mut answer: Response) -> Response {
        if let Ok(value) = HeaderValue::from_str(self.as_str()) {
            answer.headers_mut().insert("x-request-id", value);
        }
        answer
    }

    pub(crate) fn draw(entropy: &SharedEntropy) -> Self {
        let mut bytes = [0; 9];
        entropy.fill(&mut bytes);
        Self(Some(base64url(&bytes).into()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
