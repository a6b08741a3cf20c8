//! What the project checks about itself. Run as `cargo xtask <command>`; see [`USAGE`].

mod attacks;
mod borders;
mod chaos;
mod finding;
mod reasons;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask attacks     which attack cases have a test, and which are open: PATH of the list
                        (../shared/reference/attack-cases.json), --strict to fail while one is open
cargo xtask borders     check the shape of the workspace: which crate may depend on which, what the
                        pure crates may not reach, the sizes of files and functions, forbidden names
cargo xtask reasons     write docs/reference/reasons.md from the code; --check: say whether it is as it would be written
cargo xtask chaos       play the long fault scenarios in the release profile: --minutes N, --only NAME,
                        --seed S, --scale SHARE (docs/faults.md)";

fn ended(run: anyhow::Result<bool>, what: &str) -> ExitCode {
    match run {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{what}: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["attacks", ..] => match attacks::run(arguments.get(1..).unwrap_or_default()) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("the attack cases could not be compared: {error:#}");
                ExitCode::from(2)
            }
        },
        ["borders"] => match borders::run() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("borders could not be checked: {error:#}");
                ExitCode::from(2)
            }
        },
        ["chaos", ..] => match chaos::run(arguments.get(1..).unwrap_or_default()) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("the scenarios could not be played: {error:#}");
                ExitCode::from(2)
            }
        },
        ["reasons"] => ended(reasons::run(false), "the reason codes could not be read"),
        ["reasons", "--check"] => ended(reasons::run(true), "the reason codes could not be read"),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
