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
                caption_data: None,
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

/// Read as its own type, and printed back as it came.
fn survives<T: TypedDirective>(json: Value) -> (Value, Option<Value>) {
    let directive = Directive::other(json.clone()).unwrap();
    (json, directive.read::<T>().map(|typed| serde_json::to_value(Directive::from(typed)).unwrap()))
}

fn assert_survive(directives: impl IntoIterator<Item = (Value, Option<Value>)>) {
    for (json, back) in directives {
        assert_eq!(back.as_ref(), Some(&json));
    }
}

// The union `Directive` of Amazon's published model (1.86), each with all of its members, but for the four of dialogs, which have types
// of their own.

#[test]
fn every_directive_to_a_gadget_has_a_type() {
    assert_survive([
        survives::<StopEventHandler>(json!({"type": "CustomInterfaceController.StopEventHandler", "token": "t"})),
        survives::<StartEventHandler>(json!({
            "type": "CustomInterfaceController.StartEventHandler", "token": "t",
            "eventFilter": {"filterExpression": {"and": [1]}, "filterMatchAction": "SEND_AND_TERMINATE"},
            "expiration": {"durationInMilliseconds": 60_000, "expirationPayload": {"a": 1}},
        })),
        survives::<SetLight>(
            json!({"type": "GadgetController.SetLight", "version": 1, "targetGadgets": ["g"], "parameters": {
                "triggerEvent": "buttonDown", "triggerEventTimeMs": 0, "animations": [
                    {"repeat": 1, "targetLights": ["1"], "sequence": [{"durationMs": 10_000, "color": "0000ff", "blend": false}]},
                ],
            }}),
        ),
        survives::<SendGadgetDirective>(json!({
            "type": "CustomInterfaceController.SendDirective", "header": {"namespace": "Custom.Robot", "name": "Spin"},
            "payload": {"a": 1}, "endpoint": {"endpointId": "e"},
        })),
        survives::<StartInputHandler>(json!({
            "type": "GameEngine.StartInputHandler", "timeout": 5_000, "proxies": ["p"], "recognizers": {"r": {"type": "match"}},
            "events": {"e": {"meets": ["timed out"], "shouldEndInputHandler": true}},
        })),
        survives::<StopInputHandler>(json!({"type": "GameEngine.StopInputHandler", "originatingRequestId": "r"})),
    ]);
}

#[test]
fn every_directive_to_a_screen_has_a_type() {
    let items = json!([1, {"a": null}]);
    let document = json!({"type": "APL"});
    let apl = |name: &str| format!("Alexa.Presentation.{name}");
    let transformers = json!([{"transformer": "ssmlToSpeech", "inputPath": "a.b", "outputName": "c"}]);
    assert_survive([
        survives::<SendIndexListData>(json!({
            "type": apl("APL.SendIndexListData"), "correlationToken": "c", "listId": "l", "listVersion": 3, "startIndex": 11,
            "minimumInclusiveIndex": 0, "maximumExclusiveIndex": 21, "items": items,
        })),
        survives::<HtmlMessage>(json!({
            "type": apl("HTML.HandleMessage"), "message": {"a": {"b": "x"}}, "transformers": transformers,
        })),
        survives::<RenderAudioDocument>(json!({
            "type": apl("APLA.RenderDocument"), "token": "t", "document": document, "datasources": {"a": 1},
        })),
        survives::<HtmlStart>(json!({
            "type": apl("HTML.Start"), "request": {"uri": "https://a.example", "method": "GET"},
            "configuration": {"timeoutInSeconds": 300}, "data": {"a": 1}, "transformers": transformers,
        })),
        survives::<ExecuteCommands>(
            json!({"type": apl("APL.ExecuteCommands"), "token": "t", "commands": [{"type": "Idle"}]}),
        ),
        survives::<RenderTemplate>(json!({"type": "Display.RenderTemplate", "template": {"type": "BodyTemplate1"}})),
        survives::<Hint>(json!({"type": "Hint", "hint": {"type": "PlainText", "text": "x"}})),
        survives::<RenderTextDocument>(json!({
            "type": apl("APLT.RenderDocument"), "token": "t", "targetProfile": "FOUR_CHARACTER_CLOCK", "document": document,
            "datasources": {"a": 1},
        })),
        survives::<VideoLaunch>(json!({
            "type": "VideoApp.Launch", "videoItem": {"source": "https://a.example", "metadata": {"title": "x"}},
        })),
        survives::<ExecuteTextCommands>(
            json!({"type": apl("APLT.ExecuteCommands"), "token": "t", "commands": [{"type": "Idle"}]}),
        ),
        survives::<RenderDocument>(json!({
            "type": apl("APL.RenderDocument"), "token": "t", "document": document, "datasources": {"a": 1},
            "sources": {"b": {}}, "packages": [{"name": "x"}],
        })),
        survives::<SendTokenListData>(json!({
            "type": apl("APL.SendTokenListData"), "correlationToken": "c", "listId": "l", "pageToken": "p", "nextPageToken": "n",
            "items": items,
        })),
        survives::<UpdateIndexListData>(json!({
            "type": apl("APL.UpdateIndexListData"), "token": "t", "listId": "l", "listVersion": 4, "operations": [
                {"type": "InsertItem", "index": 1, "item": {"a": 1}}, {"type": "InsertMultipleItems", "index": 1, "items": items},
                {"type": "SetItem", "index": 1, "item": 2}, {"type": "DeleteItem", "index": 1},
                {"type": "DeleteMultipleItems", "index": 1, "count": 2},
            ],
        })),
    ]);
}

#[test]
fn every_other_directive_has_a_type() {
    let status = json!({"code": "200", "message": "OK"});
    assert_survive([
        survives::<AnnounceRoadRegulation>(json!({"type": "Navigation.Assistance.AnnounceRoadRegulation"})),
        survives::<SendRequest>(
            json!({"type": "Connections.SendRequest", "name": "Buy", "payload": {"a": 1}, "token": "t"}),
        ),
        survives::<UpdateDynamicEntities>(json!({"type": "Dialog.UpdateDynamicEntities", "updateBehavior": "CLEAR"})),
        survives::<InjectAds>(json!({"type": "Alexa.Advertisement.InjectAds", "expectedPreviousToken": "t"})),
        survives::<GetSnapshot>(json!({
            "type": "Alexa.SmartVision.SnapshotProvider.GetSnapshotDirective", "preferOnDemandSnapshot": true,
        })),
        survives::<AudioStop>(json!({"type": "AudioPlayer.Stop"})),
        survives::<AudioPlay>(json!({"type": "AudioPlayer.Play", "playBehavior": "ENQUEUE", "audioItem": {
            "stream": {
                "token": "t", "url": "https://a.example", "offsetInMilliseconds": 1, "expectedPreviousToken": "s",
                "captionData": {"type": "WEBVTT", "content": "WEBVTT"},
            },
            "metadata": {"title": "x"},
        }})),
        survives::<ResetContext>(json!({"type": "Conversations.ResetContext"})),
        survives::<DelegateRequest>(json!({
            "type": "Dialog.DelegateRequest", "target": "skill", "period": {"until": "EXPLICIT_RETURN"},
            "updatedRequest": {"type": "IntentRequest"},
        })),
        survives::<Connection>(json!({
            "type": "Connections.StartConnection", "uri": "connection://AMAZON.X/1", "input": {"a": 1}, "token": "t",
            "onCompletion": "SEND_ERRORS_ONLY",
        })),
        survives::<CompleteTask>(json!({"type": "Tasks.CompleteTask", "status": status, "result": {"a": 1}})),
        survives::<SendResponse>(json!({"type": "Connections.SendResponse", "status": status, "payload": {"a": 1}})),
        survives::<AudioClearQueue>(json!({"type": "AudioPlayer.ClearQueue", "clearBehavior": "CLEAR_ENQUEUED"})),
    ]);
}

#[test]
fn what_amazon_leaves_out_is_not_missed() {
    let bare = |json: Value| Directive::other(json).unwrap();
    let connection = bare(json!({"type": "Connections.StartConnection", "uri": "connection://AMAZON.X/1"}));
    assert!(connection.read::<Connection>().unwrap().input.is_empty());
    let request = bare(json!({"type": "Connections.SendRequest", "name": "Buy", "token": "t"}));
    assert!(request.read::<SendRequest>().unwrap().payload.is_empty());
    assert_eq!(AudioPlay::now("https://a.example/x.mp3", "t"), stream());
    assert_eq!(
        serde_json::to_value(Directive::from(RenderDocument::new("t", Map::new()))).unwrap(),
        json!({"type": "Alexa.Presentation.APL.RenderDocument", "token": "t", "document": {}})
    );
}
