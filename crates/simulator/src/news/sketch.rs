//! A turn under way.

use std::collections::BTreeMap;

use crate::alexa_api::Call;
use crate::inside;
use crate::trace::{GuardTrace, Hop, Turn};

/// A turn under way, as far as it has come.
#[derive(Debug)]
pub(super) struct Sketch {
    /// Who asked whom, as the simulator sees it.
    pub(super) turn: Turn,
    /// What skills tell of requests that they have not answered yet, by the number of the request.
    told: BTreeMap<usize, GuardTrace>,
    /// What skills ask Alexa meanwhile, likewise.
    seen: BTreeMap<usize, Vec<Call>>,
    /// Under which names they tell.
    names: Vec<(String, usize)>,
}

impl Sketch {
    pub(super) fn of(turn: Turn) -> Self {
        Self { turn, told: BTreeMap::new(), seen: BTreeMap::new(), names: Vec::new() }
    }

    /// Of the next request will be told under this name.
    pub(super) fn expect(&mut self, name: String) {
        self.names.push((name, self.turn.hops.len()));
    }

    /// A skill tells; whether it was asked to, and has not answered yet.
    pub(super) fn tell(&mut self, name: &str, trace: &GuardTrace) -> bool {
        let Some((_, at)) = self.names.iter().find(|(known, _)| known == name) else { return false };
        let is_awaited = |hop: &Hop| hop.response.is_none() && hop.note.is_none();
        if !self.turn.hops.get(*at).is_some_and(is_awaited) {
            return false;
        }
        self.told.insert(*at, trace.clone());
        true
    }

    /// A skill has asked Alexa something, before it has answered the last request.
    pub(super) fn see(&mut self, call: Call) {
        if let Some(at) = self.turn.hops.len().checked_sub(1) {
            self.seen.entry(at).or_default().push(call);
        }
    }

    /// The turn as it is drawn now.
    pub(super) fn drawn(&self) -> Turn {
        let mut turn = self.turn.clone();
        turn.hops.clear();
        for (at, hop) in self.turn.hops.iter().enumerate() {
            let seen = self.seen.get(&at).map_or(&[][..], Vec::as_slice);
            let untold = GuardTrace::default();
            let trace = self.told.get(&at).unwrap_or(&untold);
            let (checks, inner) = inside::sketched(trace, hop.at.as_deref(), seen);
            turn.hops.push(Hop { checks, ..hop.clone() });
            turn.hops.extend(inner);
        }
        turn
    }
}
