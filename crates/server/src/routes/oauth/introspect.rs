//! The introspection endpoint (RFC 7662).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode, Uri};
use sayso_authority::decide::authenticate_client::Refused;
use sayso_authority::decide::identify_token::Identified;
use sayso_authority::decide::introspect::{Introspect, introspect};
use sayso_authority::record::client::Client;
use sayso_authority::wire::form::Form;
use sayso_token::secret::Secret;
use sayso_web::faces::json_error;
use sayso_web::limits::retry_after;
use sayso_web::listen::Peer;

use super::caller::caller;
use super::posted::{form, invalid_request, refused};
use super::shown_token::look_up;
use crate::place::{Place, unavailable_json};

/// `POST` of the introspection endpoint.
pub(crate) async fn post(
    State(place): State<Place>,
    peer: Option<Peer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (caller, token) = match asked(&place, peer, &headers, (&body, &uri)).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let shown = match look_up(&place, &token, &place.house.store.lookups()).await {
        Ok(shown) => shown,
        Err(error) => return unavailable_json(&error),
    };
    if matches!(shown.token, Identified::Unknown)
        && let Some(answer) = scanning(&place, caller)
    {
        return answer;
    }
    let question = Introspect {
        authority: place.authority(),
        caller,
        token: &shown.token,
        grant: shown.grant.as_ref(),
        user: shown.user.as_ref(),
    };
    ([(CACHE_CONTROL, "no-store")], Json(introspect(&question, place.now()))).into_response()
}

/// Who asks, and about which token.
async fn asked<'a>(
    place: &'a Place,
    peer: Option<Peer>,
    headers: &HeaderMap,
    (body, uri): (&Bytes, &Uri),
) -> Result<(&'a Client, Secret), Box<Response>> {
    let form = form(headers, body)?;
    let caller = caller(place, headers, &form, peer).await?;
    if !caller.is_confidential() {
        return Err(Box::new(refused(&Refused::SecretMissing)));
    }
    let token = token(place, caller, &form, uri)?;
    Ok((caller, token))
}

/// The token, from the body; from the query only where the authority allows the second tutorial's way.
fn token(place: &Place, caller: &Client, form: &Form, uri: &Uri) -> Result<Secret, Box<Response>> {
    let repeated = |_| Box::new(invalid_request("the parameter token stands twice"));
    if let Some(token) = form.one("token").map_err(repeated)? {
        return Ok(Secret::new(token));
    }
    let query = uri.query().unwrap_or_default();
    let in_query = Form::parse(query).map_err(|bad| Box::new(invalid_request(&bad.to_string())))?;
    match in_query.one("token").map_err(repeated)? {
        None => Err(Box::new(invalid_request("the parameter token is missing"))),
        Some(token) if place.authority().introspection_by_query => {
            tracing::warn!(
                client = caller.id,
                authority = place.authority().id,
                "a token came in the query of an introspection request, where proxies log it; send it in the body"
            );
            Ok(Secret::new(token))
        }
        Some(_) => Err(Box::new(invalid_request("send the token in the body, never in the query"))),
    }
}

/// Whoever shows many unknown tokens is guessing.
fn scanning(place: &Place, caller: &Client) -> Option<Response> {
    let key = format!("{} {}", place.authority().id, caller.id);
    let too_many = place.house.limits.scanning.take(&key).err()?;
    tracing::warn!(reason = "token_scanning", client = caller.id, "too many unknown tokens at introspection");
    let text = "too many unknown tokens; wait before the next one";
    let answer = json_error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", text);
    Some(([retry_after(too_many.retry_after)], answer).into_response())
}
