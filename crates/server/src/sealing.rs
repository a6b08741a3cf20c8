//! The master keys of a node, and the sealing keys of the installation, which they open.

use std::sync::Arc;

use sayso_authority::record::event::Event;
use sayso_store::{Resealed, Sealed, Store, StoredSealingKey};
use sayso_token::encoding::from_base64url;
use sayso_token::entropy::SharedEntropy;
use sayso_token::seal::Sealer;
use sayso_token::sealing_keys::{SealingKey, SealingKeys};
use sayso_token::time::Clock;

use crate::keys::{self, BadKeys};
use crate::{certificates, configuration, keys::signing_key};

/// How often sealing anew is begun again when somebody changes keys at the same time.
const TRIES: usize = 5;

/// What a node's master key file holds: the key that seals, and those it took the place of.
#[derive(Clone)]
pub struct MasterKeys {
    newest: [u8; 32],
    older: Vec<[u8; 32]>,
}

impl MasterKeys {
    /// Reads a master key file: 32 bytes in base64url a line, the newest first.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let key = |line: &str| from_base64url(line)?.try_into().ok();
        let newest = key(lines.next()?)?;
        Some(Self { newest, older: lines.map(key).collect::<Option<_>>()? })
    }

    /// Seals under the newest, opens under any.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(self.newest).opening(self.older.iter().copied())
    }

    fn all(&self) -> impl Iterator<Item = [u8; 32]> {
        std::iter::once(self.newest).chain(self.older.iter().copied())
    }
}

impl From<[u8; 32]> for MasterKeys {
    fn from(newest: [u8; 32]) -> Self {
        Self { newest, older: Vec::new() }
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKeys(…)")
    }
}

/// Where a node reads its master keys, each time it needs them: the file may have been replaced meanwhile.
#[derive(Clone)]
pub struct MasterKeySource(Arc<dyn Fn() -> Result<MasterKeys, String> + Send + Sync>);

impl MasterKeySource {
    /// Reads by `read`, which says what is wrong when it cannot.
    pub fn new(read: impl Fn() -> Result<MasterKeys, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(crate) fn read(&self) -> Result<MasterKeys, BadKeys> {
        (self.0)().map_err(BadKeys::MasterKeyFile)
    }
}

impl From<[u8; 32]> for MasterKeySource {
    fn from(key: [u8; 32]) -> Self {
        Self::new(move || Ok(key.into()))
    }
}

/// Clock and chance.
#[derive(Clone)]
pub struct Ambience {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: SharedEntropy,
}

/// The purpose under which a sealing key is sealed by the master key.
fn purpose(number: i64) -> String {
    format!("sealing key {number}")
}

/// The installation's sealing keys; the first is made when there is none. From now on, what is written into the audit through
/// this store is proved by the one in use.
///
/// # Errors
/// [`BadKeys::SealingKeys`] when none of the master keys opens them.
pub async fn sealing_keys(store: &Store, masters: &MasterKeys, ambience: &Ambience) -> Result<SealingKeys, BadKeys> {
    let mut stored = store.lookups().sealing_keys().await?;
    if stored.is_empty() {
        let root = match keys::any(store).await? {
            // A database of before there were sealing keys: the master key itself sealed all that is in it.
            Some((authority, sealed)) => masters
                .all()
                .find(|root| signing_key(&authority, &sealed, &Sealer::new(*root)).is_some())
                .ok_or(BadKeys::MasterKey { authority })?,
            None => ambience.entropy.bytes(),
        };
        let sealed = masters.sealer().seal(&purpose(0), &root, &mut ambience.entropy.clone());
        let first = StoredSealingKey { number: 0, sealed, created_at: ambience.clock.now() };
        store.add_first_sealing_key(&first).await?;
        // Another start may have been faster; whichever key is stored is the one.
        stored = store.lookups().sealing_keys().await?;
    }
    let keys = opened(&stored, &masters.sealer())?;
    store.prove_audit_with(Arc::new(keys.sealer(ambience.clock.now())));
    Ok(keys)
}

fn opened(stored: &[StoredSealingKey], master: &Sealer) -> Result<SealingKeys, BadKeys> {
    let open = |key: &StoredSealingKey| {
        let root = master.open(&purpose(key.number), &key.sealed)?.try_into().ok()?;
        Some(SealingKey { made_at: key.created_at, root })
    };
    let keys = stored.iter().map(open).collect::<Option<Vec<_>>>();
    keys.and_then(SealingKeys::new).ok_or(BadKeys::SealingKeys)
}

/// Whether everything sealed in the database opens under one of these master keys.
///
/// # Errors
/// [`BadKeys`] says what does not.
pub async fn check(store: &Store, masters: &MasterKeys, ambience: &Ambience) -> Result<(), BadKeys> {
    if store.lookups().sealing_keys().await?.is_empty() && keys::any(store).await?.is_none() {
        return Ok(());
    }
    let sealer = sealing_keys(store, masters, ambience).await?.sealer(ambience.clock.now());
    keys::check(store, &sealer).await
}

/// Whether the newest of the master keys seals all sealing keys already, so that the older ones are no longer needed.
///
/// # Errors
/// What the store said.
pub async fn is_sealed_under_newest(store: &Store, masters: &MasterKeys) -> Result<bool, BadKeys> {
    let stored = store.lookups().sealing_keys().await?;
    Ok(!stored.is_empty() && opened(&stored, &Sealer::new(masters.newest)).is_ok())
}

/// What was sealed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedAnew {
    /// Sealing keys, now under the newest master key. One of them is new.
    pub sealing_keys: usize,
    /// Signing keys, now under the new sealing key.
    pub signing_keys: usize,
}

/// Makes a sealing key, and seals all of them under the newest master key and all that the database keeps under the new
/// sealing key, in one transaction. Running nodes go on and learn the new key by themselves.
///
/// # Errors
/// [`BadKeys::SealingKeys`] when none of the master keys opens what is there.
pub async fn seal_anew(store: &Store, masters: &MasterKeys, ambience: &Ambience) -> Result<SealedAnew, BadKeys> {
    for _ in 0..TRIES {
        let known = sealing_keys(store, masters, ambience).await?.sealer(ambience.clock.now());
        let stored = store.lookups().sealing_keys().await?;
        let (master, mut entropy) = (masters.sealer(), ambience.entropy.clone());
        let root: [u8; 32] = entropy.bytes();
        let number = stored.last().map_or(0, |key| key.number + 1);
        let sealed = master.seal(&purpose(number), &root, &mut entropy);
        let fresh = StoredSealingKey { number, sealed, created_at: ambience.clock.now() };

        let mut resealed = Vec::new();
        for key in stored {
            let plain = master.open(&purpose(key.number), &key.sealed).ok_or(BadKeys::SealingKeys)?;
            let to = master.seal(&purpose(key.number), &plain, &mut entropy);
            resealed.push(Resealed { what: Sealed::SealingKey(key.number), from: key.sealed, to });
        }
        let sealing_keys = resealed.len() + 1;
        let under = Sealer::new(root);
        resealed.extend(keys::sealed_anew(store, (&known, &under), &mut entropy).await?);
        let signing_keys = resealed.len() + 1 - sealing_keys;
        resealed.extend(configuration::sealed_anew(store, (&known, &under), &mut entropy).await?);
        resealed.extend(certificates::sealed_anew(store, (&known, &under), &mut entropy).await?);
        let event = Event::new("sealed_anew", "").detail("sealing_key", number);
        if store.reseal(&fresh, &resealed, &event).await? {
            return Ok(SealedAnew { sealing_keys, signing_keys });
        }
    }
    Err(BadKeys::Contended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sayso_token::encoding::base64url;

    #[test]
    fn a_master_key_file_holds_keys_of_32_bytes_the_newest_first() {
        let line = |byte| base64url(&[byte; 32]);
        let two = MasterKeys::parse(&format!("{}\n\n  {}\n", line(2), line(1))).unwrap();
        assert_eq!(two.all().collect::<Vec<_>>(), [[2; 32], [1; 32]]);
        for wrong in
            [String::new(), "\n".into(), base64url(&[7; 31]), format!("{}\nshort\n", line(1)), "no key!".into()]
        {
            assert!(MasterKeys::parse(&wrong).is_none(), "{wrong:?}");
        }
        assert_eq!(format!("{two:?}"), "MasterKeys(…)");
    }
}
