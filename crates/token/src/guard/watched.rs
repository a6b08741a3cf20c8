//! The six checks with somebody who looks on, so that whoever has a clock can say how long each took.

use super::introspection::{judge, judge_tokeninfo};
use super::requirements::Requirements;
use super::{AccessToken, Check, Verdict, jwt};
use crate::jwk::JwkSet;
use crate::time::Timestamp;

/// The checks, watched. What is decided is the same as without a watcher.
pub struct Watched<'a> {
    /// Whether this user may do this.
    pub allowed: &'a dyn Fn(&AccessToken) -> bool,
    /// Told of each check as soon as it is passed, in order. The one that fails is in the [`Verdict`].
    pub passed: &'a dyn Fn(Check),
}

impl Watched<'_> {
    /// As [`super::check_jwt`].
    pub fn jwt(&self, token: &str, keys: &JwkSet, want: &Requirements, now: Timestamp) -> Verdict {
        let mut verified = None;
        let result = jwt::judge((token, keys), want, &mut verified, self.passed)
            .and_then(|(token, not_before)| want.suffices(token, not_before, now, self));
        Verdict::from_result(result, verified)
    }

    /// As [`super::check_introspection`].
    pub fn introspection(&self, status: u16, body: &[u8], want: &Requirements, now: Timestamp) -> Verdict {
        let mut verified = None;
        let result = judge((status, body), want, &mut verified, self.passed)
            .and_then(|(token, not_before)| want.suffices(token, not_before, now, self));
        Verdict::from_result(result, verified)
    }

    /// As [`super::check_tokeninfo`].
    pub fn tokeninfo(&self, status: u16, body: &[u8], want: &Requirements, now: Timestamp) -> Verdict {
        let mut verified = None;
        let result = judge_tokeninfo((status, body), want, &mut verified, self.passed)
            .and_then(|token| want.suffices(token, None, now, self));
        Verdict::from_result(result, verified)
    }
}
