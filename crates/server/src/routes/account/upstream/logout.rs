//! The provider says that a session there is over (OpenID Connect Back-Channel Logout 1.0).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use sayso_authority::decide::sign_out::sign_out_by_provider;
use sayso_authority::decide::upstream::logout_token::{self, UPSTREAM_LOGOUT_TOKEN};
use sayso_authority::record::connection::Connection;
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_token::secret::Secret;
use sayso_web::faces::json_error;

use super::super::faces::Asker;
use crate::place::{Place, unavailable_json};

/// `POST /connections/{id}/logout`: `logout_token`, from the provider itself.
pub(crate) async fn post(State(place): State<Place>, Path(id): Path<String>, asker: Asker, body: Bytes) -> Response {
    let Some(connection) = place.authority().connection(&id) else {
        return json_error(StatusCode::NOT_FOUND, "not_found", "there is no such connection");
    };
    let mut answer = match told(&place, &asker, connection, &body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(NotEnded::Refused(reason)) => {
            tracing::warn!(reason, connection = connection.id, "logout token refused");
            json_error(StatusCode::BAD_REQUEST, "invalid_request", "the logout token is not one that counts here")
        }
        Err(NotEnded::Unreachable(reason)) => {
            tracing::warn!(reason, connection = connection.id, "the keys for a logout token are not at hand");
            let text = "the keys to verify the logout token with are not at hand; send it again";
            let mut answer = json_error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text);
            answer.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from_static("10"));
            answer
        }
        Err(NotEnded::Store(error)) => unavailable_json(&error),
    };
    answer.headers_mut().insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    answer
}

enum NotEnded {
    Refused(&'static str),
    Unreachable(&'static str),
    Store(StoreError),
}

impl From<StoreError> for NotEnded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn told(place: &Place, asker: &Asker, connection: &Connection, body: &Bytes) -> Result<(), NotEnded> {
    let form = std::str::from_utf8(body).ok().and_then(|text| Form::parse(text).ok());
    let token = form.as_ref().and_then(|form| form.one("logout_token").ok()?).map(Secret::new);
    let token = token.ok_or(NotEnded::Refused("form_unreadable"))?;
    let refused = |refused: sayso_authority::decide::upstream::Refused| NotEnded::Refused(refused.reason());
    let providers = &place.house.providers;
    let unreachable = |why: sayso_connections::openid::NotReached| NotEnded::Unreachable(why.reason());
    let provider = providers.provider(&connection.issuer).await.map_err(unreachable)?;
    let claimed = logout_token::claimed(&token, &provider).map_err(refused)?;
    let keys = providers.keys(&provider, claimed.kid()).await.map_err(unreachable)?;
    let ended = logout_token::judge(&claimed, connection, &keys, place.now()).map_err(refused)?;
    let ended = &ended;
    let store = place.store_for(asker.peer);
    let settled = store.settle(&*place.house.clock, |lookups, now| async move {
        let told_before = lookups.is_spent(UPSTREAM_LOGOUT_TOKEN, &ended.value).await?;
        let whose = (ended.subject.as_deref(), ended.session.as_deref());
        let sessions = lookups.sessions_from(&connection.id, whose).await?;
        Ok(sign_out_by_provider((place.authority(), connection), &sessions, (ended, told_before), now))
    });
    settled.await?.map_err(|refused| NotEnded::Refused(refused.reason()))
}
