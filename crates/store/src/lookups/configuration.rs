//! Configurations.

use super::Lookups;
use crate::backend::Row;
use crate::configurations::StoredConfiguration;
use crate::{StoreError, news};

const ALL: &str = "SELECT number, digest, sealed, applied_at FROM configurations ORDER BY number DESC";
const IN_FORCE: &str = "SELECT number, digest, sealed, applied_at FROM configurations ORDER BY number DESC LIMIT 1";

impl Lookups {
    /// The configuration in force, if one was ever put in force.
    pub async fn configuration(&self) -> Result<Option<StoredConfiguration>, StoreError> {
        self.one(IN_FORCE, &[], read).await
    }

    /// The configurations that were in force and are still remembered, the newest first.
    pub async fn configurations(&self) -> Result<Vec<StoredConfiguration>, StoreError> {
        self.many(ALL, &[], read).await
    }

    /// Counts the changes of what nodes keep in memory: keys and configuration. When it differs from what it was, look
    /// again.
    pub async fn news(&self) -> Result<i64, StoreError> {
        Ok(self.one(news::COUNT, &[], |mut row| row.int("counters.count")).await?.unwrap_or(0))
    }
}

fn read(mut row: Row) -> Result<StoredConfiguration, StoreError> {
    Ok(StoredConfiguration {
        number: row.int("configurations.number")?,
        digest: row.digest("configurations.digest")?,
        sealed: row.text("configurations.sealed")?,
        applied_at: row.time("configurations.applied_at")?,
    })
}
