//! Signing keys.

use sayso_token::algorithm::Algorithm;

use super::Lookups;
use crate::backend::{Row, unreadable};
use crate::{StoreError, StoredKey};

const OF_AUTHORITY: &str = "SELECT kid, algorithm, generation, sealed, created_at, revoked_at FROM signing_keys \
     WHERE authority = $1 ORDER BY algorithm, generation DESC";

const ANY: &str = "SELECT kid FROM signing_keys LIMIT 1";
const OWNERS: &str = "SELECT DISTINCT authority FROM signing_keys ORDER BY authority";

impl Lookups {
    /// Whether any key is there, of any authority: then the master key that sealed it is needed.
    pub async fn holds_signing_keys(&self) -> Result<bool, StoreError> {
        Ok(!self.backend.read(ANY, &[]).await?.is_empty())
    }

    /// The authorities that have signing keys, those included that no configuration names any more.
    pub async fn signing_key_owners(&self) -> Result<Vec<String>, StoreError> {
        self.many(OWNERS, &[], |mut row| row.text("signing_keys.authority")).await
    }

    /// The authority's keys; of each algorithm the newest first.
    pub async fn signing_keys(&self, authority: &str) -> Result<Vec<StoredKey>, StoreError> {
        self.many(OF_AUTHORITY, &[authority.into()], read).await
    }
}

fn read(mut row: Row) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        kid: row.text("signing_keys.kid")?,
        algorithm: Algorithm::named(&row.text("signing_keys.algorithm")?)
            .ok_or_else(|| unreadable("signing_keys.algorithm"))?,
        generation: row.int("signing_keys.generation")?,
        sealed: row.text("signing_keys.sealed")?,
        created_at: row.time("signing_keys.created_at")?,
        revoked_at: row.optional_time("signing_keys.revoked_at")?,
    })
}
