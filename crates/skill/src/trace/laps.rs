//! How long each of the six checks took.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use sayso_token::guard::{AccessToken, Check, Verdict, Watched};

use crate::outside::Timer;

/// The time that the checks have taken. Waiting for keys, or for the authority's answer, belongs to none of them: that is a call.
#[derive(Default)]
pub(crate) struct Laps {
    /// Without one, nothing is measured.
    timer: Option<Arc<dyn Timer>>,
    micros: Mutex<Vec<(Check, u64)>>,
}

impl Laps {
    pub(crate) fn by(timer: Option<Arc<dyn Timer>>) -> Self {
        Self { timer, micros: Mutex::default() }
    }

    fn reading(&self) -> Option<u64> {
        self.timer.as_ref()?.stopwatch()
    }

    /// What has passed since `before` went into this check.
    fn add(&self, check: Check, before: Option<u64>, now: Option<u64>) {
        if let (Some(before), Some(now)) = (before, now) {
            let mut micros = self.micros.lock().unwrap_or_else(PoisonError::into_inner);
            micros.push((check, now.saturating_sub(before)));
        }
    }

    /// Judges a token, and takes the time of each check down.
    pub(crate) fn judge(
        &self,
        allowed: &dyn Fn(&AccessToken) -> bool,
        judge: impl FnOnce(&Watched<'_>) -> Verdict,
    ) -> Verdict {
        let last = Cell::new(self.reading());
        let lap = |check: Check| {
            let now = self.reading();
            self.add(check, last.replace(now), now);
        };
        let verdict = judge(&Watched { allowed, passed: &lap });
        if let Err(denied) = &verdict.result {
            lap(denied.check);
        }
        verdict
    }

    /// Asks whether the user is allowed, where that takes a while.
    pub(crate) async fn look_up(&self, looking: impl Future<Output = bool> + Send) -> bool {
        let before = self.reading();
        let found = looking.await;
        self.add(Check::UserAllowed, before, self.reading());
        found
    }

    /// How long a check took, in microseconds; nothing when it did not run, or was not measured.
    pub(crate) fn of(&self, check: Check) -> Option<u64> {
        let micros = self.micros.lock().unwrap_or_else(PoisonError::into_inner);
        micros.iter().filter(|(one, _)| *one == check).map(|(_, micros)| *micros).reduce(u64::saturating_add)
    }
}

impl fmt::Debug for Laps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Laps").field("micros", &self.micros).finish_non_exhaustive()
    }
}
