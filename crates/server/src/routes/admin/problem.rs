//! Refusals of the admin API, as RFC 9457 has them.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use sayso_store::StoreError;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// The media type.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// Why something was not done.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    reason: &'static str,
    detail: String,
    findings: Vec<String>,
    scope: Option<&'static str>,
}

/// A problem as it is sent (RFC 9457 section 3.1), for the description.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[allow(dead_code, reason = "described, and written by hand")]
pub(super) struct SentProblem {
    /// Always `about:blank`: the status says what kind it is.
    #[schema(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// The stable reason code.
    reason: String,
    /// What happened and what to do.
    detail: String,
    /// What is wrong in a configuration, a line each.
    findings: Option<Vec<String>>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, reason: &'static str, detail: impl Into<String>) -> Self {
        Self { status, reason, detail: detail.into(), findings: Vec::new(), scope: None }
    }

    /// 400 for what cannot be read.
    pub(super) fn bad(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason, detail)
    }

    /// 401: there is no token that counts.
    pub(super) fn unauthorized(reason: &'static str) -> Self {
        let detail = "send an access token of the designated authority for the admin API: Authorization: Bearer …";
        Self::new(StatusCode::UNAUTHORIZED, reason, detail)
    }

    /// 404.
    pub(super) fn not_found(reason: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason, "there is nothing of that name")
    }

    /// 412: somebody was faster.
    pub(super) fn changed() -> Self {
        let detail = "it has changed since it was read; read it again, and send its new ETag in If-Match";
        Self::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", detail)
    }

    /// Names the scope that was wanting (RFC 6750 section 3).
    pub(super) fn needing(self, scope: &'static str) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// With all that was found wrong.
    pub(super) fn with(self, findings: Vec<String>) -> Self {
        Self { findings, ..self }
    }

    fn challenge(&self) -> Option<HeaderValue> {
        let text = match (self.status, self.reason, self.scope) {
            (StatusCode::UNAUTHORIZED, "admin_token_missing", _) => "Bearer".to_owned(),
            (StatusCode::UNAUTHORIZED, ..) => "Bearer error=\"invalid_token\"".to_owned(),
            (StatusCode::FORBIDDEN, _, Some(scope)) => {
                format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"")
            }
            _ => return None,
        };
        HeaderValue::try_from(text).ok()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer");
        let detail = "the server cannot reach its store; nothing was changed, try again shortly";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.status != StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(reason = self.reason, "admin call refused");
        }
        let mut body = Map::new();
        body.insert("type".to_owned(), json!("about:blank"));
        body.insert("title".to_owned(), json!(self.status.canonical_reason().unwrap_or_default()));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("reason".to_owned(), json!(self.reason));
        body.insert("detail".to_owned(), json!(self.detail));
        if !self.findings.is_empty() {
            body.insert("findings".to_owned(), json!(self.findings));
        }
        let headers = [(CONTENT_TYPE, PROBLEM_JSON), (CACHE_CONTROL, "no-store")];
        let mut answer = (self.status, headers, Value::Object(body).to_string()).into_response();
        if let Some(challenge) = self.challenge() {
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        answer
    }
}

/// A method that the address does not have.
pub(super) async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Allow names what this address takes")
}
