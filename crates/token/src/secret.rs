//! A text that must not be seen.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::digest::Digest;

/// A password, client secret, code or token. It has no `Display` and no `==`; `Debug` prints `…`; it is wiped when
/// dropped. Serialising is for the one answer meant for its owner.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both are the same text. Digests are compared, in constant time, so neither content nor length shows.
    pub fn matches(&self, other: &Self) -> bool {
        let (mine, theirs) = (Digest::of(self.0.as_bytes()), Digest::of(other.0.as_bytes()));
        verify_slices_are_equal(mine.as_bytes(), theirs.as_bytes()).is_ok()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "…");
    }

    #[test]
    fn only_the_same_text_matches() {
        for (a, b, same) in [("x", "x", true), ("x", "y", false), ("x", "xx", false), ("", "", true)] {
            assert_eq!(Secret::new(a).matches(&Secret::new(b)), same, "{a:?} {b:?}");
        }
    }
}
