//! Which of the signing keys of one authority and algorithm signs, which are published, and when that changes.
//!
//! Keys take office one after the other. A new one is published at once, and signs when every verifier can have it. The one
//! that it replaces stays published until the last token it signed is over. A revoked key is out at once, and the next one
//! signs at once: better that a verifier asks once more than that it trusts a key that others have.

use crate::time::{Lifetime, Timestamp};

/// How long whoever reads the published keys may keep them without asking again (`Cache-Control: max-age`).
pub const KEYS_MAX_AGE: Lifetime = Lifetime::from_seconds(300);
/// How long a new key is published before it signs: what a cache on the way may keep, and ten minutes more, for verifiers
/// that keep keys by a rule of their own. Common libraries have 5 or 10 minutes; a skill's guard has one.
pub const KNOWN_BEFORE_SIGNING: Lifetime = Lifetime::from_seconds(900);
/// How long a replaced key is published beyond the end of the last token it can have signed: for clocks that differ (a
/// verifier may allow two minutes), and for a node that learns late that it was replaced.
pub const PUBLISHED_BEYOND: Lifetime = Lifetime::from_seconds(300);
/// How long a newer key must have been there until those it replaced are forgotten. Longer than they are published.
pub const REPLACED_MEMORY: Lifetime = Lifetime::from_seconds(31 * 24 * 60 * 60);

/// What decides about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTimes {
    /// When it was made, and so published.
    pub made_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What a key is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, and will sign.
    Next,
    /// Signs, and is published.
    Signing,
    /// Signs no more; published for the tokens it has signed.
    Published,
    /// All that it has signed is over.
    Retired,
    /// Nothing that it has signed counts.
    Revoked,
}

impl KeyState {
    /// The word that operators read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Published => "published",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it is there for.
    pub state: KeyState,
    /// When it begins or began to sign; `None` if it was revoked before.
    pub signs_from: Option<Timestamp>,
    /// When it ceases or ceased to be published; `None` as long as no other key is there to replace it.
    pub published_until: Option<Timestamp>,
}

impl Standing {
    /// Whether verifiers are to know it.
    pub const fn is_published(&self) -> bool {
        matches!(self.state, KeyState::Next | KeyState::Signing | KeyState::Published)
    }
}

/// When a key signs or signed from.
#[derive(Clone, Copy)]
struct Term {
    from: Timestamp,
    begun: bool,
}

/// Where each of these keys stands at `now`. They are of one authority and algorithm, the oldest first; no token lives
/// for longer than `longest`.
pub fn standings(keys: &[KeyTimes], longest: Lifetime, now: Timestamp) -> Vec<Standing> {
    let terms = terms(keys, now);
    let latest = terms.iter().rposition(|term| term.is_some_and(|term| term.begun));
    let stand = |(at, (key, term)): (usize, (&KeyTimes, &Option<Term>))| {
        let replaced_at = terms.iter().skip(at + 1).flatten().next().map(|term| term.from);
        let published_until = match key.revoked_at {
            Some(revoked_at) => Some(revoked_at),
            None => replaced_at.map(|at| at + longest + PUBLISHED_BEYOND),
        };
        let state = match term {
            _ if key.revoked_at.is_some() => KeyState::Revoked,
            Some(Term { begun: true, .. }) if latest == Some(at) => KeyState::Signing,
            Some(Term { begun: true, .. }) if published_until.is_some_and(|until| until <= now) => KeyState::Retired,
            Some(Term { begun: true, .. }) => KeyState::Published,
            _ => KeyState::Next,
        };
        Standing { state, signs_from: term.map(|term| term.from), published_until }
    };
    keys.iter().zip(&terms).enumerate().map(stand).collect()
}

/// The terms of office; `None` for a key that was revoked before it signed.
fn terms(keys: &[KeyTimes], now: Timestamp) -> Vec<Option<Term>> {
    let mut before: Option<KeyTimes> = None;
    let term = |key: &KeyTimes| {
        let KeyTimes { made_at, revoked_at } = *key;
        let known = made_at + KNOWN_BEFORE_SIGNING;
        let from = match before {
            None => made_at,
            Some(before) => before.revoked_at.map_or(known, |at| known.min(at.max(made_at))),
        };
        // Where nobody else can sign, a clock that is behind the one that wrote these times must not stand in the way.
        let at_once = before.is_none_or(|before| before.revoked_at.is_some());
        let in_office = revoked_at.is_none_or(|at| at > from);
        if in_office {
            before = Some(*key);
        }
        in_office.then_some(Term { from, begun: at_once || from <= now })
    };
    keys.iter().map(term).collect()
}

/// When the standings will be others than at `now`, unless a key is made or revoked before.
pub fn next_change(standings: &[Standing], now: Timestamp) -> Option<Timestamp> {
    let change = |standing: &Standing| match standing.state {
        KeyState::Next => standing.signs_from,
        KeyState::Signing | KeyState::Published => standing.published_until,
        KeyState::Retired | KeyState::Revoked => None,
    };
    standings.iter().filter_map(change).filter(|at| *at > now).min()
}

/// When another key is due, if one is to be made `every` so often: counted from the newest that is not revoked.
pub fn due_at(keys: &[KeyTimes], every: Lifetime) -> Option<Timestamp> {
    keys.iter().rev().find(|key| key.revoked_at.is_none()).map(|newest| newest.made_at + every)
}

#[cfg(test)]
mod tests;
