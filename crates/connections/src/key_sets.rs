//! The keys that clients publish at their `jwks_uri`, fetched when they are needed and kept for a while.

use std::sync::Arc;

use sayso_token::jwk::JwkSet;
use sayso_token::time::{Clock, Lifetime};

use crate::fetch::{FetchFailed, Fetcher};
use crate::keeper::{self, Keeper};

/// How long a failure is remembered: who asks again sooner hears of the same one.
pub const FAILED: Lifetime = keeper::FAILED;

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
    kept: Keeper<JwkSet, NoKeys>,
}

impl std::fmt::Debug for KeySets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySets").finish_non_exhaustive()
    }
}

impl KeySets {
    /// None kept yet.
    pub fn new(fetcher: Fetcher, clock: Arc<dyn Clock>) -> Self {
        Self { fetcher, kept: Keeper::new(clock) }
    }

    /// The keys at that address. They are fetched when none are kept, when those kept are old, and when `kid` is not
    /// among them, the last not more often than every 30 seconds.
    ///
    /// # Errors
    /// None could be fetched, and none are kept.
    pub async fn at(&self, url: &str, kid: Option<&str>) -> Result<Arc<JwkSet>, NoKeys> {
        let has = |keys: &JwkSet| kid.is_none_or(|kid| keys.find(kid).is_some());
        let tell = |why: NoKeys| {
            tracing::warn!(reason = "client_keys_unavailable", %why, url, "a client's keys could not be fetched");
        };
        self.kept.at(url, has, self.fetch(url), tell).await
    }

    async fn fetch(&self, url: &str) -> Result<JwkSet, NoKeys> {
        let document = self.fetcher.get_json(url).await?;
        JwkSet::parse(&document).map_err(|_| NoKeys::NotAKeySet)
    }
}
