//! Progressive responses: what a skill may have said while its answer is still being worked on.
//!
//! Shape and statuses: Amazon's "Progressive Response REST API Reference" and the official SDKs' `services.directive`.

use serde_json::Value;

/// Progressive responses that Alexa takes for one request.
pub const MOST_RESPONSES: usize = 5;
/// Characters of one, with its marks.
pub const LONGEST_SPEECH: usize = 600;
/// `<audio>` elements in one.
const MOST_SOUNDS: usize = 5;
/// A foreign type is told so far.
const LONGEST_TYPE: usize = 80;

/// A `VoicePlayer.Speak` directive as it is posted to `/v1/directives`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressiveResponse {
    /// `header.requestId`: the request that is being answered.
    pub request_id: String,
    /// `directive.speech`: words, or SSML inside `<speak>`.
    pub speech: String,
}

/// The request that a skill was sent, and how far it has come with it.
#[derive(Clone, Copy, Debug)]
pub struct Answering<'a> {
    /// Its `requestId`.
    pub request_id: &'a str,
    /// Its `type`, such as `IntentRequest`.
    pub request_type: &'a str,
    /// Whether the skill's answer has arrived.
    pub is_answered: bool,
    /// Progressive responses that were taken for it so far.
    pub taken: usize,
}

/// Why Alexa takes no progressive response; printed, it says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectiveRefused {
    /// The body is no object.
    #[error("the body is no JSON object; send {{\"header\": {{\"requestId\": …}}, \"directive\": {{…}}}}")]
    NotAnObject,
    /// A member is not there, or no text.
    #[error("{0} is missing, empty or no text")]
    Missing(&'static str),
    /// Another directive.
    #[error("the directive is of type {0:?}; the only one that can be sent is VoicePlayer.Speak")]
    NotSpeech(String),
    /// The speech is too long.
    #[error("the speech has {0} characters; Alexa takes {most}", most = LONGEST_SPEECH)]
    TooLong(usize),
    /// Markup outside of a document.
    #[error("speech with markup must stand inside <speak> and </speak>")]
    NotADocument,
    /// Too many sounds.
    #[error("the speech has {0} <audio> elements; Alexa plays {most}", most = MOST_SOUNDS)]
    TooManySounds(usize),
    /// The id is not that of the request which the token came with.
    #[error("header.requestId is not that of the request which the token came with")]
    UnknownRequest,
    /// Only launches and intents may be answered in steps.
    #[error("a {0} takes no progressive response; a LaunchRequest and an IntentRequest do")]
    NotTaken(String),
    /// It comes after the answer.
    #[error("the skill has answered already: wait for the progressive response to be taken before answering")]
    Answered,
    /// There were as many as are taken.
    #[error("{most} progressive responses were sent for this request; Alexa takes no more", most = MOST_RESPONSES)]
    TooMany,
}

impl DirectiveRefused {
    /// The status it is refused with.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotTaken(_) | Self::Answered | Self::TooMany => 403,
            _ => 400,
        }
    }

    /// Amazon's words for that status.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self.status() {
            403 => "The skill is not allowed to send directives at the moment.",
            _ => "Directive not valid.",
        }
    }
}

impl ProgressiveResponse {
    /// Reads the body of a request to `/v1/directives`.
    ///
    /// # Errors
    /// It has not the shape, or says more than Alexa takes.
    pub fn read(body: &[u8]) -> Result<Self, DirectiveRefused> {
        let body: Value = serde_json::from_slice(body).map_err(|_| DirectiveRefused::NotAnObject)?;
        if !body.is_object() {
            return Err(DirectiveRefused::NotAnObject);
        }
        let text = |place: &str, name| {
            let text = body.pointer(place).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
            text.map(str::to_owned).ok_or(DirectiveRefused::Missing(name))
        };
        let request_id = text("/header/requestId", "header.requestId")?;
        let kind = text("/directive/type", "directive.type")?;
        if kind != "VoicePlayer.Speak" {
            return Err(DirectiveRefused::NotSpeech(kind.chars().take(LONGEST_TYPE).collect()));
        }
        let speech = text("/directive/speech", "directive.speech")?;
        check_speech(speech.trim())?;
        Ok(Self { request_id, speech })
    }

    /// Whether it may be heard now.
    ///
    /// # Errors
    /// It is for another request, for one that takes none, too late, or one too many.
    pub fn judge(&self, answering: &Answering<'_>) -> Result<(), DirectiveRefused> {
        if self.request_id != answering.request_id {
            return Err(DirectiveRefused::UnknownRequest);
        }
        if !matches!(answering.request_type, "LaunchRequest" | "IntentRequest") {
            return Err(DirectiveRefused::NotTaken(answering.request_type.to_owned()));
        }
        if answering.is_answered {
            return Err(DirectiveRefused::Answered);
        }
        if answering.taken >= MOST_RESPONSES {
            return Err(DirectiveRefused::TooMany);
        }
        Ok(())
    }
}

fn check_speech(speech: &str) -> Result<(), DirectiveRefused> {
    let length = speech.chars().count();
    if length > LONGEST_SPEECH {
        return Err(DirectiveRefused::TooLong(length));
    }
    let is_document = speech.starts_with("<speak") && speech.ends_with("</speak>");
    if speech.contains('<') && !is_document {
        return Err(DirectiveRefused::NotADocument);
    }
    let sounds = speech.matches("<audio").count();
    if sounds > MOST_SOUNDS { Err(DirectiveRefused::TooManySounds(sounds)) } else { Ok(()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn posted(speech: &Value) -> Vec<u8> {
        json!({"header": {"requestId": "r"}, "directive": {"type": "VoicePlayer.Speak", "speech": speech}})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn what_has_the_shape_is_read_and_what_has_not_is_named() {
        let read = ProgressiveResponse::read(&posted(&json!("<speak>One moment.</speak>"))).unwrap();
        assert_eq!((read.request_id.as_str(), read.speech.as_str()), ("r", "<speak>One moment.</speak>"));
        assert!(ProgressiveResponse::read(&posted(&json!("x".repeat(LONGEST_SPEECH)))).is_ok());
        let sounds = format!("<speak>{}</speak>", "<audio src='https://a.example/x.mp3'/>".repeat(6));
        for (body, refused) in [
            (b"header".to_vec(), DirectiveRefused::NotAnObject),
            (b"[]".to_vec(), DirectiveRefused::NotAnObject),
            (b"{}".to_vec(), DirectiveRefused::Missing("header.requestId")),
            (br#"{"header": {"requestId": 7}}"#.to_vec(), DirectiveRefused::Missing("header.requestId")),
            (br#"{"header": {"requestId": "r"}}"#.to_vec(), DirectiveRefused::Missing("directive.type")),
            (
                br#"{"header": {"requestId": "r"}, "directive": {"type": "Hint"}}"#.to_vec(),
                DirectiveRefused::NotSpeech("Hint".into()),
            ),
            (posted(&json!(" ")), DirectiveRefused::Missing("directive.speech")),
            (posted(&json!(["a"])), DirectiveRefused::Missing("directive.speech")),
            (posted(&json!("<audio src='https://a.example/x.mp3'/>")), DirectiveRefused::NotADocument),
            (posted(&json!("<speak>One moment.")), DirectiveRefused::NotADocument),
            (posted(&json!(sounds)), DirectiveRefused::TooManySounds(6)),
            (posted(&json!("x".repeat(LONGEST_SPEECH + 1))), DirectiveRefused::TooLong(601)),
        ] {
            let error = ProgressiveResponse::read(&body).unwrap_err();
            assert_eq!((&error, error.status()), (&refused, 400), "{}", String::from_utf8_lossy(&body));
            assert_eq!(error.message(), "Directive not valid.");
        }
    }

    #[test]
    fn it_is_heard_for_the_request_that_is_being_answered_alone() {
        let response = ProgressiveResponse { request_id: "r".into(), speech: "Hm.".into() };
        let now = Answering { request_id: "r", request_type: "IntentRequest", is_answered: false, taken: 4 };
        for (answering, judged, status) in [
            (now, Ok(()), 0),
            (Answering { request_type: "LaunchRequest", ..now }, Ok(()), 0),
            (Answering { request_id: "other", is_answered: true, ..now }, Err(DirectiveRefused::UnknownRequest), 400),
            (
                Answering { request_type: "SessionEndedRequest", ..now },
                Err(DirectiveRefused::NotTaken("SessionEndedRequest".into())),
                403,
            ),
            (Answering { is_answered: true, ..now }, Err(DirectiveRefused::Answered), 403),
            (Answering { taken: MOST_RESPONSES, ..now }, Err(DirectiveRefused::TooMany), 403),
        ] {
            let found = response.judge(&answering);
            assert_eq!(found, judged, "{answering:?}");
            if let Err(refused) = found {
                assert_eq!(refused.status(), status, "{answering:?}");
            }
        }
    }
}
