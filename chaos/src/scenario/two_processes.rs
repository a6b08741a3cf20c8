//! Two processes on one SQLite file: what each acknowledges holds for both. Ten callers race, five at each; one process is
//! killed and started again while the other goes on. `docs/decisions/0013-two-processes-on-one-file.md`.

use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::chance::Chance;
use crate::database::{Database, Engine};
use crate::installation::{Installation, MachineClock};
use crate::node::Node;
use crate::run::{Figures, Run};
use crate::scenario::race::{self, Raced};

/// Of the race's full scale: processes are asked over sockets.
const SHARE: f64 = 0.1;
/// Between two kills of the third process, in milliseconds: from, and how much longer at most.
const KILL: (u64, u64) = (200, 800);

/// Races at two processes, while a third on the same file is killed and started again and again.
///
/// # Errors
/// What does not hold, with seed, grant and answers.
pub async fn run(run: Run) -> anyhow::Result<Figures> {
    let Some(database) = Database::new(Engine::Sqlite)? else { return Ok(Figures::default()) };
    let (installation, first) = Installation::begin(run.seed, database).await?;
    let beside = installation.launch.beside(installation.database.address())?;
    let second = beside.start().await?;
    let third = installation.launch.beside(installation.database.address())?;
    let begun = Instant::now();
    let nodes: Vec<Node> = vec![first.node.clone(), second.node.clone()];
    let (raced, kills) = {
        let racing = async {
            let store = installation.database.open().await?;
            let raced = race::races(run.of(SHARE), &store, &MachineClock, &nodes).await;
            store.close().await;
            raced
        };
        let mut racing = std::pin::pin!(racing);
        let (mut chance, mut kills) = (Chance::new(run.seed, 3), 0);
        let raced: Raced = loop {
            let mut victim = third.start().await?;
            let moment = Duration::from_millis(KILL.0 + chance.below(KILL.1));
            tokio::select! {
                raced = &mut racing => break raced?,
                () = tokio::time::sleep(moment) => {}
            }
            victim.kill()?;
            kills += 1;
        };
        (raced, kills)
    };
    for (launch, process) in [(&installation.launch, first), (&beside, second)] {
        process.stop().await?;
        ensure!(!launch.log().contains("panicked"), "it panicked:\n{}", launch.log());
    }
    installation.database.check()?;
    Ok(raced
        .figures()
        .and("processes", 3)
        .and("kills of the third", kills)
        .and("s", format!("{:.0}", begun.elapsed().as_secs_f64())))
}
