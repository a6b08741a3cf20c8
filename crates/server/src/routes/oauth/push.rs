//! The pushed authorization request endpoint (RFC 9126).

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use sayso_authority::decide::push_request::{Push, Refused, push_request};
use sayso_authority::record::client::Client;
use sayso_authority::record::pushed_request::PUSHED_LIFETIME;
use sayso_authority::wire::error::{ErrorCode, Refusal};
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_token::secret::Secret;
use sayso_web::faces::json_error;
use sayso_web::limits::retry_after;
use sayso_web::listen::Peer;
use serde_json::json;

use super::caller::caller;
use super::posted::{form, invalid_request, refused};
use crate::place::{Place, unavailable_json};

/// `POST` of the pushed authorization request endpoint.
pub(crate) async fn post(
    State(place): State<Place>,
    peer: Option<Peer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if uri.query().is_some_and(|query| !query.is_empty()) {
        return invalid_request("send parameters in the body only, never in the query");
    }
    let (client, form) = match asked(&place, peer, &headers, &body).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    match settle(&place, client, &form).await {
        Ok(Ok(reference)) => taken(&reference),
        Ok(Err(Refused::TooManyPending)) => too_many(),
        Ok(Err(refusal)) => refused(&refusal),
        Err(error) => unavailable_json(&error),
    }
}

/// Who pushes, and what.
async fn asked<'a>(
    place: &'a Place,
    peer: Option<Peer>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(&'a Client, Form), Box<Response>> {
    let form = form(headers, body)?;
    Ok((caller(place, headers, &form, peer).await?, form))
}

async fn settle(place: &Place, client: &Client, form: &Form) -> Result<Result<Secret, Refused>, StoreError> {
    let authority = place.authority();
    place
        .house
        .store
        .settle(&*place.house.clock, |lookups, now| async move {
            let pending = lookups.pending_requests(&authority.id, &client.id, now).await?;
            let push = Push { authority, client, form, pending };
            Ok(place.decide(now, |ambient| push_request(&push, ambient)))
        })
        .await
}

fn taken(reference: &Secret) -> Response {
    let body = json!({ "request_uri": reference.expose(), "expires_in": PUSHED_LIFETIME.seconds() });
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    let mut answer = (StatusCode::CREATED, headers, body.to_string()).into_response();
    answer.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

fn too_many() -> Response {
    let refusal = Refused::TooManyPending;
    tracing::warn!(reason = refusal.reason(), "refused");
    let code = ErrorCode::TemporarilyUnavailable.code();
    let answer = json_error(StatusCode::TOO_MANY_REQUESTS, code, refusal.description());
    ([retry_after(PUSHED_LIFETIME)], answer).into_response()
}
