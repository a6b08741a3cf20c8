//! One row: what was measured, what is demanded.

use std::fmt;
use std::fs;

pub(super) const HEAD: &str = "| operation | figure | measured | demanded | met |\n|---|---|---|---|---|";

/// What a row must keep to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand {
    AtLeast(f64),
    AtMost(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Met,
    Missed,
}

pub(super) struct Row {
    pub(super) name: String,
    /// The absolute figures, in words.
    pub(super) figure: String,
    pub(super) measured: f64,
    /// `""` for a ratio.
    pub(super) unit: &'static str,
    pub(super) demand: Demand,
}

impl Row {
    pub(super) fn verdict(&self) -> Verdict {
        // As printed: what is shown as 0.90 is 0.90.
        let measured = (self.measured * 100.0).round() / 100.0;
        let met = match self.demand {
            Demand::AtLeast(least) => measured >= least,
            Demand::AtMost(most) => measured <= most,
        };
        if met { Verdict::Met } else { Verdict::Missed }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, bound) = match self.demand {
            Demand::AtLeast(bound) => ("at least", bound),
            Demand::AtMost(bound) => ("at most", bound),
        };
        let met = if self.verdict() == Verdict::Met { "yes" } else { "**no**" };
        let Self { name, figure, measured, unit, .. } = self;
        write!(f, "| {name} | {figure} | {measured:.2}{unit} | {words} {bound}{unit} | {met} |")
    }
}

/// The machine in one line.
pub(super) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unnamed processor");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    format!(
        "{cores} cores, {}, Linux {}; load before the run {load}.",
        model.trim_start_matches([' ', '\t', ':']),
        kernel.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_judged_by_what_it_shows() {
        let row = |measured, demand| Row { name: "a".into(), figure: "b".into(), measured, unit: "", demand };
        assert_eq!(row(0.896, Demand::AtLeast(0.9)).verdict(), Verdict::Met);
        assert_eq!(row(0.894, Demand::AtLeast(0.9)).verdict(), Verdict::Missed);
        assert_eq!(row(1.2, Demand::AtMost(1.15)).verdict(), Verdict::Missed);
        let shown = row(1.2, Demand::AtMost(1.15)).to_string();
        assert_eq!(shown, "| a | b | 1.20 | at most 1.15 | **no** |");
    }
}
