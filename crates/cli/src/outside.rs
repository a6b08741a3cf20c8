//! The real clock and real chance.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sayso_server::Ambience;
use sayso_token::entropy::{Entropy, SharedEntropy};
use sayso_token::time::{Clock, Timestamp};

/// Clock and chance of this machine.
pub(crate) fn ambience() -> Ambience {
    Ambience { clock: Arc::new(SystemClock), entropy: SharedEntropy::new(OsEntropy) }
}

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock before 1970 is told as 1970: whatever is signed then, is refused by everyone else.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's source of chance.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, dest: &mut [u8]) {
        if let Err(error) = getrandom::fill(dest) {
            // Nothing secret can be made on such a machine, and going on would hand out guessable tokens.
            eprintln!("sayso: the operating system gives no random bytes: {error}");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_goes_and_chance_differs() {
        assert!(SystemClock.now() > Timestamp::from_seconds(1_700_000_000));
        let (mut one, mut other) = ([0; 32], [0; 32]);
        OsEntropy.fill(&mut one);
        OsEntropy.fill(&mut other);
        assert_ne!(one, other);
    }
}
