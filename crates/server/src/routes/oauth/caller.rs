//! The client that calls an OAuth endpoint.

use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use sayso_authority::decide::authenticate_client::{Refused, authenticate_client};
use sayso_authority::record::client::Client;
use sayso_authority::wire::client_credentials::{NoClient, client_proof};
use sayso_authority::wire::form::Form;
use sayso_web::faces::json_error;
use sayso_web::limits::retry_after;
use sayso_web::listen::Peer;

use super::posted::refused;
use crate::place::Place;

/// Authenticates the caller, or prints why not. Wrong secrets are counted per client, wherever they come from; a right
/// secret is taken even when strangers have used up the client's tries.
pub(super) fn caller<'a>(
    place: &'a Place,
    headers: &HeaderMap,
    form: &Form,
    peer: Option<Peer>,
) -> Result<&'a Client, Box<Response>> {
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    let proof = match (authorizations.next().map(|value| value.to_str()), authorizations.next()) {
        (Some(Err(_)), _) | (Some(_), Some(_)) => Err(NoClient::MalformedHeader),
        (Some(Ok(header)), None) => client_proof(Some(header), form),
        (None, _) => client_proof(None, form),
    };
    authenticate_client(place.authority(), &proof).map_err(|refusal| {
        let id = proof.as_ref().map_or("", |proof| proof.client_id());
        Box::new(counted(place, refusal, id, peer))
    })
}

fn counted(place: &Place, refusal: Refused, client: &str, peer: Option<Peer>) -> Response {
    let address = peer.map(|peer| peer.address.to_string()).unwrap_or_default();
    // Whoever names no client is counted by address, so that nobody uses up the tries of all others.
    let whose = if client.is_empty() { &address } else { client };
    let key = format!("{} {whose}", place.authority().id);
    match place.house.limits.client.take(&key) {
        Ok(()) => refused(&refusal),
        Err(too_many) => {
            tracing::warn!(reason = "client_guessing", %address, "too many wrong client credentials");
            let text = "too many failed attempts to authenticate; wait before the next one";
            let answer = json_error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", text);
            ([retry_after(too_many.retry_after)], answer).into_response()
        }
    }
}
