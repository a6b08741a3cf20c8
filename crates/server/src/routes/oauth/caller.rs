//! The client that calls an OAuth endpoint.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use sayso_authority::Decision;
use sayso_authority::decide::authenticate_client::{Refused, authenticate_client};
use sayso_authority::decide::client_assertion::{self, CLIENT_ASSERTION, Claimed, Proven};
use sayso_authority::record::client::{Client, ClientKeys};
use sayso_authority::wire::client_credentials::{ClientProof, NoClient, client_proof};
use sayso_authority::wire::error::Refusal as _;
use sayso_authority::wire::form::Form;
use sayso_connections::fetch::FetchFailed;
use sayso_connections::key_sets::{FAILED, NoKeys};
use sayso_store::StoreError;
use sayso_token::jwk::JwkSet;
use sayso_token::secret::Secret;
use sayso_web::faces::json_error;
use sayso_web::limits::retry_after;
use sayso_web::listen::Peer;

use super::posted::refused;
use crate::place::{Place, unavailable_json};

/// Authenticates the caller, or prints why not. Wrong secrets are counted per client, wherever they come from; a right
/// secret is taken even when strangers have used up the client's tries.
pub(super) async fn caller<'a>(
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
    let judged = match &proof {
        Ok(ClientProof::Assertion { id, assertion }) => by_assertion(place, id, assertion).await,
        _ => Ok(authenticate_client(place.authority(), &proof)),
    };
    match judged {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(Refused::KeysSlow)) => Err(Box::new(keys_slow())),
        Ok(Err(refusal)) => {
            let id = proof.as_ref().map_or("", |proof| proof.client_id());
            Err(Box::new(counted(place, refusal, id, peer)))
        }
        Err(error) => Err(Box::new(unavailable_json(&error))),
    }
}

/// By a signed assertion: its client's keys are fetched if they have to be, and its id is spent.
async fn by_assertion<'a>(
    place: &'a Place,
    id: &str,
    assertion: &Secret,
) -> Result<Result<&'a Client, Refused>, StoreError> {
    let parts = client_assertion::parse(assertion);
    let claimed = match client_assertion::claimed(place.authority(), id, parts.as_ref()) {
        Ok(claimed) => claimed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let keys = match keys(place, &claimed).await {
        Ok(keys) => keys,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (authority, claimed, keys) = (place.authority(), &claimed, &keys);
    let store = &place.house.store;
    let proven = store
        .settle(&*place.house.clock, |lookups, now| async move {
            let Proven { spend, value } = match client_assertion::judge(authority, claimed, keys, now) {
                Ok(proven) => proven,
                Err(refusal) => return Ok(Decision::refuse(refusal)),
            };
            if lookups.is_spent(CLIENT_ASSERTION, &value).await? {
                return Ok(Decision::refuse(Refused::AssertionReplayed));
            }
            Ok(Decision::reply(()).change(spend))
        })
        .await?;
    Ok(proven.map(|()| claimed.client))
}

async fn keys(place: &Place, claimed: &Claimed<'_, '_>) -> Result<Arc<JwkSet>, Refused> {
    match &claimed.rule.keys {
        ClientKeys::Inline(set) => {
            JwkSet::parse(set.to_string().as_bytes()).map(Arc::new).map_err(|_| Refused::KeysUnavailable)
        }
        ClientKeys::At(url) => place.house.client_keys.at(url, claimed.kid).await.map_err(|why| match why {
            NoKeys::Fetch(FetchFailed::TooSlow | FetchFailed::Busy) => Refused::KeysSlow,
            _ => Refused::KeysUnavailable,
        }),
    }
}

/// Nothing is known of the caller yet, so nothing is counted against the client.
fn keys_slow() -> Response {
    let refusal = Refused::KeysSlow;
    tracing::warn!(reason = refusal.reason(), "refused");
    let answer = json_error(StatusCode::SERVICE_UNAVAILABLE, refusal.error().code(), refusal.description());
    ([retry_after(FAILED)], answer).into_response()
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
