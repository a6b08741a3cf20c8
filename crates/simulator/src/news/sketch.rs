//! A turn under way.

use std::collections::BTreeMap;

use crate::inside;
use crate::trace::{CheckShown, GuardTrace, Hop, Turn};

/// A turn under way, as far as it has come.
#[derive(Debug)]
pub(super) struct Sketch {
    /// Who asked whom, as the simulator sees it.
    pub(super) turn: Turn,
    /// What skills tell of requests that they have not answered yet, by the number of the request.
    told: BTreeMap<usize, (Vec<CheckShown>, Vec<Hop>)>,
    /// Under which names they tell.
    names: Vec<(String, usize)>,
}

impl Sketch {
    pub(super) fn of(turn: Turn) -> Self {
        Self { turn, told: BTreeMap::new(), names: Vec::new() }
    }

    /// Of the next request will be told under this name.
    pub(super) fn expect(&mut self, name: String) {
        self.names.push((name, self.turn.hops.len()));
    }

    /// A skill tells; whether it was asked to, and has not answered yet.
    pub(super) fn tell(&mut self, name: &str, trace: &GuardTrace) -> bool {
        let Some((_, at)) = self.names.iter().find(|(known, _)| known == name) else { return false };
        let is_awaited = |hop: &&Hop| hop.response.is_none() && hop.note.is_none();
        let Some(hop) = self.turn.hops.get(*at).filter(is_awaited) else { return false };
        self.told.insert(*at, inside::sketched(trace, hop.at.as_deref()));
        true
    }

    /// The turn as it is drawn now.
    pub(super) fn drawn(&self) -> Turn {
        let mut turn = self.turn.clone();
        turn.hops.clear();
        for (at, hop) in self.turn.hops.iter().enumerate() {
            let (checks, inner) = self.told.get(&at).cloned().unwrap_or_default();
            turn.hops.push(Hop { checks, ..hop.clone() });
            turn.hops.extend(inner);
        }
        turn
    }
}
