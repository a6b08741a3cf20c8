//! Memberships whose group or person is gone: they count for nothing, but say who was where.
//!
//! Those of a removed person go with them; what a removed group leaves may be a million rows, and is found here: the table is
//! walked along its key, a piece in each round, and from its start again when it is through.

use crate::backend::{Row, Statement, Value};
use crate::{Store, StoreError};

/// Rows looked at in one step, and steps in a round.
const PIECE: usize = 200;
const STEPS: usize = 20;

pub(super) const LOOK: &str = "SELECT user_id, group_id, CASE WHEN \
     EXISTS (SELECT 1 FROM users u WHERE u.id = memberships.user_id) \
     AND EXISTS (SELECT 1 FROM user_groups g WHERE g.id = memberships.group_id) THEN 0 ELSE 1 END \
     FROM memberships WHERE (user_id, group_id) > ($1, $2) ORDER BY user_id, group_id LIMIT 200";
/// What was put back meanwhile stays.
pub(super) const FORGET: &str = "DELETE FROM memberships WHERE (user_id, group_id) > ($1, $2) \
     AND (user_id, group_id) <= ($3, $4) AND (NOT EXISTS (SELECT 1 FROM users u WHERE u.id = memberships.user_id) \
     OR NOT EXISTS (SELECT 1 FROM user_groups g WHERE g.id = memberships.group_id)) RETURNING 1";

/// Behind which membership the walk goes on; the empty texts at its start.
pub(crate) type Place = (String, String);

impl Store {
    /// Walks on through the memberships, and forgets those that belong to nobody or lead nowhere.
    pub(super) async fn forget_memberships(&self) -> Result<usize, StoreError> {
        let (memory, mut forgotten) = (self.lookups(), 0);
        let mut walked = self.walked_memberships().lock().await;
        for _ in 0..STEPS {
            let values: [Value; 2] = [(&walked.0).into(), (&walked.1).into()];
            let piece = memory.many(LOOK, &values, read).await?;
            let last = piece.last().map(|(place, _)| place.clone());
            if let Some((user, group)) = &last
                && piece.iter().any(|(_, over)| *over)
            {
                let values = [(&walked.0).into(), (&walked.1).into(), user.into(), group.into()];
                forgotten += self.forget_batch(Statement::plain(FORGET, values)).await?;
            }
            // The next round begins anew.
            *walked = last.filter(|_| piece.len() == PIECE).unwrap_or_default();
            if walked.0.is_empty() {
                break;
            }
        }
        Ok(forgotten)
    }
}

/// Which membership, and whether it is over.
fn read(mut row: Row) -> Result<(Place, bool), StoreError> {
    let place = (row.text("memberships.user_id")?, row.text("memberships.group_id")?);
    Ok((place, row.int("memberships.user_id")? == 1))
}
