//! Chance that repeats itself.

use sayso_token::digest::Digest;
use sayso_token::entropy::{Entropy, SharedEntropy};

/// The same bytes for the same seed: SHA-256 over seed and counter. Good enough to tell values apart, and a failing
/// test fails again.
#[derive(Clone, Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: u64,
    rest: Vec<u8>,
}

impl SeededEntropy {
    /// A source for this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: 0, rest: Vec::new() }
    }

    /// The same, to be shared by many tasks.
    pub fn shared(seed: u64) -> SharedEntropy {
        SharedEntropy::new(Self::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, dest: &mut [u8]) {
        for byte in dest {
            if self.rest.is_empty() {
                let block = [self.seed.to_be_bytes(), self.drawn.to_be_bytes()].concat();
                self.drawn += 1;
                self.rest = Digest::of(&block).as_bytes().to_vec();
            }
            *byte = self.rest.pop().unwrap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, sizes: &[usize]) -> Vec<u8> {
        let mut entropy = SeededEntropy::new(seed);
        let mut all = Vec::new();
        for size in sizes {
            let mut bytes = vec![0; *size];
            entropy.fill(&mut bytes);
            all.extend(bytes);
        }
        all
    }

    #[test]
    fn a_seed_decides_everything_however_it_is_drawn() {
        assert_eq!(drawn(1, &[100]), drawn(1, &[1, 32, 60, 7]));
        assert_ne!(drawn(1, &[100]), drawn(2, &[100]));
    }

    #[test]
    fn what_is_drawn_does_not_repeat() {
        let shared = SeededEntropy::shared(7);
        let tokens: std::collections::BTreeSet<String> = (0..1000).map(|_| shared.token()).collect();
        assert_eq!(tokens.len(), 1000);
    }
}
