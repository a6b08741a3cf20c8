//! Many callers at once: each waiting for its answer, or at a fixed rate whatever the answers do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::line::Line;
use crate::tally::Tally;

/// How the callers ask.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Closed loop: the next request follows the answer.
    Closed,
    /// Open loop: so many requests are due each second, and a latency counts from when its request was due.
    Open {
        /// Requests per second of all callers together.
        per_second: f64,
    },
}

/// When a run ends.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// After this time.
    Time(Duration),
    /// After so many requests of all callers together.
    Requests(u64),
}

/// What all callers share: the number of the next request, and when it is due.
struct Schedule {
    begun: Instant,
    pace: Pace,
    length: Length,
    taken: AtomicU64,
}

impl Schedule {
    /// When the next request was due; `None` when the run is over.
    async fn next(&self) -> Option<Instant> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        if matches!(self.length, Length::Requests(most) if number >= most) {
            return None;
        }
        let due = match self.pace {
            Pace::Closed => Instant::now(),
            Pace::Open { per_second } => self.begun + Duration::from_secs_f64(number as f64 / per_second.max(1e-3)),
        };
        if matches!(self.length, Length::Time(time) if due.duration_since(self.begun) >= time) {
            return None;
        }
        tokio::time::sleep_until(due.into()).await;
        Some(due)
    }
}

/// Drives all lines until the run is over; they come back as they are then, with what was counted.
///
/// # Errors
/// When a caller's task broke down.
pub async fn drive(lines: Vec<Line>, pace: Pace, length: Length) -> anyhow::Result<(Tally, Vec<Line>)> {
    let begun = Instant::now();
    let schedule = Arc::new(Schedule { begun, pace, length, taken: AtomicU64::new(0) });
    let mut callers = JoinSet::new();
    for mut line in lines {
        let (schedule, mut tally) = (schedule.clone(), Tally::new()?);
        callers.spawn(async move {
            while let Some(due) = schedule.next().await {
                let outcome = line.turn().await;
                tally.count(due.elapsed(), outcome);
            }
            (tally, line)
        });
    }
    let (mut total, mut lines) = (Tally::new()?, Vec::new());
    while let Some(ended) = callers.join_next().await {
        let (tally, line) = ended?;
        total.add(&tally);
        lines.push(line);
    }
    Ok((total.took(begun.elapsed()), lines))
}
