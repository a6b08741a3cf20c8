//! The stored keys of one authority and algorithm, with where each stands now.

use sayso_authority::record::api::LONGEST_TOKEN;
use sayso_store::StoredKey;
use sayso_token::algorithm::Algorithm;
use sayso_token::rotation::{self, KeyState, KeyTimes, Standing};
use sayso_token::time::{Lifetime, Timestamp};

/// The keys of one algorithm, the oldest first.
pub(crate) struct Succession {
    pub(crate) algorithm: Algorithm,
    keys: Vec<(StoredKey, Standing)>,
    now: Timestamp,
}

impl Succession {
    /// Of all keys of an authority, those of that algorithm.
    pub(crate) fn of(stored: &[StoredKey], algorithm: Algorithm, now: Timestamp) -> Self {
        let mut keys: Vec<StoredKey> = stored.iter().filter(|key| key.algorithm == algorithm).cloned().collect();
        keys.sort_by_key(|key| key.generation);
        // Not how long tokens live here now: the configuration may have let them live longer a moment ago.
        let standings = rotation::standings(&times(keys.iter()), LONGEST_TOKEN, now);
        Self { algorithm, keys: keys.into_iter().zip(standings).collect(), now }
    }

    /// All of them, by algorithm.
    pub(crate) fn all(stored: &[StoredKey], now: Timestamp) -> Vec<Self> {
        let mut algorithms: Vec<Algorithm> = stored.iter().map(|key| key.algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms.into_iter().map(|algorithm| Self::of(stored, algorithm, now)).collect()
    }

    /// Each key with where it stands, the newest first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &(StoredKey, Standing)> {
        self.keys.iter().rev()
    }

    /// The newest key of that state.
    pub(crate) fn newest(&self, state: KeyState) -> Option<&(StoredKey, Standing)> {
        self.keys().find(|(_, standing)| standing.state == state)
    }

    /// What verifiers are to know: the key that signs first, then the newest.
    pub(crate) fn published(&self) -> impl Iterator<Item = &StoredKey> {
        let signs = |standing: &Standing| standing.state == KeyState::Signing;
        let first = self.keys().filter(move |(_, standing)| signs(standing));
        let others = self.keys().filter(move |(_, standing)| standing.is_published() && !signs(standing));
        first.chain(others).map(|(key, _)| key)
    }

    /// The generation of the next key.
    pub(crate) fn next_generation(&self) -> i64 {
        self.keys.last().map_or(0, |(key, _)| key.generation + 1)
    }

    /// Whether a key is to be made now: none signs, or the schedule wants another.
    pub(crate) fn wants_another(&self, every: Option<Lifetime>) -> bool {
        self.newest(KeyState::Signing).is_none() || self.due_at(every).is_some_and(|due| due <= self.now)
    }

    /// When something is to be done or looked at again: the standings change, or another key is due.
    pub(crate) fn next_change(&self, every: Option<Lifetime>) -> Option<Timestamp> {
        let standings: Vec<Standing> = self.keys.iter().map(|(_, standing)| *standing).collect();
        rotation::next_change(&standings, self.now).into_iter().chain(self.due_at(every)).min()
    }

    fn due_at(&self, every: Option<Lifetime>) -> Option<Timestamp> {
        rotation::due_at(&times(self.keys.iter().map(|(key, _)| key)), every?)
    }
}

fn times<'a>(keys: impl Iterator<Item = &'a StoredKey>) -> Vec<KeyTimes> {
    keys.map(|key| KeyTimes { made_at: key.created_at, revoked_at: key.revoked_at }).collect()
}
