//! A clock that is set by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sayso_token::time::{Clock, Lifetime, Timestamp};

/// Where test clocks start: 2026-01-01T00:00:00Z.
pub const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock at [`NOW`].
    pub fn new() -> Self {
        Self::at(NOW)
    }

    /// A clock at that time.
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(time.millis())))
    }

    /// Sets it, forwards or backwards.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.millis(), Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn advance(&self, span: Lifetime) {
        self.0.fetch_add(span.millis(), Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_show_the_time_that_one_of_them_is_set_to() {
        let clock = TestClock::new();
        let other = clock.clone();
        other.advance(Lifetime::from_seconds(90));
        assert_eq!(clock.now(), NOW + Lifetime::from_seconds(90));
        clock.set(NOW);
        assert_eq!(other.now(), NOW);
    }
}
