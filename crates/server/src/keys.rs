//! Signing keys: made when they are wanted, kept sealed, parsed once.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use sayso_authority::record::authority::Authority;
use sayso_store::{Resealed, Sealed, Store, StoreError, StoredKey};
use sayso_token::algorithm::Algorithm;
use sayso_token::entropy::{Entropy, SharedEntropy};
use sayso_token::keyring::{Keyring, SigningKey};
use sayso_token::seal::Sealer;
use sayso_token::time::{Clock, Timestamp};
use zeroize::Zeroizing;

use crate::succession::Succession;

/// Why an authority has no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    /// The cryptographic library made no key.
    #[error("no {0} key could be made")]
    Generation(Algorithm),
    /// The stored keys do not open.
    #[error(
        "the signing keys of authority {authority} do not open under this master key; give the key they were made with"
    )]
    MasterKey {
        /// Whose keys.
        authority: String,
    },
    /// The master keys cannot be read.
    #[error("{0}")]
    MasterKeyFile(String),
    /// The sealing keys do not open.
    #[error(
        "the sealing keys in the database do not open under this master key; take the master key file from a node that runs, \
         or from the backup that belongs to the database"
    )]
    SealingKeys,
    /// Others changed keys at the same time, again and again.
    #[error("keys are being changed by others at the same time; try again")]
    Contended,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The purpose under which an authority's keys are sealed: a key of one opens for no other.
fn purpose(authority: &str) -> String {
    format!("signing key of {authority}")
}

/// The keyring of `authority` as it is now, and when it must be looked at again. Makes the keys that are wanting: the
/// first of an algorithm, and what the schedule asks for.
pub(crate) async fn keyring(
    authority: &Authority,
    store: &Store,
    sealer: &Sealer,
    (clock, entropy): (&dyn Clock, &SharedEntropy),
) -> Result<(Keyring, Option<Timestamp>), BadKeys> {
    let (now, every) = (clock.now(), authority.key_rotation());
    let mut stored = store.lookups().signing_keys(&authority.id).await?;
    for algorithm in authority.signing_algorithms() {
        let succession = Succession::of(&stored, algorithm, now);
        if !succession.wants_another(every) {
            continue;
        }
        let key = successor(&authority.id, &succession, sealer, (clock, entropy)).await?;
        if store.add_signing_key(&authority.id, &key).await? {
            tracing::info!(authority = authority.id, %algorithm, kid = key.kid, "signing key made");
        }
        // Another node may have been faster; whichever key is stored is the one.
        stored = store.lookups().signing_keys(&authority.id).await?;
    }
    let (mut keys, mut changes) = (Vec::new(), Vec::new());
    for succession in Succession::all(&stored, now) {
        for key in succession.published() {
            keys.push(opened(&authority.id, key, sealer)?);
        }
        let every = every.filter(|_| authority.signing_algorithms().contains(&succession.algorithm));
        changes.extend(succession.next_change(every));
    }
    Ok((Keyring::new(keys), changes.into_iter().min()))
}

/// Whether every signing key opens, whatever authority it is of.
pub(crate) async fn check(store: &Store, sealer: &Sealer) -> Result<(), BadKeys> {
    for authority in store.lookups().signing_key_owners().await? {
        for stored in store.lookups().signing_keys(&authority).await? {
            let opened = signing_key(&authority, &stored.sealed, sealer);
            opened.ok_or_else(|| BadKeys::MasterKey { authority: authority.clone() })?;
        }
    }
    Ok(())
}

/// The key to come after all those of the succession, not stored yet.
pub(crate) async fn successor(
    authority: &str,
    succession: &Succession,
    sealer: &Sealer,
    (clock, entropy): (&dyn Clock, &SharedEntropy),
) -> Result<StoredKey, BadKeys> {
    let algorithm = succession.algorithm;
    let pkcs8 = tokio::task::spawn_blocking(move || generate(algorithm)).await.ok().flatten();
    let pkcs8 = pkcs8.ok_or(BadKeys::Generation(algorithm))?;
    let key = SigningKey::from_pkcs8(algorithm, &pkcs8).map_err(|_| BadKeys::Generation(algorithm))?;
    Ok(StoredKey {
        kid: key.kid().to_owned(),
        algorithm,
        generation: succession.next_generation(),
        sealed: sealer.seal(&purpose(authority), &pkcs8, &mut entropy.clone()),
        created_at: clock.now(),
        revoked_at: None,
    })
}

fn opened(authority: &str, stored: &StoredKey, sealer: &Sealer) -> Result<SigningKey, BadKeys> {
    let wrong_key = || BadKeys::MasterKey { authority: authority.to_owned() };
    let pkcs8 = signing_key(authority, &stored.sealed, sealer).ok_or_else(wrong_key)?;
    SigningKey::from_pkcs8(stored.algorithm, &pkcs8).map_err(|_| wrong_key())
}

/// A stored signing key, opened.
pub(crate) fn signing_key(authority: &str, sealed: &str, sealer: &Sealer) -> Option<Zeroizing<Vec<u8>>> {
    sealer.open(&purpose(authority), sealed).map(Zeroizing::new)
}

/// Any stored signing key, sealed, with its authority.
pub(crate) async fn any(store: &Store) -> Result<Option<(String, String)>, StoreError> {
    let Some(authority) = store.lookups().signing_key_owners().await?.into_iter().next() else { return Ok(None) };
    let key = store.lookups().signing_keys(&authority).await?.into_iter().next();
    Ok(key.map(|key| (authority, key.sealed)))
}

/// Every signing key of the installation, sealed anew.
pub(crate) async fn sealed_anew(
    store: &Store,
    (from, to): (&Sealer, &Sealer),
    entropy: &mut dyn Entropy,
) -> Result<Vec<Resealed>, BadKeys> {
    let mut resealed = Vec::new();
    for authority in store.lookups().signing_key_owners().await? {
        for stored in store.lookups().signing_keys(&authority).await? {
            let plain = signing_key(&authority, &stored.sealed, from);
            let plain = plain.ok_or_else(|| BadKeys::MasterKey { authority: authority.clone() })?;
            let to = to.seal(&purpose(&authority), &plain, entropy);
            let what = Sealed::SigningKey { authority: authority.clone(), kid: stored.kid };
            resealed.push(Resealed { what, from: stored.sealed, to });
        }
    }
    Ok(resealed)
}

/// A fresh key as PKCS#8. The cryptographic library draws it from its own generator.
fn generate(algorithm: Algorithm) -> Option<Zeroizing<Vec<u8>>> {
    let pkcs8 = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => {
            let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
            AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).ok()?.as_ref().to_vec()
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
            pair.to_pkcs8v1().ok()?.as_ref().to_vec()
        }
        Algorithm::EdDsa => Ed25519KeyPair::generate().ok()?.to_pkcs8().ok()?.as_ref().to_vec(),
    };
    Some(Zeroizing::new(pkcs8))
}

/// The document as it is served.
pub(crate) fn document(keyring: &Keyring) -> Vec<u8> {
    keyring.public().to_json().to_string().into_bytes()
}
