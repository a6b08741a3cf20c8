//! Forgetting what no longer matters, in small batches, so that nobody waits for it.

use sayso_authority::record::code::CODE_MEMORY;
use sayso_token::time::{Lifetime, Timestamp};

use crate::backend::{Statement, Value, Written};
use crate::{Store, StoreError};

/// Rows deleted in one transaction at most.
const BATCH: i64 = 200;
/// How long a revoked grant is kept, so that an operator can still see what became of it.
pub const REVOKED_MEMORY: Lifetime = Lifetime::from_seconds(30 * 24 * 60 * 60);

const CODES: &str = "DELETE FROM codes WHERE digest IN \
     (SELECT digest FROM codes WHERE expires_at < $1 LIMIT $2) RETURNING 1";
const SESSIONS: &str = "DELETE FROM sessions WHERE digest IN \
     (SELECT digest FROM sessions WHERE expires_at < $1 LIMIT $2) RETURNING 1";
const SPENT_ONCE: &str = "DELETE FROM spent_once WHERE (kind, value) IN \
     (SELECT kind, value FROM spent_once WHERE expires_at < $1 LIMIT $2) RETURNING 1";
const GRANTS: &str = "DELETE FROM grants WHERE id IN \
     (SELECT id FROM grants WHERE revoked_at IS NOT NULL AND revoked_at < $1 LIMIT $2) RETURNING 1";

/// How much was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Codes whose reuse no longer needs to be noticed.
    pub codes: usize,
    /// Expired sessions.
    pub sessions: usize,
    /// One-time values that have expired, so that they are refused anyway.
    pub spent_once: usize,
    /// Grants revoked long ago.
    pub grants: usize,
}

impl Store {
    /// Forgets expired codes (a day after, see [`CODE_MEMORY`]), sessions and one-time values, and grants revoked
    /// more than [`REVOKED_MEMORY`] ago. Meant to be called every minute or so; others' writes go on in between.
    pub async fn purge(&self, now: Timestamp) -> Result<Purged, StoreError> {
        Ok(Purged {
            codes: self.forget(CODES, now - CODE_MEMORY).await?,
            sessions: self.forget(SESSIONS, now).await?,
            spent_once: self.forget(SPENT_ONCE, now).await?,
            grants: self.forget(GRANTS, now - REVOKED_MEMORY).await?,
        })
    }

    async fn forget(&self, sql: &'static str, before: Timestamp) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        loop {
            let batch = vec![Statement::plain(sql, [before.into(), Value::Int(BATCH)])];
            let rows = match self.write(batch).await? {
                Written::Kept(rows) => rows.into_iter().flatten().count(),
                Written::GuardLost => 0,
            };
            forgotten += rows;
            if rows < BATCH as usize {
                return Ok(forgotten);
            }
        }
    }
}
