//! What a skill answers: the response envelope.
//!
//! Names follow Amazon's "Request and Response JSON Reference". Unlike a request, a response is read strictly: what
//! Alexa would refuse as `INVALID_RESPONSE` is an error here too. Directives other than `Dialog.*` stay as the JSON they are; those
//! of [`directives`] can be built, and read back, with types.

mod can_fulfill;
mod card;
mod directive;
pub mod directives;
mod speech;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use can_fulfill::{CanFulfill, CanFulfillIntent};
pub use card::{Card, CardImage};
pub use directive::{DialogDirective, Directive, TypedDirective};
pub use directives::Connection;
pub use speech::{OutputSpeech, PlayBehavior, Reprompt};

use crate::field::Extra;

/// The whole of what a skill answers; as JSON at most 24,576 bytes ([`Limits`](crate::limits::Limits)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseEnvelope {
    /// `"1.0"`
    pub version: String,
    /// What the skill wants to be told again in the next turn of this session; any JSON object, part of the whole's bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_attributes: Option<Map<String, Value>>,
    /// What the skill runs on, for Amazon's statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// What is said and shown.
    pub response: Response,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The bytes are not a response that Alexa would take.
#[derive(Debug, thiserror::Error)]
#[error("not a response that Alexa would take: {0}")]
pub struct MalformedResponse(#[from] serde_json::Error);

impl ResponseEnvelope {
    /// An envelope around a response, without session attributes.
    #[must_use]
    pub fn new(response: Response) -> Self {
        Self {
            version: "1.0".to_owned(),
            session_attributes: None,
            user_agent: None,
            response,
            extra: Extra::default(),
        }
    }

    /// Reads an envelope from the bytes of a skill's answer.
    ///
    /// # Errors
    /// The bytes are not JSON, or a known member has a shape that Alexa does not take.
    pub fn from_slice(body: &[u8]) -> Result<Self, MalformedResponse> {
        Ok(serde_json::from_slice(body)?)
    }
}

/// `response`: what is said and shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// What Alexa says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_speech: Option<OutputSpeech>,
    /// What the Alexa app shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// What Alexa says when nobody answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reprompt: Option<Reprompt>,
    /// What the device is told to do.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<Directive>,
    /// Whether the conversation goes on.
    #[serde(
        default,
        deserialize_with = "ShouldEndSession::read",
        skip_serializing_if = "ShouldEndSession::is_unspecified"
    )]
    pub should_end_session: ShouldEndSession,
    /// The answer to a `CanFulfillIntentRequest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_fulfill_intent: Option<Value>,
    /// The answer to a `Dialog.API.Invoked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_response: Option<Value>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `shouldEndSession`, which is not a plain flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShouldEndSession {
    /// Not there: a device with a screen keeps the session for up to 30 s with its microphone closed, others end it.
    #[default]
    Unspecified,
    /// `null`: the session stays open, as with `false`.
    Null,
    /// `false`: the session stays open, the microphone opens, the reprompt is said after silence.
    No,
    /// `true`: the session ends.
    Yes,
}

impl ShouldEndSession {
    /// Whether the member is not there at all; it is then not printed.
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        matches!(self, Self::Unspecified)
    }

    /// Whether a device without a screen listens for the next sentence.
    #[must_use]
    pub fn keeps_listening(self) -> bool {
        matches!(self, Self::Null | Self::No)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<bool>::deserialize(deserializer)? {
            None => Self::Null,
            Some(false) => Self::No,
            Some(true) => Self::Yes,
        })
    }
}

impl Serialize for ShouldEndSession {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unspecified | Self::Null => serializer.serialize_unit(),
            Self::No => serializer.serialize_bool(false),
            Self::Yes => serializer.serialize_bool(true),
        }
    }
}

fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(response: Response) -> Value {
        serde_json::to_value(ResponseEnvelope::new(response)).unwrap()
    }

    #[test]
    fn an_empty_response_prints_only_what_alexa_demands() {
        assert_eq!(printed(Response::default()), json!({"version": "1.0", "response": {}}));
    }

    #[test]
    fn should_end_session_has_four_forms() {
        for (form, json) in [
            (ShouldEndSession::Unspecified, json!({})),
            (ShouldEndSession::Null, json!({"shouldEndSession": null})),
            (ShouldEndSession::No, json!({"shouldEndSession": false})),
            (ShouldEndSession::Yes, json!({"shouldEndSession": true})),
        ] {
            let response = Response { should_end_session: form, ..Response::default() };
            assert_eq!(serde_json::to_value(&response).unwrap(), json);
            assert_eq!(serde_json::from_value::<Response>(json).unwrap(), response);
        }
        assert!(serde_json::from_value::<Response>(json!({"shouldEndSession": "true"})).is_err());
    }

    #[test]
    fn speech_cards_reprompt_and_directives_print_as_amazon_writes_them() {
        let response = Response {
            output_speech: Some(OutputSpeech::ssml("<speak>hi</speak>")),
            card: Some(Card::LinkAccount),
            reprompt: Some(Reprompt::new(OutputSpeech::plain("still there?"))),
            directives: vec![
                Directive::from(DialogDirective::ElicitSlot { slot_to_elicit: "color".into(), updated_intent: None }),
                Directive::other(json!({"type": "AudioPlayer.Stop"})).unwrap(),
            ],
            ..Response::default()
        };
        let expected = json!({"version": "1.0", "response": {
            "outputSpeech": {"type": "SSML", "ssml": "<speak>hi</speak>"},
            "card": {"type": "LinkAccount"},
            "reprompt": {"outputSpeech": {"type": "PlainText", "text": "still there?"}},
            "directives": [
                {"type": "Dialog.ElicitSlot", "slotToElicit": "color"},
                {"type": "AudioPlayer.Stop"},
            ],
        }});
        assert_eq!(printed(response.clone()), expected);
        let read = ResponseEnvelope::from_slice(&serde_json::to_vec(&expected).unwrap()).unwrap();
        assert_eq!(read.response, response);
    }

    #[test]
    fn what_alexa_would_refuse_is_an_error() {
        for broken in [
            json!({"response": {}}),
            json!({"version": "1.0"}),
            json!({"version": "1.0", "response": {"outputSpeech": {"type": "Text", "text": "x"}}}),
            json!({"version": "1.0", "response": {"outputSpeech": {"type": "PlainText"}}}),
            json!({"version": "1.0", "response": {"card": {"type": "Linkaccount"}}}),
            json!({"version": "1.0", "response": {"directives": [{"no": "type"}]}}),
        ] {
            assert!(ResponseEnvelope::from_slice(&serde_json::to_vec(&broken).unwrap()).is_err(), "{broken}");
        }
    }
}
