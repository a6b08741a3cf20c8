//! Groups, and who is in them.

use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::UserId;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, description, created_at FROM user_groups ", $rest)
    };
}

const BY_ID: &str = select!("WHERE id = $1");
const BY_NAME: &str = select!("WHERE name = $1");
const AFTER: &str = select!("WHERE name > $1 ORDER BY name LIMIT $2");
const MEMBERS: &str = "SELECT m.user_id FROM memberships m JOIN user_groups g ON g.id = m.group_id \
     WHERE m.group_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3";

impl Lookups {
    /// The group of that id.
    pub async fn group(&self, id: &GroupId) -> Result<Option<Group>, StoreError> {
        self.one(BY_ID, &[(&id.0).into()], read).await
    }

    /// The group of that name.
    pub async fn group_by_name(&self, name: &str) -> Result<Option<Group>, StoreError> {
        self.one(BY_NAME, &[name.into()], read).await
    }

    /// The next groups by name, after that name; from the beginning with an empty one.
    pub async fn groups(&self, after: &str, limit: i64) -> Result<Vec<Group>, StoreError> {
        self.many(AFTER, &[after.into(), limit.into()], read).await
    }

    /// The next people of a group by id, after that id; from the beginning with an empty one.
    pub async fn members(&self, group: &GroupId, after: &str, limit: i64) -> Result<Vec<UserId>, StoreError> {
        let read = |mut row: Row| row.text("memberships.user_id").map(UserId);
        self.many(MEMBERS, &[(&group.0).into(), after.into(), limit.into()], read).await
    }
}

fn read(mut row: Row) -> Result<Group, StoreError> {
    Ok(Group {
        id: GroupId(row.text("user_groups.id")?),
        name: row.text("user_groups.name")?,
        description: row.text("user_groups.description")?,
        created_at: row.time("user_groups.created_at")?,
    })
}
