//! The request a skill is sent, in Amazon's shape.

use std::collections::BTreeMap;

use sayso_alexa::envelope::{DialogState, Intent};
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::understand::{FilledSlot, Resolution, ResolvedValue, Understood};

/// Where Alexa's own interfaces are in North America; a skill that can reach the simulator's is sent there instead.
const API_ENDPOINT: &str = "https://api.amazonalexa.com";

/// Who speaks, and where.
pub(crate) struct Speaker<'a> {
    pub(crate) skill_id: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) device_id: &'a str,
    pub(crate) access_token: Option<&'a Secret>,
    /// The recognised person.
    pub(crate) person: Option<Recognised<'a>>,
    /// What was granted or denied.
    pub(crate) permissions: &'a BTreeMap<String, bool>,
}

/// A person whose voice is recognised.
pub(crate) struct Recognised<'a> {
    pub(crate) person_id: &'a str,
    /// The token of this person's own link.
    pub(crate) access_token: Option<&'a Secret>,
    /// How sure Alexa is: 300 by voice, 400 by PIN.
    pub(crate) level: u16,
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

/// ISO 8601 in UTC with milliseconds, for what is measured.
pub(crate) fn iso_millis(at: Timestamp) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000);
    moment.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(&Rfc3339).unwrap_or_default()
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

/// An `IntentRequest`. `state` is there for intents that have a dialog model.
pub(crate) fn intent(request_id: &str, at: Timestamp, locale: &str, asked: (&Intent, Option<DialogState>)) -> Value {
    let (intent, state) = asked;
    let mut request = json!({"type": "IntentRequest", "requestId": request_id, "timestamp": iso(at), "locale": locale,
        "intent": intent});
    if let Some(state) = state {
        put(&mut request, "dialogState", state.as_str());
    }
    request
}

/// What was understood, as the request carries it.
pub(crate) fn heard_intent(understood: &Understood, skill_id: &str) -> Intent {
    let slots = understood.slots.iter().map(|filled| (filled.name.clone(), slot(filled, skill_id)));
    let slots: Map<String, Value> = slots.collect();
    let mut intent = json!({"name": understood.intent, "confirmationStatus": "NONE"});
    if !slots.is_empty() {
        put(&mut intent, "slots", slots);
    }
    // Every object is an intent to the lenient reader.
    serde_json::from_value(intent).unwrap_or_else(|_| Intent::new(&understood.intent))
}

/// A slot; one that is not filled has no `value`, and one with several values has them in `slotValue` alone.
fn slot(filled: &FilledSlot, skill_id: &str) -> Value {
    let mut slot = json!({"name": filled.name, "confirmationStatus": "NONE"});
    let Some(value) = &filled.value else { return slot };
    put(&mut slot, "source", "USER");
    let resolutions =
        |found: &Option<Resolution>| found.as_ref().map(|found| resolutions(found, &filled.kind, skill_id));
    let simple = |value: &str, found: &Option<Resolution>| {
        let mut simple = json!({"type": "Simple", "value": value});
        if let Some(resolutions) = resolutions(found) {
            put(&mut simple, "resolutions", resolutions);
        }
        simple
    };
    if !filled.several.is_empty() {
        let values: Vec<Value> = filled.several.iter().map(|part| simple(&part.value, &part.resolution)).collect();
        put(&mut slot, "slotValue", json!({"type": "List", "values": values}));
        return slot;
    }
    put(&mut slot, "value", value.clone());
    if let Some(resolutions) = resolutions(&filled.resolution) {
        put(&mut slot, "resolutions", resolutions);
    }
    put(&mut slot, "slotValue", simple(value, &filled.resolution));
    slot
}

/// What each authority found: the values of this session, when the skill has added any, and those of the model.
fn resolutions(found: &Resolution, kind: &str, skill_id: &str) -> Value {
    let authority = |who: &str, values: &[ResolvedValue]| {
        let code = if values.is_empty() { "ER_SUCCESS_NO_MATCH" } else { "ER_SUCCESS_MATCH" };
        let authority = format!("amzn1.er-authority.echo-sdk.{who}{skill_id}.{kind}");
        let mut authority = json!({"authority": authority, "status": {"code": code}});
        if !values.is_empty() {
            let values: Vec<Value> =
                values.iter().map(|one| json!({"value": {"name": one.name, "id": one.id}})).collect();
            put(&mut authority, "values", values);
        }
        authority
    };
    let dynamic = found.dynamic.iter().map(|values| authority("dynamic.", values));
    let all: Vec<Value> = dynamic.chain([authority("", &found.values)]).collect();
    json!({ "resolutionsPerAuthority": all })
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

/// A `SessionResumedRequest`: a task has ended that the skill had started.
pub(crate) fn session_resumed(request_id: &str, at: Timestamp, locale: &str, cause: &Value) -> Value {
    json!({"type": "SessionResumedRequest", "requestId": request_id, "timestamp": iso(at), "locale": locale, "cause": cause})
}

/// The whole body. The access token stands in the session and in the context, as on the wire.
pub(crate) fn body(speaker: &Speaker<'_>, within: Option<&Within<'_>>, request: Value) -> Value {
    let application = json!({"applicationId": speaker.skill_id});
    let mut user = json!({"userId": speaker.user_id});
    if let Some(token) = speaker.access_token {
        put(&mut user, "accessToken", token.expose());
    }
    if !speaker.permissions.is_empty() {
        let scopes = speaker
            .permissions
            .iter()
            .map(|(scope, granted)| (scope.clone(), json!({"status": if *granted { "GRANTED" } else { "DENIED" }})));
        put(&mut user, "permissions", json!({"scopes": scopes.collect::<Map<_, _>>()}));
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
    let mut system = json!({
        "application": application,
        "user": user,
        "device": {"deviceId": speaker.device_id, "supportedInterfaces": {}},
        "apiEndpoint": API_ENDPOINT,
    });
    if let Some(person) = &speaker.person {
        let mut shown = json!({"personId": person.person_id, "authenticationConfidenceLevel": {"level": person.level}});
        if let Some(token) = person.access_token {
            put(&mut shown, "accessToken", token.expose());
        }
        put(&mut system, "person", shown);
    }
    put(&mut body, "context", json!({ "System": system }));
    put(&mut body, "request", request);
    body
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::understand::Part;

    fn filled(value: Option<&str>, resolution: Option<Resolution>) -> FilledSlot {
        FilledSlot {
            name: "color".into(),
            kind: "Color".into(),
            value: value.map(str::to_owned),
            words: value.map(str::to_owned),
            resolution,
            several: Vec::new(),
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
        let found = Resolution { values: vec![meant], dynamic: None };
        let matched = slot(&filled(Some("crimson"), Some(found)), "amzn1.ask.skill.x");
        let authority = &matched["slotValue"]["resolutions"]["resolutionsPerAuthority"][0];
        assert_eq!(authority["authority"], "amzn1.er-authority.echo-sdk.amzn1.ask.skill.x.Color");
        assert_eq!(authority["values"][0]["value"], json!({"name": "red", "id": "RED"}));
    }

    #[test]
    fn several_values_and_dynamic_entities_have_amazons_shape() {
        let added = ResolvedValue { name: "mauve".into(), id: "M".into() };
        let found = Resolution { values: Vec::new(), dynamic: Some(vec![added]) };
        let one = slot(&filled(Some("mauve"), Some(found.clone())), "amzn1.ask.skill.x");
        let authorities = &one["resolutions"]["resolutionsPerAuthority"];
        assert_eq!(authorities[0]["authority"], "amzn1.er-authority.echo-sdk.dynamic.amzn1.ask.skill.x.Color");
        assert_eq!(authorities[0]["values"][0]["value"]["id"], "M");
        assert_eq!(authorities[1]["status"]["code"], "ER_SUCCESS_NO_MATCH");
        let several = ["mauve", "red"].map(|value| Part { value: value.into(), resolution: Some(found.clone()) });
        let both = slot(&FilledSlot { several: several.into(), ..filled(Some("mauve and red"), None) }, "x");
        assert!(both.get("value").is_none() && both.get("resolutions").is_none());
        assert_eq!(
            (&both["slotValue"]["type"], &both["slotValue"]["values"][1]["value"]),
            (&json!("List"), &json!("red"))
        );
    }

    #[test]
    fn the_token_stands_in_both_places_or_in_none() {
        let token = Secret::new("t");
        for (token, shown) in [(Some(&token), json!("t")), (None, Value::Null)] {
            let permissions = BTreeMap::new();
            let speaker = Speaker {
                skill_id: "s",
                user_id: "u",
                device_id: "d",
                access_token: token,
                person: None,
                permissions: &permissions,
            };
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
