#![allow(clippy::unwrap_used)]

use super::super::{Directive, Response, ResponseEnvelope};
use super::*;

fn stream() -> AudioPlay {
    AudioPlay {
        play_behavior: AudioPlayBehavior::ReplaceAll,
        audio_item: AudioItem {
            stream: AudioStream {
                token: "t".into(),
                url: "https://a.example/x.mp3".into(),
                offset_in_milliseconds: 0,
                expected_previous_token: None,
            },
            metadata: None,
        },
    }
}

#[test]
fn each_prints_as_amazon_writes_it() {
    let entities = UpdateDynamicEntities {
        update_behavior: UpdateBehavior::Replace,
        types: vec![EntityType {
            name: "Color".into(),
            values: vec![Entity {
                id: Some("1".into()),
                name: EntityName { value: "teal".into(), synonyms: vec!["blue green".into()] },
            }],
        }],
    };
    let done = TaskOutcome { code: "200".into(), message: "OK".into() };
    for (directive, expected) in [
        (
            Directive::from(Connection::verify_person(400).token("pay")),
            json!({
                "type": "Connections.StartConnection", "uri": "connection://AMAZON.VerifyPerson/2",
                "input": {"requestedAuthenticationConfidenceLevel": {
                    "level": 400, "customPolicy": {"policyName": "VOICE_PIN"},
                }},
                "token": "pay", "onCompletion": "RESUME_SESSION",
            }),
        ),
        (
            Connection::ask_for_account_linking().into(),
            json!({
                "type": "Connections.StartConnection", "uri": "connection://AMAZON.AskForAccountLinking/1",
                "input": {"@type": "AskForAccountLinkingRequest", "@version": "1"}, "onCompletion": "RESUME_SESSION",
            }),
        ),
        (
            stream().into(),
            json!({"type": "AudioPlayer.Play", "playBehavior": "REPLACE_ALL", "audioItem": {"stream": {
                "token": "t", "url": "https://a.example/x.mp3", "offsetInMilliseconds": 0,
            }}}),
        ),
        (AudioStop {}.into(), json!({"type": "AudioPlayer.Stop"})),
        (
            AudioClearQueue { clear_behavior: ClearBehavior::ClearAll }.into(),
            json!({"type": "AudioPlayer.ClearQueue", "clearBehavior": "CLEAR_ALL"}),
        ),
        (
            entities.into(),
            json!({"type": "Dialog.UpdateDynamicEntities", "updateBehavior": "REPLACE", "types": [
                {"name": "Color", "values": [{"id": "1", "name": {"value": "teal", "synonyms": ["blue green"]}}]},
            ]}),
        ),
        (
            CompleteTask { status: done, result: Map::new() }.into(),
            json!({"type": "Tasks.CompleteTask", "status": {"code": "200", "message": "OK"}}),
        ),
        (Hint::new("x").into(), json!({"type": "Hint", "hint": {"type": "PlainText", "text": "x"}})),
    ] {
        assert_eq!(serde_json::to_value(&directive).unwrap(), expected);
        let read: Directive = serde_json::from_value(expected).unwrap();
        assert_eq!(read, directive);
    }
}

#[test]
fn a_directive_is_read_back_as_its_own_type_only() {
    let directive = Directive::from(stream());
    assert_eq!(directive.read::<AudioPlay>().unwrap(), stream());
    assert_eq!(directive.read::<Connection>(), None);
    let broken = Directive::other(json!({"type": "AudioPlayer.Play", "audioItem": 1})).unwrap();
    assert_eq!(broken.read::<AudioPlay>(), None);
}

/// What this crate does not know, inside a directive that it does, is not lost.
#[test]
fn members_of_tomorrow_survive() {
    let json = json!({"version": "1.0", "response": {"directives": [
        {"type": "AudioPlayer.Stop", "fade": 3}, {"type": "Alexa.SmartVision.SnapshotProvider.GetSnapshotDirective"},
    ]}});
    let read = ResponseEnvelope::from_slice(&serde_json::to_vec(&json).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), json);
    assert_ne!(read.response, Response::default());
}
