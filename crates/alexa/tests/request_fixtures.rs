//! Every request of the corpus parses and prints back without loss; so does any JSON object.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sayso_alexa::envelope::{RequestBody, RequestEnvelope};
use serde_json::{Map, Value};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}

fn index() -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(corpus().join("requests/index.json")).unwrap()).unwrap()
}

fn bytes_of(entry: &Value) -> Vec<u8> {
    std::fs::read(corpus().join(entry["file"].as_str().unwrap())).unwrap()
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

fn has(entry: &Value, flag: &str) -> bool {
    entry["flags"].as_array().unwrap().iter().any(|found| found == flag)
}

#[test]
fn every_request_of_the_corpus_prints_back_as_it_came() {
    let index = index();
    assert_eq!(index.len(), 193);
    for entry in &index {
        let bytes = bytes_of(entry);
        let original: Value = serde_json::from_slice(without_mark(&bytes)).unwrap();
        let envelope = RequestEnvelope::from_slice(&bytes).unwrap();
        let printed: Value = serde_json::from_str(&serde_json::to_string(&envelope).unwrap()).unwrap();
        assert_eq!(printed, original, "{}", entry["file"]);
    }
}

#[test]
fn every_request_of_the_corpus_is_understood_as_its_index_says() {
    for entry in &index() {
        if has(entry, "request-object-only") {
            continue;
        }
        let file = &entry["file"];
        let envelope = RequestEnvelope::from_slice(&bytes_of(entry)).unwrap();
        let request = envelope.request().unwrap_or_else(|| panic!("no request in {file}"));
        assert_eq!(envelope.request_type(), entry["type"].as_str(), "{file}");
        assert_eq!(envelope.locale(), entry["locale"].as_str(), "{file}");
        let intent = envelope.intent().and_then(|intent| intent.name.text());
        assert_eq!(intent, entry["intent"].as_str(), "{file}");
        if let RequestBody::Intent(body) = &request.body {
            // A sample in the corpus has "dialogState": "dialogState"; it is kept as it is.
            assert_eq!(serde_json::to_value(&body.dialog_state).unwrap(), entry["dialogState"], "{file}");
        }
        let in_session = envelope.session.known().and_then(|session| session.user.known()?.access_token.known());
        assert_eq!(in_session.is_some(), entry["sessionAccessToken"].as_bool().unwrap(), "{file}");
        assert_eq!(envelope.access_token().is_some(), entry["contextAccessToken"].as_bool().unwrap(), "{file}");
        assert_eq!(envelope.person().is_some(), has(entry, "person"), "{file}");
    }
}

#[test]
fn debug_shows_no_token() {
    let marker = "a-token-nobody-may-see";
    let mut tokens = 0;
    for entry in &index() {
        let mut json: Value = serde_json::from_slice(without_mark(&bytes_of(entry))).unwrap();
        for pointer in [
            "/session/user/accessToken",
            "/session/user/permissions/consentToken",
            "/context/System/user/accessToken",
            "/context/System/apiAccessToken",
            "/context/System/person/accessToken",
            "/request/body/accessToken",
        ] {
            if let Some(token) = json.pointer_mut(pointer) {
                *token = Value::from(marker);
                tokens += 1;
            }
        }
        let envelope: RequestEnvelope = serde_json::from_value(json).unwrap();
        assert!(!format!("{envelope:?}").contains(marker), "{}", entry["file"]);
    }
    assert!(tokens > 40, "the corpus has tokens to hide: {tokens}");
}

#[test]
fn what_is_no_json_object_is_refused() {
    for body in ["", "null", "[]", "\"x\"", "{", "{}x", "{\"request\":1,\"request\":2}", "\u{feff}\u{feff}{}"] {
        assert!(RequestEnvelope::from_slice(body.as_bytes()).is_err(), "{body}");
    }
    assert!(RequestEnvelope::from_slice(&[0xff, 0xfe, b'{', 0, b'}', 0]).is_err());
    let deep = format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    assert!(RequestEnvelope::from_slice(deep.as_bytes()).is_err());
}

/// JSON whose member names are those the envelope knows, in any place and with any value.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "session",
        "context",
        "request",
        "System",
        "user",
        "person",
        "accessToken",
        "application",
        "type",
        "intent",
        "slots",
        "slotValue",
        "values",
        "value",
        "resolutions",
        "resolutionsPerAuthority",
        "status",
        "code",
        "dialogState",
        "confirmationStatus",
        "body",
        "reason",
        "new",
        "authenticationConfidenceLevel",
        "level",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "IntentRequest",
            "LaunchRequest",
            "AlexaSkillEvent.SkillEnabled",
            "SessionEndedRequest",
            "STARTED",
            "NONE",
            "Simple",
            "List",
            "ER_SUCCESS_MATCH",
            "USER_INITIATED",
            "",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_object_prints_back_as_it_came(members in prop::collection::btree_map(
        prop::sample::select(vec!["version", "session", "context", "request", "other"]), any_json(), 0..5,
    )) {
        let members: Map<String, Value> = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let text = serde_json::to_string(&members).unwrap();
        let original: Value = serde_json::from_str(&text).unwrap();
        let envelope = RequestEnvelope::from_slice(text.as_bytes()).unwrap();
        let printed: Value = serde_json::from_str(&serde_json::to_string(&envelope).unwrap()).unwrap();
        prop_assert_eq!(printed, original);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = RequestEnvelope::from_slice(&bytes);
    }
}
