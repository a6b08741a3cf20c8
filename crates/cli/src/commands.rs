//! Carries a command out, and says by the exit code how it ended.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

use crate::args::configuration::Plan;
use crate::args::{Args, Command, Config, MasterKey};
use crate::config::Severity;
use crate::{
    apply, ask, audit, backup, config, dev, export, keys, log, master_key, migrate, new, plan, restore, serve, skill,
    skill_test, token, transfer,
};

/// The exit code for wrong usage, files or connections.
const FAILED: u8 = 2;
/// Enough for a household and its tests, and few enough to stay small.
const WORKERS: usize = 2;

/// Carries the command out.
pub(crate) fn run(args: Args) -> ExitCode {
    let ended = match &args.command {
        Command::Ask(ask) => begin_log(&args, "warn").and_then(|()| {
            let ending = alone()?.block_on(ask::ask(ask))?;
            Ok(ExitCode::from(ending as u8))
        }),
        Command::Apply(apply) => once(&args, apply::run(apply)),
        Command::Audit(asked) => begin_log(&args, "warn").and_then(|()| {
            let ending = alone()?.block_on(audit::run(asked))?;
            Ok(ExitCode::from(ending as u8))
        }),
        Command::MasterKey(MasterKey::Rotate(rotate)) => once(&args, master_key::rotate(rotate)),
        Command::Backup(backup) => once(&args, backup::run(backup)),
        Command::Restore(restore) => once(&args, restore::run(restore)),
        Command::Data(asked) => once(&args, transfer::run(asked)),
        Command::Export(export) => once(&args, export::run(export)),
        Command::Keys(keys) => once(&args, keys::run(keys)),
        Command::Token(token) => begin_log(&args, "warn").and_then(|()| {
            let ending = alone()?.block_on(token::run(token))?;
            Ok(ExitCode::from(ending as u8))
        }),
        Command::Config(Config::Check { file }) => check(file),
        Command::New(asked) => new::run(asked).map(|()| ExitCode::SUCCESS),
        Command::Dev(dev) => begin_log(&args, dev::LOG).and_then(|()| {
            workers()?.block_on(dev::run(dev))?;
            Ok(ExitCode::SUCCESS)
        }),
        Command::Migrate(migrate) => begin_log(&args, "warn").and_then(|()| {
            let ending = alone()?.block_on(migrate::run(migrate))?;
            Ok(ExitCode::from(ending as u8))
        }),
        Command::Skill(skill::Skill::Test(test)) => begin_log(&args, "warn").and_then(|()| {
            let ending = workers()?.block_on(skill_test::run(test))?;
            Ok(ExitCode::from(ending as u8))
        }),
        Command::Skill(skill::Skill::Doctor(doctor)) => begin_log(&args, "warn").and_then(|()| {
            let ending = workers()?.block_on(skill::doctor(doctor))?;
            Ok(ExitCode::from(ending as u8))
        }),
        Command::Skill(skill::Skill::Console(console)) => begin_log(&args, dev::LOG).and_then(|()| {
            let ending = workers()?.block_on(skill::console(console))?;
            Ok(ExitCode::from(ending as u8))
        }),
        Command::Skill(skill::Skill::Profile(profile)) => {
            skill::profile(profile).map(|ending| ExitCode::from(ending as u8))
        }
        Command::Skill(skill::Skill::Check(check)) => skill::check(check).map(|ending| ExitCode::from(ending as u8)),
        Command::Plan(asked) => return planned(&args, asked),
        Command::Serve(serve) => begin_log(&args, "info").and_then(|()| {
            all_cores()?.block_on(serve::run(serve))?;
            Ok(ExitCode::SUCCESS)
        }),
    };
    ended.unwrap_or_else(|error| {
        // Where stderr cannot be written, the exit code has to do.
        let _ = writeln!(std::io::stderr(), "sayso: {error:#}");
        ExitCode::from(FAILED)
    })
}

/// `sayso plan`, whose 2 is not a failure.
fn planned(args: &Args, asked: &Plan) -> ExitCode {
    let ended = begin_log(args, "warn").and_then(|()| alone()?.block_on(plan::run(asked)));
    match ended {
        Ok(ending) => ExitCode::from(ending as u8),
        Err(error) => {
            // Where stderr cannot be written, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "sayso: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A command that does one thing and ends.
fn once(args: &Args, work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<ExitCode> {
    begin_log(args, "warn")?;
    alone()?.block_on(work)?;
    Ok(ExitCode::SUCCESS)
}

fn begin_log(args: &Args, default: &str) -> anyhow::Result<()> {
    log::begin(args.log.as_deref(), default)
}

fn alone() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

fn workers() -> anyhow::Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?)
}

/// A server signs tokens where it answers: one thread for each core that it may use.
fn all_cores() -> anyhow::Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

fn check(file: &Path) -> anyhow::Result<ExitCode> {
    let checked = config::read_named(file)?;
    let errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let mut stdout = std::io::stdout().lock();
    for finding in &checked.findings {
        writeln!(stdout, "{finding}")?;
    }
    if errors == 0 {
        writeln!(stdout, "ok")?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(FAILED))
}
