//! Grants: the linked accounts, listed and ended.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use sayso_authority::Decision;
use sayso_authority::decide::unlink::revoke_by_admin;
use sayso_authority::record::grant::{Grant, GrantId};
use sayso_authority::record::user::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::AdminDesk;
use super::may::{GrantsRead, GrantsWrite, May};
use super::problem::Problem;
use super::question::{Named, Question, cursor, rfc3339, told};
use super::walk::{PIECE, Walk};

const LIST: &str = "grants";

/// A linked account. Nothing of its tokens is told.
#[derive(Serialize, ToSchema)]
pub(super) struct GrantView {
    /// Its id.
    id: String,
    /// The authority that gave it.
    authority: String,
    /// The client.
    client: String,
    /// The account.
    user: String,
    /// The API it is for.
    audience: String,
    /// What was allowed.
    scopes: Vec<String>,
    /// When it began.
    created_at: String,
    /// When it last gave a token.
    last_used_at: String,
    /// When it was ended.
    revoked_at: Option<String>,
}

impl GrantView {
    fn of(grant: &Grant) -> Self {
        Self {
            id: grant.id.0.clone(),
            authority: grant.authority.clone(),
            client: grant.client.clone(),
            user: grant.user.0.clone(),
            audience: grant.audience.clone(),
            scopes: grant.scopes.clone(),
            created_at: rfc3339(grant.created_at),
            last_used_at: rfc3339(grant.last_used_at),
            revoked_at: grant.revoked_at.map(rfc3339),
        }
    }
}

/// A page of grants.
#[derive(Serialize, ToSchema)]
pub(super) struct Grants {
    /// The grants; a page may be short though more follow.
    grants: Vec<GrantView>,
    /// The cursor to go on with; none at the end.
    next: Option<String>,
}

/// Lists grants, ended ones as well.
#[utoipa::path(
    get, path = "/grants", tag = "grants", security(("admin" = ["admin:grants:read"])),
    params(
        ("user" = Option<String>, Query, description = "only this account's"),
        ("client" = Option<String>, Query, description = "only this client's"),
        ("authority" = Option<String>, Query, description = "only this authority's"),
        ("limit" = Option<u16>, Query, description = "1 to 200; 50 when left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "a page", body = Grants))
)]
pub(super) async fn list(State(desk): State<AdminDesk>, _: May<GrantsRead>, uri: Uri) -> Result<Response, Problem> {
    let asked = Question::of(&uri, &["user", "client", "authority", "limit", "cursor"])?;
    let walk = Walk { after: asked.cursor::<String>(&desk, LIST)?.unwrap_or_default(), limit: asked.limit()? };
    let (lookups, user) = (desk.lookups(), asked.text("user").map(|id| UserId(id.to_owned())));
    let (grants, after) = walk
        .through(
            |after| {
                let (lookups, user) = (lookups.clone(), user.clone());
                async move { lookups.grants_after(&after, user.as_ref(), PIECE).await }
            },
            |grant: &Grant| grant.id.0.clone(),
            |grant| asked.is("client", Some(&grant.client)) && asked.is("authority", Some(&grant.authority)),
        )
        .await?;
    let next = after.and_then(|after| cursor(&desk, LIST, &after));
    Ok(told(StatusCode::OK, &Grants { grants: grants.iter().map(GrantView::of).collect(), next }, None))
}

/// One grant.
#[utoipa::path(
    get, path = "/grants/{id}", tag = "grants", security(("admin" = ["admin:grants:read"])),
    params(("id" = String, Path, description = "the grant")),
    responses((status = 200, description = "the grant", body = GrantView))
)]
pub(super) async fn read(
    State(desk): State<AdminDesk>,
    _: May<GrantsRead>,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    let grant = desk.lookups().grant(&GrantId(id)).await?.ok_or(Problem::not_found("grant_unknown"))?;
    Ok(told(StatusCode::OK, &GrantView::of(&grant), None))
}

/// Ends a grant with all its tokens. Ended twice, it keeps its first end; no version is asked for, as nothing can be
/// overwritten.
#[utoipa::path(
    delete, path = "/grants/{id}", tag = "grants", security(("admin" = ["admin:grants:write"])),
    params(("id" = String, Path, description = "the grant")),
    responses((status = 204, description = "ended"))
)]
pub(super) async fn revoke(
    State(desk): State<AdminDesk>,
    May(actor, _): May<GrantsWrite>,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    let id = &GrantId(id);
    let settled: Result<bool, ()> = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, now| async move {
            Ok(match lookups.grant(id).await? {
                None => Decision::reply(false),
                Some(grant) => revoke_by_admin(&grant, now),
            })
        })
        .await?;
    match settled {
        Ok(true) => Ok(StatusCode::NO_CONTENT.into_response()),
        _ => Err(Problem::not_found("grant_unknown")),
    }
}
