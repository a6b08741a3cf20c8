//! An answer, read to its end.

use axum::response::Response;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use sayso_authority::wire::form::Form;
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(answer: Response) -> Self {
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} is not JSON: {}", self.status, self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION).map(|value| value.to_str().unwrap())
    }

    /// A parameter that the redirect carries.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.location()?.split_once('?')?;
        Form::parse(query).unwrap().first(name).map(str::to_owned)
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// Asserts an OAuth error (RFC 6749 section 5.2) that nobody stores.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, error: &str) {
        assert_eq!((self.status.as_u16(), &self.json()["error"]), (status, &error.into()), "{}", self.body);
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.header("pragma"), "no-cache");
        assert_eq!(self.header("content-type"), "application/json");
        assert!(!self.json()["error_description"].as_str().unwrap().is_empty());
    }

    /// Asserts a page of the authority's own that sends the browser nowhere, and its reason code.
    #[track_caller]
    pub(crate) fn is_error_page(&self, status: u16, reason: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.location(), None);
        assert!(self.header("content-type").starts_with("text/html"), "{:?}", self.headers);
        assert!(self.body.contains(&format!("<code id=\"reason\">{reason}</code>")), "{}", self.body);
        assert_eq!(self.header("cache-control"), "no-store");
    }

    /// Asserts an error that travels to the redirect URI, with the request's state and the issuer (RFC 9207).
    #[track_caller]
    pub(crate) fn is_redirected_error(&self, redirect_uri: &str, error: &str, issuer: &str) {
        assert_eq!(self.status, 303, "{}", self.body);
        assert!(self.location().unwrap().starts_with(redirect_uri), "{:?}", self.location());
        assert_eq!(self.parameter("error").as_deref(), Some(error), "{:?}", self.location());
        assert_eq!(self.parameter("iss").as_deref(), Some(issuer));
        assert_eq!(self.parameter("state").as_deref(), Some(super::ask::STATE));
        assert_eq!(self.parameter("code"), None);
    }
}
