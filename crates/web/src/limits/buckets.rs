//! Token buckets per key, in memory and bounded: how often someone may try. For guesses that must be counted over
//! several nodes the store keeps durable counters; this one is the first, cheap line.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sayso_token::digest::Digest;
use sayso_token::time::{Clock, Lifetime, Timestamp};

/// How often: `burst` at once, and one more every `refill`.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Tries at once; zero counts as one.
    pub burst: u32,
    /// The time after which one more try is allowed; zero counts as a second.
    pub refill: Lifetime,
}

/// Too many tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// When to try again, for `Retry-After`.
    pub retry_after: Lifetime,
}

/// Buckets of one kind, at most `capacity` of them. Keys beyond that share one bucket, so flooding the table with
/// invented keys makes the limit stricter for strangers and never looser for anyone.
pub struct Buckets {
    clock: Arc<dyn Clock>,
    rate: Rate,
    capacity: usize,
    table: Mutex<Table>,
}

struct Table {
    buckets: HashMap<Digest, Bucket>,
    overflow: Bucket,
    next_sweep: Timestamp,
}

/// A bucket as one number: the time at which it will be full again (generic cell rate algorithm).
#[derive(Clone, Copy)]
struct Bucket {
    full_at: Timestamp,
}

impl Buckets {
    /// Buckets that fill by `clock`.
    pub fn new(clock: Arc<dyn Clock>, rate: Rate, capacity: usize) -> Self {
        let start = Timestamp::from_millis(i64::MIN);
        let table = Table { buckets: HashMap::new(), overflow: Bucket { full_at: start }, next_sweep: start };
        Self { clock, rate, capacity, table: Mutex::new(table) }
    }

    /// Takes one try for `key` **before** the guess is judged, so that parallel guesses cannot slip past the limit.
    ///
    /// # Errors
    /// When the bucket of `key` is empty; nothing is taken then.
    pub fn take(&self, key: &str) -> Result<(), TooMany> {
        let now = self.clock.now();
        let refill = i64::from(self.rate.refill.seconds().max(1)) * 1000;
        let depth = refill.saturating_mul(i64::from(self.rate.burst.max(1)));
        self.with_bucket(key, now, |bucket| {
            let full_at = bucket.full_at.max(now).millis().saturating_add(refill);
            let missing = full_at.saturating_sub(now.millis()).saturating_sub(depth);
            if missing > 0 {
                let seconds = u32::try_from(missing.saturating_add(999) / 1000).unwrap_or(u32::MAX);
                return Err(TooMany { retry_after: Lifetime::from_seconds(seconds) });
            }
            bucket.full_at = Timestamp::from_millis(full_at);
            Ok(())
        })
    }

    /// Fills the bucket of `key` again: the guess was right.
    pub fn forget(&self, key: &str) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.buckets.remove(&Digest::of(key.as_bytes()));
    }

    fn with_bucket<T>(&self, key: &str, now: Timestamp, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let key = Digest::of(key.as_bytes());
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let table = &mut *table;
        if let Some(bucket) = table.buckets.get_mut(&key) {
            return act(bucket);
        }
        if table.buckets.len() >= self.capacity && now >= table.next_sweep {
            // A full bucket says nothing; once a second at most, because a sweep looks at all.
            table.buckets.retain(|_, bucket| bucket.full_at > now);
            table.next_sweep = now + Lifetime::from_seconds(1);
        }
        if table.buckets.len() >= self.capacity {
            return act(&mut table.overflow);
        }
        act(table.buckets.entry(key).or_insert(Bucket { full_at: now }))
    }
}

impl std::fmt::Debug for Buckets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buckets").field("rate", &self.rate).field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::HandClock;

    fn buckets(burst: u32, refill: u32, capacity: usize) -> (Buckets, Arc<HandClock>) {
        let clock = Arc::new(HandClock::default());
        let rate = Rate { burst, refill: Lifetime::from_seconds(refill) };
        (Buckets::new(clock.clone(), rate, capacity), clock)
    }

    fn wait(seconds: u32) -> Result<(), TooMany> {
        Err(TooMany { retry_after: Lifetime::from_seconds(seconds) })
    }

    #[test]
    fn a_burst_then_one_per_refill() {
        let (buckets, clock) = buckets(3, 60, 10);
        for _ in 0..3 {
            assert_eq!(buckets.take("bob"), Ok(()));
        }
        assert_eq!(buckets.take("bob"), wait(60));
        assert_eq!(buckets.take("ada"), Ok(()), "another key");
        clock.advance_seconds(59);
        assert_eq!(buckets.take("bob"), wait(1));
        clock.advance_seconds(1);
        assert_eq!(buckets.take("bob"), Ok(()));
        assert_eq!(buckets.take("bob"), wait(60));
        clock.advance_seconds(10_000);
        for _ in 0..3 {
            assert_eq!(buckets.take("bob"), Ok(()), "never more than the burst is saved up");
        }
        assert_eq!(buckets.take("bob"), wait(60));
    }

    #[test]
    fn a_right_guess_forgets_the_wrong_ones() {
        let (buckets, _) = buckets(1, 60, 10);
        assert_eq!(buckets.take("bob"), Ok(()));
        buckets.forget("bob");
        assert_eq!(buckets.take("bob"), Ok(()));
    }

    #[test]
    fn flooding_with_keys_neither_grows_the_table_nor_frees_anyone() {
        let (buckets, clock) = buckets(1, 60, 4);
        assert_eq!(buckets.take("bob"), Ok(()));
        let admitted = (0..1000).filter(|n| buckets.take(&format!("invented-{n}")).is_ok()).count();
        assert_eq!(admitted, 4, "three own buckets and the shared one");
        assert_eq!(buckets.take("bob"), wait(60));
        clock.advance_seconds(60);
        assert_eq!(buckets.take("late"), Ok(()), "refilled buckets make room");
        assert!(buckets.table.lock().is_ok_and(|table| table.buckets.len() <= 4));
    }

    #[test]
    fn parallel_tries_share_one_bucket() {
        let (buckets, _) = buckets(10, 60, 10);
        let admitted = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..200).map(|_| scope.spawn(|| usize::from(buckets.take("bob").is_ok()))).collect();
            tries.into_iter().map(|one| one.join().unwrap_or_default()).sum::<usize>()
        });
        assert_eq!(admitted, 10);
    }
}
