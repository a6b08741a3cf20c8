//! Users.

use sayso_authority::record::user::{User, UserId};
use sayso_token::secret::Secret;

use super::Lookups;
use crate::StoreError;
use crate::backend::{Row, unreadable};

macro_rules! columns {
    () => {
        "users.id, users.username, users.password_hash, users.attributes, users.version, users.created_at, \
         users.disabled_at, users.updated_at"
    };
}
pub(super) use columns;

macro_rules! select {
    ($condition:literal) => {
        concat!("SELECT ", columns!(), " FROM users WHERE ", $condition)
    };
}

const BY_ID: &str = select!("id = $1");
const BY_USERNAME: &str = select!("username = $1");
const AFTER: &str = select!("username > $1 ORDER BY username LIMIT $2");

impl Lookups {
    /// The user of that id, disabled or not.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.one(BY_ID, &[(&id.0).into()], read).await
    }

    /// The user who signs in with that name, in its canonical form ([`User::canonical`]).
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        self.one(BY_USERNAME, &[username.into()], read).await
    }

    /// The users whose usernames come after that one, in order; at most `limit`.
    pub async fn users_after(&self, username: &str, limit: u32) -> Result<Vec<User>, StoreError> {
        self.many(AFTER, &[username.into(), i64::from(limit).into()], read).await
    }
}

pub(crate) fn read(row: Row) -> Result<User, StoreError> {
    joined(row)?.ok_or_else(|| unreadable("users.id"))
}

/// The user in a row of a left join.
pub(super) fn joined(mut row: Row) -> Result<Option<User>, StoreError> {
    let Some(id) = row.optional_text("users.id")? else { return Ok(None) };
    Ok(Some(User {
        id: UserId(id),
        username: row.text("users.username")?,
        password_hash: Secret::new(row.text("users.password_hash")?),
        attributes: row.json("users.attributes")?,
        version: row.int("users.version")?,
        created_at: row.time("users.created_at")?,
        disabled_at: row.optional_time("users.disabled_at")?,
        updated_at: row.optional_time("users.updated_at")?,
    }))
}
