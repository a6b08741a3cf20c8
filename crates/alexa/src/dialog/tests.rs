use serde_json::json;

use super::*;
use crate::envelope::{ConfirmationStatus, Slot};

/// 2024-05-15T12:00:00Z
const NOW: i64 = 1_715_774_400_000;

fn dialog(slots: Value, confirmation: bool) -> Dialog {
    let model = InteractionModel {
        dialog: Some(
            json!({"delegationStrategy": "ALWAYS", "intents": [{"name": "Trip", "confirmationRequired": confirmation,
            "prompts": {"confirmation": "All"}, "slots": slots}, {"name": "Other", "delegationStrategy": "SKILL_RESPONSE"}]}),
        ),
        prompts: Some(json!([
            {"id": "City", "variations": [{"type": "PlainText", "value": "Where to?"}, {"type": "PlainText", "value": "Which city?"}]},
            {"id": "All", "variations": [{"type": "SSML", "value": "<speak>{city} {city2}, {other}? {</speak>"}]},
        ])),
        ..InteractionModel::default()
    };
    Dialog::of(&model)
}

fn city(more: Value) -> Value {
    let mut slot = json!({"name": "city", "type": "City", "elicitationRequired": true, "prompts": {"elicitation": "City", "confirmation": "Sure"}});
    slot.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([slot])
}

fn trip(slots: Value) -> Intent {
    serde_json::from_value(json!({"name": "Trip", "confirmationStatus": "NONE", "slots": slots})).unwrap()
}

fn holding(value: &str) -> Intent {
    trip(json!({"city": {"name": "city", "value": value, "confirmationStatus": "NONE"}}))
}

fn ask(awaits: Awaits, prompt: &str) -> Step {
    Step::Ask { awaits, prompt: prompt.into() }
}

fn wants_city(prompt: &str) -> Step {
    ask(Awaits::Slot("city".into()), prompt)
}

#[test]
fn strategies_are_the_intents_own_or_the_models() {
    let dialog = dialog(json!([]), false);
    assert_eq!(dialog.intent("Trip").unwrap().strategy, Strategy::Always);
    assert_eq!(dialog.intent("Other").unwrap().strategy, Strategy::SkillResponse);
    assert!(dialog.intent("None").is_none() && !dialog.is_empty() && Dialog::default().is_empty());
}

#[test]
fn slots_are_asked_for_judged_and_confirmed_in_order_and_then_the_whole() {
    let slots = json!([
        city(json!({"confirmationRequired": true}))[0],
        {"name": "note", "type": "AMAZON.SearchQuery"},
        {"name": "day", "type": "AMAZON.DATE", "elicitationRequired": true, "prompts": {"elicitation": "Day"}},
    ]);
    let dialog = dialog(slots, true);
    let rules = dialog.intent("Trip").unwrap();
    let mut held = trip(json!({"city": {"name": "city", "confirmationStatus": "NONE"}, "day": {"name": "day"}}));
    assert_eq!(rules.next(&mut held, NOW), wants_city("City"));
    merge(&mut held, holding("bonn"));
    let confirm = Awaits::SlotConfirmation("city".into());
    assert_eq!(rules.next(&mut held, NOW), ask(confirm.clone(), "Sure"));
    settle(&mut held, &confirm, false);
    assert_eq!(rules.next(&mut held, NOW), wants_city("City"), "what is denied is asked for again");
    assert!(held.slots.known().unwrap()["city"].value().is_none());
    merge(&mut held, holding("rome"));
    settle(&mut held, &confirm, true);
    assert_eq!(rules.next(&mut held, NOW), ask(Awaits::Slot("day".into()), "Day"));
    merge(&mut held, trip(json!({"day": {"name": "day", "value": "2024-05-16"}, "city": {"name": "city"}})));
    assert_eq!(held.slots.known().unwrap()["city"].value(), Some("rome"), "an empty slot takes nothing away");
    assert_eq!(rules.next(&mut held, NOW), ask(Awaits::IntentConfirmation, "All"));
    settle(&mut held, &Awaits::IntentConfirmation, false);
    assert_eq!(rules.next(&mut held, NOW), Step::Complete, "a no is an answer too");
    assert_eq!(held.confirmation_status.known(), Some(&ConfirmationStatus::Denied));
}

#[test]
fn every_kind_of_validation_judges_values() {
    let dates = |rule: &str, bound: &str| json!({"type": rule, "prompt": "No", "start": bound, "end": ""});
    let matched = |code: &str| json!({"resolutionsPerAuthority": [{"status": {"code": code}}]});
    for (rule, good, bad) in [
        (json!({"type": "isGreaterThan", "value": 3}), vec!["4", "3.5"], vec!["3", "2", "many"]),
        (json!({"type": "isGreaterThanOrEqualTo", "value": "1970"}), vec!["1970", "2024"], vec!["1969"]),
        (
            json!({"type": "isLessThan", "value": "2024-06-01"}),
            vec!["2024-05-31", "2024-W22", "2024-05"],
            vec!["2024-06-01", "2025"],
        ),
        (json!({"type": "isLessThanOrEqualTo", "value": "15:00"}), vec!["15:00", "MO"], vec!["15:01", "EV"]),
        (json!({"type": "isLessThan", "value": "PT2H"}), vec!["PT90M", "PT1H59M"], vec!["PT2H", "P1D"]),
        (json!({"type": "isInSet", "values": ["red", "Deep Blue"]}), vec!["Red", "deep blue"], vec!["green", ""]),
        (json!({"type": "isNotInSet", "values": ["sun", "the sun"]}), vec!["moon"], vec!["sun", "The Sun"]),
        (dates("isInDuration", "P1D"), vec!["2024-05-16", "2025-01"], vec!["2024-05-15", "2024-W20", "soon"]),
        (dates("isNotInDuration", "P1D"), vec!["2024-05-15"], vec!["2024-05-16", "soon"]),
        (
            json!({"type": "isInDuration", "start": "-P1M", "end": "P1M"}),
            vec!["2024-04-15", "2024-06-15"],
            vec!["2024-04-14", "2024-06-16"],
        ),
        (json!({"type": "isInDuration", "start": "PT1H", "end": "PT6H"}), vec!["13:00", "EV"], vec!["12:59", "18:01"]),
    ] {
        let mut rule = rule;
        rule["prompt"] = json!("No");
        let dialog = dialog(city(json!({"validations": [rule]})), false);
        let rules = dialog.intent("Trip").unwrap();
        for (values, step) in [(good, Step::Complete), (bad, wants_city("No"))] {
            for value in values.into_iter().filter(|value| !value.is_empty()) {
                assert_eq!(rules.next(&mut holding(value), NOW), step, "{rule} {value}");
            }
        }
    }
    let dialog = dialog(city(json!({"validations": [{"type": "hasEntityResolutionMatch", "prompt": "No"}]})), false);
    let rules = dialog.intent("Trip").unwrap();
    for (resolutions, step) in [
        (matched("ER_SUCCESS_MATCH"), Step::Complete),
        (matched("ER_SUCCESS_NO_MATCH"), wants_city("No")),
        (Value::Null, Step::Complete),
    ] {
        let mut held = trip(json!({"city": {"name": "city", "value": "x", "resolutions": resolutions}}));
        assert_eq!(rules.next(&mut held, NOW), step, "{resolutions}");
    }
}

#[test]
fn each_of_several_values_is_judged() {
    let dialog =
        dialog(city(json!({"validations": [{"type": "isNotInSet", "prompt": "No", "values": ["mars"]}]})), false);
    let rules = dialog.intent("Trip").unwrap();
    for (second, step) in [("rome", Step::Complete), ("mars", wants_city("No"))] {
        let values = json!([{"type": "Simple", "value": "bonn"}, {"type": "Simple", "value": second}]);
        let mut held = trip(json!({"city": {"name": "city", "slotValue": {"type": "List", "values": values}}}));
        assert_eq!(rules.next(&mut held, NOW), step);
        assert_eq!(spoken_value(&held.slots.known().unwrap()["city"]), format!("bonn and {second}"));
    }
}

#[test]
fn prompts_are_filled_in_and_vary() {
    let dialog = dialog(json!([]), false);
    let mut intent = holding("Bed & <break/>");
    let all = dialog.say("All", 0, &intent).unwrap();
    assert_eq!(all.text, "<speak>Bed &amp; &lt;break/&gt; {city2}, {other}? {</speak>");
    assert!(all.is_ssml);
    merge(&mut intent, trip(json!({"city2": Slot::default()})));
    assert!(
        dialog.say("All", 7, &intent).unwrap().text.contains("/&gt; , {other}"),
        "an empty slot is said as nothing"
    );
    let said: Vec<String> = (0..3).map(|number| dialog.say("City", number, &intent).unwrap().text).collect();
    assert_eq!(said, ["Where to?", "Which city?", "Where to?"]);
    assert_eq!(dialog.say("Gone", 0, &intent), None);
}

#[test]
fn an_updated_intent_changes_what_it_names_or_takes_the_place() {
    let mut held = trip(json!({"city": {"name": "city", "value": "bonn"}, "day": {"name": "day", "value": "2024"}}));
    update(&mut held, trip(json!({"city": {"value": "rome"}})));
    let slots = held.slots.known().unwrap();
    assert_eq!((slots["city"].value(), slots["day"].value()), (Some("rome"), Some("2024")));
    assert_eq!(slots["city"].name.text(), Some("city"), "what the skill left out is put in");
    assert_eq!(slots["city"].confirmation_status.known(), Some(&ConfirmationStatus::None));
    update(&mut held, serde_json::from_value(json!({"name": "Other", "slots": {"x": {"name": "x"}}})).unwrap());
    assert_eq!((held.name.text(), held.slots.known().unwrap().len()), (Some("Other"), 1));
    assert_eq!(held.confirmation_status.known(), Some(&ConfirmationStatus::None));
}

#[test]
fn odd_dialogs_are_read_as_far_as_they_go() {
    for dialog in
        [json!(null), json!([]), json!({"intents": {}}), json!({"intents": [1, {"slots": "x"}, {"slots": [null]}]})]
    {
        let model = InteractionModel { dialog: Some(dialog), prompts: Some(json!([3])), ..InteractionModel::default() };
        for intent in Dialog::of(&model).intents {
            assert_eq!(intent.next(&mut Intent::new(""), NOW), Step::Complete);
        }
    }
}
