//! The short version of `race`.

use std::time::Duration;

use sayso_chaos::database::Engine;
use sayso_chaos::run::Run;
use sayso_chaos::scenario::race;

const TIME: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_winner_on_sqlite() -> anyhow::Result<()> {
    let figures = race::run(Run::new(1, 0.002, TIME), Engine::Sqlite).await?;
    println!("{figures}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_winner_at_two_nodes_on_postgresql() -> anyhow::Result<()> {
    let figures = race::run(Run::new(2, 0.001, TIME), Engine::Postgres).await?;
    println!("{figures}");
    Ok(())
}
