//! The faces of a refusal that no page of its own shows: plain HTML for people, JSON for programs.

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use serde_json::json;

use crate::harmless::{escape_html, harmless};
use crate::request_id::RequestId;

/// Something refused or failed before a page could be chosen.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The status of the answer.
    pub status: StatusCode,
    /// Stable reason code for log and operator.
    pub reason: &'static str,
    /// What happened, one sentence.
    pub what: String,
    /// What the reader can do about it, one sentence.
    pub remedy: String,
}

impl Failure {
    /// A failure in plain words; neither text may hold a secret.
    pub fn new(status: StatusCode, reason: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { status, reason, what: what.into(), remedy: remedy.into() }
    }

    /// The neutral answer to a failure of our own.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something went wrong on our side.",
            "Please try again; if it happens again, give the request number to whoever runs this server.",
        )
    }

    /// HTML when `asked` is a browser, else JSON of `error`, `error_description`, `request_id`.
    pub fn answer(&self, asked: &Asked) -> Response {
        if asked.html {
            return (self.status, [(CONTENT_TYPE, "text/html; charset=utf-8")], self.html(&asked.request_id))
                .into_response();
        }
        let body = json!({
            "error": self.reason,
            "error_description": format!("{} {}", self.what, self.remedy),
            "request_id": asked.request_id.as_str(),
        });
        (self.status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }

    fn html(&self, request_id: &RequestId) -> String {
        // The unhashed asset path exists wherever assets are served; elsewhere the page is merely plain.
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{what}</title>\n<link rel=\"stylesheet\" href=\"/assets/sayso.css\">\n</head>\n\
             <body>\n<main class=\"card\">\n<h1>{what}</h1>\n<p>{remedy}</p>\n\
             <p class=\"fine\">{reason} · {id}</p>\n</main>\n</body>\n</html>\n",
            what = escape_html(&self.what),
            remedy = escape_html(&self.remedy),
            reason = self.reason,
            id = escape_html(request_id.as_str()),
        )
    }
}

/// What an early refusal must know of the request it answers.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    html: bool,
    request_id: RequestId,
}

impl Asked {
    /// Reads it off a request that [`crate::manners`] has numbered.
    pub fn of<B>(request: &http::Request<B>) -> Self {
        Self {
            html: wants_html(request.headers()),
            request_id: request.extensions().get::<RequestId>().cloned().unwrap_or_default(),
        }
    }
}

/// Whether the sender names HTML among what it accepts, as browsers do and programs do not.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains("text/html"))
}

/// An OAuth error body (RFC 6749 section 5.2) with the cache headers of section 5.1. `description` must stay within
/// the characters the RFC allows; others are replaced by `?`.
pub fn json_error(status: StatusCode, error: &str, description: &str) -> Response {
    let description: String = description
        .chars()
        .map(|sign| if matches!(sign, ' '..='~') && !matches!(sign, '"' | '\\') { sign } else { '?' })
        .collect();
    let body = json!({ "error": error, "error_description": description });
    let mut answer = (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

/// Fallback handler for paths that lead nowhere.
pub async fn not_found(method: Method, uri: Uri, request: axum::extract::Request) -> Response {
    Failure::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "There is nothing at this address.",
        format!("Check the address: {method} {}.", harmless(uri.path(), 200)),
    )
    .answer(&Asked::of(&request))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::testing::text;

    fn asked(accept: Option<&'static str>) -> Asked {
        let mut request = http::Request::new(());
        if let Some(accept) = accept {
            request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
        }
        Asked::of(&request)
    }

    #[tokio::test]
    async fn browsers_get_escaped_html_programs_get_json() {
        let failure = Failure::new(StatusCode::BAD_REQUEST, "odd", "<script>", "Try \"again\".");
        let html = text(failure.answer(&asked(Some("text/html,*/*;q=0.8")))).await;
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"), "{html}");
        for accept in [None, Some("*/*"), Some("application/json")] {
            let body = text(failure.answer(&asked(accept))).await;
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["error"], "odd", "{accept:?}");
        }
    }

    #[tokio::test]
    async fn oauth_errors_stay_within_the_allowed_characters() {
        let answer = json_error(StatusCode::BAD_REQUEST, "invalid_grant", "say \"hi\"\nüber");
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers()[PRAGMA], "no-cache");
        let body: serde_json::Value = serde_json::from_str(&text(answer).await).unwrap();
        assert_eq!(body["error_description"], "say ?hi???ber");
    }
}
