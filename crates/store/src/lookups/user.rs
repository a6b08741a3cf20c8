//! Users.

use sayso_authority::record::user::{User, UserId};
use sayso_token::secret::Secret;

use super::Lookups;
use crate::StoreError;
use crate::backend::{Row, unreadable};

/// The columns of a user and, of one of their groups, the name.
macro_rules! columns {
    () => {
        "users.id, users.username, users.password_hash, users.attributes, users.version, users.created_at, \
         users.disabled_at, users.updated_at, user_groups.name"
    };
}
pub(super) use columns;

/// One row for each of their groups, one without a group for who is in none.
macro_rules! groups {
    () => {
        " LEFT JOIN memberships ON memberships.user_id = users.id \
         LEFT JOIN user_groups ON user_groups.id = memberships.group_id"
    };
}
pub(super) use groups;

macro_rules! select {
    ($condition:literal) => {
        concat!("SELECT ", columns!(), " FROM users", groups!(), " WHERE ", $condition)
    };
}

const BY_ID: &str = select!("users.id = $1");
const BY_USERNAME: &str = select!("users.username = $1");
const AFTER: &str = select!("users.username > $1 ORDER BY users.username LIMIT $2");

impl Lookups {
    /// The user of that id with their groups, disabled or not.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.many(BY_ID, &[(&id.0).into()], joined).await.map(fold)
    }

    /// The user who signs in with that name, in its canonical form ([`User::canonical`]), with their groups.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        self.many(BY_USERNAME, &[username.into()], joined).await.map(fold)
    }

    /// The users whose usernames come after that one, in order; at most `limit`.
    pub async fn users_after(&self, username: &str, limit: u32) -> Result<Vec<User>, StoreError> {
        self.many(AFTER, &[username.into(), i64::from(limit).into()], read).await
    }
}

/// The rows of one user as one record.
pub(super) fn fold(rows: impl IntoIterator<Item = Option<User>>) -> Option<User> {
    let mut rows = rows.into_iter().flatten();
    let mut user = rows.next()?;
    user.groups.extend(rows.flat_map(|row| row.groups));
    // By the letters, as everywhere; databases differ in how they order texts.
    user.groups.sort();
    Some(user)
}

/// A row of the table alone: the user without their groups.
pub(crate) fn read(mut row: Row) -> Result<User, StoreError> {
    fields(&mut row)?.ok_or_else(|| unreadable("users.id"))
}

/// The user in a row of a left join, with one of their groups.
pub(super) fn joined(mut row: Row) -> Result<Option<User>, StoreError> {
    let Some(mut user) = fields(&mut row)? else { return Ok(None) };
    user.groups.extend(row.optional_text("user_groups.name")?);
    Ok(Some(user))
}

fn fields(row: &mut Row) -> Result<Option<User>, StoreError> {
    let Some(id) = row.optional_text("users.id")? else { return Ok(None) };
    Ok(Some(User {
        id: UserId(id),
        username: row.text("users.username")?,
        password_hash: Secret::new(row.text("users.password_hash")?),
        attributes: row.json("users.attributes")?,
        groups: Vec::new(),
        version: row.int("users.version")?,
        created_at: row.time("users.created_at")?,
        disabled_at: row.optional_time("users.disabled_at")?,
        updated_at: row.optional_time("users.updated_at")?,
    }))
}
