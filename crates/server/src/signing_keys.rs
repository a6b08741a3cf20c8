//! What an operator may do with signing keys: look at them, rotate them, revoke one. Running nodes follow by themselves.

use sayso_store::{Store, StoredKey};
use sayso_token::algorithm::Algorithm;
use sayso_token::rotation::{KNOWN_BEFORE_SIGNING, KeyState, Standing};
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;

use crate::keys::{BadKeys, successor};
use crate::sealing::Ambience;
use crate::succession::Succession;

/// How often it is tried again when others change keys at the same time.
const TRIES: usize = 5;

/// A signing key, and where it stands. Nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Whose.
    pub authority: String,
    /// Its key id.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// What it is there for.
    pub state: KeyState,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it begins or began to sign; `None` if it never will.
    pub signs_from: Option<Timestamp>,
    /// When it ceases or ceased to be published; `None` as long as nothing replaces it.
    pub published_until: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A rotation: what is there now, by algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The key that will sign.
    pub next: Listed,
    /// The key that signs until then; `None` where there was none.
    pub signing: Option<Listed>,
    /// Whether the next key was made now; otherwise it was waiting already.
    pub made: bool,
}

/// A revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The key as it is now.
    pub key: Listed,
    /// The key that signs now.
    pub signing: Option<Listed>,
    /// Whether it was revoked before, so that nothing was done.
    pub before: bool,
}

/// Why keys were not changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such authority has keys.
    #[error("authority {0:?} has no signing keys; `sayso keys list` names those that have")]
    UnknownAuthority(String),
    /// No authority that was meant has a key of the algorithm.
    #[error("there is no {0} key to rotate; a key is made by itself once an API is signed with {0}")]
    UnknownAlgorithm(Algorithm),
    /// Nobody has keys yet.
    #[error("there are no signing keys yet; `sayso serve` makes them when it starts")]
    None,
    /// No such key.
    #[error("authority {authority:?} has no key {kid:?}; `sayso keys list` shows its keys")]
    UnknownKey {
        /// The authority.
        authority: String,
        /// The key that was named.
        kid: String,
    },
    /// Keys cannot be read or made.
    #[error(transparent)]
    Keys(#[from] BadKeys),
}

impl From<sayso_store::StoreError> for Refused {
    fn from(error: sayso_store::StoreError) -> Self {
        Self::Keys(error.into())
    }
}

/// The keys of one authority, or of all: by authority and algorithm, the newest first.
///
/// # Errors
/// [`Refused::UnknownAuthority`], or what the store said.
pub async fn list(store: &Store, authority: Option<&str>, now: Timestamp) -> Result<Vec<Listed>, Refused> {
    let mut all = Vec::new();
    for owner in owners(store, authority).await? {
        let stored = store.lookups().signing_keys(&owner).await?;
        for succession in Succession::all(&stored, now) {
            all.extend(succession.keys().map(|key| listed(&owner, key)));
        }
    }
    Ok(all)
}

/// Makes the next key of each authority and algorithm that is meant, unless one waits already. It is published at once, and
/// signs when every verifier can have it.
///
/// # Errors
/// What names nothing that could be rotated; otherwise what the store said. What was made before stays.
pub async fn rotate(
    store: &Store,
    (authority, algorithm): (Option<&str>, Option<Algorithm>),
    sealer: &Sealer,
    ambience: &Ambience,
) -> Result<Vec<Rotated>, Refused> {
    let mut all = Vec::new();
    let owners = owners(store, authority).await?;
    for owner in &owners {
        let stored = store.lookups().signing_keys(owner).await?;
        for succession in Succession::all(&stored, ambience.clock.now()) {
            if algorithm.is_none_or(|one| one == succession.algorithm) {
                all.push(rotate_one(store, owner, succession, (sealer, ambience)).await?);
            }
        }
    }
    match (all.is_empty(), algorithm) {
        (true, Some(algorithm)) if !owners.is_empty() => Err(Refused::UnknownAlgorithm(algorithm)),
        (true, _) => Err(Refused::None),
        (false, _) => Ok(all),
    }
}

async fn rotate_one(
    store: &Store,
    authority: &str,
    mut succession: Succession,
    (sealer, ambience): (&Sealer, &Ambience),
) -> Result<Rotated, Refused> {
    let (algorithm, mut made) = (succession.algorithm, false);
    for _ in 0..TRIES {
        // Where no key signs, the one that was made signs at once.
        let next = succession.newest(KeyState::Next).or(succession.newest(KeyState::Signing).filter(|_| made));
        if let Some(next) = next {
            let signing = succession.newest(KeyState::Signing).filter(|signing| signing.0.kid != next.0.kid);
            let (next, signing) = (listed(authority, next), signing.map(|key| listed(authority, key)));
            return Ok(Rotated { next, signing, made });
        }
        let clock = (&*ambience.clock, &ambience.entropy);
        let key = successor(authority, &succession, sealer, clock).await?;
        made = store.add_signing_key(authority, &key).await?;
        let stored = store.lookups().signing_keys(authority).await?;
        succession = Succession::of(&stored, algorithm, ambience.clock.now());
    }
    Err(BadKeys::Contended.into())
}

/// Makes another key for each algorithm of an authority, which signs at once, before verifiers can have it; the keys before stay
/// published. This is how a rotation looks to those who keep keys for longer than they should, for trying just that: [`rotate`]
/// is how it is done.
///
/// # Errors
/// As for [`rotate`].
pub async fn rotate_at_once(
    store: &Store,
    authority: &str,
    sealer: &Sealer,
    ambience: &Ambience,
) -> Result<Vec<Rotated>, Refused> {
    owners(store, Some(authority)).await?;
    let stored = store.lookups().signing_keys(authority).await?;
    let mut all = Vec::new();
    for succession in Succession::all(&stored, ambience.clock.now()) {
        all.push(replace_at_once(store, authority, succession, (sealer, ambience)).await?);
    }
    if all.is_empty() { Err(Refused::None) } else { Ok(all) }
}

async fn replace_at_once(
    store: &Store,
    authority: &str,
    mut succession: Succession,
    (sealer, ambience): (&Sealer, &Ambience),
) -> Result<Rotated, Refused> {
    for _ in 0..TRIES {
        let signing = succession.newest(KeyState::Signing).map(|key| listed(authority, key));
        let clock = (&*ambience.clock, &ambience.entropy);
        let mut key = successor(authority, &succession, sealer, clock).await?;
        // As if it had been made in time.
        key.created_at = key.created_at - KNOWN_BEFORE_SIGNING;
        let made = store.add_signing_key(authority, &key).await?;
        let stored = store.lookups().signing_keys(authority).await?;
        succession = Succession::of(&stored, succession.algorithm, ambience.clock.now());
        if let Some(next) = succession.newest(KeyState::Signing).filter(|(next, _)| made && next.kid == key.kid) {
            return Ok(Rotated { next: listed(authority, next), signing, made });
        }
    }
    Err(BadKeys::Contended.into())
}

/// Revokes a key: it is published no more, and what it has signed counts no more. If it was the one that signs, another
/// signs at once: the next one if one waits, otherwise a new one.
///
/// # Errors
/// What names no key; otherwise what the store said, and nothing was changed.
pub async fn revoke(
    store: &Store,
    (authority, kid): (&str, &str),
    sealer: &Sealer,
    ambience: &Ambience,
) -> Result<Revoked, Refused> {
    owners(store, Some(authority)).await?;
    for _ in 0..TRIES {
        let now = ambience.clock.now();
        let mut stored = store.lookups().signing_keys(authority).await?;
        let Some(key) = stored.iter_mut().find(|key| key.kid == kid) else {
            return Err(Refused::UnknownKey { authority: authority.to_owned(), kid: kid.to_owned() });
        };
        let (algorithm, before) = (key.algorithm, key.revoked_at.is_some());
        key.revoked_at.get_or_insert(now);
        // As it will be.
        let succession = Succession::of(&stored, algorithm, now);
        let successor = match succession.newest(KeyState::Signing) {
            None if !before => {
                Some(successor(authority, &succession, sealer, (&*ambience.clock, &ambience.entropy)).await?)
            }
            _ => None,
        };
        // Making a successor takes a moment; both are of one time.
        let at = successor.as_ref().map_or(now, |key| key.created_at);
        if before || store.revoke_signing_key(authority, kid, at, successor.as_ref()).await? {
            return revoked(store, (authority, kid), (before, at)).await;
        }
    }
    Err(BadKeys::Contended.into())
}

/// What is to be told of a key that has been revoked.
async fn revoked(
    store: &Store,
    (authority, kid): (&str, &str),
    (before, now): (bool, Timestamp),
) -> Result<Revoked, Refused> {
    let keys = list(store, Some(authority), now).await?;
    let Some(key) = keys.iter().find(|key| key.kid == kid).cloned() else {
        return Err(Refused::UnknownKey { authority: authority.to_owned(), kid: kid.to_owned() });
    };
    let signs = |one: &Listed| one.algorithm == key.algorithm && one.state == KeyState::Signing;
    Ok(Revoked { signing: keys.iter().find(|one| signs(one)).cloned(), key, before })
}

/// That authority, if it has keys; all that have when none is named.
async fn owners(store: &Store, authority: Option<&str>) -> Result<Vec<String>, Refused> {
    let owners = store.lookups().signing_key_owners().await?;
    match authority {
        None => Ok(owners),
        Some(one) if owners.iter().any(|owner| owner == one) => Ok(vec![one.to_owned()]),
        Some(one) => Err(Refused::UnknownAuthority(one.to_owned())),
    }
}

fn listed(authority: &str, (key, standing): &(StoredKey, Standing)) -> Listed {
    Listed {
        authority: authority.to_owned(),
        kid: key.kid.clone(),
        algorithm: key.algorithm,
        state: standing.state,
        made_at: key.created_at,
        signs_from: standing.signs_from,
        published_until: standing.published_until,
        revoked_at: key.revoked_at,
    }
}
