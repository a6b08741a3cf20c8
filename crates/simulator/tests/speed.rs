//! Understanding stays quick: a model of 10,000 sample-and-value combinations, and sentences that grow.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use sayso_alexa::interaction_model::{Intent, InteractionModel, Slot, SlotType, SlotValue, ValueName};
use sayso_simulator::understand::Listener;
use sayso_token::time::Timestamp;

const NOON: Timestamp = Timestamp::from_millis(1_715_774_400_000);

const VERBS: [&str; 10] = ["book", "cancel", "move", "find", "show", "read", "send", "plan", "check", "share"];
const THINGS: [&str; 10] =
    ["meeting", "table", "flight", "ticket", "lesson", "walk", "call", "dinner", "visit", "repair"];

fn slot(name: &str, kind: &str) -> Slot {
    Slot { name: name.into(), kind: kind.into(), ..Slot::default() }
}

/// 100 intents with 50 samples each, and a type of 5,000 values.
fn large() -> InteractionModel {
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

/// The quickest of a few runs, which says most of the work and least of the machine.
fn quickest(mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let began = Instant::now();
        run();
        began.elapsed()
    };
    (0..15).map(once).min().unwrap()
}

#[test]
fn a_sentence_to_a_large_model_is_understood_within_a_millisecond() {
    let model = large();
    let began = Instant::now();
    let listener = Listener::new(&model, "en-US");
    println!("loading: {:?}", began.elapsed());
    // Without optimizing everything is slower, and the bound is only there to catch what grows.
    let bound = Duration::from_millis(if cfg!(debug_assertions) { 5 } else { 1 });
    for (sentence, intent) in [
        (
            "book the meeting next friday at half past three for two and a half hours with person number77 of us way4",
            "Intent0",
        ),
        ("read lesson number three hundred and twelve way13", "Intent54"),
        ("share a repair with person number4999 of us on the twenty first of june way45", "Intent99"),
        ("what is the weather like in hamburg tomorrow", ""),
    ] {
        let understood = listener.understand(sentence, None, NOON);
        assert_eq!(understood.map(|found| found.intent).unwrap_or_default(), intent, "{sentence}");
        let taken = quickest(|| drop(listener.understand(sentence, None, NOON)));
        println!("{taken:?}: {sentence}");
        assert!(taken < bound, "{taken:?}: {sentence}");
    }
}

#[test]
fn time_grows_no_faster_than_the_sentence() {
    let listener = Listener::new(&large(), "en-US");
    // The hardest words there are: each begins numbers, dates, times and durations.
    for word in ["one ", "may second ", "half past one ", "book a meeting with person number77 of us on friday "] {
        let taken = |times: usize| {
            let sentence = word.repeat(times);
            quickest(|| drop(listener.understand(&sentence, None, NOON))).as_secs_f64()
        };
        let (short, long) = (taken(10), taken(80));
        // Eight times the words in at most eight times the time; the rest is the clock's own roughness.
        assert!(long < short * 16.0 + 0.002, "{word:?}: {short} s, {long} s");
    }
}
