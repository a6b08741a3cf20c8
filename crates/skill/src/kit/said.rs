//! What a skill answered, and what a test expects of it.

use serde_json::{Value, json};

/// An answer. What is asserted fails the test with the whole answer.
#[derive(Clone, Debug)]
pub struct Said {
    status: u16,
    json: Value,
}

impl Said {
    pub(super) fn new(status: u16, body: &[u8]) -> Self {
        Self { status, json: serde_json::from_slice(body).unwrap_or_default() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The whole answer; `null` when there is none.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }

    fn response(&self, pointer: &str) -> Option<&Value> {
        self.json.get("response")?.pointer(pointer)
    }

    /// What is said: words, or SSML with its markup; empty when nothing is.
    #[must_use]
    pub fn speech(&self) -> &str {
        let either = self.response("/outputSpeech/text").or_else(|| self.response("/outputSpeech/ssml"));
        either.and_then(Value::as_str).unwrap_or_default()
    }

    /// What is said when nobody answers: words, or SSML with its markup; empty when nothing is.
    #[must_use]
    pub fn reprompt(&self) -> &str {
        let either =
            self.response("/reprompt/outputSpeech/text").or_else(|| self.response("/reprompt/outputSpeech/ssml"));
        either.and_then(Value::as_str).unwrap_or_default()
    }

    /// What the Alexa app shows; `null` when nothing is.
    #[must_use]
    pub fn card(&self) -> &Value {
        self.response("/card").unwrap_or(&Value::Null)
    }

    /// Whether a LinkAccount card is shown.
    #[must_use]
    pub fn asks_to_link(&self) -> bool {
        *self.card() == json!({"type": "LinkAccount"})
    }

    /// The directive of that type.
    #[must_use]
    pub fn directive(&self, directive_type: &str) -> Option<&Value> {
        let directives = self.response("/directives")?.as_array()?;
        directives.iter().find(|directive| directive.get("type").and_then(Value::as_str) == Some(directive_type))
    }

    /// What the skill remembers for its next turn.
    #[must_use]
    pub fn session_attributes(&self) -> Value {
        self.json.get("sessionAttributes").cloned().unwrap_or_else(|| json!({}))
    }

    /// Whether the session goes on.
    #[must_use]
    pub fn keeps_session(&self) -> bool {
        matches!(self.response("/shouldEndSession"), Some(Value::Bool(false) | Value::Null))
            || ["Dialog.Delegate", "Dialog.ElicitSlot", "Dialog.ConfirmSlot", "Dialog.ConfirmIntent"]
                .iter()
                .any(|directive| self.directive(directive).is_some())
    }

    /// Asserts that exactly this is said.
    ///
    /// # Panics
    /// Something else is.
    #[track_caller]
    pub fn assert_says(&self, words: &str) {
        assert_eq!(self.speech(), words, "{}", self.json);
    }

    /// Asserts that this is part of what is said.
    ///
    /// # Panics
    /// It is not.
    #[track_caller]
    pub fn assert_mentions(&self, words: &str) {
        assert!(self.speech().contains(words), "{words:?} is not in {}", self.json);
    }

    /// Asserts that the person is asked to link an account, and the session ends.
    ///
    /// # Panics
    /// They are not.
    #[track_caller]
    pub fn assert_asks_to_link(&self) {
        assert!(self.asks_to_link() && !self.speech().is_empty(), "no card that asks to link: {}", self.json);
        self.assert_ends();
    }

    /// Asserts that the session ends.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn assert_ends(&self) {
        assert_eq!(self.response("/shouldEndSession"), Some(&json!(true)), "the session goes on: {}", self.json);
    }

    /// Asserts that the session goes on.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn assert_listens(&self) {
        assert!(self.keeps_session(), "the session ends: {}", self.json);
    }

    /// Asserts that the request was refused as no request of Alexa's: status 400, and nothing else.
    ///
    /// # Panics
    /// It was answered.
    #[track_caller]
    pub fn assert_refused(&self) {
        assert_eq!((self.status, &self.json), (400, &Value::Null), "the request was not refused");
    }
}
