//! A model of 10,000 samples and values, understood like any other. How long that takes is measured in `benches/`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod large;

use large::{NOON, model};
use sayso_simulator::understand::Listener;

#[test]
fn a_large_model_is_understood_like_any_other() {
    let listener = Listener::new(&model(), "en-US");
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
    }
}
