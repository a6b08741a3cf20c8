//! With which accounts elsewhere somebody signs in.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use sayso_authority::Decision;
use sayso_authority::decide::connect::disconnect_by_admin;
use sayso_authority::record::identity::Identity;
use sayso_authority::record::user::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::AdminDesk;
use super::may::{May, UsersRead, UsersWrite};
use super::problem::Problem;
use super::question::{Named, rfc3339, told};

/// An account at a provider elsewhere.
#[derive(Serialize, ToSchema)]
pub(super) struct IdentityView {
    /// What it is named by here.
    id: String,
    /// The provider.
    issuer: String,
    /// Whom it calls that person.
    subject: String,
    /// The connection by which they came first.
    connection: String,
    /// An address or a name, as it was then.
    shown_as: String,
    /// Since when it signs them in (RFC 3339).
    connected_at: String,
}

impl IdentityView {
    fn of(identity: &Identity) -> Self {
        Self {
            id: identity.id(),
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            connection: identity.connection.clone(),
            shown_as: identity.shown_as.clone(),
            connected_at: rfc3339(identity.connected_at),
        }
    }
}

/// All accounts elsewhere of a person.
#[derive(Serialize, ToSchema)]
pub(super) struct Identities {
    /// The accounts, the oldest first.
    identities: Vec<IdentityView>,
}

/// With which accounts elsewhere a person signs in.
#[utoipa::path(
    get, path = "/users/{id}/identities", tag = "identities", security(("admin" = ["admin:users:read"])),
    params(("id" = String, Path, description = "the account")),
    responses((status = 200, description = "the accounts elsewhere", body = Identities))
)]
pub(super) async fn list(
    State(desk): State<AdminDesk>,
    _: May<UsersRead>,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    let (lookups, id) = (desk.lookups(), UserId(id));
    if lookups.user(&id).await?.is_none() {
        return Err(Problem::not_found("user_unknown"));
    }
    let identities = lookups.identities_of(&id).await?;
    Ok(told(StatusCode::OK, &Identities { identities: identities.iter().map(IdentityView::of).collect() }, None))
}

/// Takes one of them away, the last as well: who has no password then needs one. All sessions of the person end; links go on. Taken
/// away twice, it stays away.
#[utoipa::path(
    delete, path = "/users/{id}/identities/{identity}", tag = "identities", security(("admin" = ["admin:users:write"])),
    params(("id" = String, Path, description = "the account"), ("identity" = String, Path, description = "its `id`")),
    responses((status = 204, description = "it signs them in no more"))
)]
pub(super) async fn remove(
    State(desk): State<AdminDesk>,
    May(actor, _): May<UsersWrite>,
    Named((id, identity)): Named<(String, String)>,
) -> Result<Response, Problem> {
    let (id, identity) = (&UserId(id), &identity);
    let settled: Result<bool, ()> = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, now| async move {
            let Some(user) = lookups.user(id).await? else { return Ok(Decision::reply(false)) };
            let identities = lookups.identities_of(id).await?;
            let sessions = lookups.joined_sessions(id).await?;
            Ok(match identities.iter().find(|known| known.id() == *identity) {
                Some(known) => disconnect_by_admin((&user, &sessions), known, now),
                None => Decision::reply(true),
            })
        })
        .await?;
    match settled {
        Ok(true) => Ok(StatusCode::NO_CONTENT.into_response()),
        _ => Err(Problem::not_found("user_unknown")),
    }
}
