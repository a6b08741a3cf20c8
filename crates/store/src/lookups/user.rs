//! Users.

use sayso_authority::record::user::{User, UserId};
use sayso_token::secret::Secret;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

/// One row for each of their groups, one without a group for who is in none.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT u.id, u.username, u.password_hash, u.attributes, u.version, u.created_at, u.disabled_at, g.name \
             FROM users u LEFT JOIN memberships m ON m.user_id = u.id LEFT JOIN user_groups g ON g.id = m.group_id WHERE ",
            $condition
        )
    };
}

const BY_ID: &str = select!("u.id = $1");
const BY_USERNAME: &str = select!("u.username = $1");

impl Lookups {
    /// The user of that id with their groups, disabled or not.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.many(BY_ID, &[(&id.0).into()], read_with_group).await.map(fold)
    }

    /// The user who signs in with that name, in its canonical form ([`User::canonical`]), with their groups.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        self.many(BY_USERNAME, &[username.into()], read_with_group).await.map(fold)
    }
}

/// The rows of one user as one record.
fn fold(rows: Vec<User>) -> Option<User> {
    let mut rows = rows.into_iter();
    let mut user = rows.next()?;
    user.groups.extend(rows.flat_map(|row| row.groups));
    // By the letters, as everywhere; databases differ in how they order texts.
    user.groups.sort();
    Some(user)
}

fn read_with_group(mut row: Row) -> Result<User, StoreError> {
    let mut user = read_from(&mut row)?;
    user.groups.extend(row.optional_text("user_groups.name")?);
    Ok(user)
}

/// A row of the table alone: the user without their groups.
pub(crate) fn read(mut row: Row) -> Result<User, StoreError> {
    read_from(&mut row)
}

fn read_from(row: &mut Row) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(row.text("users.id")?),
        username: row.text("users.username")?,
        password_hash: Secret::new(row.text("users.password_hash")?),
        attributes: row.json("users.attributes")?,
        groups: Vec::new(),
        version: row.int("users.version")?,
        created_at: row.time("users.created_at")?,
        disabled_at: row.optional_time("users.disabled_at")?,
    })
}
