//! What a handler is given.

use sayso_alexa::envelope::{Intent, RequestEnvelope, Slot};
use sayso_token::guard::AccessToken;
use serde_json::{Map, Value};

use crate::answer::Answer;

/// One request on its way to its handler and back.
#[derive(Debug)]
pub struct HandlerInput {
    envelope: RequestEnvelope,
    session_attributes: Map<String, Value>,
    token: Option<AccessToken>,
}

/// The handler asked for a verified token without requiring one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no token was verified; let the handler's `requires` demand one")]
pub struct NotGuarded;

impl HandlerInput {
    pub(crate) fn new(envelope: RequestEnvelope) -> Self {
        let session_attributes = envelope.session_attributes().cloned().unwrap_or_default();
        Self { envelope, session_attributes, token: None }
    }

    /// The whole request.
    #[must_use]
    pub fn envelope(&self) -> &RequestEnvelope {
        &self.envelope
    }

    /// Whether the request has that `type`.
    #[must_use]
    pub fn is_type(&self, request_type: &str) -> bool {
        self.envelope.request_type() == Some(request_type)
    }

    /// Whether the request is an `IntentRequest` with that intent.
    #[must_use]
    pub fn is_intent(&self, name: &str) -> bool {
        self.is_type("IntentRequest") && self.intent().and_then(|intent| intent.name.text()) == Some(name)
    }

    /// The intent.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        self.envelope.intent()
    }

    /// The slot of that name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.envelope.slot(name)
    }

    /// What the person said for that slot; `None` when it is empty.
    #[must_use]
    pub fn slot_value(&self, name: &str) -> Option<&str> {
        self.slot(name)?.value()
    }

    /// The language tag.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        self.envelope.locale()
    }

    /// What this skill remembered in its last turn of this session.
    #[must_use]
    pub fn session_attributes(&self) -> &Map<String, Value> {
        &self.session_attributes
    }

    /// What this skill will be told again in its next turn of this session.
    pub fn session_attributes_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.session_attributes
    }

    /// The token that passed all six checks.
    ///
    /// # Errors
    /// The handler does not require one.
    pub fn verified_token(&self) -> Result<&AccessToken, NotGuarded> {
        self.token.as_ref().ok_or(NotGuarded)
    }

    /// Starts an answer.
    #[must_use]
    pub fn respond(&self) -> Answer {
        Answer::new()
    }

    pub(crate) fn admit(&mut self, token: AccessToken) {
        self.token = Some(token);
    }

    /// The attributes for the answer: only a session has some.
    pub(crate) fn remembered(&self) -> Option<Map<String, Value>> {
        self.envelope.session.known().map(|_| self.session_attributes.clone())
    }

    /// Whether Alexa takes something to say in the answer to this request.
    pub(crate) fn may_speak(&self) -> bool {
        let in_session = self.envelope.session.known().is_some();
        in_session && !self.is_type("SessionEndedRequest") && !self.is_type("CanFulfillIntentRequest")
    }
}
