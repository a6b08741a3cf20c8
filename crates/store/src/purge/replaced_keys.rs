//! Signing keys that were replaced, or revoked, long ago.
//!
//! They are few, so no index leads to them: the table is looked through, and written only when there is something to forget.

use sayso_token::time::Timestamp;

use crate::backend::Statement;
use crate::{Store, StoreError};

/// Older than a key that is good and has been there since `$1`: the rule of `sayso_token::rotation` needs them no more.
const LOOK: &str = "SELECT kid FROM signing_keys WHERE EXISTS (SELECT 1 FROM signing_keys AS newer \
     WHERE newer.authority = signing_keys.authority AND newer.algorithm = signing_keys.algorithm \
     AND newer.generation > signing_keys.generation AND newer.revoked_at IS NULL AND newer.created_at < $1) LIMIT 1";
const FORGET: &str = "DELETE FROM signing_keys WHERE EXISTS (SELECT 1 FROM signing_keys AS newer \
     WHERE newer.authority = signing_keys.authority AND newer.algorithm = signing_keys.algorithm \
     AND newer.generation > signing_keys.generation AND newer.revoked_at IS NULL AND newer.created_at < $1) RETURNING 1";

impl Store {
    /// Forgets the keys that one has replaced which was made before; no more than there ever are at once.
    pub(super) async fn forget_replaced_keys(&self, before: Timestamp) -> Result<usize, StoreError> {
        let due = self.lookups().many(LOOK, &[before.into()], |mut row| row.text("signing_keys.kid")).await?;
        match due.is_empty() {
            true => Ok(0),
            false => self.forget_batch(Statement::plain(FORGET, [before.into()])).await,
        }
    }
}
