//! Whether the asker has it already (RFC 9110 sections 8.8.3 and 13.1.2).

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use sayso_token::digest::Digest;

/// The strong tag of these bytes: other bytes have another.
pub fn etag(bytes: &[u8]) -> HeaderValue {
    let digest: String = Digest::of(bytes).base64url().chars().take(22).collect();
    // base64url signs only, so the quoted digest is a header value.
    HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// `answer`, or 304 without its body when `asked`, the headers of a `GET` or `HEAD`, say that its `ETag` is at hand.
/// What tells how long it may be kept stays.
pub fn unless_at_hand(asked: &HeaderMap, mut answer: Response) -> Response {
    if answer.headers().get(ETAG).is_some_and(|etag| names(asked, etag)) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.body_mut() = Body::empty();
        answer.headers_mut().remove(CONTENT_TYPE);
        answer.headers_mut().remove(CONTENT_LENGTH);
    }
    answer
}

/// Whether `If-None-Match` names the tag: by weak comparison, in a list, or as `*`.
fn names(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let named = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).map(str::trim).any(|tag| {
        let strong = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || strong.as_bytes() == etag.as_bytes()
    })
}
