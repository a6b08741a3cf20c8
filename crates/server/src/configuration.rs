//! The configuration in force: kept in the database, sealed as a whole, so that all nodes are the same.

pub mod file;

use sayso_authority::decide::configuration::Applied;
use sayso_authority::record::configuration::Configuration;
use sayso_authority::record::event::Event;
use sayso_store::{Resealed, Sealed, Store, StoreError, StoredConfiguration};
use sayso_token::digest::Digest;
use sayso_token::entropy::Entropy;
use sayso_token::seal::Sealer;

use crate::sealing::Ambience;

const PURPOSE: &str = "configuration";
/// How often it is tried again when another puts one in force at the same moment.
const TRIES: usize = 5;

/// Why the configuration in force cannot be used by this program.
#[derive(Debug, thiserror::Error)]
pub enum BadConfiguration {
    /// It does not open.
    #[error("the configuration in force (number {0}) does not open under this installation's sealing keys")]
    Sealed(i64),
    /// A newer program wrote it.
    #[error(
        "the configuration in force (number {number}) was written by another version of sayso and cannot be read: {why}; \
         start that version, or put one in force that this version knows: sayso apply --config FILE"
    )]
    Unknown {
        /// Its number.
        number: i64,
        /// What is not known.
        why: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The configuration as kept, before sealing.
fn written(configuration: &Configuration) -> Vec<u8> {
    // Lists and texts always serialise.
    serde_json::to_vec(configuration).unwrap_or_default()
}

/// What tells configurations apart.
pub fn digest(configuration: &Configuration) -> Digest {
    Digest::of(&written(configuration))
}

/// The configurations that were in force, the newest first.
///
/// # Errors
/// What the store said.
pub async fn applied(store: &Store) -> Result<Vec<Applied>, StoreError> {
    let stored = store.lookups().configurations().await?;
    Ok(stored.iter().map(|one| Applied { digest: one.digest, applied_at: one.applied_at }).collect())
}

/// Puts `configuration` in force for all nodes; they follow within a second. Its number, and whether it was another one
/// that was in force before.
///
/// # Errors
/// What the store said; [`StoreError::Contended`] when others put theirs in force at the same time, again and again.
pub async fn put_in_force(
    configuration: &Configuration,
    store: &Store,
    sealer: &Sealer,
    ambience: &Ambience,
) -> Result<(i64, bool), StoreError> {
    let digest = digest(configuration);
    for _ in 0..TRIES {
        let number = match store.lookups().configuration().await? {
            Some(same) if same.digest == digest => return Ok((same.number, false)),
            Some(other) => other.number + 1,
            None => 1,
        };
        if put_in_force_as(number, configuration, (store, sealer), ambience).await? {
            return Ok((number, true));
        }
    }
    Err(StoreError::Contended)
}

/// Puts `configuration` in force under that number; whether the number was still free, that is, whether the one before it
/// was in force.
///
/// # Errors
/// What the store said.
pub(crate) async fn put_in_force_as(
    number: i64,
    configuration: &Configuration,
    (store, sealer): (&Store, &Sealer),
    ambience: &Ambience,
) -> Result<bool, StoreError> {
    let written = written(configuration);
    let digest = Digest::of(&written);
    let sealed = sealer.seal(PURPOSE, &written, &mut ambience.entropy.clone());
    let stored = StoredConfiguration { number, digest, sealed, applied_at: ambience.clock.now() };
    let event = Event::new("configuration_applied", "").detail("number", number).detail("digest", digest.base64url());
    store.put_in_force(&stored, &event).await
}

/// The configuration in force, with its number; `None` when none was ever put in force.
///
/// # Errors
/// What this program cannot read, or what the store said.
pub async fn in_force(store: &Store, sealer: &Sealer) -> Result<Option<(i64, Configuration)>, BadConfiguration> {
    let Some(stored) = store.lookups().configuration().await? else { return Ok(None) };
    let number = stored.number;
    let opened = sealer.open(PURPOSE, &stored.sealed).ok_or(BadConfiguration::Sealed(number))?;
    // The text of such an error names fields, not values: secrets are kept as digests.
    let read = serde_json::from_slice(&opened);
    let configuration = read.map_err(|why| BadConfiguration::Unknown { number, why: why.to_string() })?;
    Ok(Some((number, configuration)))
}

/// Every configuration kept, sealed anew. One that does not open stays as it is: it is of no use either way.
pub(crate) async fn sealed_anew(
    store: &Store,
    (from, to): (&Sealer, &Sealer),
    entropy: &mut dyn Entropy,
) -> Result<Vec<Resealed>, StoreError> {
    let mut resealed = Vec::new();
    for stored in store.lookups().configurations().await? {
        let Some(plain) = from.open(PURPOSE, &stored.sealed) else { continue };
        let to = to.seal(PURPOSE, &plain, entropy);
        resealed.push(Resealed { what: Sealed::Configuration(stored.number), from: stored.sealed, to });
    }
    Ok(resealed)
}
