//! Forgetting what no longer matters, in small batches, so that nobody waits for it.
//!
//! Each batch is a transaction of its own, and others' writes go first in between. A round has an end, however much is
//! left. What is forgotten is found by an index. docs/durability.md says what is kept for how long.

mod audit;
pub(crate) mod memberships;
mod replaced_keys;
mod unrefreshed;

use std::time::{Duration, Instant};

use sayso_authority::record::code::CODE_MEMORY;
use sayso_authority::record::pushed_request::PUSHED_MEMORY;
use sayso_token::rotation::REPLACED_MEMORY;
use sayso_token::time::{Lifetime, Timestamp};

use crate::backend::{Statement, Written, unreadable};
use crate::{Store, StoreError};

/// How long a revoked grant is kept, so that an operator can still see what became of it.
pub const REVOKED_MEMORY: Lifetime = Lifetime::from_seconds(30 * 24 * 60 * 60);
/// How long the audit log is kept, unless the operator wants it otherwise: a year, and the month to look back on it.
pub const AUDIT_MEMORY: Lifetime = Lifetime::from_seconds(400 * 24 * 60 * 60);
/// Rows deleted in one transaction at most; the statements say it too, for a planner that is not told plans for more.
const BATCH: usize = 200;
/// Transactions in one round at most, of each kind of row.
const ROUND: usize = 100;
/// Between two transactions at least; longer when the database is slow, so that half of its time is others'.
const PAUSE: Duration = Duration::from_millis(5);

/// Taken first in each transaction. Of several nodes that purge at once, one at a time does: they would find the same
/// rows, and might lock them in different orders.
const TURN: &str = "INSERT INTO counters (name, count) VALUES ('purges', 1) \
     ON CONFLICT (name) DO UPDATE SET count = counters.count + 1 RETURNING count";

/// One kind of row that is forgotten.
struct Kind {
    /// What the time is of which `oldest` and `forget` speak, for an error.
    column: &'static str,
    /// The oldest time. Where nothing is due, nothing is written.
    oldest: &'static str,
    /// Deletes what is older than `$1`, one batch of it. Ordered, so that the index is the way there and not a guess of
    /// the planner's.
    forget: &'static str,
}

const CODES: Kind = Kind {
    column: "codes.expires_at",
    oldest: "SELECT MIN(expires_at) FROM codes",
    forget: "DELETE FROM codes WHERE digest IN \
         (SELECT digest FROM codes WHERE expires_at < $1 ORDER BY expires_at LIMIT 200) RETURNING 1",
};
const SESSIONS: Kind = Kind {
    column: "sessions.expires_at",
    oldest: "SELECT MIN(expires_at) FROM sessions",
    forget: "DELETE FROM sessions WHERE digest IN \
         (SELECT digest FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT 200) RETURNING 1",
};
const SPENT_ONCE: Kind = Kind {
    column: "spent_once.expires_at",
    oldest: "SELECT MIN(expires_at) FROM spent_once",
    forget: "DELETE FROM spent_once WHERE (kind, value) IN \
         (SELECT kind, value FROM spent_once WHERE expires_at < $1 ORDER BY expires_at LIMIT 200) RETURNING 1",
};
const PUSHED_REQUESTS: Kind = Kind {
    column: "pushed_requests.expires_at",
    oldest: "SELECT MIN(expires_at) FROM pushed_requests",
    forget: "DELETE FROM pushed_requests WHERE digest IN \
         (SELECT digest FROM pushed_requests WHERE expires_at < $1 ORDER BY expires_at LIMIT 200) RETURNING 1",
};
const TRIES: Kind = Kind {
    column: "tries.full_at",
    oldest: "SELECT MIN(full_at) FROM tries",
    forget: "DELETE FROM tries WHERE key IN \
         (SELECT key FROM tries WHERE full_at < $1 ORDER BY full_at LIMIT 200) RETURNING 1",
};
const GRANTS: Kind = Kind {
    column: "grants.revoked_at",
    oldest: "SELECT MIN(revoked_at) FROM grants WHERE revoked_at IS NOT NULL",
    forget: "DELETE FROM grants WHERE id IN (SELECT id FROM grants \
         WHERE revoked_at IS NOT NULL AND revoked_at < $1 ORDER BY revoked_at LIMIT 200) RETURNING 1",
};
/// How long what is over is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A revoked grant.
    pub revoked: Lifetime,
    /// A grant without refresh tokens, after its last token was given: as long as such a token may live, or longer.
    pub unrefreshed: Lifetime,
    /// A signing key, after the making of one that has replaced it: longer than the replaced one is published.
    pub replaced_keys: Lifetime,
    /// An audit event.
    pub audit: Lifetime,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            revoked: REVOKED_MEMORY,
            unrefreshed: REVOKED_MEMORY,
            replaced_keys: REPLACED_MEMORY,
            audit: AUDIT_MEMORY,
        }
    }
}

/// How much was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Codes whose reuse no longer needs to be noticed.
    pub codes: usize,
    /// Expired sessions.
    pub sessions: usize,
    /// One-time values that have expired, so that they are refused anyway.
    pub spent_once: usize,
    /// Pushed authorization requests that nobody answered in time.
    pub pushed_requests: usize,
    /// Counted tries that no longer limit anyone.
    pub tries: usize,
    /// Grants revoked long ago.
    pub grants: usize,
    /// Grants without refresh tokens whose last token is long over.
    pub unrefreshed: usize,
    /// Signing keys replaced long ago.
    pub replaced_keys: usize,
    /// Audit events.
    pub audit_events: usize,
    /// Memberships whose group or person was removed.
    pub memberships: usize,
    /// Whether more is due than one round forgets.
    pub more: bool,
}

impl Store {
    /// One round of forgetting: expired codes (a day after, see [`CODE_MEMORY`]), sessions, one-time values and pushed requests, and what
    /// `retention` says. Meant to be called every minute, and at once again while there is [`more`](Purged::more); by
    /// any number of nodes. Grants without refresh tokens are looked for a piece of the table at a time.
    ///
    /// # Errors
    /// What the database said; what was forgotten before stays forgotten.
    pub async fn purge(&self, now: Timestamp, retention: &Retention) -> Result<Purged, StoreError> {
        let mut purged = Purged::default();
        let kinds = [
            (&mut purged.codes, CODES, now - CODE_MEMORY),
            (&mut purged.sessions, SESSIONS, now),
            (&mut purged.spent_once, SPENT_ONCE, now),
            (&mut purged.pushed_requests, PUSHED_REQUESTS, now - PUSHED_MEMORY),
            (&mut purged.tries, TRIES, now),
            (&mut purged.grants, GRANTS, now - retention.revoked),
        ];
        for (forgotten, kind, before) in kinds {
            let (rows, more) = self.forget(&kind, before).await?;
            *forgotten = rows;
            purged.more |= more;
        }
        let (audit_events, more) = self.forget_audit(now - retention.audit).await?;
        (purged.audit_events, purged.more) = (audit_events, purged.more | more);
        purged.replaced_keys = self.forget_replaced_keys(now - retention.replaced_keys).await?;
        purged.unrefreshed = self.forget_unrefreshed(now - retention.unrefreshed).await?;
        purged.memberships = self.forget_memberships().await?;
        Ok(purged)
    }

    /// How many rows, and whether more are left.
    async fn forget(&self, kind: &Kind, before: Timestamp) -> Result<(usize, bool), StoreError> {
        let oldest = self.lookups().first(kind.oldest).await?;
        let oldest = oldest.ok_or_else(|| unreadable(kind.column))?.optional_time(kind.column)?;
        if oldest.is_none_or(|oldest| oldest >= before) {
            return Ok((0, false));
        }
        let mut forgotten = 0;
        for _ in 0..ROUND {
            let rows = self.forget_batch(Statement::plain(kind.forget, [before.into()])).await?;
            forgotten += rows;
            if rows < BATCH {
                return Ok((forgotten, false));
            }
        }
        Ok((forgotten, true))
    }

    /// One transaction, and what others may do before the next.
    async fn forget_batch(&self, statement: Statement) -> Result<usize, StoreError> {
        let begun = Instant::now();
        let rows = match self.write(vec![Statement::guarded(TURN, []), statement]).await? {
            Written::Kept(rows) => rows.into_iter().nth(1).map_or(0, |rows| rows.len()),
            Written::GuardLost => 0,
        };
        if rows >= BATCH {
            tokio::time::sleep(begun.elapsed().max(PAUSE)).await;
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests;
