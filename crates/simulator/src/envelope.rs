//! The request a skill is sent, in Amazon's shape.

use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::understand::{FilledSlot, Understood};

/// Where Alexa's own interfaces are in North America; the simulator serves none of them.
const API_ENDPOINT: &str = "https://api.amazonalexa.com";

/// Who speaks, and where.
pub(crate) struct Speaker<'a> {
    pub(crate) skill_id: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) device_id: &'a str,
    pub(crate) access_token: Option<&'a Secret>,
    pub(crate) locale: &'a str,
}

/// The session a request belongs to.
pub(crate) struct Within<'a> {
    pub(crate) session_id: &'a str,
    pub(crate) is_new: bool,
    pub(crate) attributes: &'a Value,
}

/// ISO 8601 in UTC, whole seconds, as Amazon writes it.
pub(crate) fn iso(at: Timestamp) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(&Rfc3339).unwrap_or_default()
}

/// Sets a field of an object.
fn put(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value.into());
    }
}

/// A `LaunchRequest`.
pub(crate) fn launch(request_id: &str, at: Timestamp, locale: &str) -> Value {
    json!({"type": "LaunchRequest", "requestId": request_id, "timestamp": iso(at), "locale": locale,
        "shouldLinkResultBeReturned": false})
}

/// An `IntentRequest`.
pub(crate) fn intent(request_id: &str, at: Timestamp, speaker: &Speaker<'_>, understood: &Understood) -> Value {
    let mut intent = json!({"name": understood.intent, "confirmationStatus": "NONE"});
    if !understood.slots.is_empty() {
        let slots: Map<String, Value> =
            understood.slots.iter().map(|filled| (filled.name.clone(), slot(filled, speaker.skill_id))).collect();
        put(&mut intent, "slots", slots);
    }
    json!({"type": "IntentRequest", "requestId": request_id, "timestamp": iso(at), "locale": speaker.locale,
        "intent": intent})
}

/// A slot; one that is not filled has no `value`.
fn slot(filled: &FilledSlot, skill_id: &str) -> Value {
    let mut slot = json!({"name": filled.name, "confirmationStatus": "NONE"});
    let Some(value) = &filled.value else { return slot };
    put(&mut slot, "value", value.clone());
    put(&mut slot, "source", "USER");
    let mut simple = json!({"type": "Simple", "value": value});
    if let Some(resolution) = &filled.resolution {
        let code = if resolution.values.is_empty() { "ER_SUCCESS_NO_MATCH" } else { "ER_SUCCESS_MATCH" };
        let mut authority = json!({
            "authority": format!("amzn1.er-authority.echo-sdk.{skill_id}.{}", filled.kind),
            "status": {"code": code},
        });
        if !resolution.values.is_empty() {
            let values: Vec<Value> =
                resolution.values.iter().map(|one| json!({"value": {"name": one.name, "id": one.id}})).collect();
            put(&mut authority, "values", values);
        }
        let resolutions = json!({"resolutionsPerAuthority": [authority]});
        put(&mut simple, "resolutions", resolutions.clone());
        put(&mut slot, "resolutions", resolutions);
    }
    put(&mut slot, "slotValue", simple);
    slot
}

/// A `SessionEndedRequest`. `error` is the type and message of what went wrong.
pub(crate) fn session_ended(
    request_id: &str,
    at: Timestamp,
    locale: &str,
    reason: &str,
    error: Option<(&str, &str)>,
) -> Value {
    let mut request = json!({"type": "SessionEndedRequest", "requestId": request_id, "timestamp": iso(at),
        "locale": locale, "reason": reason});
    if let Some((kind, message)) = error {
        put(&mut request, "error", json!({"type": kind, "message": message}));
    }
    request
}

/// An `AlexaSkillEvent.SkillDisabled`, which belongs to no session.
pub(crate) fn skill_disabled(request_id: &str, at: Timestamp) -> Value {
    json!({"type": "AlexaSkillEvent.SkillDisabled", "requestId": request_id, "timestamp": iso(at),
        "eventCreationTime": iso(at), "eventPublishingTime": iso(at),
        "body": {"userInformationPersistenceStatus": "NOT_PERSISTED"}})
}

/// The whole body. The access token stands in the session and in the context, as on the wire.
pub(crate) fn body(speaker: &Speaker<'_>, within: Option<&Within<'_>>, request: Value) -> Value {
    let application = json!({"applicationId": speaker.skill_id});
    let mut user = json!({"userId": speaker.user_id});
    if let Some(token) = speaker.access_token {
        put(&mut user, "accessToken", token.expose());
    }
    let mut body = json!({"version": "1.0"});
    if let Some(within) = within {
        put(
            &mut body,
            "session",
            json!({
                "new": within.is_new,
                "sessionId": within.session_id,
                "application": application,
                "attributes": within.attributes,
                "user": user,
            }),
        );
    }
    put(
        &mut body,
        "context",
        json!({"System": {
            "application": application,
            "user": user,
            "device": {"deviceId": speaker.device_id, "supportedInterfaces": {}},
            "apiEndpoint": API_ENDPOINT,
        }}),
    );
    put(&mut body, "request", request);
    body
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::understand::{Resolution, ResolvedValue};

    fn filled(value: Option<&str>, resolution: Option<Resolution>) -> FilledSlot {
        FilledSlot {
            name: "color".into(),
            kind: "Color".into(),
            value: value.map(str::to_owned),
            words: value.map(str::to_owned),
            resolution,
        }
    }

    #[test]
    fn slots_have_amazons_shape() {
        let empty = slot(&filled(None, None), "amzn1.ask.skill.x");
        assert_eq!(empty, json!({"name": "color", "confirmationStatus": "NONE"}), "an empty slot has no value");
        let number = slot(&filled(Some("5"), None), "amzn1.ask.skill.x");
        assert!(number.get("resolutions").is_none(), "numbers are not resolved");
        let none = slot(&filled(Some("blurple"), Some(Resolution::default())), "amzn1.ask.skill.x");
        let authority = &none["resolutions"]["resolutionsPerAuthority"][0];
        assert_eq!(authority["status"]["code"], "ER_SUCCESS_NO_MATCH");
        assert!(authority.get("values").is_none());
        let meant = ResolvedValue { name: "red".into(), id: "RED".into() };
        let matched = slot(&filled(Some("crimson"), Some(Resolution { values: vec![meant] })), "amzn1.ask.skill.x");
        let authority = &matched["slotValue"]["resolutions"]["resolutionsPerAuthority"][0];
        assert_eq!(authority["authority"], "amzn1.er-authority.echo-sdk.amzn1.ask.skill.x.Color");
        assert_eq!(authority["values"][0]["value"], json!({"name": "red", "id": "RED"}));
    }

    #[test]
    fn the_token_stands_in_both_places_or_in_none() {
        let token = Secret::new("t");
        for (token, shown) in [(Some(&token), json!("t")), (None, Value::Null)] {
            let speaker = Speaker { skill_id: "s", user_id: "u", device_id: "d", access_token: token, locale: "en-US" };
            let within = Within { session_id: "i", is_new: true, attributes: &json!({"n": 1}) };
            let at = Timestamp::from_millis(1_715_774_400_999);
            let body = body(&speaker, Some(&within), launch("r", at, "en-US"));
            assert_eq!(body["session"]["user"]["accessToken"], shown);
            assert_eq!(body["context"]["System"]["user"]["accessToken"], shown);
            assert_eq!(body["session"]["attributes"]["n"], 1);
            assert_eq!(body["request"]["timestamp"], "2024-05-15T12:00:00Z");
        }
    }
}
