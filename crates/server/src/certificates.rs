//! What nodes share of certificates that are fetched by ACME: account, certificate and key, sealed in the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sayso_store::{Resealed, Sealed, Store, StoreError, StoredAcmeItem};
use sayso_token::entropy::Entropy;
use sayso_token::seal::Sealer;
use zeroize::Zeroizing;

use crate::keys::BadKeys;
use crate::sealing::{Ambience, MasterKeySource, sealing_keys};

/// The shared items of one directory.
#[derive(Clone)]
pub struct SharedItems {
    store: Store,
    masters: MasterKeySource,
    ambience: Ambience,
    directory: String,
    /// Whether it was told that something does not open.
    told: Arc<AtomicBool>,
}

impl SharedItems {
    /// Those of the directory with this address.
    pub fn new(store: Store, masters: MasterKeySource, ambience: Ambience, directory: &str) -> Self {
        Self { store, masters, ambience, directory: directory.to_owned(), told: Arc::default() }
    }

    /// What an item holds; `None` as well where no key opens it.
    ///
    /// # Errors
    /// What the store said, or what is wrong with the keys.
    pub async fn load(&self, item: &str) -> Result<Option<Zeroizing<Vec<u8>>>, BadKeys> {
        let Some(stored) = self.store.lookups().acme_item(&self.directory, item).await? else { return Ok(None) };
        let opened = self.sealer().await?.open(&purpose(&stored), &stored.sealed);
        if opened.is_none() && !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(item, "what is kept of a certificate does not open under these keys, and is made anew");
        }
        Ok(opened.map(Zeroizing::new))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub async fn save(&self, item: &str, content: &[u8]) -> Result<(), BadKeys> {
        let (directory, item) = (self.directory.clone(), item.to_owned());
        let mut stored = StoredAcmeItem { directory, item, sealed: String::new() };
        stored.sealed = self.sealer().await?.seal(&purpose(&stored), content, &mut self.ambience.entropy.clone());
        Ok(self.store.save_acme_item(&stored).await?)
    }

    async fn sealer(&self) -> Result<Sealer, BadKeys> {
        let keys = sealing_keys(&self.store, &self.masters.read()?, &self.ambience).await?;
        Ok(keys.sealer(self.ambience.clock.now()))
    }
}

/// An item of one directory opens for no other.
fn purpose(stored: &StoredAcmeItem) -> String {
    format!("acme {} {}", stored.directory, stored.item)
}

/// All that is shared, sealed anew. What does not open stays as it is: it is made anew either way.
pub(crate) async fn sealed_anew(
    store: &Store,
    (from, to): (&Sealer, &Sealer),
    entropy: &mut dyn Entropy,
) -> Result<Vec<Resealed>, StoreError> {
    let mut resealed = Vec::new();
    for stored in store.lookups().acme_items().await? {
        let Some(plain) = from.open(&purpose(&stored), &stored.sealed).map(Zeroizing::new) else { continue };
        let to = to.seal(&purpose(&stored), &plain, entropy);
        let what = Sealed::AcmeItem { directory: stored.directory, item: stored.item };
        resealed.push(Resealed { what, from: stored.sealed, to });
    }
    Ok(resealed)
}
