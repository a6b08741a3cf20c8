//! Groups and memberships that were ended since the backup stay ended: what a rule gives to a group would otherwise come
//! back to people who lost it. Those that were made since are not taken.

use sayso_authority::record::change::Change;
use sayso_authority::record::group::GroupId;
use sayso_authority::record::user::UserId;

use super::{Failure, Unread};
use crate::backend::{Row, Snapshot};
use crate::tables::PAGE;
use crate::{Store, changes};

const GROUPS: &str = "SELECT id FROM user_groups WHERE id > $1 ORDER BY id LIMIT 200";
const MEMBERSHIPS: &str = "SELECT user_id, group_id FROM memberships WHERE (user_id, group_id) > ($1, $2) \
     ORDER BY user_id, group_id LIMIT 200";
const GROUP_THERE: &str = "SELECT id FROM user_groups WHERE id = $1";
const MEMBERSHIP_THERE: &str = "SELECT user_id FROM memberships WHERE user_id = $1 AND group_id = $2";

/// Ends what the replaced database does not know any more.
pub(super) async fn end(replaced: &Snapshot, store: &Store) -> Result<(), Failure> {
    memberships(replaced, store).await?;
    let mut after = String::new();
    loop {
        let here = store.lookups().many(GROUPS, &[(&after).into()], |mut row: Row| row.text("user_groups.id")).await?;
        for id in &here {
            if replaced.read(GROUP_THERE, &[id.into()]).await.map_err(Unread)?.is_empty() {
                store.write_one(changes::statement(&Change::RemoveGroup { group: GroupId(id.clone()) })).await?;
            }
        }
        match here.last() {
            Some(last) if here.len() == PAGE => after.clone_from(last),
            _ => return Ok(()),
        }
    }
}

async fn memberships(replaced: &Snapshot, store: &Store) -> Result<(), Failure> {
    let mut after = (String::new(), String::new());
    loop {
        let read = |mut row: Row| Ok((row.text("memberships.user_id")?, row.text("memberships.group_id")?));
        let here = store.lookups().many(MEMBERSHIPS, &[(&after.0).into(), (&after.1).into()], read).await?;
        for (user, group) in &here {
            if replaced.read(MEMBERSHIP_THERE, &[user.into(), group.into()]).await.map_err(Unread)?.is_empty() {
                let (group, user) = (GroupId(group.clone()), UserId(user.clone()));
                store.write_one(changes::statement(&Change::RemoveMember { group, user })).await?;
            }
        }
        match here.last() {
            Some(last) if here.len() == PAGE => after.clone_from(last),
            _ => return Ok(()),
        }
    }
}
