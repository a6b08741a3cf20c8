//! The userinfo endpoint (OpenID Connect Core section 5.3), with the token as RFC 6750 sends it.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use sayso_authority::decide::userinfo::userinfo;
use sayso_authority::wire::error::{ErrorCode, Refusal};
use sayso_token::secret::Secret;
use sayso_web::faces::json_error;
use serde_json::Value;

use super::posted::{form, invalid_request};
use super::shown_token::look_up;
use crate::place::{Place, unavailable_json};

/// `GET` of the userinfo endpoint.
pub(crate) async fn get(State(place): State<Place>, headers: HeaderMap) -> Response {
    match bearer(&headers) {
        Some(token) => answer(&place, &token).await,
        None => no_token(),
    }
}

/// `POST` of the userinfo endpoint: the token in the header or in the form, not in both.
pub(crate) async fn post(State(place): State<Place>, headers: HeaderMap, body: Bytes) -> Response {
    let form = match form(&headers, &body) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let Ok(in_form) = form.one("access_token") else { return invalid_request("access_token stands twice") };
    match (bearer(&headers), in_form) {
        (Some(_), Some(_)) => invalid_request("send the access token once"),
        (Some(token), None) => answer(&place, &token).await,
        (None, Some(token)) => answer(&place, &Secret::new(token)).await,
        (None, None) => no_token(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

/// RFC 6750 section 3.1: without a token, the challenge carries no error.
fn no_token() -> Response {
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response()
}

async fn answer(place: &Place, token: &Secret) -> Response {
    let shown = match look_up(place, token, &place.house.store.lookups()).await {
        Ok(shown) => shown,
        Err(error) => return unavailable_json(&error),
    };
    let told = userinfo(place.authority(), &shown.token, shown.grant.as_ref(), shown.user.as_ref(), place.now());
    match told {
        Ok(claims) => {
            let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
            (StatusCode::OK, headers, Value::Object(claims).to_string()).into_response()
        }
        Err(refusal) => {
            let status = match refusal.error() {
                ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
                _ => StatusCode::UNAUTHORIZED,
            };
            let mut answer = json_error(status, refusal.error().code(), refusal.description());
            let challenge = format!("Bearer error=\"{}\"", refusal.error().code());
            if let Ok(challenge) = HeaderValue::try_from(challenge) {
                answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            answer
        }
    }
}
