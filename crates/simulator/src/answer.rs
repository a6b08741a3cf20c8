//! Judging a skill's answer as the voice cloud does, and taking from it what is heard and shown.

use serde_json::{Map, Value};

use crate::speech;

/// Most bytes of an answer (field reports quote "exceeded the maximum response size of 24576 bytes").
pub(crate) const LARGEST_ANSWER: usize = 24_576;
/// Most characters of speech, and of a card.
const LONGEST_TEXT: usize = 8000;

/// A skill's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) spoken: Option<String>,
    pub(crate) reprompt: Option<String>,
    pub(crate) card: Option<Value>,
    pub(crate) attributes: Value,
    /// Whether the session stays open.
    pub(crate) open: bool,
    /// The slot asked for, as intent and slot name.
    pub(crate) elicits: Option<(Option<String>, String)>,
}

impl Answer {
    /// Whether the answer asks to link an account.
    pub(crate) fn asks_to_link(&self) -> bool {
        self.card.as_ref().is_some_and(|card| card.get("type").and_then(Value::as_str) == Some("LinkAccount"))
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
            Some(Value::Object(reprompt)) => speech(reprompt.get("outputSpeech"))?,
            _ => None,
        };
        Ok(Self {
            spoken: speech(response.get("outputSpeech"))?,
            reprompt,
            card: card(response.get("card"))?,
            attributes,
            open: stays_open(response)?,
            elicits: elicits(response),
        })
    }
}

/// `false` and `null` keep the session open, `true` ends it; without the field a device without a screen ends it.
fn stays_open(response: &Map<String, Value>) -> Result<bool, String> {
    match response.get("shouldEndSession") {
        None => Ok(false),
        Some(Value::Null | Value::Bool(false)) => Ok(true),
        Some(Value::Bool(true)) => Ok(false),
        Some(_) => Err("The field \"shouldEndSession\" must be true, false or null.".into()),
    }
}

fn speech(output: Option<&Value>) -> Result<Option<String>, String> {
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
            (ssml, speech::plain(ssml))
        }
        Some(other) => return Err(format!("The outputSpeech type {other:?} is unknown: it is PlainText or SSML.")),
        None => return Err("The outputSpeech has no type: it is PlainText or SSML.".into()),
    };
    let length = raw.chars().count();
    if length > LONGEST_TEXT {
        return Err(format!("Speech with length {length} exceeds allowed size of {LONGEST_TEXT} characters."));
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
    Ok(Some(card.clone()))
}

fn elicits(response: &Map<String, Value>) -> Option<(Option<String>, String)> {
    let directives = response.get("directives")?.as_array()?;
    let elicit = directives.iter().find(|one| one.get("type").and_then(Value::as_str) == Some("Dialog.ElicitSlot"))?;
    let slot = elicit.get("slotToElicit")?.as_str()?.to_owned();
    let intent = elicit.get("updatedIntent").and_then(|intent| intent.get("name")?.as_str()).map(str::to_owned);
    Some((intent, slot))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_session_stays_open_as_amazon_says() {
        for (field, open) in [
            ("", false),
            (", \"shouldEndSession\": false", true),
            (", \"shouldEndSession\": null", true),
            (", \"shouldEndSession\": true", false),
        ] {
            let body = format!("{{\"version\": \"1.0\", \"response\": {{\"directives\": []{field}}}}}");
            assert_eq!(Answer::parse(body.as_bytes()).unwrap().open, open, "{field}");
        }
    }

    #[test]
    fn a_bad_answer_is_named() {
        let long = "x".repeat(LONGEST_TEXT + 1);
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
        assert_eq!(answer.reprompt.as_deref(), Some("Well?"));
        assert!(answer.asks_to_link());
        assert_eq!(answer.elicits, Some((None, "city".into())));
    }
}
