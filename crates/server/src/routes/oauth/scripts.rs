//! Which scripts may read an answer: what the Fetch standard asks a server (CORS). Nothing here rests on cookies, so who may
//! read is only a matter of who could do something with it: scripts of clients that are pages in a browser, at their own
//! origins; what is published, everybody's. Credentials of the browser never go along.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

use crate::place::Place;

/// What such a script sends that a browser asks about beforehand.
const SENT: HeaderValue = HeaderValue::from_static("authorization, content-type");
/// What it may read beside the body.
const READ: HeaderValue = HeaderValue::from_static("www-authenticate, retry-after");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// How many seconds a browser may remember that it may ask.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Lets scripts of the authority's own pages read what the endpoint answers.
pub(in crate::routes) async fn of_clients(State(place): State<Place>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else { return next.run(request).await };
    let known = origin.to_str().is_ok_and(|origin| place.desk.origins.contains(origin));
    let asks = is_asked_beforehand(&request);
    let mut answer = if known && asks { may_ask(METHODS, SENT, origin.clone()) } else { next.run(request).await };
    let headers = answer.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if known {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, READ);
    }
    answer
}

/// Lets everybody's scripts ask for what is published, whatever headers they send; the documents themselves say that they
/// may be read.
pub(in crate::routes) async fn of_everybody(request: Request, next: Next) -> Response {
    let any = HeaderValue::from_static("*");
    if is_asked_beforehand(&request) {
        return may_ask(HeaderValue::from_static("GET"), any.clone(), any);
    }
    next.run(request).await
}

/// Whether a browser asks if a script may send a request (a preflight).
fn is_asked_beforehand(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn may_ask(methods: HeaderValue, sent: HeaderValue, origin: HeaderValue) -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        (ACCESS_CONTROL_ALLOW_METHODS, methods),
        (ACCESS_CONTROL_ALLOW_HEADERS, sent),
        (ACCESS_CONTROL_MAX_AGE, REMEMBERED),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
