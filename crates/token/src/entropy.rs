//! Chance, handed in from outside.

use std::sync::{Arc, Mutex, PoisonError};

use crate::encoding::base64url;

/// A source of unpredictable bytes.
pub trait Entropy: Send {
    /// Fills `dest` with unpredictable bytes.
    fn fill(&mut self, dest: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A fresh bearer value of 256 bits, base64url.
    pub fn token(&mut self) -> String {
        base64url(&self.bytes::<32>())
    }
}

/// One source of chance shared by many tasks.
#[derive(Clone)]
pub struct SharedEntropy(Arc<Mutex<dyn Entropy>>);

impl SharedEntropy {
    /// Shares `source`.
    pub fn new(source: impl Entropy + 'static) -> Self {
        Self(Arc::new(Mutex::new(source)))
    }

    /// Fills `dest` with unpredictable bytes.
    pub fn fill(&self, dest: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(dest);
    }

    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A fresh bearer value of 256 bits, base64url.
    pub fn token(&self) -> String {
        base64url(&self.bytes::<32>())
    }
}

impl Entropy for SharedEntropy {
    fn fill(&mut self, dest: &mut [u8]) {
        Self::fill(self, dest);
    }
}

impl std::fmt::Debug for SharedEntropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedEntropy")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::encoding::from_base64url;
    use crate::testing::Seeded;

    #[test]
    fn a_bearer_value_has_256_bits_and_no_twin() {
        let shared = SharedEntropy::new(Seeded(1));
        let other = shared.clone();
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            for token in [shared.token(), other.token()] {
                assert_eq!(from_base64url(&token).unwrap().len(), 32);
                assert!(seen.insert(token));
            }
        }
        let mut source = Seeded(1);
        let source: &mut dyn Entropy = &mut source;
        assert_ne!(source.bytes::<16>(), source.bytes::<16>());
    }
}
