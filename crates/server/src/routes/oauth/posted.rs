//! A form posted to an OAuth endpoint.

use axum::body::Bytes;
use axum::response::Response;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use sayso_authority::wire::error::{ErrorCode, Refusal};
use sayso_authority::wire::form::Form;
use sayso_web::faces::json_error;

/// `invalid_request` with a sentence for the client's developer (RFC 6749 section 5.2).
pub(super) fn invalid_request(description: &str) -> Response {
    json_error(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest.code(), description)
}

/// Reads the form; an empty body is an empty form whatever its type. Nothing is read from the query.
pub(super) fn form(headers: &HeaderMap, body: &Bytes) -> Result<Form, Box<Response>> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !body.is_empty() && !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Box::new(invalid_request("send the parameters as application/x-www-form-urlencoded")));
    }
    let text = std::str::from_utf8(body);
    let text = text.map_err(|_| Box::new(invalid_request("the parameters are not UTF-8")))?;
    let form = Form::parse(text).map_err(|bad| Box::new(invalid_request(&bad.to_string())))?;
    if form.has_control_characters() {
        return Err(Box::new(invalid_request("a parameter holds a control character")));
    }
    Ok(form)
}

/// Prints a refusal and logs its reason.
pub(super) fn refused(refusal: &dyn Refusal) -> Response {
    tracing::warn!(reason = refusal.reason(), error = refusal.error().code(), "refused");
    let status = match refusal.error() {
        ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut answer = json_error(status, refusal.error().code(), refusal.description());
    if status == StatusCode::UNAUTHORIZED {
        // RFC 6749 section 5.2 asks for the scheme the client used; Basic is the one there is.
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"oauth\""));
    }
    answer
}
