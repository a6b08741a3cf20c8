//! The command line of the load driver.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::scenario::Scenario;

/// Drives a server of its own over loopback sockets and tells what each request cost.
#[derive(Debug, Parser)]
#[command(name = "load", arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Drives one scenario and prints rate, latencies, errors, and the server's CPU and memory.
    Run(Run),
    /// Measures every row of the table in docs/performance.md and prints it as Markdown.
    Table(Table),
    /// The server's side; the driver starts it in a process of its own.
    #[command(hide = true)]
    Serve(Serve),
}

/// `load run`
#[derive(Debug, clap::Args)]
pub struct Run {
    /// What is asked.
    #[arg(value_enum)]
    pub scenario: Scenario,
    /// Callers at once, each on a connection of its own.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub callers: u32,
    /// How long, in seconds.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// Open loop: so many requests are sent each second whether or not answers have come, and a latency counts from the
    /// moment its request was due. Without it each caller waits for its answer (closed loop).
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<f64>,
    /// `sqlite` for a new file, `postgres` for a server started for the run, or an address `postgres://…`, whose tables
    /// are filled and left.
    #[arg(long, default_value = "sqlite")]
    pub database: String,
    /// Linked accounts that each caller refreshes in turn.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub grants: u32,
    /// Every so many refreshes a caller presents the used token once more, as after a lost answer; what comes back must
    /// be the same successor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
}

/// `load table`
#[derive(Debug, clap::Args)]
pub struct Table {
    /// With 10^7 grants, 10^6 requests and 10^5 refreshes of one grant; takes half an hour and 20 GB of disk.
    #[arg(long)]
    pub full: bool,
    /// Only rows whose name has this in it.
    #[arg(long, value_name = "WORD")]
    pub only: Option<String>,
    /// How long each side is driven in each round, in seconds.
    #[arg(long, default_value_t = 1.5)]
    pub seconds: f64,
    /// Rounds; the median of their ratios counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,
    /// Where the databases are made: a folder on the disk to be measured. A temporary one when left out.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// `load serve`
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// The database; without one it is the bare server that the others are compared with.
    #[arg(long)]
    pub database: Option<String>,
    /// Lengths of JSON documents that the bare server has at `/size/{length}`.
    #[arg(long, value_name = "BYTES")]
    pub size: Vec<usize>,
    /// Threads that answer; what `sayso serve` has.
    #[arg(long, default_value_t = 2)]
    pub workers: usize,
}
