//! Judging a skill's answer as the voice cloud does, and taking from it what is heard and shown.

mod directives;

use sayso_alexa::interaction_model::SlotType;
use sayso_alexa::response::DialogDirective;
use serde_json::{Map, Value};

use crate::speech;

/// Most bytes of an answer (field reports quote "exceeded the maximum response size of 24576 bytes").
pub(crate) const LARGEST_ANSWER: usize = 24_576;
/// Most characters of speech, and of a card.
const LONGEST_TEXT: usize = 8000;
/// Most characters of a picture's address.
const LONGEST_IMAGE_URL: usize = 2000;
/// Most `<audio>` tags in one speech.
const MOST_SOUNDS: usize = 5;

/// A skill's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) spoken: Option<String>,
    /// The same with the marks that steer the voice, where it has them.
    pub(crate) ssml: Option<String>,
    pub(crate) reprompt: Option<String>,
    pub(crate) card: Option<Value>,
    pub(crate) attributes: Value,
    /// Whether the session stays open.
    pub(crate) after: After,
    /// All directives, as the skill sent them.
    pub(crate) directives: Vec<Value>,
    /// The one by which the dialog goes on.
    pub(crate) dialog: Option<DialogDirective>,
    /// Values for this session in place of those before; an empty list takes them all away.
    pub(crate) entities: Option<Vec<SlotType>>,
}

/// What `shouldEndSession` says of the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum After {
    /// `false` or `null`: it stays open, the microphone opens.
    Listening,
    /// `true`, or a directive that ends every session.
    Ended,
    /// Not there: with something on a screen it stays for a while, the microphone closed; else it ends.
    #[default]
    Unsaid,
}

impl Answer {
    /// Whether the answer asks to link an account.
    pub(crate) fn asks_to_link(&self) -> bool {
        self.card.as_ref().is_some_and(|card| card.get("type").and_then(Value::as_str) == Some("LinkAccount"))
    }

    /// Whether it has anything to hear or to see.
    pub(crate) fn says_something(&self) -> bool {
        self.spoken.is_some() || self.reprompt.is_some() || self.card.is_some() || !self.directives.is_empty()
    }

    /// Whether it shows something on a screen.
    pub(crate) fn shows_something(&self) -> bool {
        let shown =
            ["Alexa.Presentation.APL.RenderDocument", "Alexa.Presentation.HTML.Start", "Display.RenderTemplate"];
        self.directives.iter().any(|directive| shown.contains(&kind(directive)))
    }

    /// Reads the body of an answer; the error says what is wrong with it.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(body).map_err(|error| format!("The response is not valid JSON: {error}."))?;
        let envelope = value.as_object().ok_or("The response is not a JSON object.")?;
        let response = match envelope.get("response") {
            Some(Value::Object(response)) => response,
            Some(_) => return Err("The field \"response\" must be an object.".into()),
            None => return Err("The response has no field \"response\".".into()),
        };
        if envelope.get("version").is_some_and(|version| !version.is_string()) {
            return Err("The field \"version\" must be the text \"1.0\".".into());
        }
        let attributes = match envelope.get("sessionAttributes") {
            None | Some(Value::Null) => Value::Object(Map::new()),
            Some(attributes @ Value::Object(_)) => attributes.clone(),
            Some(_) => return Err("The field \"sessionAttributes\" must be an object.".into()),
        };
        let reprompt = match response.get("reprompt") {
            Some(Value::Object(reprompt)) => speech(reprompt.get("outputSpeech"), 2)?,
            _ => None,
        };
        let directives = directives::read(response)?;
        let answer = Self {
            spoken: speech(response.get("outputSpeech"), 1)?,
            ssml: response.get("outputSpeech").and_then(|speech| speech.get("ssml")?.as_str()).map(str::to_owned),
            reprompt,
            card: card(response.get("card"))?,
            attributes,
            after: after(response, &directives)?,
            dialog: directives::dialog(&directives)?,
            entities: directives::entities(&directives)?,
            directives,
        };
        if answer.dialog.is_some() && answer.after == After::Ended {
            return Err("A Dialog directive needs an open session, but shouldEndSession is true.".into());
        }
        Ok(answer)
    }
}

/// The type of a directive.
fn kind(directive: &Value) -> &str {
    directive.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// A dialog directive without a word on it keeps the session open: somebody is asked something.
fn after(response: &Map<String, Value>, directives: &[Value]) -> Result<After, String> {
    let sells = directives.iter().any(|directive| {
        let name = directive.get("name").and_then(Value::as_str).unwrap_or_default();
        kind(directive) == "Connections.SendRequest" && matches!(name, "Buy" | "Upsell" | "Cancel")
    });
    let asks = directives.iter().any(|directive| directives::is_dialog(kind(directive)));
    match response.get("shouldEndSession") {
        _ if sells => Ok(After::Ended),
        None if asks => Ok(After::Listening),
        None => Ok(After::Unsaid),
        Some(Value::Null | Value::Bool(false)) => Ok(After::Listening),
        Some(Value::Bool(true)) => Ok(After::Ended),
        Some(_) => Err("The field \"shouldEndSession\" must be true, false or null.".into()),
    }
}

fn speech(output: Option<&Value>, id: u8) -> Result<Option<String>, String> {
    let output = match output {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(output)) => output,
        Some(_) => return Err("The field \"outputSpeech\" must be an object.".into()),
    };
    let text = |field: &str| {
        let text = output.get(field).and_then(Value::as_str);
        text.ok_or_else(|| format!("The field \"outputSpeech.{field}\" is missing."))
    };
    let (raw, heard) = match output.get("type").and_then(Value::as_str) {
        Some("PlainText") => text("text").map(|text| (text, text.trim().to_owned()))?,
        Some("SSML") => {
            let ssml = text("ssml")?;
            let trimmed = ssml.trim();
            if !(trimmed.starts_with("<speak") && trimmed.ends_with("</speak>")) {
                return Err("The SSML must be inside <speak> and </speak>.".into());
            }
            let sounds = trimmed.matches("<audio").count();
            if sounds > MOST_SOUNDS {
                return Err(format!("The SSML has {sounds} <audio> tags; Alexa plays at most {MOST_SOUNDS}."));
            }
            (ssml, speech::plain(ssml))
        }
        Some(other) => return Err(format!("The outputSpeech type {other:?} is unknown: it is PlainText or SSML.")),
        None => return Err("The outputSpeech has no type: it is PlainText or SSML.".into()),
    };
    let length = raw.chars().count();
    if length > LONGEST_TEXT {
        return Err(format!(
            "Speech with id {id} and length {length} exceeds allowed size of {LONGEST_TEXT} characters."
        ));
    }
    Ok(Some(heard))
}

fn card(card: Option<&Value>) -> Result<Option<Value>, String> {
    let card = match card {
        None | Some(Value::Null) => return Ok(None),
        Some(card @ Value::Object(_)) => card,
        Some(_) => return Err("The field \"card\" must be an object.".into()),
    };
    match card.get("type").and_then(Value::as_str) {
        Some("Simple" | "Standard" | "LinkAccount" | "AskForPermissionsConsent") => {}
        other => return Err(format!("The card type {:?} is unknown.", other.unwrap_or_default())),
    }
    let texts = ["title", "content", "text"].iter().filter_map(|field| card.get(field)?.as_str());
    let length: usize = texts.map(|text| text.chars().count()).sum();
    if length > LONGEST_TEXT {
        return Err(format!("Card text with length {length} exceeds allowed size of {LONGEST_TEXT} characters."));
    }
    let pictures = ["smallImageUrl", "largeImageUrl"].iter().filter_map(|size| card.get("image")?.get(size)?.as_str());
    if let Some(long) = pictures.map(|url| url.chars().count()).find(|length| *length > LONGEST_IMAGE_URL) {
        return Err(format!("Image URL with length {long} exceeds allowed size of {LONGEST_IMAGE_URL} characters."));
    }
    Ok(Some(card.clone()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_session_stays_open_as_amazon_says() {
        let elicit = r#"{"type": "Dialog.ElicitSlot", "slotToElicit": "city"}"#;
        let buy = r#"{"type": "Connections.SendRequest", "name": "Buy"}"#;
        for (directives, field, after) in [
            ("", "", After::Unsaid),
            ("", ", \"shouldEndSession\": false", After::Listening),
            ("", ", \"shouldEndSession\": null", After::Listening),
            ("", ", \"shouldEndSession\": true", After::Ended),
            (elicit, "", After::Listening),
            (buy, ", \"shouldEndSession\": false", After::Ended),
        ] {
            let body = format!("{{\"version\": \"1.0\", \"response\": {{\"directives\": [{directives}]{field}}}}}");
            assert_eq!(Answer::parse(body.as_bytes()).unwrap().after, after, "{directives}{field}");
        }
    }

    #[test]
    fn a_bad_answer_is_named() {
        let long = "x".repeat(LONGEST_TEXT + 1);
        let sounds = "<audio src='https://a.example/x.mp3'/>".repeat(6);
        for (body, wrong) in [
            ("", "not valid JSON"),
            ("<html>", "not valid JSON"),
            ("[]", "not a JSON object"),
            ("{}", "no field \"response\""),
            ("{\"response\": 1}", "must be an object"),
            ("{\"response\": {}, \"sessionAttributes\": 3}", "sessionAttributes"),
            ("{\"response\": {}, \"version\": 1}", "version"),
            ("{\"response\": {\"shouldEndSession\": \"no\"}}", "shouldEndSession"),
            ("{\"response\": {\"outputSpeech\": \"hi\"}}", "outputSpeech"),
            ("{\"response\": {\"outputSpeech\": {\"text\": \"hi\"}}}", "no type"),
            ("{\"response\": {\"outputSpeech\": {\"type\": \"PlainText\"}}}", "text\" is missing"),
            ("{\"response\": {\"outputSpeech\": {\"type\": \"SSML\", \"ssml\": \"hi\"}}}", "<speak>"),
            ("{\"response\": {\"card\": {\"type\": \"Fancy\"}}}", "card type"),
            (
                &format!("{{\"response\": {{\"outputSpeech\": {{\"type\": \"PlainText\", \"text\": \"{long}\"}}}}}}"),
                "8001 exceeds",
            ),
            (
                &format!(
                    "{{\"response\": {{\"outputSpeech\": {{\"type\": \"SSML\", \"ssml\": \"<speak>{sounds}</speak>\"}}}}}}"
                ),
                "6 <audio> tags",
            ),
            (
                &format!(
                    "{{\"response\": {{\"card\": {{\"type\": \"Standard\", \"image\": {{\"smallImageUrl\": \"{long}\"}}}}}}}}"
                ),
                "8001 exceeds",
            ),
            ("{\"response\": {\"directives\": {}}}", "must be a list"),
            ("{\"response\": {\"directives\": [{\"no\": 1}]}}", "has no type"),
            (
                "{\"response\": {\"directives\": [{\"type\": \"DelegateDirective\"}]}}",
                "not supported: DelegateDirective",
            ),
            ("{\"response\": {\"directives\": [{\"type\": \"Dialog.ElicitSlot\"}]}}", "slotToElicit"),
            (
                "{\"response\": {\"directives\": [{\"type\": \"Dialog.Delegate\"}], \"shouldEndSession\": true}}",
                "open session",
            ),
            (
                "{\"response\": {\"directives\": [{\"type\": \"Dialog.Delegate\"}, {\"type\": \"Dialog.ConfirmIntent\"}]}}",
                "more than one",
            ),
            (
                "{\"response\": {\"directives\": [{\"type\": \"Dialog.UpdateDynamicEntities\", \"updateBehavior\": \"ADD\"}]}}",
                "updateBehavior",
            ),
            (
                &format!("{{\"response\": {{\"card\": {{\"type\": \"Simple\", \"content\": \"{long}\"}}}}}}"),
                "8001 exceeds",
            ),
        ] {
            let error = Answer::parse(body.as_bytes()).unwrap_err();
            assert!(error.contains(wrong), "{body}: {error}");
        }
    }

    #[test]
    fn what_is_heard_and_shown_is_taken_out() {
        let body = br#"{"version": "1.0", "sessionAttributes": {"n": 1}, "response": {"outputSpeech": {"type": "SSML",
            "ssml": "<speak>Link your <b>account</b></speak>"}, "card": {"type": "LinkAccount"}, "reprompt": {"outputSpeech":
            {"type": "PlainText", "text": "Well?"}}, "directives": [{"type": "Dialog.ElicitSlot", "slotToElicit": "city"}]}}"#;
        let answer = Answer::parse(body).unwrap();
        assert_eq!(answer.spoken.as_deref(), Some("Link your account"));
        assert_eq!(answer.ssml.as_deref(), Some("<speak>Link your <b>account</b></speak>"));
        assert_eq!(answer.reprompt.as_deref(), Some("Well?"));
        assert!(answer.asks_to_link());
        let asked = DialogDirective::ElicitSlot { slot_to_elicit: "city".into(), updated_intent: None };
        assert_eq!(answer.dialog, Some(asked));
    }
}
