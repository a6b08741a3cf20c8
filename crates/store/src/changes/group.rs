//! Changes of groups and of who is in them.

use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::UserId;
use sayso_token::time::Timestamp;

use crate::backend::Statement;

const ADD: &str = "INSERT INTO user_groups (id, name, description, created_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id";
/// Memberships that are left over count for nothing: lookups join them with the groups that are there.
const REMOVE: &str = "DELETE FROM user_groups WHERE id = $1 RETURNING id";
const ADD_MEMBER: &str = "INSERT INTO memberships (user_id, group_id, since) \
     SELECT u.id, g.id, $3 FROM users u, user_groups g WHERE u.id = $1 AND g.id = $2 \
     ON CONFLICT DO NOTHING RETURNING user_id";
const REMOVE_MEMBER: &str = "DELETE FROM memberships WHERE user_id = $1 AND group_id = $2 RETURNING user_id";

pub(super) fn add(group: &Group) -> Statement {
    Statement::guarded(
        ADD,
        [(&group.id.0).into(), (&group.name).into(), (&group.description).into(), group.created_at.into()],
    )
}

pub(super) fn remove(group: &GroupId) -> Statement {
    Statement::guarded(REMOVE, [(&group.0).into()])
}

pub(super) fn add_member(group: &GroupId, user: &UserId, at: Timestamp) -> Statement {
    Statement::guarded(ADD_MEMBER, [(&user.0).into(), (&group.0).into(), at.into()])
}

pub(super) fn remove_member(group: &GroupId, user: &UserId) -> Statement {
    Statement::guarded(REMOVE_MEMBER, [(&user.0).into(), (&group.0).into()])
}
