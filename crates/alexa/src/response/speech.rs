//! What Alexa says.

use serde::{Deserialize, Serialize};

use super::directive::Directive;

/// `outputSpeech`: at most 8,000 characters, markup included, with at most five `<audio>` elements of 240 s together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OutputSpeech {
    /// Words; markup in them is read aloud.
    PlainText {
        /// The words.
        text: String,
        /// How it goes with speech that is already waiting.
        #[serde(rename = "playBehavior", default, skip_serializing_if = "Option::is_none")]
        play_behavior: Option<PlayBehavior>,
    },
    /// Words with markup.
    #[serde(rename = "SSML")]
    Ssml {
        /// `<speak>…</speak>`
        ssml: String,
        /// How it goes with speech that is already waiting.
        #[serde(rename = "playBehavior", default, skip_serializing_if = "Option::is_none")]
        play_behavior: Option<PlayBehavior>,
    },
}

impl OutputSpeech {
    /// Words without markup.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::PlainText { text: text.into(), play_behavior: None }
    }

    /// A whole SSML document, `<speak>` included.
    #[must_use]
    pub fn ssml(ssml: impl Into<String>) -> Self {
        Self::Ssml { ssml: ssml.into(), play_behavior: None }
    }

    /// The text that counts towards the limit: the words, or the whole document with its markup.
    #[must_use]
    pub fn content(&self) -> &str {
        match self {
            Self::PlainText { text, .. } => text,
            Self::Ssml { ssml, .. } => ssml,
        }
    }
}

/// `playBehavior`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlayBehavior {
    /// After what is waiting.
    Enqueue,
    /// At once, and nothing of what is waiting.
    ReplaceAll,
    /// After what is being said, and nothing of what is waiting.
    ReplaceEnqueued,
}

/// `reprompt`: said once when nobody answers for about 8 s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reprompt {
    /// What is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_speech: Option<OutputSpeech>,
    /// What the device is told to do.
    #[serde(default, deserialize_with = "super::null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<Directive>,
}

impl Reprompt {
    /// A reprompt that only speaks.
    #[must_use]
    pub fn new(speech: OutputSpeech) -> Self {
        Self { output_speech: Some(speech), directives: Vec::new() }
    }
}
