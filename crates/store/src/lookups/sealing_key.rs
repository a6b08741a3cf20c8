//! Sealing keys.

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;
use crate::sealing::StoredSealingKey;

const ALL: &str = "SELECT number, sealed, created_at FROM sealing_keys ORDER BY number";

impl Lookups {
    /// All sealing keys, the oldest first.
    pub async fn sealing_keys(&self) -> Result<Vec<StoredSealingKey>, StoreError> {
        self.many(ALL, &[], read).await
    }
}

fn read(mut row: Row) -> Result<StoredSealingKey, StoreError> {
    Ok(StoredSealingKey {
        number: row.int("sealing_keys.number")?,
        sealed: row.text("sealing_keys.sealed")?,
        created_at: row.time("sealing_keys.created_at")?,
    })
}
