//! What was asked and answered about one grant, for whoever has to find out why a run has failed.

use std::collections::VecDeque;
use std::fmt;

/// Calls that are remembered.
const KEPT: usize = 40;

/// The last calls about a grant.
#[derive(Clone, Debug, Default)]
pub struct History {
    calls: VecDeque<String>,
    forgotten: usize,
}

impl History {
    /// Notes a call, or whatever else happened.
    pub fn note(&mut self, what: impl Into<String>) {
        if self.calls.len() == KEPT {
            self.calls.pop_front();
            self.forgotten += 1;
        }
        self.calls.push_back(what.into());
    }

    /// The failure of a run: what does not hold, the seed, the grant, and this history.
    pub fn failure(&self, seed: u64, grant: &str, what: impl fmt::Display) -> anyhow::Error {
        anyhow::anyhow!("{what}\nseed {seed}, grant {grant}\n{self}")
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.forgotten > 0 {
            writeln!(f, "  … {} earlier", self.forgotten)?;
        }
        self.calls.iter().try_for_each(|call| writeln!(f, "  {call}"))
    }
}

/// The beginning of a token, enough to tell it from others in a history.
pub fn short(token: &str) -> String {
    let tail: String = token.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{}…{tail}", token.chars().take(10).collect::<String>())
}
