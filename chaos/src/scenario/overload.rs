//! DOS-004: twice what the server can do is asked of it, half of it by strangers who send junk and guess passwords from
//! everywhere. Whoever is admitted is answered in time, everybody else is told so, the work that counts goes on, memory
//! stays where it was, and when the strangers are gone all is as before.

mod callers;
mod junk;
mod observed;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::database::{Database, Engine};
use crate::house::{self, ASSISTANT, TOKEN};
use crate::installation::Installation;
use crate::node::Node;
use crate::process::{Launch, Process};
use crate::run::{Figures, Run};
use callers::{Load, Told, drive};
use observed::{Apart, Memory};

/// How long it is asked for too much at full scale, in seconds.
const FULL: u32 = 10 * 60;
/// Of that, how long it is asked beforehand for what it can do.
const MEASURED: u32 = 30;
/// Linked accounts, each of which asks again when it was answered. Enough to keep a server busy.
const CALLERS: usize = 32;
/// Strangers: enough to send as much as the accounts do, though each waits for its answer.
const STRANGERS: usize = 64;
/// The part of what it can do that it must go on doing, of a hundred.
const GOODPUT: f64 = 90.0;
/// The longest answer to 99 of a hundred that were admitted.
const ADMITTED: Duration = Duration::from_millis(500);
/// How soon all must be as before.
const RECOVERED: Duration = Duration::from_secs(10);
/// What it may keep more in the last quarter of the run than in the first, in MiB.
const GROWTH: f64 = 16.0;
/// What it may keep at any moment, in MiB: forty, and what hashing takes at once, on some machines for 16 passwords.
const RESIDENT: f64 = 40.0 + 16.0 * 19.5;

/// Measures what it can do, asks for twice that, and looks how soon it is as before.
///
/// # Errors
/// What does not hold.
pub async fn run(run: Run) -> anyhow::Result<Figures> {
    let Some(database) = Database::new(Engine::Sqlite)? else {
        return Ok(Figures::default().and("not installed", "SQLite"));
    };
    let apart = if run.timed { Apart::begin()? } else { None };
    let launch = Launch::new(database.folder(), database.address())?.rewritten(of_a_town)?;
    let launch = apart.iter().fold(launch, |launch, apart| launch.after(apart.of_the_server()));
    let process = launch.start().await?;
    let mut installation = Installation::around(run.seed, database, launch).await?;
    let tokens = linked(&mut installation, &process).await?;

    // Measured in halves, the first of which warms it up.
    let (tokens, _) = drive(&process.node, Load::of_accounts(tokens, part(run, MEASURED))).await?;
    let (tokens, usual) = drive(&process.node, Load::of_accounts(tokens, part(run, MEASURED))).await?;
    let memory = Memory::watch(process.id());
    let load = Load::of_accounts(tokens, part(run, FULL)).and_strangers(STRANGERS, usual.rate());
    let (tokens, under) = drive(&process.node, load).await?;
    let kept = memory.kept()?;
    let recovered = recovered(&process, (tokens, usual.rate()), run.timed).await?;

    process.stop().await?;
    ensure!(!installation.launch.log().contains("panicked"), "it panicked:\n{}", installation.launch.log());
    let share = 100.0 * under.rate() / usual.rate().max(1e-9);
    let figures = Figures::default()
        .and("s of twice the load", format!("{:.0}", under.elapsed.as_secs_f64()))
        .and("refreshes a second before", format!("{:.0}", usual.rate()))
        .and("meanwhile", format!("{:.0} ({share:.1} %)", under.rate()))
        .and("ms for half of them", under.millis_of(50.0))
        .and("ms for 99 of 100", under.millis_of(99.0))
        .and("told to come again", under.put_off)
        .and("answers to strangers a second", format!("{:.0}", under.rate_of_strangers()))
        .and("of them 429 or 503, all with Retry-After", under.strangers_put_off)
        .and("passwords guessed", under.guesses)
        .and("MiB resident at first", format!("{:.1}", kept.at_first))
        .and("MiB at most", format!("{:.1}", kept.at_most))
        .and("MiB at last", format!("{:.1}", kept.at_last))
        .and("ms until all was as before", recovered.as_millis())
        .and("cores", if apart.is_some() { "the server's own" } else { "shared with the driver" });
    let say = |what: &str| format!("seed {}: {what}: {figures}", run.seed);
    ensure!(under.answered > 0 && under.strangers > 0, "{}", say("nobody was answered"));
    ensure!(kept.at_most <= RESIDENT, "{}", say("it keeps too much"));
    if run.timed {
        ensure!(share >= GOODPUT, "{}", say("too little goes on"));
        ensure!(under.millis_of(99.0) < ADMITTED.as_millis(), "{}", say("who is admitted waits too long"));
        ensure!(kept.at_last <= kept.at_first + GROWTH, "{}", say("it grows"));
        ensure!(recovered <= RECOVERED, "{}", say("it is not as before"));
    }
    Ok(figures)
}

/// So much of that many seconds at full scale; a second at least.
fn part(run: Run, full: u32) -> Duration {
    Duration::from_secs_f64((f64::from(full) * run.scale).max(1.0))
}

/// Tokens are signed as by default, and a proxy says where everybody comes from, as in a town that guesses passwords.
fn of_a_town(configuration: &str) -> String {
    configuration
        .replace("algorithm = \"ES256\"\n", "")
        .replace("[server]\n", "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n")
}

/// The refresh tokens of accounts that are linked.
async fn linked(installation: &mut Installation, process: &Process) -> anyhow::Result<Vec<String>> {
    // Of three codes, two are the assistant's.
    installation.add_codes(CALLERS * 3 / 2).await?;
    let mut tokens = Vec::new();
    for link in installation.book.iter().filter(|link| link.client == ASSISTANT).take(CALLERS) {
        let answer = process.node.post(TOKEN, &house::redemption(ASSISTANT, &link.code, true)).await?;
        tokens.push(answer.refresh_token().with_context(|| format!("no link: {answer:?}"))?);
    }
    Ok(tokens)
}

/// How long it takes, from when the strangers are gone, until in one second as much goes on as before.
async fn recovered(process: &Process, (tokens, usual): (Vec<String>, f64), timed: bool) -> anyhow::Result<Duration> {
    let (begun, mut tokens, node): (_, _, Node) = (Instant::now(), tokens, process.node.clone());
    loop {
        let since = begun.elapsed();
        let (left, told): (Vec<String>, Told) = drive(&node, Load::of_accounts(tokens, Duration::from_secs(1))).await?;
        let enough = !timed || 100.0 * told.rate() >= GOODPUT * usual;
        if told.put_off == 0 && enough {
            return Ok(since);
        }
        ensure!(since <= 2 * RECOVERED, "not as before after {since:?}: {:.0} of {usual:.0} a second", told.rate());
        tokens = left;
    }
}
