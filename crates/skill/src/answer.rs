//! What a handler answers.

use sayso_alexa::envelope::Intent;
use sayso_alexa::limits::{Limits, ResponseRefused, refusals};
use sayso_alexa::response::{
    CanFulfillIntent, Card, CardImage, Connection, DialogDirective, Directive, OutputSpeech, Reprompt, Response,
    ResponseEnvelope, ShouldEndSession,
};
use sayso_alexa::ssml::Ssml;
use serde_json::Value;

/// What is said. Words are words: only an [`Ssml`] value carries markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speech {
    /// Words, read as they stand.
    Words(String),
    /// Words with markup.
    Markup(Ssml),
}

impl From<&str> for Speech {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<String> for Speech {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<Ssml> for Speech {
    fn from(ssml: Ssml) -> Self {
        Self::Markup(ssml)
    }
}

impl From<Speech> for OutputSpeech {
    fn from(speech: Speech) -> Self {
        match speech {
            Speech::Words(words) => Self::plain(words),
            Speech::Markup(ssml) => Self::from(&ssml),
        }
    }
}

/// What a handler answers; built step by step.
///
/// ```
/// use sayso_skill::Answer;
///
/// let answer = Answer::new()
///     .speak("Red, green or blue?")
///     .reprompt("Which color do you like best?");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    response: Response,
}

impl Answer {
    /// An answer that says and shows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says this: words from a text, markup from an [`Ssml`].
    #[must_use]
    pub fn speak(mut self, speech: impl Into<Speech>) -> Self {
        self.response.output_speech = Some(speech.into().into());
        self
    }

    /// Says this when nobody answers, and keeps the session open for an answer unless it was decided otherwise.
    #[must_use]
    pub fn reprompt(mut self, speech: impl Into<Speech>) -> Self {
        self.response.reprompt = Some(Reprompt::new(speech.into().into()));
        if self.response.should_end_session == ShouldEndSession::Unspecified {
            self.response.should_end_session = ShouldEndSession::No;
        }
        self
    }

    /// Shows a title and a text in the Alexa app.
    #[must_use]
    pub fn simple_card(self, title: impl Into<String>, content: impl Into<String>) -> Self {
        self.card(Card::Simple { title: Some(title.into()), content: Some(content.into()) })
    }

    /// Asks in the Alexa app to link an account.
    #[must_use]
    pub fn link_account_card(self) -> Self {
        self.card(Card::LinkAccount)
    }

    /// Shows a title, a text and a picture in the Alexa app.
    #[must_use]
    pub fn standard_card(self, title: impl Into<String>, text: impl Into<String>, image: CardImage) -> Self {
        self.card(Card::Standard { title: Some(title.into()), text: Some(text.into()), image: Some(image) })
    }

    /// Asks in the Alexa app for permissions of Alexa's own, such as `alexa::profile:given_name:read`.
    #[must_use]
    pub fn ask_permissions(self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.card(Card::AskForPermissionsConsent { permissions: permissions.into_iter().map(Into::into).collect() })
    }

    /// Shows any card.
    #[must_use]
    pub fn card(mut self, card: Card) -> Self {
        self.response.card = Some(card);
        self
    }

    /// Tells the device to do something.
    #[must_use]
    pub fn directive(mut self, directive: impl Into<Directive>) -> Self {
        self.response.directives.push(directive.into());
        self
    }

    /// Has Alexa go on with the dialog of the interaction model: ask for the next slot, or for a confirmation.
    #[must_use]
    pub fn delegate(self) -> Self {
        self.directive(DialogDirective::Delegate { updated_intent: None })
    }

    /// The same, with changed slots or confirmations, or with another intent.
    #[must_use]
    pub fn delegate_with(self, intent: Intent) -> Self {
        self.directive(DialogDirective::Delegate { updated_intent: Some(Box::new(intent)) })
    }

    /// The speech of this answer asks for a slot: what is said next is meant for it.
    #[must_use]
    pub fn elicit_slot(self, slot: impl Into<String>) -> Self {
        self.asking(DialogDirective::ElicitSlot { slot_to_elicit: slot.into(), updated_intent: None })
    }

    /// The same, with changed slots or confirmations, or for another intent.
    #[must_use]
    pub fn elicit_slot_with(self, slot: impl Into<String>, intent: Intent) -> Self {
        let updated_intent = Some(Box::new(intent));
        self.asking(DialogDirective::ElicitSlot { slot_to_elicit: slot.into(), updated_intent })
    }

    /// The speech of this answer asks whether a slot is right.
    #[must_use]
    pub fn confirm_slot(self, slot: impl Into<String>) -> Self {
        self.asking(DialogDirective::ConfirmSlot { slot_to_confirm: slot.into(), updated_intent: None })
    }

    /// The same, with changed slots or confirmations, or for another intent.
    #[must_use]
    pub fn confirm_slot_with(self, slot: impl Into<String>, intent: Intent) -> Self {
        let updated_intent = Some(Box::new(intent));
        self.asking(DialogDirective::ConfirmSlot { slot_to_confirm: slot.into(), updated_intent })
    }

    /// The speech of this answer asks whether all of it is right.
    #[must_use]
    pub fn confirm_intent(self) -> Self {
        self.asking(DialogDirective::ConfirmIntent { updated_intent: None })
    }

    /// The same, with changed slots or confirmations, or for another intent.
    #[must_use]
    pub fn confirm_intent_with(self, intent: Intent) -> Self {
        self.asking(DialogDirective::ConfirmIntent { updated_intent: Some(Box::new(intent)) })
    }

    fn asking(mut self, directive: DialogDirective) -> Self {
        if self.response.should_end_session == ShouldEndSession::Unspecified {
            self.response.should_end_session = ShouldEndSession::No;
        }
        self.directive(directive)
    }

    /// Hands over to a task of Alexa's or another skill's; the session waits meanwhile.
    #[must_use]
    pub fn start_connection(self, connection: Connection) -> Self {
        self.directive(connection)
    }

    /// Says whether the skill could answer: for a `CanFulfillIntentRequest`.
    #[must_use]
    pub fn can_fulfill(mut self, answer: CanFulfillIntent) -> Self {
        self.response.can_fulfill_intent = Response::from(answer).can_fulfill_intent;
        self
    }

    /// What a `Dialog.API.Invoked` of Alexa Conversations gets back.
    #[must_use]
    pub fn api_response(mut self, value: impl Into<Value>) -> Self {
        self.response.api_response = Some(value.into());
        self
    }

    /// Everything Alexa would refuse about this answer to a request of that type; for tests. While a skill runs, the same is
    /// looked at before an answer is sent, and the error handlers answer instead.
    ///
    /// ```
    /// use sayso_skill::Answer;
    ///
    /// let answer = Answer::new().speak("x".repeat(9_000));
    /// assert_eq!(answer.refusals("IntentRequest")[0].reason(), "speech_too_long");
    /// ```
    #[must_use]
    pub fn refusals(&self, request_type: &str) -> Vec<ResponseRefused> {
        refusals(&ResponseEnvelope::new(self.response.clone()), request_type, &Limits::default())
    }

    /// Ends the session.
    #[must_use]
    pub fn end_session(mut self) -> Self {
        self.response.should_end_session = ShouldEndSession::Yes;
        self
    }

    /// Keeps the session open and the microphone listening.
    #[must_use]
    pub fn keep_open(mut self) -> Self {
        self.response.should_end_session = ShouldEndSession::No;
        self
    }

    /// The response as Alexa will get it.
    #[must_use]
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// The response, for what the steps above do not cover.
    pub fn response_mut(&mut self) -> &mut Response {
        &mut self.response
    }

    pub(crate) fn into_response(self) -> Response {
        self.response
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json_of(answer: &Answer) -> serde_json::Value {
        serde_json::to_value(answer.response()).unwrap()
    }

    /// ALX-012: speech, reprompt and card.
    #[test]
    fn words_never_become_markup() {
        let evil = "</speak><audio src='https://evil.example'/>";
        assert_eq!(json_of(&Answer::new().speak(evil)), json!({"outputSpeech": {"type": "PlainText", "text": evil}}));
        assert_eq!(
            json_of(&Answer::new().speak(Ssml::new().text("a < b"))),
            json!({"outputSpeech": {"type": "SSML", "ssml": "<speak>a &lt; b</speak>"}})
        );
    }

    #[test]
    fn a_reprompt_keeps_the_session_open_unless_it_was_ended() {
        let asked = Answer::new().speak("?").reprompt("??");
        assert_eq!(asked.response().should_end_session, ShouldEndSession::No);
        let ended = Answer::new().end_session().reprompt("??");
        assert_eq!(ended.response().should_end_session, ShouldEndSession::Yes);
    }
}
