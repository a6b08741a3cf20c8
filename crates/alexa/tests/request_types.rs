//! Every type of request is read into its own members, keeps what it does not know, and prints back as it came.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use sayso_alexa::envelope::event::{PersistenceStatus, VerifyPersonReason, VerifyPersonStatus};
use sayso_alexa::envelope::parts::{
    AplInterface, AplState, AppLinkState, AutomotiveState, DisplayState, ExperimentationState, ExtensionsState,
    HtmlInterface, PackageManagerState, PresentationState,
};
use sayso_alexa::envelope::{RequestBody, RequestEnvelope};
use sayso_alexa::field::Field;
use serde_json::{Value, json};

/// Reads a request with these members, beside one that nobody knows, and prints it back.
fn read(mut request: Value) -> RequestEnvelope {
    request["ofTomorrow"] = json!({"a": [1, null]});
    request["requestId"] = json!("amzn1.echo-api.request.1");
    request["timestamp"] = json!("2026-11-22T12:00:00Z");
    let json = json!({"version": "1.0", "context": {}, "request": request});
    let envelope = RequestEnvelope::from_slice(&serde_json::to_vec(&json).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&envelope).unwrap(), json);
    envelope
}

fn body(request: Value) -> RequestBody {
    read(request).request().unwrap().body.clone()
}

#[test]
fn an_answered_task_tells_how_surely_the_person_is_known() {
    let resumed = |result: Value| {
        json!({"type": "SessionResumedRequest", "cause": {
            "type": "ConnectionCompleted", "token": "pay", "status": {"code": "200", "message": "OK"}, "result": result,
        }})
    };
    let RequestBody::SessionResumed(request) =
        body(resumed(json!({"version": "2", "status": "NOT_ACHIEVED", "reason": "NOT_MATCH"})))
    else {
        panic!("not a resumed session")
    };
    let cause = request.cause.known().unwrap();
    assert_eq!(cause.status.known().unwrap().code.text(), Some("200"));
    let result = cause.verify_person().unwrap();
    assert_eq!(result.status.known(), Some(&VerifyPersonStatus::NotAchieved));
    assert_eq!(result.reason.known(), Some(&VerifyPersonReason::NotMatch));
    body(resumed(json!({"status": "MAYBE_TOMORROW", "more": 1})));
}

#[test]
fn skill_events_tell_what_changed() {
    let event = |name: &str, told: Value| json!({"type": format!("AlexaSkillEvent.{name}"), "body": told});
    let of = |name: &str, told: Value| match body(event(name, told)) {
        RequestBody::SkillEvent(event) => event.body.known().unwrap().clone(),
        other => panic!("{other:?}"),
    };
    let linked = of("SkillAccountLinked", json!({"accessToken": "secret"}));
    assert_eq!(linked.access_token.known().unwrap().expose(), "secret");
    assert!(!format!("{linked:?}").contains("secret"));
    let disabled = of("SkillDisabled", json!({"userInformationPersistenceStatus": "NOT_PERSISTED"}));
    assert_eq!(disabled.user_information_persistence_status.known(), Some(&PersistenceStatus::NotPersisted));
    let changed = of("SkillPermissionChanged", json!({"acceptedPermissions": [{"scope": "alexa::x:read"}]}));
    assert_eq!(changed.accepted_permissions.known().unwrap()[0].scope.text(), Some("alexa::x:read"));
    let subscribed = of("ProactiveSubscriptionChanged", json!({"subscriptions": [{"eventName": "AMAZON.X"}]}));
    assert_eq!(subscribed.subscriptions.known().unwrap()[0].event_name.text(), Some("AMAZON.X"));
}

#[test]
fn the_rarer_types_are_read() {
    let error = json!({"type": "MEDIA_ERROR_UNKNOWN", "message": "?"});
    let RequestBody::AudioPlayer(audio) = body(json!({
        "type": "AudioPlayer.PlaybackFailed", "token": "t", "offsetInMilliseconds": 7, "error": error,
        "currentPlaybackState": {"playerActivity": "PLAYING", "token": "u"},
    })) else {
        panic!("not audio")
    };
    assert_eq!((audio.token.text(), audio.offset_in_milliseconds.known()), (Some("t"), Some(&7)));
    assert_eq!(audio.error.known().unwrap().error_type.text(), Some("MEDIA_ERROR_UNKNOWN"));
    let RequestBody::AuthorizationGrant(grant) = body(json!({
        "type": "Alexa.Authorization.Grant", "body": {"grant": {"type": "OAuth2.AuthorizationCode", "code": "s3cret"}},
    })) else {
        panic!("not a grant")
    };
    assert!(!format!("{grant:?}").contains("s3cret"));
    let RequestBody::Screen(screen) = body(json!({
        "type": "Alexa.Presentation.APL.UserEvent", "token": "t", "arguments": ["go", 1], "source": {"id": "b"},
    })) else {
        panic!("not a screen")
    };
    assert_eq!(screen.arguments.known().unwrap()[0], json!("go"));
    for (request_type, is_read) in [
        ("System.ExceptionEncountered", matches as fn(&RequestBody) -> bool),
        ("Connections.Response", matches),
        ("Connections.Request", matches),
        ("Dialog.InputRequest", matches),
        ("Dialog.API.Invoked", matches),
        ("Messaging.MessageReceived", matches),
        ("Display.ElementSelected", matches),
        ("Alexa.Presentation.HTML.Message", matches),
        ("Alexa.Presentation.APL.LoadIndexListData", matches),
        ("Reminders.ReminderCreated", matches),
        ("AlexaHouseholdListEvent.ItemsCreated", matches),
        ("GameEngine.InputHandlerEvent", matches),
        ("CustomInterfaceController.Expired", matches),
        ("PlaybackController.NextCommandIssued", matches),
        ("Alexa.DataStore.Error", matches),
        ("Alexa.DataStore.PackageManager.UsagesInstalled", matches),
        ("Alexa.Advertisement.AdCompleted", matches),
        ("OfTomorrow", is_raw),
        ("", is_raw),
    ] {
        let found = body(json!({"type": request_type, "token": "t", "error": {"type": "x"}, "events": 7}));
        assert!(is_read(&found), "{request_type}: {found:?}");
    }
}

#[test]
fn widgets_advertisements_reminders_and_lists_tell_what_happened() {
    let RequestBody::DataStore(update) = body(json!({
        "type": "Alexa.DataStore.PackageManager.UpdateRequest", "packageId": "w", "fromVersion": "1.0.0", "toVersion": "1.0.1",
    })) else {
        panic!("no widget")
    };
    assert_eq!((update.package_id.text(), update.to_version.text()), (Some("w"), Some("1.0.1")));
    let RequestBody::Advertisement(ad) = body(json!({
        "type": "Alexa.Advertisement.AdNotRendered", "reason": {"type": "DEVICE_OCCUPIED", "message": "?"},
    })) else {
        panic!("no advertisement")
    };
    assert_eq!(ad.reason.known().unwrap().error_type.text(), Some("DEVICE_OCCUPIED"));
    for (request, reminder, items) in [
        (json!({"type": "Reminders.ReminderStarted", "body": {"status": "ON", "alertToken": "a"}}), Some("a"), None),
        (
            json!({"type": "AlexaHouseholdListEvent.ItemsCreated", "body": {"listId": "l", "listItemIds": ["i"]}}),
            None,
            Some(&vec!["i".to_owned()]),
        ),
    ] {
        let RequestBody::Personal(event) = body(request) else { panic!("nothing personal") };
        let told = event.body.known().unwrap();
        assert_eq!((told.alert_token.text(), told.list_item_ids.known()), (reminder, items));
    }
}

fn matches(body: &RequestBody) -> bool {
    !is_raw(body)
}

fn is_raw(body: &RequestBody) -> bool {
    matches!(body, RequestBody::Other(_))
}

#[test]
fn the_device_tells_about_itself() {
    let context = json!({
        "System": {
            "device": {"supportedInterfaces": {"AudioPlayer": {}, "Alexa.Presentation.APL": {"runtime": {"maxVersion": "2024.2"}}}},
            "user": {"permissions": {"scopes": {"a": {"status": "GRANTED"}, "b": {"status": "DENIED"}, "c": 1}}},
            "person": {"authenticationConfidenceLevel": {"level": 300}},
        },
        "AudioPlayer": {"playerActivity": "IDLE", "offsetInMilliseconds": 0},
        "Geolocation": {"coordinate": {"latitudeInDegrees": 38.2, "longitudeInDegrees": 28, "accuracyInMeters": 12.1}},
        "Viewport": {"shape": "ROUND", "dpi": 160, "touch": ["SINGLE"], "experiences": [{"arcMinuteWidth": 246}]},
        "Viewports": [{"type": "APL", "id": "main", "ofTomorrow": 1}],
        "Alexa.Presentation.APL": {"token": "t", "componentsVisibleOnScreen": [{"type": "text", "tags": {"clickable": true}}]},
        "Alexa.Presentation": {"contexts": [{"type": "x"}]},
        "Automotive": {},
        "Extensions": {"available": {"aplext:backstack:10": {}}},
        "Alexa.DataStore.PackageManager": {"installedPackages": [{"packageId": "w", "version": "1.0.0"}]},
        "AppLink": {"supportedCatalogTypes": ["IOS_APP_STORE"]},
        "Experimentation": {"activeExperiments": [{"id": "e", "treatmentId": "T1"}]},
        "OfTomorrow": [1, 2.50, null],
    });
    let json = json!({"version": "1.0", "context": context, "request": {"type": "LaunchRequest"}});
    let envelope = RequestEnvelope::from_slice(&serde_json::to_vec(&json).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&envelope).unwrap(), json);
    assert!(envelope.device().unwrap().supports("AudioPlayer") && !envelope.device().unwrap().supports("Display"));
    assert_eq!(envelope.confidence_level(), Some(300));
    assert_eq!(["a", "b", "c", "d"].map(|name| envelope.is_granted(name)), [true, false, false, false]);
    let context = envelope.context.known().unwrap();
    let coordinate = context.geolocation.known().unwrap().coordinate.known().unwrap();
    assert_eq!(coordinate.latitude_in_degrees.known().unwrap().as_f64(), Some(38.2));
    assert_eq!(context.interface("Alexa.Presentation.APL").unwrap()["token"], json!("t"));
    assert!(context.interface("OfTomorrow").is_none() && context.interface("Display").is_none());
    let shown = context.part::<AplState>().unwrap();
    assert_eq!(shown.components_visible_on_screen.known().unwrap()[0].tags.known().unwrap()["clickable"], json!(true));
    assert_eq!(context.part::<PresentationState>().unwrap().contexts.known().unwrap().len(), 1);
    assert!(context.part::<AutomotiveState>().is_some() && context.part::<DisplayState>().is_none());
    assert!(context.part::<ExtensionsState>().unwrap().available.known().unwrap().contains_key("aplext:backstack:10"));
    let widgets = context.part::<PackageManagerState>().unwrap();
    assert_eq!(widgets.installed_packages.known().unwrap()[0].package_id.text(), Some("w"));
    assert!(context.part::<AppLinkState>().unwrap().direct_launch.is_absent());
    let experiments = context.part::<ExperimentationState>().unwrap();
    assert_eq!(experiments.active_experiments.known().unwrap()[0].treatment_id.text(), Some("T1"));
    assert_eq!(context.viewports.known().unwrap()[0].viewport_type.text(), Some("APL"));
    let device = envelope.device().unwrap();
    let apl = device.interface::<AplInterface>().unwrap();
    assert_eq!(apl.runtime.known().unwrap().max_version.text(), Some("2024.2"));
    assert!(device.interface::<HtmlInterface>().is_none());
    assert_eq!(context.viewport.known().unwrap().shape, Field::Known("ROUND".to_owned()));
}

#[test]
fn a_slot_may_hold_several_values() {
    let value = |said: &str| json!({"type": "Simple", "value": said});
    let envelope = read(json!({"type": "IntentRequest", "intent": {"name": "X", "slots": {
        "Many": {"name": "Many", "slotValue": {"type": "List", "values": [value("red"), value("blue")]}},
        "One": {"name": "One", "value": "teal", "slotValue": {"type": "Simple", "value": "teal", "resolutions": {
            "resolutionsPerAuthority": [{"status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": "TEAL"}}]}],
        }}},
        "Old": {"name": "Old", "value": "pink"},
        "Empty": {"name": "Empty"},
        "Odd": {"name": "Odd", "slotValue": {"type": "Range", "from": 1}},
    }}}));
    let values = |name: &str| envelope.slot(name).unwrap().values();
    assert_eq!(values("Many"), ["red", "blue"]);
    assert_eq!(values("One"), ["teal"]);
    assert_eq!(values("Old"), ["pink"]);
    assert!(values("Empty").is_empty() && values("Odd").is_empty());
    let resolved = envelope.slot("One").unwrap().slot_value.known().unwrap().resolved();
    assert_eq!(resolved[0].name.text(), Some("TEAL"));
}
