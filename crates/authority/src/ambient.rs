//! What surrounds a decision, and what comes out of one.

use sayso_token::entropy::Entropy;
use sayso_token::time::Timestamp;

use crate::record::change::Change;
use crate::record::event::Event;

/// Now and chance.
pub struct Ambient<'a> {
    /// The time of the decision.
    pub now: Timestamp,
    /// Where fresh values come from.
    pub entropy: &'a mut dyn Entropy,
}

/// A reply or a refusal, with what must be remembered either way, in one transaction.
#[derive(Debug)]
pub struct Decision<T, R> {
    /// What the caller hears.
    pub reply: Result<T, R>,
    /// What the store must do; all of it or nothing.
    pub changes: Vec<Change>,
    /// What the audit log keeps.
    pub audit: Vec<Event>,
}

impl<T, R> Decision<T, R> {
    /// A reply that changes nothing.
    pub fn reply(reply: T) -> Self {
        Self { reply: Ok(reply), changes: Vec::new(), audit: Vec::new() }
    }

    /// A refusal that changes nothing.
    pub fn refuse(refusal: R) -> Self {
        Self { reply: Err(refusal), changes: Vec::new(), audit: Vec::new() }
    }

    /// Adds a change.
    #[must_use]
    pub fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// Adds an audit event.
    #[must_use]
    pub fn event(mut self, event: Event) -> Self {
        self.audit.push(event);
        self
    }
}
