//! What others publish, kept for a while: fetched when it is needed, by one of those who ask at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sayso_token::time::{Clock, Lifetime, Timestamp};

/// How long it is taken from memory.
const KEEP: Lifetime = Lifetime::from_seconds(600);
/// How soon it is fetched again because something is not in it: whoever makes up ids does not reach the other server.
const AGAIN: Lifetime = Lifetime::from_seconds(30);
/// How long a failure is remembered: who asks again sooner hears of the same one.
pub(crate) const FAILED: Lifetime = Lifetime::from_seconds(10);
/// How long it still counts while it cannot be fetched again.
const STALE: Lifetime = Lifetime::from_seconds(3600);
/// Addresses kept at most.
const MOST: usize = 1000;

/// Documents of one kind by address.
pub(crate) struct Keeper<T, E> {
    clock: Arc<dyn Clock>,
    slots: Mutex<HashMap<String, Arc<Slot<T, E>>>>,
}

/// One address. Whoever holds the lock fetches; the others wait and find what was fetched.
type Slot<T, E> = tokio::sync::Mutex<Kept<T, E>>;

struct Kept<T, E> {
    found: Option<(Arc<T>, Timestamp)>,
    failed: Option<(E, Timestamp)>,
}

impl<T, E: Copy> Keeper<T, E> {
    /// Nothing kept yet.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, slots: Mutex::default() }
    }

    /// What is kept for that address, or what `fetch` finds there: when nothing is kept, when it is old, and when it does not
    /// hold what is looked for (`suffices`), the last not more often than every 30 seconds. `tell` hears of each failure once.
    pub(crate) async fn at(
        &self,
        address: &str,
        suffices: impl Fn(&T) -> bool,
        fetch: impl Future<Output = Result<T, E>>,
        tell: impl Fn(E),
    ) -> Result<Arc<T>, E> {
        let slot = self.slot(address);
        let mut kept = slot.lock().await;
        let now = self.clock.now();
        if let Some((found, fetched_at)) = &kept.found
            && now < *fetched_at + if suffices(found) { KEEP } else { AGAIN }
        {
            return Ok(found.clone());
        }
        let outcome = match kept.failed {
            Some((why, at)) if now < at + FAILED => Err(why),
            _ => fetch.await,
        };
        match outcome {
            Ok(found) => {
                let found = Arc::new(found);
                *kept = Kept { found: Some((found.clone(), now)), failed: None };
                Ok(found)
            }
            Err(why) => {
                if kept.failed.is_none_or(|(_, at)| now >= at + FAILED) {
                    tell(why);
                    kept.failed = Some((why, now));
                }
                let usable = kept.found.as_ref().filter(|(_, fetched_at)| now < *fetched_at + STALE);
                usable.map(|(found, _)| found.clone()).ok_or(why)
            }
        }
    }

    fn slot(&self, address: &str) -> Arc<Slot<T, E>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(address) {
            // Nobody holds on to an order of use: any other will do, for it is fetched again when needed.
            let idle = slots.iter().find(|(_, slot)| Arc::strong_count(slot) == 1).map(|(address, _)| address.clone());
            slots.remove(&idle.unwrap_or_default());
        }
        let empty = || Arc::new(Slot::new(Kept { found: None, failed: None }));
        slots.entry(address.to_owned()).or_insert_with(empty).clone()
    }
}
