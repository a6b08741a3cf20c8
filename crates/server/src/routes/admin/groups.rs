//! Groups: listed, made, changed, removed. Rules and claims ask about them by name.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use sayso_authority::Decision;
use sayso_authority::decide::groups::{Edit, Refused, add_group, change_group, remove_group};
use sayso_authority::record::group::{Group, GroupId, LONGEST_DESCRIPTION, LONGEST_GROUP_NAME, MOST_GROUPS};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BASE;
use super::desk::AdminDesk;
use super::matching::{Expected, group_tag};
use super::may::{GroupsRead, GroupsWrite, May};
use super::problem::Problem;
use super::question::{Named, Question, body, cursor, rfc3339, told};
use super::walk::{PIECE, Walk};

const LIST: &str = "groups";

/// A group of people.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupView {
    /// Its id; never used again.
    id: String,
    /// What rules and claims call it.
    name: String,
    /// What it is for.
    description: String,
    /// When it was made (RFC 3339).
    created_at: String,
}

impl GroupView {
    pub(super) fn of(group: &Group) -> Self {
        Self {
            id: group.id.0.clone(),
            name: group.name.clone(),
            description: group.description.clone(),
            created_at: rfc3339(group.created_at),
        }
    }
}

/// A page of groups, by name.
#[derive(Serialize, ToSchema)]
pub(super) struct Groups {
    /// The groups; a page may be short though more follow.
    groups: Vec<GroupView>,
    /// The cursor to go on with; none at the end.
    next: Option<String>,
}

/// A group to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroup {
    /// What rules and claims will call it: 1 to 80 characters, compared letter by letter.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
}

/// What changes of a group; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupChange {
    /// Another name. Its people stay; rules and claims match whatever has the name that they ask for.
    name: Option<String>,
    /// Another description.
    description: Option<String>,
}

/// Lists groups, by name.
#[utoipa::path(
    get, path = "/groups", tag = "groups", security(("admin" = ["admin:groups:read"])),
    params(
        ("search" = Option<String>, Query, description = "what stands in name or description; case does not matter"),
        ("limit" = Option<u16>, Query, description = "1 to 200; 50 when left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "a page", body = Groups))
)]
pub(super) async fn list(State(desk): State<AdminDesk>, _: May<GroupsRead>, uri: Uri) -> Result<Response, Problem> {
    let asked = Question::of(&uri, &["search", "limit", "cursor"])?;
    let walk = Walk { after: asked.cursor::<String>(&desk, LIST)?.unwrap_or_default(), limit: asked.limit()? };
    let (lookups, searched) = (desk.lookups(), asked.text("search").map(str::to_lowercase));
    let holds = |text: &str| searched.as_ref().is_none_or(|searched| text.to_lowercase().contains(searched));
    let (groups, after) = walk
        .through(
            |after| {
                let lookups = lookups.clone();
                async move { lookups.groups(&after, i64::from(PIECE)).await }
            },
            |group: &Group| group.name.clone(),
            |group| holds(&group.name) || holds(&group.description),
        )
        .await?;
    let next = after.and_then(|after| cursor(&desk, LIST, &after));
    Ok(told(StatusCode::OK, &Groups { groups: groups.iter().map(GroupView::of).collect(), next }, None))
}

/// Makes a group; nobody is in it yet.
#[utoipa::path(
    post, path = "/groups", tag = "groups", security(("admin" = ["admin:groups:write"])),
    request_body = NewGroup,
    responses((status = 201, description = "made", body = GroupView,
        headers(("Location" = String, description = "where it is"), ("ETag" = String, description = "its version"))))
)]
pub(super) async fn create(
    State(desk): State<AdminDesk>,
    May(actor, _): May<GroupsWrite>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let NewGroup { name, description } = body(&headers, &sent)?;
    let id = GroupId(format!("grp_{}", desk.house().entropy.token()));
    let group = Group { id, name, description, created_at: desk.now() };
    let new = &group;
    let settled = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, _| async move {
            Ok(add_group(new, lookups.group_by_name(&new.name).await?.as_ref()))
        })
        .await?;
    settled.map_err(refused)?;
    let mut answer = told(StatusCode::CREATED, &GroupView::of(&group), Some(&group_tag(&group)));
    if let Ok(address) = HeaderValue::try_from(format!("{BASE}/groups/{}", group.id.0)) {
        answer.headers_mut().insert(LOCATION, address);
    }
    Ok(answer)
}

/// One group.
#[utoipa::path(
    get, path = "/groups/{id}", tag = "groups", security(("admin" = ["admin:groups:read"])),
    params(("id" = String, Path, description = "the group")),
    responses((status = 200, description = "the group", body = GroupView,
        headers(("ETag" = String, description = "its version"))))
)]
pub(super) async fn read(
    State(desk): State<AdminDesk>,
    _: May<GroupsRead>,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    shown(&desk, &GroupId(id)).await
}

/// Renames or describes a group otherwise.
#[utoipa::path(
    patch, path = "/groups/{id}", tag = "groups", security(("admin" = ["admin:groups:write"])),
    params(("id" = String, Path, description = "the group"), ("If-Match" = String, Header, description = "its ETag")),
    request_body = GroupChange,
    responses((status = 200, description = "as it is now", body = GroupView,
        headers(("ETag" = String, description = "its version"))))
)]
pub(super) async fn change(
    State(desk): State<AdminDesk>,
    May(actor, _): May<GroupsWrite>,
    Named(id): Named<String>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let expected = Expected::of(&headers)?;
    let asked: GroupChange = body(&headers, &sent)?;
    let edit = Edit { name: asked.name, description: asked.description };
    let (id, expected, edit) = (&GroupId(id), &expected, &edit);
    let settled = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, _| async move {
            let namesake = match &edit.name {
                Some(name) => lookups.group_by_name(name).await?,
                None => None,
            };
            Ok(match lookups.group(id).await? {
                None => Decision::refuse(Refused::UnknownGroup),
                Some(group) if !expected.meets(&group_tag(&group)) => Decision::refuse(Refused::Changed),
                Some(group) => change_group(&group, namesake.as_ref(), edit),
            })
        })
        .await?;
    settled.map_err(refused)?;
    shown(&desk, id).await
}

/// Removes a group: nobody is in it any more, and what names it matches nobody.
#[utoipa::path(
    delete, path = "/groups/{id}", tag = "groups", security(("admin" = ["admin:groups:write"])),
    params(("id" = String, Path, description = "the group"), ("If-Match" = String, Header, description = "its ETag")),
    responses((status = 204, description = "removed"))
)]
pub(super) async fn remove(
    State(desk): State<AdminDesk>,
    May(actor, _): May<GroupsWrite>,
    Named(id): Named<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let expected = Expected::of(&headers)?;
    let (id, expected) = (&GroupId(id), &expected);
    let settled = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, _| async move {
            Ok(match lookups.group(id).await? {
                Some(group) if !expected.meets(&group_tag(&group)) => Decision::refuse(Refused::Changed),
                group => remove_group(group.as_ref()),
            })
        })
        .await?;
    settled.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn shown(desk: &AdminDesk, id: &GroupId) -> Result<Response, Problem> {
    let group = desk.lookups().group(id).await?.ok_or(Problem::not_found(Refused::UnknownGroup.reason()))?;
    Ok(told(StatusCode::OK, &GroupView::of(&group), Some(&group_tag(&group))))
}

pub(super) fn refused(refused: Refused) -> Problem {
    let reason = refused.reason();
    match refused {
        Refused::Changed => Problem::changed(),
        Refused::UnknownGroup | Refused::UnknownUser => Problem::not_found(reason),
        Refused::NameTaken => Problem::new(StatusCode::CONFLICT, reason, "another group has this name"),
        Refused::TooMany => {
            let detail =
                format!("the person is in {MOST_GROUPS} groups, which is the most; take them out of one first");
            Problem::new(StatusCode::CONFLICT, reason, detail)
        }
        Refused::AlreadyIn => Problem::new(StatusCode::CONFLICT, reason, "the person is in the group"),
        Refused::NotIn => Problem::new(StatusCode::CONFLICT, reason, "the person is not in the group"),
        Refused::BadName => {
            let detail = format!(
                "a group's name has 1 to {LONGEST_GROUP_NAME} characters, none of control, and no blank at either end"
            );
            Problem::bad(reason, detail)
        }
        Refused::BadDescription => {
            let detail = format!("a description has at most {LONGEST_DESCRIPTION} characters, none of control");
            Problem::bad(reason, detail)
        }
    }
}
