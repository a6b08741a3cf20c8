//! Tries.

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use super::Lookups;
use crate::StoreError;

const FULL_AT: &str = "SELECT full_at FROM tries WHERE key = $1";

impl Lookups {
    /// When the bucket will be full again; `None` for one that nothing was taken from.
    pub(crate) async fn full_at(&self, key: &Digest) -> Result<Option<Timestamp>, StoreError> {
        self.one(FULL_AT, &[key.into()], |mut row| row.time("tries.full_at")).await
    }
}
