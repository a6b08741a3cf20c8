//! Carries a command out.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use sayso_testkit::PostgresServer;
use tokio::runtime::Builder;

use crate::args::{Args, Command, Run};
use crate::drive::{Length, Pace, drive};
use crate::line::Line;
use crate::process::{Process, Start};
use crate::tally::Tally;
use crate::{seed, serve, table};

/// Carries the command out.
///
/// # Errors
/// When a server or database does not work, or a run had errors that spoil it.
pub fn run(args: Args) -> anyhow::Result<()> {
    if let Command::Serve(serve) = &args.command {
        return serve::run(serve);
    }
    // One thread drives: the other core is the server's.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let program = std::env::current_exe().context("this program's own file")?;
    runtime.block_on(async {
        match &args.command {
            Command::Run(run) => {
                let tally = measure(run, &program).await?;
                tally.verdict()
            }
            Command::Table(table) => table::print(table, &program).await,
            Command::Serve(_) => Ok(()),
        }
    })
}

/// `load run`: prints what it came to. `program` is this driver's own file, which it starts the server from.
///
/// # Errors
/// When a server or database does not work. What went wrong with single requests is in the tally.
pub async fn measure(run: &Run, program: &Path) -> anyhow::Result<Tally> {
    let folder = tempfile::Builder::new().prefix("sayso-load-").tempdir()?;
    let own_postgres = if run.database == "postgres" {
        Some(PostgresServer::start().context("PostgreSQL is not installed: .ci/need postgres")?)
    } else {
        None
    };
    let database = match (&own_postgres, run.database.as_str()) {
        (Some(server), _) => server.new_schema(),
        (None, "sqlite") => folder.path().join("sayso.db").display().to_string(),
        (None, address) => address.to_owned(),
    };
    let start = Start::new(program, folder.path());
    let (server, lines) = begin(run, &start, &database).await?;
    let pace = run.rate.map_or(Pace::Closed, |per_second| Pace::Open { per_second });
    let before = server.cpu()?;
    let (tally, lines) = drive(lines, pace, Length::Time(Duration::from_secs_f64(run.seconds))).await?;
    let used = server.cpu()? - before;
    println!("{tally}");
    println!("server CPU {:.1} µs a request", used.as_secs_f64() * 1e6 / tally.requests().max(1) as f64);
    println!("server RSS {:.1} MiB", server.memory()? as f64 / 1048576.0);
    drop(lines);
    Ok(tally)
}

async fn begin(run: &Run, start: &Start, database: &str) -> anyhow::Result<(Process, Vec<Line>)> {
    let scenario = run.scenario;
    let codes = match scenario.needs_grants() {
        // The process number tells this run's people from those of others in the same database.
        true => seed::codes(database, &format!("load{}", std::process::id()), run.callers * run.grants).await?,
        false => Vec::new(),
    };
    let server = if scenario.is_bare() { start.bare(&[])? } else { start.sayso(database)? };
    let mut linked = seed::link(&server, &codes).await?;
    let lines = (0..run.callers).map(|_| {
        let own = linked.split_off(linked.len().saturating_sub(run.grants as usize));
        Line::new(server.address(), scenario.caller(own, run.repeat))
    });
    let lines = lines.collect();
    Ok((server, lines))
}
