//! The load driver against a server of its own, for a second: no errors, and a wrong rotation is seen.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use clap::Parser as _;
use sayso_benches::args::{Args, Command};
use sayso_benches::tally::Tally;

async fn run(arguments: &str) -> Tally {
    let words = ["load", "run"].into_iter().chain(arguments.split(' '));
    let Command::Run(run) = Args::try_parse_from(words).unwrap().command else { panic!("not a run") };
    sayso_benches::measure(&run, Path::new(env!("CARGO_BIN_EXE_load"))).await.unwrap()
}

#[tokio::test]
async fn chained_refreshes_with_repetitions_go_without_an_error() {
    let tally = run("refresh --callers 4 --grants 2 --seconds 1 --repeat 3").await;
    tally.verdict().unwrap();
    assert_eq!(tally.broken_rotations(), 0);
}

#[tokio::test]
async fn an_open_loop_sends_as_many_as_are_due() {
    let tally = run("discovery --callers 4 --seconds 1 --rate 50").await;
    tally.verdict().unwrap();
    assert_eq!(tally.requests(), 50);
}

#[tokio::test]
async fn every_kind_of_request_is_answered_as_it_should() {
    for scenario in
        ["bare-json", "bare-signing", "client-credentials", "client-credentials-es256", "introspection", "jwks"]
    {
        run(&format!("{scenario} --callers 2 --seconds 0.1")).await.verdict().unwrap();
    }
}
