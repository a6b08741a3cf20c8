//! Understanding a sentence: a model of 10,000 samples and values, and sentences of which the second is eight times the
//! first, which should cost eight times as much.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../crates/simulator/tests/large/mod.rs"]
mod large;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use large::{NOON, model};
use sayso_simulator::understand::Listener;

fn sentences(criterion: &mut Criterion) {
    let model = model();
    let listener = Listener::new(&model, "en-US");
    let mut group = criterion.benchmark_group("understanding");
    group.bench_function("loading 10,000 samples and values", |bencher| {
        bencher.iter(|| Listener::new(black_box(&model), "en-US"));
    });
    let booking =
        "book the meeting next friday at half past three for two and a half hours with person number77 of us way4";
    let hard = "half past one may second ";
    for (name, sentence) in [
        ("a sentence with four slots", booking.to_owned()),
        ("10 hard words in a row", hard.repeat(2)),
        ("80 hard words in a row", hard.repeat(16)),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| listener.understand(black_box(&sentence), None, NOON)));
    }
    group.finish();
}

criterion_group!(benches, sentences);
criterion_main!(benches);
