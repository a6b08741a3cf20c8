//! The real clock and real chance, as the binary has them: what a request costs includes both.
#![allow(clippy::disallowed_methods, reason = "a measurement is made with the machine's own clock and chance")]

use std::time::{SystemTime, UNIX_EPOCH};

use sayso_token::entropy::Entropy;
use sayso_token::time::{Clock, Timestamp};

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, dest: &mut [u8]) {
        if let Err(error) = getrandom::fill(dest) {
            eprintln!("load: the operating system gives no random bytes: {error}");
            std::process::abort();
        }
    }
}
