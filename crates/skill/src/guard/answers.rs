//! The authority's "active" for a token, kept for a few seconds.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

/// A revoked token passes for at most this long.
const LONGEST: Lifetime = Lifetime::from_seconds(5);
/// So many tokens at a time; more are asked about each time.
const MOST: usize = 4_096;

/// Answers by token and by the API that asked. A token is known by its digest only.
#[derive(Default)]
pub(super) struct Answers {
    /// Nothing is kept without it.
    keep: Option<Lifetime>,
    kept: Mutex<HashMap<(Digest, String), Kept>>,
}

struct Kept {
    body: Bytes,
    asked_at: Timestamp,
}

impl Answers {
    pub(super) fn kept_for(lifetime: Lifetime) -> Self {
        Self { keep: Some(lifetime.min(LONGEST)).filter(|keep| keep.seconds() > 0), kept: Mutex::default() }
    }

    pub(super) fn find(&self, token: &str, resource: &str, now: Timestamp) -> Option<Bytes> {
        let keep = self.keep?;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(&(Digest::of(token.as_bytes()), resource.to_owned()))?;
        found.is_fresh(keep, now).then(|| found.body.clone())
    }

    pub(super) fn keep(&self, token: &str, resource: &str, body: Bytes, asked_at: Timestamp) {
        let Some(keep) = self.keep else { return };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, answer| answer.is_fresh(keep, asked_at));
        }
        if kept.len() < MOST {
            kept.insert((Digest::of(token.as_bytes()), resource.to_owned()), Kept { body, asked_at });
        }
    }
}

impl Kept {
    /// A clock that was set back makes nothing fresh.
    fn is_fresh(&self, keep: Lifetime, now: Timestamp) -> bool {
        (0..keep.millis()).contains(&now.millis_since(self.asked_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    #[test]
    fn an_answer_holds_for_its_token_its_api_and_its_seconds() {
        for (asked_for, holds_until) in [(3, 3_000), (5, 5_000), (600, 5_000)] {
            let answers = Answers::kept_for(Lifetime::from_seconds(asked_for));
            answers.keep("t", "api", Bytes::from_static(b"x"), at(0));
            for (token, resource, millis, found) in [
                ("t", "api", 0, true),
                ("t", "api", holds_until - 1, true),
                ("t", "api", holds_until, false),
                ("t", "api", -1, false),
                ("u", "api", 0, false),
                ("t", "other", 0, false),
            ] {
                assert_eq!(answers.find(token, resource, at(millis)).is_some(), found, "{token} {resource} {millis}");
            }
        }
        for nothing in [Answers::default(), Answers::kept_for(Lifetime::from_seconds(0))] {
            nothing.keep("t", "api", Bytes::new(), at(0));
            assert_eq!(nothing.find("t", "api", at(0)), None);
        }
    }

    #[test]
    fn the_store_is_bounded_and_makes_room_for_itself() {
        let answers = Answers::kept_for(Lifetime::from_seconds(5));
        let count = || answers.kept.lock().map_or(0, |kept| kept.len());
        for number in 0..MOST + 10 {
            answers.keep(&number.to_string(), "api", Bytes::new(), at(0));
        }
        assert_eq!(count(), MOST);
        answers.keep("late", "api", Bytes::new(), at(5_000));
        assert_eq!(count(), 1);
        assert!(answers.find("late", "api", at(5_000)).is_some());
    }
}
