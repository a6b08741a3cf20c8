//! What a skill answered, and what a test expects of it.

use serde_json::{Value, json};

use crate::skill::Reply;

/// An answer. What is asserted fails the test with the whole answer.
#[derive(Clone, Debug)]
pub struct Said {
    status: u16,
    json: Value,
    why: Option<String>,
}

impl Said {
    pub(super) fn new(reply: Reply) -> Self {
        Self { status: reply.status, json: serde_json::from_slice(&reply.body).unwrap_or_default(), why: reply.why }
    }

    /// Why this is no handler's answer, as the log has it: the reason code, and words. `None` when it is one.
    ///
    /// ```
    /// # use sayso_skill::kit::{Device, World, intent};
    /// # use sayso_skill::{Answer, HandlerError, HandlerInput, On, Skill};
    /// async fn broken(_input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     Err("the shop is closed".into())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let world = World::new();
    /// let skill = Skill::builder(World::SKILL_ID, world.outside()).trust(world.trust()).on(On::intent("Shop"), broken).build()?;
    /// let mut device = Device::of(&world, skill);
    /// let said = device.say(intent("Shop")).await;
    /// said.assert_mentions("Sorry, something went wrong.");
    /// assert_eq!(said.why(), Some("handler_error: the shop is closed"));
    /// assert_eq!(device.open().await.why(), Some("no_handler: no handler answers this request"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }

    /// The whole of it, for whoever looks why a test fails.
    fn shown(&self) -> String {
        let why = self.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{} {}{why}", self.status, self.json)
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
        assert_eq!(self.speech(), words, "{}", self.shown());
    }

    /// Asserts that this is part of what is said.
    ///
    /// # Panics
    /// It is not.
    #[track_caller]
    pub fn assert_mentions(&self, words: &str) {
        assert!(self.speech().contains(words), "{words:?} is not in {}", self.shown());
    }

    /// Asserts that the person is asked to link an account, and the session ends.
    ///
    /// # Panics
    /// They are not.
    #[track_caller]
    pub fn assert_asks_to_link(&self) {
        assert!(self.asks_to_link() && !self.speech().is_empty(), "no card that asks to link: {}", self.shown());
        self.assert_ends();
    }

    /// Asserts that the session ends.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn assert_ends(&self) {
        assert_eq!(self.response("/shouldEndSession"), Some(&json!(true)), "the session goes on: {}", self.shown());
    }

    /// Asserts that the session goes on.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn assert_listens(&self) {
        assert!(self.keeps_session(), "the session ends: {}", self.shown());
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
