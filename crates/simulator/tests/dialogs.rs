//! Dialogs: what Alexa asks by itself, what the skill is sent meanwhile, and how sessions go on and end.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use serde_json::{Value, json};
use stubs::World;

fn model(strategy: &str) -> Value {
    let slot = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let asked = |name: &str, kind: &str, more: Value| {
        let mut slot = json!({"name": name, "type": kind, "elicitationRequired": true,
            "prompts": {"elicitation": format!("Ask.{name}"), "confirmation": format!("Sure.{name}")}});
        slot.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        slot
    };
    let prompt = |id: &str, text: &str| json!({"id": id, "variations": [{"type": "PlainText", "value": text}]});
    json!({"interactionModel": {
        "languageModel": {"invocationName": "trip planner", "intents": [
            {"name": "TripIntent", "samples": ["plan a trip", "plan a trip to {city}"], "slots": [
                {"name": "city", "type": "City", "samples": ["to {city}"]}, slot("day", "AMAZON.DATE"), slot("note", "City")]},
            {"name": "BookIntent", "samples": ["book it", "book {city}"], "slots": [slot("city", "City")]},
            {"name": "PlainIntent", "samples": ["how are you", "take {city}"], "slots": [slot("city", "City")]},
            {"name": "AMAZON.HelpIntent", "samples": []}],
            "types": [{"name": "City", "values": [{"id": "BN", "name": {"value": "bonn"}}, {"name": {"value": "rome"}}]}]},
        "dialog": {"delegationStrategy": strategy, "intents": [
            {"name": "TripIntent", "confirmationRequired": true, "prompts": {"confirmation": "Sure"}, "slots": [
                asked("city", "City", json!({"validations": [{"type": "hasEntityResolutionMatch", "prompt": "Unknown"}]})),
                asked("day", "AMAZON.DATE", json!({"confirmationRequired": true}))]},
            {"name": "BookIntent", "slots": [asked("city", "City", json!({}))]}]},
        "prompts": [prompt("Ask.city", "Where to?"), prompt("Ask.day", "When do you go to {city}?"), prompt("Sure.day", "On {day}?"),
            prompt("Sure", "To {city} on {day}, right?"), prompt("Unknown", "I do not fly to {city}. Where to?")]}})
}

fn answer(fields: Value) -> (u16, String) {
    (200, json!({"version": "1.0", "sessionAttributes": {}, "response": fields}).to_string())
}

fn says(text: &str) -> Value {
    json!({"type": "PlainText", "text": text})
}

fn directed(directive: Value) -> (u16, String) {
    answer(json!({"directives": [directive], "shouldEndSession": false}))
}

fn delegate() -> (u16, String) {
    directed(json!({"type": "Dialog.Delegate"}))
}

/// Type or intent, state of the dialog, and what stands in its slots, of every request the skill was sent.
fn sent(world: &World) -> Vec<String> {
    let told = world.told();
    let shown = told.skill_requests.iter().map(|(_, body, _)| {
        let request = &body["request"];
        let Some(name) = request["intent"]["name"].as_str() else {
            return format!("{} {}", request["type"].as_str().unwrap(), request["reason"].as_str().unwrap_or_default());
        };
        let slots = request["intent"]["slots"].as_object().into_iter().flatten();
        let slots = slots.filter_map(|(name, slot)| {
            let status = slot["confirmationStatus"].as_str().filter(|status| *status != "NONE").unwrap_or_default();
            Some(format!(" {name}={}{status}", slot["value"].as_str()?))
        });
        let status = request["intent"]["confirmationStatus"].as_str().filter(|status| *status != "NONE");
        let new = if body["session"]["new"] == true { "new " } else { "" };
        let state = request["dialogState"].as_str().unwrap_or("-");
        format!("{new}{name} {state} {}{}", status.unwrap_or_default(), slots.collect::<String>())
    });
    shown.collect()
}

#[tokio::test]
async fn with_the_strategy_always_alexa_asks_and_the_skill_sees_the_end() {
    let world = World::with_model(&model("ALWAYS")).await;
    world.told().skill_answers = vec![answer(json!({"outputSpeech": says("Booked."), "shouldEndSession": true}))];
    for (words, spoken, awaits) in [
        ("ask trip planner to plan a trip", "Where to?", Some("slot city")),
        ("atlantis", "I do not fly to atlantis. Where to?", Some("slot city")),
        ("to bonn", "When do you go to bonn?", Some("slot day")),
        ("tomorrow", "On 2027-01-16?", Some("confirmation of slot day")),
        ("no", "When do you go to bonn?", Some("slot day")),
        ("2027-01-20", "On 2027-01-20?", Some("confirmation of slot day")),
        ("yes", "To bonn on 2027-01-20, right?", Some("confirmation")),
        ("yes", "Booked.", None),
    ] {
        let words = if words == "2027-01-20" { "january twentieth" } else { words };
        let turn = world.ask(words).await;
        assert_eq!(
            (turn["spoken"].as_str(), turn["session"]["awaits"].as_str()),
            (Some(spoken), awaits),
            "{words}: {turn}"
        );
    }
    let told = sent(&world);
    assert_eq!(told, ["new TripIntent COMPLETED CONFIRMED city=bonn day=2027-01-20CONFIRMED"], "asked by Alexa alone");
}

#[tokio::test]
async fn a_skill_that_delegates_sees_every_answer() {
    let world = World::with_model(&model("SKILL_RESPONSE")).await;
    let spoken_too = answer(json!({"outputSpeech": says("unheard"), "directives": [{"type": "Dialog.Delegate"}]}));
    let booked = answer(json!({"outputSpeech": says("Never mind."), "shouldEndSession": true}));
    world.told().skill_answers = vec![spoken_too, delegate(), delegate(), delegate(), booked];
    for (words, spoken) in [
        ("ask trip planner to plan a trip", "Where to?"),
        ("rome", "When do you go to rome?"),
        ("tomorrow", "On 2027-01-16?"),
        ("yes", "To rome on 2027-01-16, right?"),
        ("no", "Never mind."),
    ] {
        assert_eq!(world.ask(words).await["spoken"], spoken, "{words}");
    }
    assert_eq!(
        sent(&world),
        [
            "new TripIntent STARTED ",
            "TripIntent IN_PROGRESS  city=rome",
            "TripIntent IN_PROGRESS  city=rome day=2027-01-16",
            "TripIntent IN_PROGRESS  city=rome day=2027-01-16CONFIRMED",
            "TripIntent COMPLETED DENIED city=rome day=2027-01-16CONFIRMED",
        ]
    );
}

#[tokio::test]
async fn the_skill_asks_in_its_own_words_and_changes_the_intent() {
    let world = World::with_model(&model("SKILL_RESPONSE")).await;
    let asks = |directive: Value| {
        answer(
            json!({"outputSpeech": says("Hm?"), "reprompt": {"outputSpeech": says("Well?")}, "directives": [directive]}),
        )
    };
    let rome = json!({"name": "TripIntent", "confirmationStatus": "NONE", "slots": {"city": {"name": "city", "value": "rome"}}});
    world.told().skill_answers = vec![
        asks(json!({"type": "Dialog.ElicitSlot", "slotToElicit": "note"})),
        asks(json!({"type": "Dialog.ConfirmSlot", "slotToConfirm": "city", "updatedIntent": rome})),
        asks(json!({"type": "Dialog.ConfirmIntent"})),
        // Another intent takes over; Alexa asks for its slot at once, and the old dialog is gone.
        directed(json!({"type": "Dialog.Delegate", "updatedIntent": {"name": "BookIntent"}})),
        answer(json!({"outputSpeech": says("Done."), "shouldEndSession": true})),
    ];
    for (words, spoken, awaits) in [
        ("ask trip planner to plan a trip to bonn", "Hm?", "slot note"),
        ("bonn", "Hm?", "confirmation of slot city"),
        ("nope", "Hm?", "confirmation"),
        ("yes", "Where to?", "slot city"),
        ("bonn", "Done.", ""),
    ] {
        let turn = world.ask(words).await;
        let found = (turn["spoken"].as_str().unwrap(), turn["session"]["awaits"].as_str().unwrap_or_default());
        assert_eq!(found, (spoken, awaits), "{words}: {turn}");
    }
    assert_eq!(
        sent(&world),
        [
            "new TripIntent STARTED  city=bonn",
            "TripIntent IN_PROGRESS  city=bonn note=bonn",
            "TripIntent IN_PROGRESS  city=romeDENIED note=bonn",
            "TripIntent IN_PROGRESS CONFIRMED city=romeDENIED note=bonn",
            "BookIntent COMPLETED  city=bonn",
        ]
    );
}

#[tokio::test]
async fn a_delegated_dialog_with_nothing_open_completes_at_once_and_other_intents_leave_it() {
    let world = World::with_model(&model("SKILL_RESPONSE")).await;
    let stay = || answer(json!({"outputSpeech": says("Ok."), "shouldEndSession": false}));
    world.told().skill_answers = vec![delegate(), stay(), delegate(), stay(), stay()];
    let turn = world.ask("ask trip planner to book rome").await;
    assert_eq!((turn["spoken"].as_str(), turn["dialog_state"].as_str()), (Some("Ok."), Some("COMPLETED")));
    assert_eq!(world.ask("book it").await["spoken"], "Where to?");
    assert_eq!(world.ask("help").await["spoken"], "Ok.");
    assert_eq!(world.ask("rome").await["outcome"], "not_understood", "nobody asks for a city any more");
    world.ask("take rome").await;
    assert_eq!(
        sent(&world),
        [
            "new BookIntent STARTED  city=rome",
            "BookIntent COMPLETED  city=rome",
            "BookIntent STARTED ",
            "AMAZON.HelpIntent - ",
            "PlainIntent -  city=rome",
        ]
    );
}

#[tokio::test]
async fn what_the_dialog_interface_does_not_take_ends_the_session() {
    let start = json!({"type": "Dialog.ElicitSlot", "slotToElicit": "city"});
    for (words, answers, reason) in [
        ("to take rome", vec![delegate()], "not been configured to support dialogs"),
        ("", vec![directed(start.clone())], "needs an updatedIntent"),
        (
            "to plan a trip",
            vec![directed(json!({"type": "Dialog.ElicitSlot", "slotToElicit": "moon"}))],
            "no slot \"moon\"",
        ),
        ("to book rome", vec![delegate(), delegate()], "COMPLETED already"),
        ("to book rome", vec![directed(json!({"type": "DelegateDirective"}))], "not supported: DelegateDirective"),
    ] {
        let world = World::with_model(&model("SKILL_RESPONSE")).await;
        world.told().skill_answers = answers;
        let named = if words.is_empty() { "open trip planner".to_owned() } else { format!("ask trip planner {words}") };
        let turn = world.ask(&named).await;
        assert_eq!(
            (turn["outcome"].as_str(), turn["session"]["open"].as_bool()),
            (Some("failed"), Some(false)),
            "{turn}"
        );
        assert!(turn["explanation"].as_str().unwrap().contains(reason), "{reason}: {turn}");
        let told = world.told();
        let last = &told.skill_requests.last().unwrap().1["request"];
        assert_eq!(
            (last["reason"].as_str(), last["error"]["type"].as_str()),
            (Some("ERROR"), Some("INVALID_RESPONSE"))
        );
        assert!(last["error"]["message"].as_str().unwrap().contains(reason), "{last}");
    }
}

#[tokio::test]
async fn silence_is_asked_once_more_and_then_the_session_is_over() {
    let world = World::with_model(&model("SKILL_RESPONSE")).await;
    let reprompt = json!({"outputSpeech": says("Well?")});
    let open = || answer(json!({"reprompt": reprompt, "shouldEndSession": false}));
    world.told().skill_answers = vec![open(), open(), open()];
    world.ask("open trip planner").await;
    let silence = || world.turn(json!({"silence": true}));
    let turn = silence().await;
    assert_eq!((turn["spoken"].as_str(), turn["heard"]["kind"].as_str()), (Some("Well?"), Some("silence")));
    world.ask("how are you").await;
    assert_eq!(silence().await["session"]["open"], true, "an answer in between makes Alexa patient again");
    let turn = world.ask("gobbledygook words that nobody knows").await;
    assert_eq!((turn["session"]["open"].as_bool(), turn["outcome"].as_str()), (Some(false), Some("not_understood")));
    assert_eq!(sent(&world).last().unwrap(), "SessionEndedRequest EXCEEDED_MAX_REPROMPTS");
    assert_eq!(silence().await["heard"]["kind"], "no_skill");
    let both = json!({"silence": true, "launch": true}).to_string();
    let kind = [("content-type", "application/json")];
    assert_eq!(world.send(axum::http::Method::POST, "/api/turns", &kind, &both).await.0, 422);
}

#[tokio::test]
async fn a_screen_keeps_the_session_for_a_while() {
    let world = World::with_model(&model("SKILL_RESPONSE")).await;
    let shows = || answer(json!({"directives": [{"type": "Alexa.Presentation.APL.RenderDocument"}]}));
    world.told().skill_answers = vec![shows(), shows(), shows()];
    assert_eq!(world.ask("open trip planner").await["session"]["open"], false, "a speaker shows nothing");
    let turn = world.turn(json!({"utterance": "open trip planner", "device": "screen"})).await;
    assert_eq!(turn["session"]["open"], true);
    assert_eq!(turn["directives"][0]["type"], "Alexa.Presentation.APL.RenderDocument");
    world.clock.forward(29);
    assert_eq!(world.turn(json!({"utterance": "how are you", "device": "screen"})).await["session"]["open"], true);
    world.clock.forward(30);
    assert_eq!(world.ask("how are you").await["heard"]["kind"], "no_skill");
}

#[tokio::test]
async fn a_skill_adds_values_for_a_session() {
    let world = World::with_model(&model("SKILL_RESPONSE")).await;
    let types =
        json!([{"name": "City", "values": [{"id": "OZ", "name": {"value": "emerald city", "synonyms": ["oz"]}}]}]);
    let stay = |directives: Value| answer(json!({"directives": directives, "shouldEndSession": false}));
    let update =
        |behavior: &str| json!([{"type": "Dialog.UpdateDynamicEntities", "updateBehavior": behavior, "types": types}]);
    world.told().skill_answers = vec![stay(update("REPLACE")), stay(json!([])), stay(update("CLEAR")), stay(json!([]))];
    for words in ["open trip planner", "take oz", "take rome", "take oz"] {
        world.ask(words).await;
    }
    let told = world.told();
    let authorities = |at: usize| {
        let slot = &told.skill_requests[at].1["request"]["intent"]["slots"]["city"];
        slot["resolutions"]["resolutionsPerAuthority"].as_array().unwrap().clone()
    };
    let found = authorities(1);
    assert!(
        found[0]["authority"].as_str().unwrap().starts_with("amzn1.er-authority.echo-sdk.dynamic.amzn1.ask.skill.")
    );
    assert_eq!(found[0]["values"][0]["value"], json!({"name": "emerald city", "id": "OZ"}));
    assert_eq!(found[1]["status"]["code"], "ER_SUCCESS_NO_MATCH");
    assert_eq!(authorities(2)[0]["status"]["code"], "ER_SUCCESS_NO_MATCH", "added values know nothing of rome");
    assert_eq!(authorities(2)[1]["status"]["code"], "ER_SUCCESS_MATCH");
    assert_eq!(authorities(3).len(), 1, "cleared");
}

#[tokio::test]
async fn an_intent_can_be_sent_without_words() {
    let world = World::with_model(&model("SKILL_RESPONSE")).await;
    world.told().skill_answers = vec![answer(json!({"shouldEndSession": false}))];
    world.turn(json!({"launch": true})).await;
    world.turn(json!({"intent": "PlainIntent", "slots": {"city": "Bonn"}})).await;
    let turn = world.turn(json!({"intent": "PlainIntent", "slots": {"moon": "x"}})).await;
    assert_eq!(turn["outcome"], "not_understood");
    assert_eq!(sent(&world), ["LaunchRequest ", "PlainIntent -  city=Bonn"]);
    let told = world.told();
    let slot = &told.skill_requests[1].1["request"]["intent"]["slots"]["city"];
    assert_eq!(slot["resolutions"]["resolutionsPerAuthority"][0]["values"][0]["value"]["id"], "BN");
}
