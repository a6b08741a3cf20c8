//! Where nodes keep what they share of certificates: the database.

use std::sync::Arc;

use async_trait::async_trait;
use sayso_acme::keep::{Item, Keep, KeepError};
use sayso_server::Ambience;
use sayso_server::certificates::SharedItems;
use sayso_store::Store;
use sayso_token::time::{Clock, Lifetime};
use zeroize::Zeroizing;

/// Longer than an order takes: a node that went away in the middle of its turn has it no longer than this.
const TURN: Lifetime = Lifetime::from_seconds(600);

/// What nodes share of the certificates of one directory.
pub(crate) struct SharedKeep {
    items: SharedItems,
    store: Store,
    clock: Arc<dyn Clock>,
    directory: String,
    /// This process among all.
    holder: String,
}

impl SharedKeep {
    pub(crate) fn new(items: SharedItems, store: Store, ambience: &Ambience, directory: &str) -> Self {
        let (clock, holder) = (ambience.clock.clone(), ambience.entropy.token());
        Self { items, store, clock, directory: directory.to_owned(), holder }
    }
}

fn said(error: impl std::fmt::Display) -> KeepError {
    KeepError(error.to_string())
}

#[async_trait]
impl Keep for SharedKeep {
    async fn load(&self, item: &Item) -> Result<Option<Zeroizing<Vec<u8>>>, KeepError> {
        self.items.load(&item.name()).await.map_err(said)
    }

    async fn save(&self, item: &Item, content: &[u8]) -> Result<(), KeepError> {
        self.items.save(&item.name(), content).await.map_err(said)
    }

    async fn forget(&self, item: &Item) -> Result<(), KeepError> {
        self.store.forget_acme_item(&self.directory, &item.name()).await.map_err(said)
    }

    async fn take_turn(&self) -> Result<bool, KeepError> {
        let now = self.clock.now();
        self.store.take_acme_turn(&self.directory, &self.holder, (now, now + TURN)).await.map_err(said)
    }

    async fn end_turn(&self) -> Result<(), KeepError> {
        self.store.end_acme_turn(&self.directory, &self.holder).await.map_err(said)
    }
}
