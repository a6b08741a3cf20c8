//! One run of a scenario: its seed, how much of the full scale it covers, and when it must end.

use std::fmt;
use std::time::{Duration, Instant};

/// What a scenario is started with.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Decides everything that chance decides.
    pub seed: u64,
    /// How much of the full scale, from 0 to 1.
    pub scale: f64,
    /// Whether promises about time are held as well: in the release profile, not in tests beside others.
    pub timed: bool,
    ends: Instant,
}

impl Run {
    /// A run that begins nothing new once `time` is over.
    pub fn new(seed: u64, scale: f64, time: Duration) -> Self {
        Self { seed, scale, timed: false, ends: Instant::now() + time }
    }

    /// Whether the time is over. What was begun is brought to its end.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.ends
    }

    /// The same run with only this part of the time that is left.
    pub fn part(self, of: u32) -> Self {
        let left = self.ends.saturating_duration_since(Instant::now());
        Self { ends: Instant::now() + left / of.max(1), ..self }
    }

    /// The same run, held to promises about time as well.
    #[must_use]
    pub fn timed(self) -> Self {
        Self { timed: true, ..self }
    }

    /// The same run at this share of its scale.
    pub fn of(self, share: f64) -> Self {
        Self { scale: self.scale * share, ..self }
    }

    /// So many at full scale are so many in this run; one at least.
    pub fn scaled(&self, full: u32) -> u32 {
        let wanted = (f64::from(full) * self.scale).round();
        // Between one and `full`, so nothing is cut off.
        (wanted.clamp(1.0, f64::from(full))) as u32
    }
}

/// What a scenario has done and seen, printed in one line.
#[derive(Clone, Debug, Default)]
pub struct Figures(Vec<(String, String)>);

impl Figures {
    /// Adds a figure.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{value} {name}")?;
        }
        Ok(())
    }
}

/// Says that a scenario cannot be played on this machine, past the capture of a test harness.
pub fn not_played(scenario: &str, why: &str) {
    use std::io::Write as _;
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: {scenario}: {why}");
}
