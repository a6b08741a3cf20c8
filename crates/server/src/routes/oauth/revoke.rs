//! The revocation endpoint (RFC 7009). With `end_grant=true` an access token ends the link it belongs to.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use sayso_authority::decide::revoke::{end_grant, revoke};
use sayso_authority::record::client::Client;
use sayso_token::secret::Secret;
use sayso_web::listen::Peer;

use super::caller::caller;
use super::posted::{form, invalid_request, refused};
use super::shown_token::look_up;
use crate::place::{Place, unavailable_json};

/// `POST` of the revocation endpoint. 200 comes only after the revocation is durable.
pub(crate) async fn post(State(place): State<Place>, peer: Option<Peer>, headers: HeaderMap, body: Bytes) -> Response {
    let (caller, token, ends_grant) = match asked(&place, peer, &headers, &body).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let (place, token) = (&place, &token);
    let decide = if ends_grant { end_grant } else { revoke };
    let settled = place
        .store_for(peer)
        .settle(&*place.house.clock, |lookups, now| async move {
            let shown = look_up(place, token, &lookups).await?;
            let grant = shown.grant.as_ref();
            Ok(place.decide(now, |ambient| decide(place.authority(), caller, &shown.token, grant, ambient)))
        })
        .await;
    match settled {
        Ok(Ok(())) => (StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response(),
        Ok(Err(refusal)) => refused(&refusal),
        Err(error) => unavailable_json(&error),
    }
}

/// Who asks, which token is to end, and whether its grant is to end with it.
async fn asked<'a>(
    place: &'a Place,
    peer: Option<Peer>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(&'a Client, Secret, bool), Box<Response>> {
    let form = form(headers, body)?;
    let caller = caller(place, headers, &form, peer).await?;
    match form.one("token") {
        Ok(Some(token)) => Ok((caller, Secret::new(token), matches!(form.one("end_grant"), Ok(Some("true"))))),
        Ok(None) => Err(Box::new(invalid_request("the parameter token is missing"))),
        Err(_) => Err(Box::new(invalid_request("the parameter token stands twice"))),
    }
}
