//! Signing keys: listed, rotated, revoked. Never anything secret.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};
use sayso_token::algorithm::Algorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::AdminDesk;
use super::may::{KeysRead, KeysWrite, May};
use super::problem::Problem;
use super::question::{Named, Question, body, rfc3339, told};
use crate::signing_keys::{self, Listed, Refused};

/// A signing key, and where it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    /// Whose.
    authority: String,
    /// Its key id.
    kid: String,
    /// What it signs with.
    algorithm: String,
    /// `next`, `signing`, `replaced`, … as `sayso keys list` has it.
    state: String,
    /// When it was made.
    made_at: String,
    /// From when on it signs.
    signs_from: Option<String>,
    /// Until when it is published.
    published_until: Option<String>,
    /// When it was revoked.
    revoked_at: Option<String>,
}

impl KeyView {
    fn of(key: &Listed) -> Self {
        Self {
            authority: key.authority.clone(),
            kid: key.kid.clone(),
            algorithm: key.algorithm.name().to_owned(),
            state: key.state.name().to_owned(),
            made_at: rfc3339(key.made_at),
            signs_from: key.signs_from.map(rfc3339),
            published_until: key.published_until.map(rfc3339),
            revoked_at: key.revoked_at.map(rfc3339),
        }
    }
}

/// Signing keys.
#[derive(Serialize, ToSchema)]
pub(super) struct Keys {
    /// By authority and algorithm, the newest first.
    keys: Vec<KeyView>,
}

/// Which keys to rotate; all where nothing is named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// Only this authority's.
    authority: Option<String>,
    /// Only of this algorithm.
    algorithm: Option<String>,
}

/// Lists signing keys.
#[utoipa::path(
    get, path = "/keys", tag = "keys", security(("admin" = ["admin:keys:read"])),
    params(("authority" = Option<String>, Query, description = "only this authority's")),
    responses((status = 200, description = "the keys", body = Keys))
)]
pub(super) async fn list(State(desk): State<AdminDesk>, _: May<KeysRead>, uri: Uri) -> Result<Response, Problem> {
    let asked = Question::of(&uri, &["authority"])?;
    let listed = signing_keys::list(&desk.house().store, asked.text("authority"), desk.now()).await;
    Ok(shown(&listed.map_err(refused)?))
}

/// Makes the next key of each authority and algorithm that is meant, unless one waits already.
#[utoipa::path(
    post, path = "/keys/rotate", tag = "keys", security(("admin" = ["admin:keys:write"])), request_body = Rotation,
    responses((status = 200, description = "the keys that will sign", body = Keys))
)]
pub(super) async fn rotate(
    State(desk): State<AdminDesk>,
    May(actor, _): May<KeysWrite>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let asked: Rotation = body(&headers, &sent)?;
    let unknown = || Problem::not_found("algorithm_unknown");
    let algorithm = asked.algorithm.as_deref().map(|name| Algorithm::named(name).ok_or_else(unknown)).transpose()?;
    let which = (asked.authority.as_deref(), algorithm);
    let rotated = signing_keys::rotate(&desk.store_of(&actor), which, &desk.house().sealer, &desk.ambience()).await;
    let next: Vec<Listed> = rotated.map_err(refused)?.into_iter().map(|rotated| rotated.next).collect();
    Ok(shown(&next))
}

/// Revokes a key: what it has signed counts no more. If it was the one that signs, another signs at once.
#[utoipa::path(
    post, path = "/keys/{authority}/{kid}/revoke", tag = "keys", security(("admin" = ["admin:keys:write"])),
    params(("authority" = String, Path, description = "whose"), ("kid" = String, Path, description = "the key")),
    responses((status = 200, description = "the key that was revoked, and the one that signs now", body = Keys))
)]
pub(super) async fn revoke(
    State(desk): State<AdminDesk>,
    May(actor, _): May<KeysWrite>,
    Named((authority, kid)): Named<(String, String)>,
) -> Result<Response, Problem> {
    let which = (authority.as_str(), kid.as_str());
    let revoked = signing_keys::revoke(&desk.store_of(&actor), which, &desk.house().sealer, &desk.ambience()).await;
    let revoked = revoked.map_err(refused)?;
    Ok(shown(&[Some(revoked.key), revoked.signing].into_iter().flatten().collect::<Vec<_>>()))
}

fn shown(keys: &[Listed]) -> Response {
    told(StatusCode::OK, &Keys { keys: keys.iter().map(KeyView::of).collect() }, None)
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Keys(error) => {
            tracing::error!(%error, "signing keys could not be read or made");
            let detail = "the server cannot read or make keys right now; try again shortly";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", detail)
        }
        Refused::UnknownAuthority(_) => Problem::not_found("authority_unknown"),
        Refused::UnknownAlgorithm(_) => Problem::not_found("algorithm_unknown"),
        Refused::UnknownKey { .. } => Problem::not_found("key_unknown"),
        Refused::None => Problem::not_found("no_keys"),
    }
}
