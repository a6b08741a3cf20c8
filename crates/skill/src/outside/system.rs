//! The system's clock and tokio's timer.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use sayso_token::time::{Clock, Timestamp};

use super::Timer;

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where a running skill reads the time")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// When the stopwatch was started.
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Tokio's timer; needs a tokio runtime around it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioTimer;

#[async_trait]
impl Timer for TokioTimer {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn stopwatch(&self) -> Option<u64> {
        u64::try_from(STARTED.elapsed().as_micros()).ok()
    }
}
