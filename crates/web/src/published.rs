//! Documents that anyone may read, answered from memory: every verifier asks for keys and metadata again and again, and
//! hears the same.

use std::collections::HashMap;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};
use tower::ServiceExt as _;

use crate::etag::unless_at_hand;
use crate::headers::Protection;

/// No document is larger.
const LARGEST: usize = 1024 * 1024;

/// Answers to a plain `GET`, by path.
#[derive(Clone, Debug, Default)]
pub struct Published(HashMap<String, (HeaderMap, Bytes)>);

impl Published {
    /// What `routes` answer at these paths, asked once. What they refuse stays theirs to answer.
    pub async fn by(routes: &Router, paths: impl IntoIterator<Item = String>) -> Self {
        let mut documents = HashMap::new();
        for path in paths {
            let Ok(request) = Request::get(&path).body(Body::empty()) else { continue };
            let answer = routes.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
            let (parts, body) = answer.into_parts();
            if let (StatusCode::OK, Ok(body)) = (parts.status, to_bytes(body, LARGEST).await) {
                documents.insert(path, (parts.headers, body));
            }
        }
        Self(documents)
    }

    /// With the headers that protect every answer.
    pub(crate) fn protected(mut self, protection: &Protection) -> Self {
        for (headers, _) in self.0.values_mut() {
            let mut answer = Response::new(Body::empty());
            *answer.headers_mut() = std::mem::take(headers);
            protection.protect(&mut answer);
            *headers = std::mem::take(answer.headers_mut());
        }
        self
    }

    /// The answer, if it is one of these documents that is asked for; 304 where the asker has it as its `ETag` says.
    pub(crate) fn answer(&self, request: &Request) -> Option<Response> {
        if self.0.is_empty() || request.method() != Method::GET || request.uri().query().is_some() {
            return None;
        }
        let (headers, body) = self.0.get(request.uri().path())?;
        let mut answer = Response::new(Body::from(body.clone()));
        *answer.headers_mut() = headers.clone();
        Some(unless_at_hand(request.headers(), answer))
    }
}
