//! The keys that clients publish at their `jwks_uri`, fetched when they are needed and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sayso_token::jwk::JwkSet;
use sayso_token::time::{Clock, Lifetime, Timestamp};

use crate::fetch::{FetchFailed, Fetcher};

/// How long keys are taken from memory.
const KEEP: Lifetime = Lifetime::from_seconds(600);
/// How soon an unknown key id may have them fetched again: whoever makes up ids does not reach the client's server.
const AGAIN: Lifetime = Lifetime::from_seconds(30);
/// How long a failure is remembered: who asks again sooner hears of the same one.
pub const FAILED: Lifetime = Lifetime::from_seconds(10);
/// How long keys still count while they cannot be fetched again.
const STALE: Lifetime = Lifetime::from_seconds(3600);
/// Key sets kept at most.
const MOST: usize = 1000;

/// Why a client's keys are not at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// They could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchFailed),
    /// What is there is no key set.
    #[error("what is at the address is no JSON Web Key Set")]
    NotAKeySet,
}

/// Key sets by address.
pub struct KeySets {
    fetcher: Fetcher,
    clock: Arc<dyn Clock>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

/// One address. Whoever holds the lock fetches; the others wait and find what was fetched.
#[derive(Default)]
struct Slot(tokio::sync::Mutex<Kept>);

#[derive(Default)]
struct Kept {
    keys: Option<(Arc<JwkSet>, Timestamp)>,
    failed: Option<(NoKeys, Timestamp)>,
}

impl std::fmt::Debug for KeySets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySets").finish_non_exhaustive()
    }
}

impl KeySets {
    /// None kept yet.
    pub fn new(fetcher: Fetcher, clock: Arc<dyn Clock>) -> Self {
        Self { fetcher, clock, slots: Mutex::default() }
    }

    /// The keys at that address. They are fetched when none are kept, when those kept are old, and when `kid` is not
    /// among them, the last not more often than every 30 seconds.
    ///
    /// # Errors
    /// None could be fetched, and none are kept.
    pub async fn at(&self, url: &str, kid: Option<&str>) -> Result<Arc<JwkSet>, NoKeys> {
        let slot = self.slot(url);
        let mut kept = slot.0.lock().await;
        let now = self.clock.now();
        if let Some((keys, fetched_at)) = &kept.keys {
            let missing = kid.is_some_and(|kid| keys.find(kid).is_none());
            if now < *fetched_at + if missing { AGAIN } else { KEEP } {
                return Ok(keys.clone());
            }
        }
        let outcome = match kept.failed {
            Some((why, at)) if now < at + FAILED => Err(why),
            _ => self.fetch(url).await,
        };
        match outcome {
            Ok(keys) => {
                let keys = Arc::new(keys);
                *kept = Kept { keys: Some((keys.clone(), now)), failed: None };
                Ok(keys)
            }
            Err(why) => {
                if kept.failed.is_none_or(|(_, at)| now >= at + FAILED) {
                    tracing::warn!(reason = "client_keys_unavailable", %why, url, "a client's keys could not be fetched");
                    kept.failed = Some((why, now));
                }
                let usable = kept.keys.as_ref().filter(|(_, fetched_at)| now < *fetched_at + STALE);
                usable.map(|(keys, _)| keys.clone()).ok_or(why)
            }
        }
    }

    async fn fetch(&self, url: &str) -> Result<JwkSet, NoKeys> {
        let document = self.fetcher.get_json(url).await?;
        JwkSet::parse(&document).map_err(|_| NoKeys::NotAKeySet)
    }

    fn slot(&self, url: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(url) {
            // Nobody holds on to an order of use: any other will do, for it is fetched again when needed.
            let idle = slots.iter().find(|(_, slot)| Arc::strong_count(slot) == 1).map(|(url, _)| url.clone());
            slots.remove(&idle.unwrap_or_default());
        }
        slots.entry(url.to_owned()).or_default().clone()
    }
}
