//! A large model, for a test and for a measurement.
#![allow(unreachable_pub, reason = "each test file is a crate of its own")]

use sayso_alexa::interaction_model::{Intent, InteractionModel, Slot, SlotType, SlotValue, ValueName};
use sayso_token::time::Timestamp;

/// A Wednesday in May 2024.
pub const NOON: Timestamp = Timestamp::from_millis(1_715_774_400_000);

const VERBS: [&str; 10] = ["book", "cancel", "move", "find", "show", "read", "send", "plan", "check", "share"];
const THINGS: [&str; 10] =
    ["meeting", "table", "flight", "ticket", "lesson", "walk", "call", "dinner", "visit", "repair"];

fn slot(name: &str, kind: &str) -> Slot {
    Slot { name: name.into(), kind: kind.into(), ..Slot::default() }
}

/// 100 intents with 50 samples each, and a type of 5,000 values.
pub fn model() -> InteractionModel {
    let intents = (0..100).map(|index| {
        let (verb, thing) = (VERBS[index / 10], THINGS[index % 10]);
        let samples = (0..50).map(|way| match way % 5 {
            0 => format!("{verb} a {thing} with {{who}} on {{day}} way{way}"),
            1 => format!("{verb} {{who}} a {thing} at {{hour}} way{way}"),
            2 => format!("please {verb} my {thing} for {{length}} way{way}"),
            3 => format!("{verb} {thing} number {{count}} way{way}"),
            _ => format!("{verb} the {thing} {{day}} at {{hour}} for {{length}} with {{who}} way{way}"),
        });
        Intent {
            name: format!("Intent{index}"),
            samples: samples.collect(),
            slots: vec![
                slot("who", "PERSON"),
                slot("day", "AMAZON.DATE"),
                slot("hour", "AMAZON.TIME"),
                slot("length", "AMAZON.DURATION"),
                slot("count", "AMAZON.NUMBER"),
            ],
        }
    });
    let values = (0..5_000).map(|index| SlotValue {
        id: None,
        name: ValueName { value: format!("person number{index} of us"), synonyms: Vec::new() },
    });
    let types = vec![SlotType { name: "PERSON".into(), values: values.collect() }];
    InteractionModel { intents: intents.collect(), types, ..InteractionModel::default() }
}
