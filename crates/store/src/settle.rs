//! Carrying a decision out.

use std::future::Future;

use sayso_authority::Decision;
use sayso_authority::record::change::Change;
use sayso_authority::record::event::Event;
use sayso_token::time::{Clock, Timestamp};

use crate::backend::Written;
use crate::{Lookups, Store, StoreError, changes};

/// How often a question is decided before the store gives up.
const TRIES: usize = 20;
/// After so many lost guards a caller waits for its turn among those who lost as often.
const HURRIED_TRIES: usize = 3;

impl Store {
    /// Loads, decides, and writes what the decision asks for, durably, in one transaction: the answer comes after the
    /// commit. A refusal's changes are written as well. When a guard is lost, because what was decided on has changed
    /// meanwhile, nothing is kept and `decide` is asked again on fresh memory; so it may run several times, and must
    /// draw what is random anew each time.
    ///
    /// `decide` is handed what it may ask and the time of the decision, which is also the time in the audit log:
    ///
    /// ```
    /// # use sayso_authority::{Decision, record::{change::Change, user::UserId}};
    /// # use sayso_store::{Store, StoreError};
    /// # use sayso_token::{digest::Digest, time::Clock};
    /// # async fn sign_out(store: &Store, clock: &dyn Clock, cookie: &Digest) -> Result<(), StoreError> {
    /// let signed_out: Result<UserId, &str> = store
    ///     .settle(clock, |memory, now| async move {
    ///         Ok(match memory.session(cookie).await? {
    ///             Some(session) if session.expires_at > now => {
    ///                 Decision::reply(session.user).change(Change::EndSession { session: *cookie })
    ///             }
    ///             _ => Decision::refuse("no session"),
    ///         })
    ///     })
    ///     .await?;
    /// # let _ = signed_out; Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`StoreError::Contended`] after many lost guards; otherwise what the database said. Nothing was kept then,
    /// with one exception that no database can spare its callers: if the process or the disk dies in the very commit.
    pub async fn settle<T, R, F, Fut>(&self, clock: &dyn Clock, mut decide: F) -> Result<Result<T, R>, StoreError>
    where
        F: FnMut(Lookups, Timestamp) -> Fut,
        Fut: Future<Output = Result<Decision<T, R>, StoreError>>,
    {
        let mut turn = None;
        for tried in 0..TRIES {
            if tried == HURRIED_TRIES {
                turn = Some(self.turn().lock().await);
            }
            let now = clock.now();
            let decision = decide(self.lookups(), now).await?;
            if self.carry_out(&decision.changes, &decision.audit, now).await? {
                return Ok(decision.reply);
            }
        }
        drop(turn);
        Err(StoreError::Contended)
    }

    /// Whether the decision was kept; `false` when a guard was lost.
    pub(crate) async fn carry_out(
        &self,
        changes: &[Change],
        audit: &[Event],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if changes.is_empty() && audit.is_empty() {
            return Ok(true);
        }
        let mut batch: Vec<_> = changes.iter().map(changes::statement).collect();
        batch.extend(audit.iter().map(|event| self.event(event, now)));
        Ok(matches!(self.write(batch).await?, Written::Kept(_)))
    }
}
