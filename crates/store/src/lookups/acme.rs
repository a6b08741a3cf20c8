//! What nodes share of certificates.

use super::Lookups;
use crate::StoreError;
use crate::acme::StoredAcmeItem;
use crate::backend::Row;

const ONE: &str = "SELECT directory, item, sealed FROM acme_items WHERE directory = $1 AND item = $2";
const ALL: &str = "SELECT directory, item, sealed FROM acme_items ORDER BY directory, item";

impl Lookups {
    /// An item of a directory, if it is kept.
    pub async fn acme_item(&self, directory: &str, item: &str) -> Result<Option<StoredAcmeItem>, StoreError> {
        self.one(ONE, &[directory.into(), item.into()], read).await
    }

    /// All items of all directories.
    pub async fn acme_items(&self) -> Result<Vec<StoredAcmeItem>, StoreError> {
        self.many(ALL, &[], read).await
    }
}

fn read(mut row: Row) -> Result<StoredAcmeItem, StoreError> {
    Ok(StoredAcmeItem {
        directory: row.text("acme_items.directory")?,
        item: row.text("acme_items.item")?,
        sealed: row.text("acme_items.sealed")?,
    })
}
