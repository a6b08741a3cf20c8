//! Grants of clients that may not refresh: each sign-in there begins one, and nothing ends it but time.
//!
//! No index leads to them: it would have to hold a column that a refresh rewrites, or cost every other grant a place in
//! it. So the table is walked along its key, a piece in each round, and from its start again when it is through.

use sayso_token::time::Timestamp;

use crate::backend::{Row, Statement, Value};
use crate::{Store, StoreError};

/// Rows looked at in one step, and steps in a round.
const PIECE: usize = 200;
const STEPS: usize = 20;

pub(super) const LOOK: &str = "SELECT id, CASE WHEN refresh_generation IS NULL AND revoked_at IS NULL AND last_used_at < $2 \
     THEN 1 ELSE 0 END FROM grants WHERE id > $1 ORDER BY id LIMIT 200";
pub(super) const FORGET: &str = "DELETE FROM grants WHERE id > $1 AND id <= $2 AND refresh_generation IS NULL \
     AND revoked_at IS NULL AND last_used_at < $3 RETURNING 1";

impl Store {
    /// Walks on through the grants, and forgets those without refresh tokens that were last used before.
    pub(super) async fn forget_unrefreshed(&self, before: Timestamp) -> Result<usize, StoreError> {
        let (memory, mut forgotten) = (self.lookups(), 0);
        let mut walked = self.walked().lock().await;
        for _ in 0..STEPS {
            let values: [Value; 2] = [(&*walked).into(), before.into()];
            let piece = memory.many(LOOK, &values, read).await?;
            let last = piece.last().map(|(id, _)| id.clone());
            if let Some(last) = &last
                && piece.iter().any(|(_, over)| *over)
            {
                let values = [(&*walked).into(), last.into(), before.into()];
                forgotten += self.forget_batch(Statement::plain(FORGET, values)).await?;
            }
            // The next round begins anew.
            *walked = last.filter(|_| piece.len() == PIECE).unwrap_or_default();
            if walked.is_empty() {
                break;
            }
        }
        Ok(forgotten)
    }
}

/// The id, and whether it is over.
fn read(mut row: Row) -> Result<(String, bool), StoreError> {
    Ok((row.text("grants.id")?, row.int("grants.id")? == 1))
}
