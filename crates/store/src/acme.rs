//! What nodes share of certificates that are fetched by ACME: sealed items, and whose turn it is to order.

use sayso_token::time::Timestamp;

use crate::backend::Statement;
use crate::{Store, StoreError};

const SAVE: &str = "INSERT INTO acme_items (directory, item, sealed) VALUES ($1, $2, $3) \
     ON CONFLICT (directory, item) DO UPDATE SET sealed = $3";
const FORGET: &str = "DELETE FROM acme_items WHERE directory = $1 AND item = $2";
/// The turn of a node that went away in the middle of it ends by itself.
const TAKE_TURN: &str = "INSERT INTO acme_turns (directory, holder, ends_at) VALUES ($1, $2, $3) \
     ON CONFLICT (directory) DO UPDATE SET holder = $2, ends_at = $3 \
     WHERE acme_turns.holder = $2 OR acme_turns.ends_at <= $4 RETURNING holder";
const END_TURN: &str = "DELETE FROM acme_turns WHERE directory = $1 AND holder = $2";

/// An item as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAcmeItem {
    /// The directory's address.
    pub directory: String,
    /// What it is.
    pub item: String,
    /// What it holds, sealed.
    pub sealed: String,
}

impl Store {
    /// Keeps an item, in place of what was there.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save_acme_item(&self, item: &StoredAcmeItem) -> Result<(), StoreError> {
        let row = [(&item.directory).into(), (&item.item).into(), (&item.sealed).into()];
        self.write(vec![Statement::plain(SAVE, row)]).await.map(drop)
    }

    /// Keeps it no longer.
    ///
    /// # Errors
    /// What the database said.
    pub async fn forget_acme_item(&self, directory: &str, item: &str) -> Result<(), StoreError> {
        self.write(vec![Statement::plain(FORGET, [directory.into(), item.into()])]).await.map(drop)
    }

    /// Whether it is the holder's turn to order at this directory, from now until `ends_at`.
    ///
    /// # Errors
    /// What the database said.
    pub async fn take_acme_turn(
        &self,
        directory: &str,
        holder: &str,
        (now, ends_at): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let row = [directory.into(), holder.into(), ends_at.into(), now.into()];
        self.write_one(Statement::guarded(TAKE_TURN, row)).await
    }

    /// Another may order.
    ///
    /// # Errors
    /// What the database said; the turn ends by itself then.
    pub async fn end_acme_turn(&self, directory: &str, holder: &str) -> Result<(), StoreError> {
        self.write(vec![Statement::plain(END_TURN, [directory.into(), holder.into()])]).await.map(drop)
    }
}
