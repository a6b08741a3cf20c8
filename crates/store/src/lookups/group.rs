//! Groups, and who is in them.

use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::UserId;
use sayso_token::time::Timestamp;

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
/// A membership whose group or person is gone counts for nothing.
const MEMBERS: &str = "SELECT m.user_id, u.username, m.since FROM memberships m \
     JOIN user_groups g ON g.id = m.group_id JOIN users u ON u.id = m.user_id \
     WHERE m.group_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3";
const OF_USER: &str = "SELECT g.id, g.name, g.description, g.created_at FROM memberships m \
     JOIN user_groups g ON g.id = m.group_id WHERE m.user_id = $1 ORDER BY g.name";

/// A person in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they sign in with.
    pub username: String,
    /// Since when they are in it.
    pub since: Timestamp,
}

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
    pub async fn members(&self, group: &GroupId, after: &str, limit: i64) -> Result<Vec<Member>, StoreError> {
        self.many(MEMBERS, &[(&group.0).into(), after.into(), limit.into()], member).await
    }

    /// The groups that a person is in, by name; none for who is not there.
    pub async fn groups_of(&self, user: &UserId) -> Result<Vec<Group>, StoreError> {
        self.many(OF_USER, &[(&user.0).into()], read).await
    }
}

fn member(mut row: Row) -> Result<Member, StoreError> {
    Ok(Member {
        user: UserId(row.text("memberships.user_id")?),
        username: row.text("users.username")?,
        since: row.time("memberships.since")?,
    })
}

fn read(mut row: Row) -> Result<Group, StoreError> {
    Ok(Group {
        id: GroupId(row.text("user_groups.id")?),
        name: row.text("user_groups.name")?,
        description: row.text("user_groups.description")?,
        created_at: row.time("user_groups.created_at")?,
    })
}
