//! Who is in a group, and in which groups somebody is.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use sayso_authority::decide::groups::{Refused, add_member, remove_member};
use sayso_authority::record::group::GroupId;
use sayso_authority::record::user::UserId;
use sayso_store::Member;
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::AdminDesk;
use super::groups::{GroupView, refused};
use super::may::{GroupsRead, GroupsWrite, May};
use super::problem::Problem;
use super::question::{Named, Question, cursor, rfc3339, told};
use super::walk::{PIECE, Walk};

const LIST: &str = "members";

/// A person in a group.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberView {
    /// The account.
    user: String,
    /// What they sign in with.
    username: String,
    /// Since when they are in it (RFC 3339).
    since: String,
}

impl MemberView {
    fn of(member: &Member) -> Self {
        Self { user: member.user.0.clone(), username: member.username.clone(), since: rfc3339(member.since) }
    }
}

/// A page of the people in a group.
#[derive(Serialize, ToSchema)]
pub(super) struct Members {
    /// The people; a page may be short though more follow.
    members: Vec<MemberView>,
    /// The cursor to go on with; none at the end.
    next: Option<String>,
}

/// All groups of a person.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupsOfUser {
    /// The groups, by name: a hundred at most.
    groups: Vec<GroupView>,
}

/// Lists who is in a group, by account id.
#[utoipa::path(
    get, path = "/groups/{id}/members", tag = "members", security(("admin" = ["admin:groups:read"])),
    params(
        ("id" = String, Path, description = "the group"),
        ("limit" = Option<u16>, Query, description = "1 to 200; 50 when left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "a page", body = Members))
)]
pub(super) async fn list(
    State(desk): State<AdminDesk>,
    _: May<GroupsRead>,
    Named(id): Named<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = Question::of(&uri, &["limit", "cursor"])?;
    // A cursor is good for its own group.
    let list = format!("{LIST} of {id}");
    let walk = Walk { after: asked.cursor::<String>(&desk, &list)?.unwrap_or_default(), limit: asked.limit()? };
    let (lookups, id) = (&desk.lookups(), &GroupId(id));
    if lookups.group(id).await?.is_none() {
        return Err(refused(Refused::UnknownGroup));
    }
    let (members, after) = walk
        .through(
            |after| async move { lookups.members(id, &after, i64::from(PIECE)).await },
            |member: &Member| member.user.0.clone(),
            |_| true,
        )
        .await?;
    let next = after.and_then(|after| cursor(&desk, &list, &after));
    Ok(told(StatusCode::OK, &Members { members: members.iter().map(MemberView::of).collect(), next }, None))
}

/// Puts a person into a group. Who is in it stays; nothing is written then.
#[utoipa::path(
    put, path = "/groups/{id}/members/{user}", tag = "members", security(("admin" = ["admin:groups:write"])),
    params(("id" = String, Path, description = "the group"), ("user" = String, Path, description = "the account")),
    responses((status = 204, description = "they are in it"),
        (status = 409, description = "they are in as many groups as anybody may be", body = super::problem::SentProblem,
        content_type = "application/problem+json"))
)]
pub(super) async fn add(
    State(desk): State<AdminDesk>,
    May(actor, _): May<GroupsWrite>,
    Named((id, user)): Named<(String, String)>,
) -> Result<Response, Problem> {
    let (id, user) = (&GroupId(id), &UserId(user));
    let settled = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, now| async move {
            let (group, user) = (lookups.group(id).await?, lookups.user(user).await?);
            Ok(add_member(group.as_ref(), user.as_ref(), now))
        })
        .await?;
    match settled {
        Ok(()) | Err(Refused::AlreadyIn) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(other) => Err(refused(other)),
    }
}

/// Takes a person out of a group. Who is not in it stays out; nothing is written then.
#[utoipa::path(
    delete, path = "/groups/{id}/members/{user}", tag = "members", security(("admin" = ["admin:groups:write"])),
    params(("id" = String, Path, description = "the group"), ("user" = String, Path, description = "the account")),
    responses((status = 204, description = "they are not in it"))
)]
pub(super) async fn remove(
    State(desk): State<AdminDesk>,
    May(actor, _): May<GroupsWrite>,
    Named((id, user)): Named<(String, String)>,
) -> Result<Response, Problem> {
    let (id, user) = (&GroupId(id), &UserId(user));
    let settled = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, _| async move {
            let (group, user) = (lookups.group(id).await?, lookups.user(user).await?);
            Ok(remove_member(group.as_ref(), user.as_ref()))
        })
        .await?;
    match settled {
        Ok(()) | Err(Refused::NotIn) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(other) => Err(refused(other)),
    }
}

/// The groups of a person.
#[utoipa::path(
    get, path = "/users/{id}/groups", tag = "members", security(("admin" = ["admin:groups:read"])),
    params(("id" = String, Path, description = "the account")),
    responses((status = 200, description = "their groups", body = GroupsOfUser))
)]
pub(super) async fn of_user(
    State(desk): State<AdminDesk>,
    _: May<GroupsRead>,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    let (lookups, id) = (desk.lookups(), UserId(id));
    if lookups.user(&id).await?.is_none() {
        return Err(refused(Refused::UnknownUser));
    }
    let groups = lookups.groups_of(&id).await?;
    Ok(told(StatusCode::OK, &GroupsOfUser { groups: groups.iter().map(GroupView::of).collect() }, None))
}
