//! Changes of groups and of who is in them.

use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::UserId;
use sayso_token::time::Timestamp;

use crate::backend::Statement;

const ADD: &str = "INSERT INTO user_groups (id, name, description, created_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id";
const CHANGE: &str = "UPDATE user_groups SET name = $4, description = $5 WHERE id = $1 AND name = $2 AND description = $3 \
     AND NOT EXISTS (SELECT 1 FROM user_groups AS other WHERE other.name = $4 AND other.id <> $1) RETURNING id";
/// Memberships that are left over count for nothing: lookups join them with the groups that are there. Purging deletes
/// them, for there may be a million.
const REMOVE: &str = "DELETE FROM user_groups WHERE id = $1 RETURNING id";
const ADD_MEMBER: &str = "INSERT INTO memberships (user_id, group_id, since) \
     SELECT u.id, g.id, $3 FROM users u, user_groups g WHERE u.id = $1 AND g.id = $2 \
     ON CONFLICT DO NOTHING RETURNING user_id";
const REMOVE_MEMBER: &str = "DELETE FROM memberships WHERE user_id = $1 AND group_id = $2 RETURNING user_id";
const LEAVE_ALL: &str = "DELETE FROM memberships WHERE user_id = $1";

pub(super) fn add(group: &Group) -> Statement {
    Statement::guarded(
        ADD,
        [(&group.id.0).into(), (&group.name).into(), (&group.description).into(), group.created_at.into()],
    )
}

pub(super) fn remove(group: &GroupId) -> Statement {
    Statement::guarded(REMOVE, [(&group.0).into()])
}

pub(super) fn change(from: &Group, name: &str, description: &str) -> Statement {
    let (id, before) = ((&from.id.0).into(), [(&from.name).into(), (&from.description).into()]);
    let [old_name, old_description] = before;
    Statement::guarded(CHANGE, [id, old_name, old_description, name.into(), description.into()])
}

pub(super) fn leave_all(user: &UserId) -> Statement {
    Statement::plain(LEAVE_ALL, [(&user.0).into()])
}

pub(super) fn add_member(group: &GroupId, user: &UserId, at: Timestamp) -> Statement {
    Statement::guarded(ADD_MEMBER, [(&user.0).into(), (&group.0).into(), at.into()])
}

pub(super) fn remove_member(group: &GroupId, user: &UserId) -> Statement {
    Statement::guarded(REMOVE_MEMBER, [(&user.0).into(), (&group.0).into()])
}
