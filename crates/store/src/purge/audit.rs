//! The audit, which is forgotten by whole seals, so that what is left of it can still be proved.

use sayso_token::time::Timestamp;

use super::{BATCH, ROUND};
use crate::backend::{Row, Statement};
use crate::{Store, StoreError};

/// What is past its time and belongs to a forgotten seal, or to none: there is nothing to be proved of that.
pub(super) const LOOK: &str =
    "SELECT at FROM audit_events WHERE at < $1 AND (seal IS NULL OR seal <= $2) ORDER BY at LIMIT 1";
pub(super) const FORGET: &str = "DELETE FROM audit_events WHERE (at, opening, position) IN \
     (SELECT at, opening, position FROM audit_events WHERE at < $1 AND (seal IS NULL OR seal <= $2) \
     ORDER BY at LIMIT 200) RETURNING 1";
const FIRST_SEAL: &str = "SELECT number FROM audit_seals WHERE number < $1 ORDER BY number LIMIT 1";
const FORGET_SEALS: &str = "DELETE FROM audit_seals WHERE number IN \
     (SELECT number FROM audit_seals WHERE number < $1 ORDER BY number LIMIT 200) RETURNING 1";

impl Store {
    /// Forgets the records from before that time, and the seals before the last one of which all records are; how many
    /// records, and whether more are left.
    pub(super) async fn forget_audit(&self, before: Timestamp) -> Result<(usize, bool), StoreError> {
        let foot = self.audit_foot(before).await?;
        let values = || [before.into(), foot.into()];
        let found = |mut row: Row| row.int("audit_events.at");
        let (mut forgotten, mut more) = (0, !self.lookups().many(LOOK, &values(), found).await?.is_empty());
        for _ in 0..ROUND {
            if !more {
                break;
            }
            let rows = self.forget_batch(Statement::plain(FORGET, values())).await?;
            (forgotten, more) = (forgotten + rows, rows == BATCH);
        }
        let found = |mut row: Row| row.int("audit_seals.number");
        if !more && !self.lookups().many(FIRST_SEAL, &[foot.into()], found).await?.is_empty() {
            for _ in 0..ROUND {
                if self.forget_batch(Statement::plain(FORGET_SEALS, [foot.into()])).await? < BATCH {
                    break;
                }
            }
        }
        Ok((forgotten, more))
    }
}
