//! Chance that a seed decides, so that a failing run can be run again.

use sayso_testkit::SeededEntropy;
use sayso_token::entropy::Entropy as _;

/// A source of chance. The same seed gives the same draws.
#[derive(Clone, Debug)]
pub struct Chance(SeededEntropy);

impl Chance {
    /// A source of its own for whatever has this number within the run: a grant, a worker, a round.
    pub fn new(seed: u64, number: u64) -> Self {
        Self(SeededEntropy::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number)))
    }

    /// From 0 to `limit`, without `limit` itself.
    pub fn below(&mut self, limit: u64) -> u64 {
        let mut drawn = [0; 8];
        self.0.fill(&mut drawn);
        u64::from_be_bytes(drawn) % limit.max(1)
    }

    /// Whether what happens in so many of a hundred cases happens now.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T], otherwise: T) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or_default();
        of.get(at).copied().unwrap_or(otherwise)
    }
}
