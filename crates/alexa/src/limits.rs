//! What Alexa takes at most, and what it would refuse.
//!
//! The numbers are Amazon's ("Request and Response JSON Reference"); each is a setting, because Amazon moves them.

use crate::response::directives::AudioPlay;
use crate::response::{Card, Directive, OutputSpeech, ResponseEnvelope};

/// The most that Alexa takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The whole response, in bytes of JSON.
    pub response_bytes: usize,
    /// `outputSpeech` and the reprompt, each, in characters with markup.
    pub speech_characters: usize,
    /// All texts of a card together, in characters.
    pub card_characters: usize,
    /// Each picture's address, in characters.
    pub image_url_characters: usize,
    /// `<audio>` elements in one `outputSpeech`.
    pub audio_elements: usize,
    /// The token of an AudioPlayer stream, in characters.
    pub stream_token_characters: usize,
    /// The address of an AudioPlayer stream, in characters.
    pub stream_url_characters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            response_bytes: 24_576,
            speech_characters: 8_000,
            card_characters: 8_000,
            image_url_characters: 2_000,
            audio_elements: 5,
            stream_token_characters: 1_024,
            stream_url_characters: 8_000,
        }
    }
}

/// Why Alexa would refuse a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseRefused {
    /// The JSON is too long.
    #[error("the response has {length} bytes, Alexa takes {limit}")]
    ResponseTooLarge {
        /// Bytes of JSON.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// The speech is too long.
    #[error("the speech has {length} characters, Alexa takes {limit}")]
    SpeechTooLong {
        /// Characters, with markup.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// SSML without its root element.
    #[error("the SSML is not inside <speak>…</speak>")]
    SpeechNotADocument,
    /// Too many sounds.
    #[error("the speech has {count} <audio> elements, Alexa takes {limit}")]
    TooManyAudioElements {
        /// Elements counted.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// The card's texts are too long.
    #[error("the card has {length} characters, Alexa takes {limit}")]
    CardTooLong {
        /// Characters of all texts together.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A picture's address is too long.
    #[error("an image address has {length} characters, Alexa takes {limit}")]
    ImageUrlTooLong {
        /// Characters.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// Something to say or show in the answer to a `SessionEndedRequest`.
    #[error("the answer to a SessionEndedRequest may hold no speech, card, reprompt or directive")]
    SpeechAfterTheEnd,
    /// Something else than AudioPlayer directives in the answer to an `AudioPlayer.*` or `PlaybackController.*` request.
    #[error("the answer to an AudioPlayer or PlaybackController request may hold AudioPlayer directives only")]
    OnlyAudioPlayer,
    /// Something to say, show or do in the answer to a `CanFulfillIntentRequest`.
    #[error("the answer to a CanFulfillIntentRequest may hold canFulfillIntent only")]
    OnlyCanFulfill,
    /// The token of a stream is too long.
    #[error("the stream's token has {length} characters, Alexa takes {limit}")]
    StreamTokenTooLong {
        /// Characters.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// The address of a stream is too long.
    #[error("the stream's address has {length} characters, Alexa takes {limit}")]
    StreamUrlTooLong {
        /// Characters.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A video in an answer that says whether the session ends.
    #[error("an answer with VideoApp.Launch must not say shouldEndSession")]
    VideoWithShouldEndSession,
    /// A dialog directive in an answer that ends the session.
    #[error("a Dialog directive needs an open session, but shouldEndSession is true")]
    DialogInEndedSession,
}

impl ResponseRefused {
    /// The stable reason code.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::ResponseTooLarge { .. } => "response_too_large",
            Self::SpeechTooLong { .. } => "speech_too_long",
            Self::SpeechNotADocument => "speech_not_a_document",
            Self::TooManyAudioElements { .. } => "too_many_audio_elements",
            Self::CardTooLong { .. } => "card_too_long",
            Self::ImageUrlTooLong { .. } => "image_url_too_long",
            Self::SpeechAfterTheEnd => "speech_after_the_end",
            Self::DialogInEndedSession => "dialog_in_ended_session",
            Self::OnlyAudioPlayer => "only_audio_player",
            Self::OnlyCanFulfill => "only_can_fulfill",
            Self::StreamTokenTooLong { .. } => "stream_token_too_long",
            Self::StreamUrlTooLong { .. } => "stream_url_too_long",
            Self::VideoWithShouldEndSession => "video_with_should_end_session",
        }
    }
}

/// Everything Alexa would refuse about a response to a request of that type; empty when it would take it.
#[must_use]
pub fn refusals(envelope: &ResponseEnvelope, request_type: &str, limits: &Limits) -> Vec<ResponseRefused> {
    let mut refused = Vec::new();
    let response = &envelope.response;
    let reprompt = response.reprompt.as_ref().and_then(|reprompt| reprompt.output_speech.as_ref());
    for speech in response.output_speech.iter().chain(reprompt) {
        check_speech(speech, limits, &mut refused);
    }
    if let Some(card) = &response.card {
        check_card(card, limits, &mut refused);
    }
    let speaks = response.output_speech.is_some() || response.card.is_some() || response.reprompt.is_some();
    let says_something = speaks || !response.directives.is_empty();
    let is_foreign = |directive: &Directive| !directive.directive_type().starts_with("AudioPlayer.");
    let is_playback = request_type.starts_with("AudioPlayer.") || request_type.starts_with("PlaybackController.");
    if is_playback && (speaks || response.directives.iter().any(is_foreign)) {
        refused.push(ResponseRefused::OnlyAudioPlayer);
    }
    if request_type == "CanFulfillIntentRequest" && says_something {
        refused.push(ResponseRefused::OnlyCanFulfill);
    }
    response.directives.iter().for_each(|directive| check_directive(directive, limits, &mut refused));
    let has_video = response.directives.iter().any(|directive| directive.directive_type() == "VideoApp.Launch");
    if has_video && !response.should_end_session.is_unspecified() {
        refused.push(ResponseRefused::VideoWithShouldEndSession);
    }
    if request_type == "SessionEndedRequest" && says_something {
        refused.push(ResponseRefused::SpeechAfterTheEnd);
    }
    let has_dialog = response.directives.iter().any(|directive| directive.directive_type().starts_with("Dialog."));
    if has_dialog && response.should_end_session == crate::response::ShouldEndSession::Yes {
        refused.push(ResponseRefused::DialogInEndedSession);
    }
    let length = serde_json::to_vec(envelope).map_or(usize::MAX, |bytes| bytes.len());
    if length > limits.response_bytes {
        refused.push(ResponseRefused::ResponseTooLarge { length, limit: limits.response_bytes });
    }
    refused
}

fn check_speech(speech: &OutputSpeech, limits: &Limits, refused: &mut Vec<ResponseRefused>) {
    let length = speech.content().chars().count();
    if length > limits.speech_characters {
        refused.push(ResponseRefused::SpeechTooLong { length, limit: limits.speech_characters });
    }
    if let OutputSpeech::Ssml { ssml, .. } = speech {
        let document = ssml.trim();
        if !(document.starts_with("<speak") && document.ends_with("</speak>")) {
            refused.push(ResponseRefused::SpeechNotADocument);
        }
        let count = document.matches("<audio").count();
        if count > limits.audio_elements {
            refused.push(ResponseRefused::TooManyAudioElements { count, limit: limits.audio_elements });
        }
    }
}

fn check_directive(directive: &Directive, limits: &Limits, refused: &mut Vec<ResponseRefused>) {
    let Some(play) = directive.read::<AudioPlay>() else { return };
    let stream = &play.audio_item.stream;
    let (token, url) = (stream.token.chars().count(), stream.url.chars().count());
    if token > limits.stream_token_characters {
        refused.push(ResponseRefused::StreamTokenTooLong { length: token, limit: limits.stream_token_characters });
    }
    if url > limits.stream_url_characters {
        refused.push(ResponseRefused::StreamUrlTooLong { length: url, limit: limits.stream_url_characters });
    }
}

fn check_card(card: &Card, limits: &Limits, refused: &mut Vec<ResponseRefused>) {
    let characters = |text: &Option<String>| text.as_deref().map_or(0, |text| text.chars().count());
    let length = match card {
        Card::Simple { title, content } => characters(title) + characters(content),
        Card::Standard { title, text, .. } => characters(title) + characters(text),
        Card::LinkAccount | Card::AskForPermissionsConsent { .. } => 0,
    };
    if length > limits.card_characters {
        refused.push(ResponseRefused::CardTooLong { length, limit: limits.card_characters });
    }
    if let Card::Standard { image: Some(image), .. } = card {
        for length in [characters(&image.small_image_url), characters(&image.large_image_url)] {
            if length > limits.image_url_characters {
                refused.push(ResponseRefused::ImageUrlTooLong { length, limit: limits.image_url_characters });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::response::{CardImage, DialogDirective, Reprompt, Response, ShouldEndSession};

    fn reasons(response: Response, request_type: &str) -> Vec<&'static str> {
        refusals(&ResponseEnvelope::new(response), request_type, &Limits::default())
            .iter()
            .map(ResponseRefused::reason)
            .collect()
    }

    fn speech(characters: usize) -> Response {
        Response { output_speech: Some(OutputSpeech::plain("é".repeat(characters))), ..Response::default() }
    }

    fn directive(value: serde_json::Value) -> Response {
        Response { directives: Directive::other(value).into_iter().collect(), ..Response::default() }
    }

    fn stream(token: usize, url: usize) -> Response {
        directive(json!({"type": "AudioPlayer.Play", "playBehavior": "REPLACE_ALL", "audioItem": {"stream": {
            "token": "é".repeat(token), "url": "u".repeat(url), "offsetInMilliseconds": 0,
        }}}))
    }

    #[test]
    fn speech_is_counted_in_characters() {
        assert_eq!(reasons(speech(8_000), "IntentRequest"), Vec::<&str>::new());
        assert_eq!(reasons(speech(8_001), "IntentRequest"), ["speech_too_long"]);
        let reprompt = Reprompt::new(OutputSpeech::plain("x".repeat(8_001)));
        assert_eq!(
            reasons(Response { reprompt: Some(reprompt), ..Response::default() }, "IntentRequest"),
            ["speech_too_long"]
        );
    }

    #[test]
    fn the_whole_is_counted_in_bytes() {
        let exact = |bytes: usize| {
            let mut envelope = ResponseEnvelope::new(Response::default());
            let mut attributes = serde_json::Map::new();
            attributes.insert("k".into(), "".into());
            envelope.session_attributes = Some(attributes.clone());
            let frame = serde_json::to_vec(&envelope).map_or(0, |json| json.len());
            attributes.insert("k".into(), "x".repeat(bytes - frame).into());
            envelope.session_attributes = Some(attributes);
            refusals(&envelope, "IntentRequest", &Limits::default())
        };
        assert_eq!(exact(24_576), []);
        assert_eq!(exact(24_577), [ResponseRefused::ResponseTooLarge { length: 24_577, limit: 24_576 }]);
    }

    #[test]
    fn each_rule_has_its_reason() {
        let ssml = |text: &str| Response { output_speech: Some(OutputSpeech::ssml(text)), ..Response::default() };
        let card = |card: Card| Response { card: Some(card), ..Response::default() };
        let dialog = Response {
            directives: vec![Directive::from(DialogDirective::Delegate { updated_intent: None })],
            should_end_session: ShouldEndSession::Yes,
            ..Response::default()
        };
        let six_sounds = format!("<speak>{}</speak>", "<audio src='https://a.example'/>".repeat(6));
        let picture =
            CardImage { small_image_url: Some(format!("https://{}", "a".repeat(2_000))), large_image_url: None };
        for (response, request_type, expected) in [
            (ssml("hello"), "LaunchRequest", "speech_not_a_document"),
            (ssml(&six_sounds), "LaunchRequest", "too_many_audio_elements"),
            (
                card(Card::Simple { title: Some("t".repeat(4_001)), content: Some("c".repeat(4_000)) }),
                "IntentRequest",
                "card_too_long",
            ),
            (
                card(Card::Standard { title: None, text: None, image: Some(picture) }),
                "IntentRequest",
                "image_url_too_long",
            ),
            (card(Card::LinkAccount), "SessionEndedRequest", "speech_after_the_end"),
            (dialog, "IntentRequest", "dialog_in_ended_session"),
            (speech(1), "AudioPlayer.PlaybackStarted", "only_audio_player"),
            (card(Card::LinkAccount), "PlaybackController.NextCommandIssued", "only_audio_player"),
            (speech(1), "CanFulfillIntentRequest", "only_can_fulfill"),
            (stream(1_025, 1), "IntentRequest", "stream_token_too_long"),
            (stream(1, 8_001), "AudioPlayer.PlaybackFinished", "stream_url_too_long"),
            (
                Response { should_end_session: ShouldEndSession::No, ..directive(json!({"type": "VideoApp.Launch"})) },
                "IntentRequest",
                "video_with_should_end_session",
            ),
        ] {
            assert_eq!(reasons(response, request_type), [expected]);
        }
    }
}
