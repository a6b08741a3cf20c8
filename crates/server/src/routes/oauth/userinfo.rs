//! The userinfo endpoint (OpenID Connect Core section 5.3), with the token as RFC 6750 sends it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use sayso_authority::decide::userinfo::{Told, userinfo};
use sayso_authority::wire::error::{ErrorCode, Refusal};
use sayso_token::secret::Secret;
use sayso_web::faces::json_error;

use super::posted::{form, invalid_request};
use super::shown_token::look_up;
use super::token::{no_key, protect};
use crate::place::{Place, unavailable_json};

/// `GET` of the userinfo endpoint.
pub(crate) async fn get(State(place): State<Place>, headers: HeaderMap) -> Response {
    match bearer(&headers) {
        Ok(Some(token)) => answer(&place, &token).await,
        Ok(None) => no_token(&place),
        Err(Repeated) => malformed(&place, "send the access token once"),
    }
}

/// `POST` of the userinfo endpoint: the token in the header or in the form, not in both.
pub(crate) async fn post(State(place): State<Place>, headers: HeaderMap, body: Bytes) -> Response {
    let form = match form(&headers, &body) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    let Ok(in_form) = form.one("access_token") else { return malformed(&place, "access_token stands twice") };
    match (bearer(&headers), in_form) {
        (Err(Repeated), _) | (Ok(Some(_)), Some(_)) => malformed(&place, "send the access token once"),
        (Ok(Some(token)), None) => answer(&place, &token).await,
        (Ok(None), Some(token)) => answer(&place, &Secret::new(token)).await,
        (Ok(None), None) => no_token(&place),
    }
}

/// The header stands twice.
struct Repeated;

fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, Repeated> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (sent.next(), sent.next());
    if second.is_some() {
        return Err(Repeated);
    }
    let split = first.and_then(|header| header.to_str().ok()?.split_once(' '));
    let token = split.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    Ok(token.map(Secret::new))
}

/// With the challenge of RFC 6750 section 3, which names the authority as the realm.
fn challenged(place: &Place, mut answer: Response, error: &str) -> Response {
    let realm = &place.authority().issuer;
    let challenge = format!("Bearer realm=\"{realm}\"{error}");
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// RFC 6750 section 3.1: without a token, the challenge carries no error.
fn no_token(place: &Place) -> Response {
    challenged(place, StatusCode::UNAUTHORIZED.into_response(), "")
}

fn malformed(place: &Place, description: &str) -> Response {
    challenged(place, invalid_request(description), ", error=\"invalid_request\"")
}

async fn answer(place: &Place, token: &Secret) -> Response {
    let shown = match look_up(place, token, &place.house.store.lookups()).await {
        Ok(shown) => shown,
        Err(error) => return unavailable_json(&error),
    };
    let told = userinfo(place.authority(), &shown.token, shown.grant.as_ref(), shown.user.as_ref(), place.now());
    match told {
        Ok(Told::Plain(claims)) => ([(CACHE_CONTROL, "no-store")], Json(claims)).into_response(),
        Ok(Told::Signed(claims)) => match protect(place, &claims) {
            Some(jwt) => ([(CACHE_CONTROL, "no-store"), (CONTENT_TYPE, "application/jwt")], jwt).into_response(),
            None => no_key(),
        },
        Err(refusal) => {
            let status = match refusal.error() {
                ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
                _ => StatusCode::UNAUTHORIZED,
            };
            let answer = json_error(status, refusal.error().code(), refusal.description());
            let scope = if status == StatusCode::FORBIDDEN { ", scope=\"openid\"" } else { "" };
            challenged(place, answer, &format!(", error=\"{}\"{scope}", refusal.error().code()))
        }
    }
}
