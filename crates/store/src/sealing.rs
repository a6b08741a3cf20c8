//! Sealing keys, and sealing anew what is sealed.

use sayso_authority::record::event::Event;
use sayso_token::time::Timestamp;

use crate::backend::{Statement, Written};
use crate::{Store, StoreError, news};

const ADD: &str = "INSERT INTO sealing_keys (number, sealed, created_at) VALUES ($1, $2, $3) \
     ON CONFLICT DO NOTHING RETURNING number";
const RESEAL_SEALING_KEY: &str =
    "UPDATE sealing_keys SET sealed = $2 WHERE number = $1 AND sealed = $3 RETURNING number";
const RESEAL_SIGNING_KEY: &str =
    "UPDATE signing_keys SET sealed = $3 WHERE authority = $1 AND kid = $2 AND sealed = $4 RETURNING kid";
const RESEAL_ACME_ITEM: &str =
    "UPDATE acme_items SET sealed = $3 WHERE directory = $1 AND item = $2 AND sealed = $4 RETURNING item";
const RESEAL_CONFIGURATION: &str =
    "UPDATE configurations SET sealed = $2 WHERE number = $1 AND sealed = $3 RETURNING number";

/// A sealing key as stored: sealed under the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSealingKey {
    /// Counts the sealing keys, from 0.
    pub number: i64,
    /// The key, sealed under the master key.
    pub sealed: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Something that was sealed one way and is to be sealed another. What it holds stays the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// What.
    pub what: Sealed,
    /// How it was sealed. Guard: it still is.
    pub from: String,
    /// How it is sealed from now on.
    pub to: String,
}

/// What the database holds sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// A sealing key, by number.
    SealingKey(i64),
    /// A signing key.
    SigningKey {
        /// Whose.
        authority: String,
        /// Its key id.
        kid: String,
    },
    /// A configuration, by number.
    Configuration(i64),
    /// What nodes share of certificates.
    AcmeItem {
        /// Of which directory.
        directory: String,
        /// What it is.
        item: String,
    },
}

impl Store {
    /// Adds the first sealing key. Of two starts that both make one, one wins: `false` means that another has taken the
    /// place, so load the keys again.
    pub async fn add_first_sealing_key(&self, key: &StoredSealingKey) -> Result<bool, StoreError> {
        self.write_one(add(key)).await
    }

    /// Adds a sealing key and seals anew what is handed in, all or nothing, with its audit event. `false`: something of
    /// it was changed by others meanwhile, nothing was kept; look again.
    pub async fn reseal(
        &self,
        key: &StoredSealingKey,
        resealed: &[Resealed],
        event: &Event,
    ) -> Result<bool, StoreError> {
        let mut batch = vec![add(key)];
        batch.extend(resealed.iter().map(reseal));
        batch.extend([self.event(event, key.created_at), news::bump()]);
        Ok(matches!(self.write(batch).await?, Written::Kept(_)))
    }
}

fn add(key: &StoredSealingKey) -> Statement {
    Statement::guarded(ADD, [key.number.into(), (&key.sealed).into(), key.created_at.into()])
}

fn reseal(resealed: &Resealed) -> Statement {
    let (from, to) = ((&resealed.from).into(), (&resealed.to).into());
    match &resealed.what {
        Sealed::SealingKey(number) => Statement::guarded(RESEAL_SEALING_KEY, [(*number).into(), to, from]),
        Sealed::SigningKey { authority, kid } => {
            Statement::guarded(RESEAL_SIGNING_KEY, [authority.into(), kid.into(), to, from])
        }
        Sealed::AcmeItem { directory, item } => {
            Statement::guarded(RESEAL_ACME_ITEM, [directory.into(), item.into(), to, from])
        }
        Sealed::Configuration(number) => Statement::guarded(RESEAL_CONFIGURATION, [(*number).into(), to, from]),
    }
}
