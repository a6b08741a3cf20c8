//! What a run came to: latencies, and errors by kind.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::ensure;
use hdrhistogram::Histogram;

use crate::fault::Fault;

/// Three digits are kept of each latency.
const DIGITS: u8 = 3;
const LONGEST_MICROS: u64 = 60_000_000;

/// The requests of a run, counted.
#[derive(Clone, Debug)]
pub struct Tally {
    latencies: Histogram<u64>,
    faults: BTreeMap<Fault, u64>,
    elapsed: Duration,
}

impl Tally {
    /// Nothing yet.
    ///
    /// # Errors
    /// When there is no memory for a histogram.
    pub fn new() -> anyhow::Result<Self> {
        let latencies = Histogram::new_with_bounds(1, LONGEST_MICROS, DIGITS)?;
        Ok(Self { latencies, faults: BTreeMap::new(), elapsed: Duration::ZERO })
    }

    /// Counts one request.
    pub fn count(&mut self, latency: Duration, outcome: Result<(), Fault>) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(micros.clamp(1, LONGEST_MICROS));
        if let Err(fault) = outcome {
            *self.faults.entry(fault).or_default() += 1;
        }
    }

    /// Takes in what another caller counted at the same time.
    pub fn add(&mut self, other: &Self) {
        // Both have the same bounds.
        let _ = self.latencies.add(&other.latencies);
        for (fault, count) in &other.faults {
            *self.faults.entry(fault.clone()).or_default() += count;
        }
    }

    /// How long it all took.
    pub fn took(self, elapsed: Duration) -> Self {
        Self { elapsed, ..self }
    }

    /// Requests, failed ones included.
    pub fn requests(&self) -> u64 {
        self.latencies.len()
    }

    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.requests() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Failed requests.
    pub fn failed(&self) -> u64 {
        self.faults.values().sum()
    }

    /// Whether the run may be believed.
    ///
    /// # Errors
    /// When nothing was asked or any request failed; the text names the kinds.
    pub fn verdict(&self) -> anyhow::Result<()> {
        ensure!(self.requests() > 0, "nothing was asked");
        ensure!(self.failed() == 0, "{} of {} requests failed: {}", self.failed(), self.requests(), self.kinds());
        Ok(())
    }

    /// Whether the refresh rule was broken.
    pub fn broken_rotations(&self) -> u64 {
        self.faults.iter().filter(|(fault, _)| matches!(fault, Fault::Rotation(_))).map(|(_, count)| count).sum()
    }

    fn kinds(&self) -> String {
        let kinds: Vec<String> = self.faults.iter().map(|(fault, count)| format!("{fault} {count}")).collect();
        if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "requests   {} in {:.1} s, {:.0} a second",
            self.requests(),
            self.elapsed.as_secs_f64(),
            self.rate()
        )?;
        write!(f, "latency   ")?;
        for (name, quantile) in [("50 %", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("99.9 %", 0.999)] {
            write!(f, " {name} {},", shown(self.latencies.value_at_quantile(quantile)))?;
        }
        writeln!(f, " longest {}", shown(self.latencies.max()))?;
        write!(f, "errors     {}", self.kinds())
    }
}

fn shown(micros: u64) -> String {
    if micros < 10_000 { format!("{micros} µs") } else { format!("{:.1} ms", micros as f64 / 1000.0) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fault::BadRotation;

    #[test]
    fn errors_are_counted_by_kind_and_spoil_the_run() {
        let mut tally = Tally::new().unwrap();
        assert!(tally.verdict().is_err(), "nothing was asked");
        tally.count(Duration::from_micros(150), Ok(()));
        assert!(tally.verdict().is_ok());
        let mut other = Tally::new().unwrap();
        other.count(Duration::from_secs(3600), Err(Fault::Status(503)));
        other.count(Duration::ZERO, Err(Fault::Rotation(BadRotation::Forked)));
        tally.add(&other);
        assert_eq!((tally.requests(), tally.failed(), tally.broken_rotations()), (3, 2, 1));
        let said = tally.verdict().unwrap_err().to_string();
        assert!(said.contains("status 503 1") && said.contains("forked 1"), "{said}");
    }
}
