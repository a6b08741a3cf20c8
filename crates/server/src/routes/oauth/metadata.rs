//! What an authority publishes: metadata and keys. Anyone may read and keep them for a while.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderName};
use sayso_web::etag::{etag, unless_at_hand};

use crate::place::Place;

const PUBLISHED: [(HeaderName, &str); 3] =
    [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];

/// The well-known addresses of an authority at `base`: OpenID's, after the issuer's path, and RFC 8414's, before it;
/// clients mix them up, so each document is at both.
pub(crate) fn addresses(base: &str) -> Vec<String> {
    let mut addresses = Vec::new();
    for document in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        addresses.push(format!("{base}{document}"));
        if !base.is_empty() {
            addresses.push(format!("{document}{base}"));
        }
    }
    addresses
}

/// The metadata document.
pub(crate) async fn metadata(State(place): State<Place>, headers: HeaderMap) -> Response {
    published(&headers, place.desk.metadata.clone())
}

/// The key set.
pub(crate) async fn jwks(State(place): State<Place>, headers: HeaderMap) -> Response {
    published(&headers, place.desk.jwks.clone())
}

fn published(asked: &HeaderMap, body: Bytes) -> Response {
    unless_at_hand(asked, (PUBLISHED, [(ETAG, etag(&body))], body).into_response())
}
