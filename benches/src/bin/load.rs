//! `cargo run --release -p sayso-benches --bin load -- …`: drives a server of its own, or measures the whole table.

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;
use sayso_benches::args::Args;

/// As in `sayso`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match sayso_benches::run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}
