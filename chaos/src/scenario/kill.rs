//! `kill -9`: the process is killed in the middle of its work, at random moments, again and again. What it had
//! acknowledged stays: no link is lost, nothing is spent twice, nothing that was revoked is alive again. SQLite's file is
//! sound, and the process is back within five seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::chance::Chance;
use crate::database::{Database, Engine};
use crate::installation::Installation;
use crate::ledger::{self, State, is_in_doubt};
use crate::run::{Figures, Run};

/// Kills at full scale.
const FULL: u32 = 100;
/// New codes in each round.
const CODES: usize = 48;
/// The moment of the kill, in milliseconds after the load has begun: from, and how much later at most.
const MOMENT: (u64, u64) = (15, 500);
/// How soon it must be back.
const BACK: Duration = Duration::from_secs(5);

/// Round after round until the scale is reached or the time is over.
///
/// # Errors
/// What does not hold, with seed, grant and its calls; or the process does not come back.
pub async fn run(run: Run, engine: Engine) -> anyhow::Result<Figures> {
    let Some(database) = Database::new(engine)? else {
        return Ok(Figures::default().and("not installed", "PostgreSQL"));
    };
    let (mut installation, mut process) = Installation::begin(run.seed, database).await?;
    let mut chance = Chance::new(run.seed, 0);
    let (mut kills, mut doubts, mut slowest, begun) = (0, 0, Duration::ZERO, Instant::now());
    while kills < run.scaled(FULL) && !run.is_over() {
        let round = run.seed.wrapping_add(u64::from(kills) << 16);
        installation.add_codes(CODES).await?;
        let (links, node) = (installation.take(), process.node.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let load = tokio::spawn(async move { ledger::load(round, links, &node, (&told, false)).await });
        tokio::time::sleep(Duration::from_millis(MOMENT.0 + chance.below(MOMENT.1))).await;
        process.kill()?;
        stop.store(true, Ordering::SeqCst);
        kills += 1;
        let links = load.await??;
        doubts += links.iter().filter(|link| is_in_doubt(link)).count();
        process = installation.launch.start().await?;
        slowest = slowest.max(process.back_after);
        installation.book.extend(ledger::settle(round, links, &process.node).await?);
        installation.database.check()?;
    }
    let book = std::mem::take(&mut installation.book);
    installation.book = ledger::settle(run.seed ^ 1, book, &process.node).await?;
    process.stop().await?;
    installation.database.check()?;
    ensure!(!run.timed || slowest <= BACK, "seed {}: back only after {slowest:?}", run.seed);
    ensure!(!installation.launch.log().contains("panicked"), "it panicked:\n{}", installation.launch.log());
    Ok(Figures::default()
        .and("kills", kills)
        .and("links", installation.book.len())
        .and("calls acknowledged", installation.answers())
        .and("calls in doubt", doubts)
        .and("links alive at the end", installation.count(State::Live))
        .and("revoked, all dead", installation.count(State::Revoked))
        .and("ms until back at most", slowest.as_millis())
        .and("s", format!("{:.0}", begun.elapsed().as_secs_f64())))
}
