//! Grants.

use sayso_authority::record::grant::{Grant, GrantId, RefreshChain};
use sayso_authority::record::user::{User, UserId};

use super::{Lookups, user};
use crate::StoreError;
use crate::backend::{Row, unreadable};

macro_rules! columns {
    () => {
        "grants.id, grants.authority, grants.client, grants.user_id, grants.audience, grants.scopes, grants.signed_in_at, \
         grants.created_at, grants.last_used_at, grants.epoch, grants.revoked_at, grants.refresh_generation, \
         grants.refresh_live, grants.refresh_steps, grants.terms"
    };
}

macro_rules! select {
    ($condition:literal) => {
        concat!("SELECT ", columns!(), " FROM grants WHERE ", $condition)
    };
}

const BY_ID: &str = select!("id = $1");
pub(crate) const WITH_USER: &str = concat!(
    "SELECT ",
    columns!(),
    ", ",
    user::columns!(),
    " FROM grants LEFT JOIN users ON users.id = grants.user_id",
    user::groups!(),
    " WHERE grants.id = $1"
);
const AFTER: &str = select!("id > $1 ORDER BY id LIMIT $2");
const OF_USER_AFTER: &str = select!("user_id = $1 AND id > $2 ORDER BY id LIMIT $3");
const OF_USER: &str = select!("user_id = $1 AND revoked_at IS NULL ORDER BY created_at, id");
const OF_USER_AT: &str = select!("user_id = $1 AND authority = $2 AND revoked_at IS NULL ORDER BY created_at, id");

impl Lookups {
    /// The grant of that id, revoked or not.
    pub async fn grant(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        self.one(BY_ID, &[(&id.0).into()], read).await
    }

    /// The grant of that id, revoked or not, and its user with their groups, disabled or not: one question instead of two.
    pub async fn grant_and_user(&self, id: &GrantId) -> Result<(Option<Grant>, Option<User>), StoreError> {
        let rows = self.many(WITH_USER, &[(&id.0).into()], read_with_user).await?;
        let (grants, users): (Vec<Grant>, Vec<Option<User>>) = rows.into_iter().unzip();
        Ok((grants.into_iter().next(), user::fold(users)))
    }

    /// The user's grants that are not revoked, oldest first: at one authority, or at all of them.
    pub async fn grants_of_user(&self, user: &UserId, authority: Option<&str>) -> Result<Vec<Grant>, StoreError> {
        match authority {
            None => self.many(OF_USER, &[(&user.0).into()], read).await,
            Some(authority) => self.many(OF_USER_AT, &[(&user.0).into(), authority.into()], read).await,
        }
    }
}

impl Lookups {
    /// The grants whose ids come after that one, in order, ended ones as well; of one user, or of all. At most `limit`.
    pub async fn grants_after(&self, id: &str, user: Option<&UserId>, limit: u32) -> Result<Vec<Grant>, StoreError> {
        let limit = i64::from(limit);
        match user {
            None => self.many(AFTER, &[id.into(), limit.into()], read).await,
            Some(user) => self.many(OF_USER_AFTER, &[(&user.0).into(), id.into(), limit.into()], read).await,
        }
    }
}

pub(crate) fn read(mut row: Row) -> Result<Grant, StoreError> {
    fields(&mut row)
}

fn read_with_user(mut row: Row) -> Result<(Grant, Option<User>), StoreError> {
    Ok((fields(&mut row)?, user::joined(row)?))
}

fn fields(row: &mut Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: GrantId(row.text("grants.id")?),
        authority: row.text("grants.authority")?,
        client: row.text("grants.client")?,
        user: UserId(row.text("grants.user_id")?),
        audience: row.text("grants.audience")?,
        scopes: row.json("grants.scopes")?,
        signed_in_at: row.time("grants.signed_in_at")?,
        created_at: row.time("grants.created_at")?,
        last_used_at: row.time("grants.last_used_at")?,
        epoch: row.int("grants.epoch")?,
        revoked_at: row.optional_time("grants.revoked_at")?,
        refresh: chain(row)?,
        terms: row.optional_json("grants.terms")?.unwrap_or_default(),
    })
}

fn chain(row: &mut Row) -> Result<Option<RefreshChain>, StoreError> {
    let generation = row.optional_int("grants.refresh_generation")?;
    let live = row.optional_digest("grants.refresh_live")?;
    let steps = row.optional_json("grants.refresh_steps")?;
    match (generation, live, steps) {
        (Some(generation), Some(live), Some(steps)) => Ok(Some(RefreshChain { generation, live, steps })),
        (None, None, None) => Ok(None),
        _ => Err(unreadable("grants.refresh_generation")),
    }
}
