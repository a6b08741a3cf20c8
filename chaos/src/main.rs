//! Plays the long scenarios; `cargo xtask chaos` builds and starts this.
#![allow(clippy::disallowed_methods, reason = "a run looks at the real clock")]

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use sayso_chaos::play::{NAMES, play};
use sayso_chaos::run::Run;

/// Plays what can go wrong, for so many minutes, and tells what was seen in one line for each scenario.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask chaos", after_help = "Exit codes: 0 all held; 1 something did not; 2 wrong usage.")]
struct Args {
    /// For how long at most, all together. What was begun is brought to its end.
    #[arg(long, value_name = "N", default_value_t = 60)]
    minutes: u32,
    /// How much of the full scale: 1 is 100,000 codes and refresh tokens, 10,000 households, 100 kills.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    scale: f64,
    /// Only the scenarios whose names begin so.
    #[arg(long, value_name = "NAME", default_value = "")]
    only: String,
    /// The seed of an earlier run, to play the same again.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let names: Vec<_> = NAMES.into_iter().filter(|name| name.starts_with(&args.only)).collect();
    if names.is_empty() || !(0.0..=1.0).contains(&args.scale) {
        eprintln!("the scenarios are {}; the scale is between 0 and 1", NAMES.join(", "));
        return ExitCode::from(2);
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Short enough to be typed again.
    let seed = args.seed.unwrap_or(since.as_secs() % 1_000_000);
    println!("seed {seed}, scale {}, {} minutes at most", args.scale, args.minutes);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let whole = Run::new(seed, args.scale, Duration::from_secs(60 * u64::from(args.minutes)));
    let (mut left, mut failed) = (u32::try_from(names.len()).unwrap_or(u32::MAX), false);
    for name in names {
        // Each gets an equal part of what the ones before have left.
        let part = whole.part(left).timed();
        left -= 1;
        match runtime.block_on(play(name, part)) {
            Ok(figures) => println!("{name}: {figures}"),
            Err(error) => {
                failed = true;
                println!("{name}: FAILED, seed {seed}: {error:#}");
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
