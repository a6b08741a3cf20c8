//! Tries, counted over all nodes: how often somebody may guess.

use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

use crate::backend::{Statement, Written};
use crate::{Store, StoreError};

/// The first try makes a bucket that is full again after one refill. A later one is taken while there is room for it.
const TAKE: &str = "INSERT INTO tries (key, full_at) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE \
     SET full_at = CASE WHEN tries.full_at > $3 THEN tries.full_at ELSE $3 END + $4 \
     WHERE tries.full_at <= $5 RETURNING full_at";
const FORGET: &str = "DELETE FROM tries WHERE key = $1";

/// How often something may be tried: `burst` at once, and one more every `refill` (the generic cell rate algorithm).
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Tries at once, at least one.
    pub burst: u32,
    /// The time after which one more is allowed, at least a second.
    pub refill: Lifetime,
}

impl Allowance {
    fn refill_millis(self) -> i64 {
        self.refill.millis().max(1000)
    }

    /// The latest time at which a bucket may be full again for one more try to be allowed at `now`.
    fn room_until(self, now: Timestamp) -> Timestamp {
        let others = i64::from(self.burst.max(1)) - 1;
        Timestamp::from_millis(now.millis().saturating_add(self.refill_millis().saturating_mul(others)))
    }
}

/// What is counted, and how often it may be tried.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The digest of what is counted, with a word for the kind, so that kinds do not mix.
    pub key: Digest,
    /// How often.
    pub allowance: Allowance,
}

impl Store {
    /// Takes one try from each, **before** the guess is judged, so that guesses at the same moment, on whichever node,
    /// cannot slip past. All or none are taken; the reply is `Err` with how long to wait when one has none left.
    ///
    /// # Errors
    /// What the database said; nothing was taken then.
    pub async fn take_tries(&self, counted: &[Counted], now: Timestamp) -> Result<Result<(), Lifetime>, StoreError> {
        let take = |one: &Counted| {
            let refill = one.allowance.refill_millis();
            let first = Timestamp::from_millis(now.millis().saturating_add(refill));
            let room = one.allowance.room_until(now);
            Statement::guarded(TAKE, [(&one.key).into(), first.into(), now.into(), refill.into(), room.into()])
        };
        if let Written::Kept(_) = self.write(counted.iter().map(take).collect()).await? {
            return Ok(Ok(()));
        }
        let mut wait = 0;
        for one in counted {
            let full_at = self.lookups().full_at(&one.key).await?.unwrap_or(now);
            wait = wait.max(full_at.millis_since(one.allowance.room_until(now)));
        }
        // At least a second, also when room was made in this moment.
        let seconds = u32::try_from(wait.saturating_add(999) / 1000).unwrap_or(u32::MAX).max(1);
        Ok(Err(Lifetime::from_seconds(seconds)))
    }

    /// Whether there is no try left. Nothing is taken.
    ///
    /// # Errors
    /// What the database said.
    pub async fn is_used_up(&self, counted: &Counted, now: Timestamp) -> Result<bool, StoreError> {
        let full_at = self.lookups().full_at(&counted.key).await?;
        Ok(full_at.is_some_and(|full_at| full_at > counted.allowance.room_until(now)))
    }

    /// Gives all tries back: the guess was right.
    ///
    /// # Errors
    /// What the database said.
    pub async fn forget_tries(&self, key: &Digest) -> Result<(), StoreError> {
        self.write(vec![Statement::plain(FORGET, [key.into()])]).await.map(drop)
    }
}
