//! The short version of `kill -9`.

use std::time::Duration;

use sayso_chaos::database::Engine;
use sayso_chaos::run::Run;
use sayso_chaos::scenario::kill;

const TIME: Duration = Duration::from_secs(60);

/// HA-003
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_on_sqlite() -> anyhow::Result<()> {
    let figures = kill::run(Run::new(1, 0.05, TIME), Engine::Sqlite).await?;
    println!("{figures}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_on_postgresql() -> anyhow::Result<()> {
    let figures = kill::run(Run::new(2, 0.05, TIME), Engine::Postgres).await?;
    println!("{figures}");
    Ok(())
}
