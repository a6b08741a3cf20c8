//! Accounts: listed, made, edited, disabled, removed; passwords set.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use sayso_authority::Decision;
use sayso_authority::decide::add_user::add_user;
use sayso_authority::decide::administer_user::{Edit, Refused, edit_user, remove_user, set_password as decide};
use sayso_authority::decide::edit_profile::{self, set_profile};
use sayso_authority::record::attribute::AttributeValue;
use sayso_authority::record::session::JoinedSession;
use sayso_authority::record::user::{User, UserId};
use sayso_connections::password::MAX_PASSWORD_BYTES;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

use utoipa::ToSchema;

use super::BASE;
use super::desk::AdminDesk;
use super::matching::{Expected, user_tag};
use super::may::{May, UsersRead, UsersWrite};
use super::problem::Problem;
use super::question::{Named, Question, body, cursor, rfc3339, told};
use super::walk::{PIECE, Walk};

const LIST: &str = "users";
/// As in the configuration file.
const LONGEST_USERNAME: usize = 80;
const SHORTEST_PASSWORD: usize = 8;

/// An account. Its password is never told.
#[derive(Serialize, ToSchema)]
pub(super) struct UserView {
    /// `sub` in tokens; never used again.
    id: String,
    /// What they sign in with.
    username: String,
    /// The profile.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    attributes: BTreeMap<String, AttributeValue>,
    /// Whether they may do nothing.
    disabled: bool,
    /// Since when (RFC 3339).
    disabled_at: Option<String>,
    /// When the account was made.
    created_at: String,
}

impl UserView {
    fn of(user: &User) -> Self {
        Self {
            id: user.id.0.clone(),
            username: user.username.clone(),
            attributes: user.attributes.clone(),
            disabled: user.disabled_at.is_some(),
            disabled_at: user.disabled_at.map(rfc3339),
            created_at: rfc3339(user.created_at),
        }
    }
}

/// A page of accounts, by username.
#[derive(Serialize, ToSchema)]
pub(super) struct Users {
    /// The accounts; a page may be short though more follow.
    users: Vec<UserView>,
    /// The cursor to go on with; none at the end.
    next: Option<String>,
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    /// What they will sign in with; upper and lower case are the same.
    username: String,
    /// Their password; without one, a random one is made and told once.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    password: Option<Secret>,
    /// Their profile, as the schema has it.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    attributes: BTreeMap<String, AttributeValue>,
}

/// An account just made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeUser {
    #[serde(flatten)]
    user: UserView,
    /// The password that was made, told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// What changes of an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChange {
    /// New values; `null` removes one.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    attributes: BTreeMap<String, Option<AttributeValue>>,
    /// Whether they may do nothing from now on. Links rest meanwhile and are not ended.
    disabled: Option<bool>,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// The password; without one, a random one is made and told once.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    password: Option<Secret>,
}

/// A password that was set.
#[derive(Serialize, ToSchema)]
pub(super) struct SetPassword {
    /// The password that was made, told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// Lists accounts, by username.
#[utoipa::path(
    get, path = "/users", tag = "users", security(("admin" = ["admin:users:read"])),
    params(
        ("search" = Option<String>, Query, description = "what stands in the username or in an attribute; case does not matter"),
        ("limit" = Option<u16>, Query, description = "1 to 200; 50 when left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "a page", body = Users))
)]
pub(super) async fn list(State(desk): State<AdminDesk>, _: May<UsersRead>, uri: Uri) -> Result<Response, Problem> {
    let asked = Question::of(&uri, &["search", "limit", "cursor"])?;
    let wanted = asked.text("search").map(str::to_lowercase);
    let walk = Walk { after: asked.cursor::<String>(&desk, LIST)?.unwrap_or_default(), limit: asked.limit()? };
    let lookups = desk.lookups();
    let has = |user: &User, wanted: &String| {
        user.username.contains(wanted)
            || user.attributes.values().any(|value| value.typed().to_lowercase().contains(wanted))
    };
    let (users, after) = walk
        .through(
            |after| {
                let lookups = lookups.clone();
                async move { lookups.users_after(&after, PIECE).await }
            },
            |user: &User| user.username.clone(),
            |user| wanted.as_ref().is_none_or(|wanted| has(user, wanted)),
        )
        .await?;
    let next = after.and_then(|after| cursor(&desk, LIST, &after));
    Ok(told(StatusCode::OK, &Users { users: users.iter().map(UserView::of).collect(), next }, None))
}

/// Makes an account.
#[utoipa::path(
    post, path = "/users", tag = "users", security(("admin" = ["admin:users:write"])), request_body = NewUser,
    responses((status = 201, description = "made", body = MadeUser,
        headers(("ETag" = String, description = "its version"), ("Location" = String, description = "its address"))))
)]
pub(super) async fn create(
    State(desk): State<AdminDesk>,
    May(actor, _): May<UsersWrite>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let asked: NewUser = body(&headers, &sent)?;
    let username = username(&asked.username)?;
    let attributes = asked.attributes.into_iter().map(|(name, value)| (name, Some(value))).collect();
    let (password_hash, made) = hashed(&desk, asked.password).await?;
    let user = User {
        id: UserId(format!("usr_{}", desk.house().entropy.token())),
        username,
        password_hash,
        attributes: BTreeMap::new(),
        groups: Vec::new(),
        version: 0,
        created_at: desk.now(),
        disabled_at: None,
        updated_at: None,
    };
    let profile = set_profile(&desk.house().schema, &user, &attributes, desk.now()).reply;
    let attributes = profile.map_err(|why| refused(Refused::Profile(why)))?;
    let user = User { attributes, ..user };
    let new = &user;
    let settled = desk
        .store_of(&actor)
        .settle(&*desk.house().clock, |lookups, _| async move {
            Ok(match lookups.user_by_username(&new.username).await? {
                Some(_) => Decision::refuse(Refused::Taken),
                None => Decision { reply: Ok(()), ..told_as(add_user(new, &[])) },
            })
        })
        .await?;
    settled.map_err(refused)?;
    let mut answer =
        told(StatusCode::CREATED, &MadeUser { user: UserView::of(&user), password: made }, Some(&user_tag(&user)));
    if let Ok(address) = HeaderValue::try_from(format!("{BASE}/users/{}", user.id.0)) {
        answer.headers_mut().insert(LOCATION, address);
    }
    Ok(answer)
}

/// A decision that cannot be refused, as one that can.
fn told_as<R>(decision: Decision<(), std::convert::Infallible>) -> Decision<(), R> {
    Decision { reply: Ok(()), changes: decision.changes, audit: decision.audit }
}

/// One account.
#[utoipa::path(
    get, path = "/users/{id}", tag = "users", security(("admin" = ["admin:users:read"])),
    params(("id" = String, Path, description = "the account")),
    responses((status = 200, description = "the account", body = UserView,
        headers(("ETag" = String, description = "its version"))))
)]
pub(super) async fn read(
    State(desk): State<AdminDesk>,
    _: May<UsersRead>,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    shown(&desk, &UserId(id)).await
}

/// Edits the profile, disables and enables.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "users", security(("admin" = ["admin:users:write"])),
    params(("id" = String, Path, description = "the account"), ("If-Match" = String, Header, description = "its ETag")),
    request_body = UserChange,
    responses((status = 200, description = "as it is now", body = UserView,
        headers(("ETag" = String, description = "its version"))))
)]
pub(super) async fn change(
    State(desk): State<AdminDesk>,
    May(actor, _): May<UsersWrite>,
    Named(id): Named<String>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let expected = Expected::of(&headers)?;
    let asked: UserChange = body(&headers, &sent)?;
    let edit = Edit { attributes: asked.attributes, disabled: asked.disabled };
    let (schema, edit, id) = (&desk.house().schema, &edit, UserId(id));
    settle(&desk, &desk.store_of(&actor), (&id, &expected), |account, now| edit_user(schema, account, edit, now))
        .await?;
    shown(&desk, &id).await
}

/// Removes an account: its sessions and links end, its profile is forgotten.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "users", security(("admin" = ["admin:users:write"])),
    params(("id" = String, Path, description = "the account"), ("If-Match" = String, Header, description = "its ETag")),
    responses((status = 204, description = "removed"))
)]
pub(super) async fn remove(
    State(desk): State<AdminDesk>,
    May(actor, _): May<UsersWrite>,
    Named(id): Named<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let expected = Expected::of(&headers)?;
    settle(&desk, &desk.store_of(&actor), (&UserId(id), &expected), remove_user).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Sets another password. Whoever is signed in has to sign in again; links go on.
#[utoipa::path(
    put, path = "/users/{id}/password", tag = "users", security(("admin" = ["admin:users:write"])),
    params(("id" = String, Path, description = "the account"), ("If-Match" = String, Header, description = "its ETag")),
    request_body = NewPassword,
    responses((status = 200, description = "set", body = SetPassword))
)]
pub(super) async fn set_password(
    State(desk): State<AdminDesk>,
    May(actor, _): May<UsersWrite>,
    Named(id): Named<String>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<Response, Problem> {
    let expected = Expected::of(&headers)?;
    let asked: NewPassword = body(&headers, &sent)?;
    let (hash, made) = hashed(&desk, asked.password).await?;
    settle(&desk, &desk.store_of(&actor), (&UserId(id), &expected), |account, now| decide(account, &hash, now)).await?;
    Ok(told(StatusCode::OK, &SetPassword { password: made }, None))
}

/// Carries out what is decided on the account as it is, if it is the version that the caller knows.
async fn settle(
    desk: &AdminDesk,
    store: &sayso_store::Store,
    (id, expected): (&UserId, &Expected),
    decide: impl Fn((&User, &[JoinedSession]), Timestamp) -> Decision<(), Refused>,
) -> Result<(), Problem> {
    let decide = &decide;
    let settled = store
        .settle(&*desk.house().clock, |lookups, now| async move {
            Ok(match lookups.user(id).await? {
                None => Decision::refuse(Refused::NotThere),
                Some(user) if !expected.meets(&user_tag(&user)) => Decision::refuse(Refused::Changed),
                Some(user) => decide((&user, &lookups.joined_sessions(id).await?), now),
            })
        })
        .await?;
    settled.map_err(refused)
}

async fn shown(desk: &AdminDesk, id: &UserId) -> Result<Response, Problem> {
    let user = desk.lookups().user(id).await?.ok_or(Problem::not_found("user_unknown"))?;
    Ok(told(StatusCode::OK, &UserView::of(&user), Some(&user_tag(&user))))
}

fn refused(refused: Refused) -> Problem {
    let reason = refused.reason();
    match refused {
        Refused::Changed => Problem::changed(),
        Refused::NotThere => Problem::not_found(reason),
        Refused::Taken => Problem::new(StatusCode::CONFLICT, reason, "another account has this username"),
        Refused::Profile(profile) => {
            let told: Vec<String> = profile.problems.iter().map(|(name, why)| problem_of(name, *why)).collect();
            Problem::bad(reason, told.join("; "))
        }
    }
}

fn problem_of(name: &str, why: edit_profile::Problem) -> String {
    match why {
        edit_profile::Problem::NotEditable => {
            format!(
                "the profile has no attribute {name:?} that administrators write; the configuration says which it has"
            )
        }
        edit_profile::Problem::Misfit(misfit) => format!("{name:?}: {}", misfit.meaning()),
    }
}

fn username(written: &str) -> Result<String, Problem> {
    let username = User::canonical(written);
    if !(1..=LONGEST_USERNAME).contains(&username.chars().count()) || username.chars().any(char::is_control) {
        let detail = format!("a username has 1 to {LONGEST_USERNAME} characters and no control characters");
        return Err(Problem::bad("username_unfit", detail));
    }
    Ok(username)
}

/// The hash of the password, or of one that is made and told.
async fn hashed(desk: &AdminDesk, given: Option<Secret>) -> Result<(Secret, Option<String>), Problem> {
    let made = given.is_none().then(|| desk.house().entropy.token());
    let password = given.unwrap_or_else(|| Secret::new(made.clone().unwrap_or_default()));
    let text = password.expose();
    if text.chars().count() < SHORTEST_PASSWORD || text.len() > MAX_PASSWORD_BYTES {
        let detail =
            format!("a password has at least {SHORTEST_PASSWORD} characters and at most {MAX_PASSWORD_BYTES} bytes");
        return Err(Problem::bad("password_unfit", detail));
    }
    let hash = desk.house().passwords.hash(&password, &desk.house().entropy).await;
    let hash = hash.map_err(|_| {
        let detail = "too many passwords are being hashed; try again shortly";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", detail)
    })?;
    Ok((hash, made))
}
