//! What a handler answers.

use sayso_alexa::response::{Card, Directive, OutputSpeech, Reprompt, Response, ShouldEndSession};
use sayso_alexa::ssml::Ssml;

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
