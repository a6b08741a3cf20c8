//! What may be accepted once: ids of requests and of proofs, remembered for as long as they could pass again.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

/// Five minutes of 870 requests a second; some 20 MB when full.
const MOST: usize = 1 << 18;

/// It cannot be told whether an id is new. Nothing is accepted then.
#[derive(Debug, thiserror::Error)]
#[error("it cannot be told whether this came before: {0}")]
pub struct Untold(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// Remembers ids. Several processes that answer for one name share a store of this kind; alone, each would accept an id once.
#[async_trait]
pub trait SpentIds: Send + Sync {
    /// Spends an id: `true` for the first caller and `false` for every other until `until`, however many ask at once.
    ///
    /// # Errors
    /// It cannot be told.
    async fn spend(&self, id: Digest, until: Timestamp, now: Timestamp) -> Result<bool, Untold>;
}

/// One store for a skill's requests and an API's proofs.
#[async_trait]
impl<S: SpentIds + ?Sized> SpentIds for Arc<S> {
    async fn spend(&self, id: Digest, until: Timestamp, now: Timestamp) -> Result<bool, Untold> {
        (**self).spend(id, until, now).await
    }
}

/// In the memory of this process. Full, it accepts nothing new until the oldest are over: to forget one early would be to accept it twice.
#[derive(Debug)]
pub struct SpentInMemory {
    most: usize,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    ids: HashSet<Digest>,
    by_end: BTreeSet<(Timestamp, Digest)>,
}

impl SpentInMemory {
    /// Remembers so many ids at a time.
    #[must_use]
    pub fn holding(most: usize) -> Self {
        Self { most, spent: Mutex::default() }
    }
}

impl Default for SpentInMemory {
    fn default() -> Self {
        Self::holding(MOST)
    }
}

#[async_trait]
impl SpentIds for SpentInMemory {
    async fn spend(&self, id: Digest, until: Timestamp, now: Timestamp) -> Result<bool, Untold> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.forget(now);
        if spent.ids.contains(&id) {
            return Ok(false);
        }
        if spent.ids.len() >= self.most {
            return Err(Untold("too many ids are remembered".into()));
        }
        spent.ids.insert(id);
        spent.by_end.insert((until, id));
        Ok(true)
    }
}

impl Spent {
    fn forget(&mut self, now: Timestamp) {
        while let Some((until, id)) = self.by_end.first().copied()
            && until < now
        {
            self.by_end.pop_first();
            self.ids.remove(&id);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn spend(store: &SpentInMemory, id: &str, until: i64, now: i64) -> Option<bool> {
        let (until, now) = (Timestamp::from_seconds(until), Timestamp::from_seconds(now));
        store.spend(Digest::of(id.as_bytes()), until, now).now_or_never().unwrap().ok()
    }

    #[test]
    fn an_id_is_new_once_until_its_end() {
        let store = SpentInMemory::default();
        for (id, until, now, expected) in [
            ("a", 100, 0, true),
            ("a", 100, 0, false),
            ("a", 500, 100, false),
            ("b", 50, 100, true),
            // Its own end is what counts, not that of a later try.
            ("a", 200, 101, true),
            ("b", 200, 101, true),
        ] {
            assert_eq!(spend(&store, id, until, now), Some(expected), "{id} {now}");
        }
    }

    #[test]
    fn a_full_store_accepts_nothing_until_something_ends() {
        let store = SpentInMemory::holding(2);
        assert_eq!((spend(&store, "a", 10, 0), spend(&store, "b", 20, 0)), (Some(true), Some(true)));
        assert_eq!((spend(&store, "c", 20, 10), spend(&store, "a", 20, 10)), (None, Some(false)));
        assert_eq!((spend(&store, "c", 20, 11), spend(&store, "d", 20, 11)), (Some(true), None));
    }
}
