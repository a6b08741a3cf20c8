//! How often addresses that never led to a good chain may be fetched.
//!
//! Such addresses come from anyone, so fetching them is bounded. The first to come take most of the budget; the rest is kept for the
//! address that is asked for most often meanwhile. Amazon names one address in all of its requests, so that a skill which has just
//! started finds it through a flood of others, unless one of these is named more often than Alexa calls.

use std::collections::{HashMap, VecDeque};

use sayso_alexa::signature::ChainUrl;
use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

/// Fetches in a window for whoever comes first.
const OPEN: usize = 16;
/// Fetches in a window for the address that is asked for most often.
const KEPT: usize = 4;
const WINDOW: Lifetime = Lifetime::from_seconds(60);
/// So many addresses are counted; one that is named in more than a 512th of the requests is among them.
const MOST_COUNTED: usize = 511;

/// What was fetched of late, and what was asked for in vain.
#[derive(Default)]
pub(super) struct Budget {
    fetches: VecDeque<Timestamp>,
    /// How often, at least, each address was asked for since the open part was spent (Misra and Gries 1982).
    asked: HashMap<Digest, u32>,
}

impl Budget {
    /// Whether this address may be fetched now.
    pub(super) fn spend(&mut self, url: &ChainUrl, now: Timestamp) -> bool {
        while self.fetches.front().is_some_and(|at| *at + WINDOW <= now) {
            self.fetches.pop_front();
        }
        let spent = self.fetches.len();
        let address = Digest::of(url.as_str().as_bytes());
        if spent < OPEN {
            self.asked.clear();
        } else {
            self.count(address);
            if spent >= OPEN + KEPT || !self.is_asked_for_most(&address) {
                return false;
            }
            self.asked.remove(&address);
        }
        self.fetches.push_back(now);
        true
    }

    fn count(&mut self, address: Digest) {
        if let Some(times) = self.asked.get_mut(&address) {
            *times = times.saturating_add(1);
        } else if self.asked.len() < MOST_COUNTED {
            self.asked.insert(address, 1);
        } else {
            self.asked.retain(|_, times| {
                *times -= 1;
                *times > 0
            });
        }
    }

    /// Once is not often: else the first of a flood would do.
    fn is_asked_for_most(&self, address: &Digest) -> bool {
        let most = self.asked.values().copied().max().unwrap_or_default();
        self.asked.get(address).is_some_and(|times| *times >= most && *times > 1)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sayso_alexa::signature::check_chain_url;

    use super::*;

    fn address(name: &str) -> ChainUrl {
        check_chain_url(&format!("https://s3.amazonaws.com/echo.api/{name}.pem"), None).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000 + seconds)
    }

    fn flood(budget: &mut Budget, names: std::ops::Range<usize>, now: Timestamp) -> usize {
        names.filter(|name| budget.spend(&address(&format!("flood-{name}")), now)).count()
    }

    #[test]
    fn a_flood_takes_the_open_part_and_amazon_s_address_the_rest() {
        let mut budget = Budget::default();
        assert_eq!(flood(&mut budget, 0..2_000, at(0)), OPEN);
        let amazon = address("echo-api-cert-12");
        let mut asked = 0;
        while !budget.spend(&amazon, at(1)) {
            asked += 1;
            assert!(asked < 5, "the address that is asked for again is fetched");
            assert_eq!(flood(&mut budget, asked * 1_000..asked * 1_000 + 100, at(1)), 0);
        }
    }

    #[test]
    fn never_more_than_twenty_in_a_minute() {
        let mut budget = Budget::default();
        let spent = (0..5_000).filter(|turn| budget.spend(&address(&format!("x-{}", turn / 50)), at(0))).count();
        assert_eq!(spent, OPEN + KEPT);
        assert!(!budget.spend(&address("late"), at(59)));
        assert!(budget.spend(&address("late"), at(60)), "the window is over");
    }

    #[test]
    fn what_is_counted_is_bounded() {
        let mut budget = Budget::default();
        flood(&mut budget, 0..10_000, at(0));
        assert!(budget.asked.len() <= MOST_COUNTED);
    }
}
