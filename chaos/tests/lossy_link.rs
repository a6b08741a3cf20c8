//! The short version of `lossy link`.

use std::time::Duration;

use sayso_chaos::database::Engine;
use sayso_chaos::run::Run;
use sayso_chaos::scenario::lossy_link;

const TIME: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_household_loses_its_link_on_sqlite() -> anyhow::Result<()> {
    let figures = lossy_link::run(Run::new(1, 0.006, TIME), Engine::Sqlite).await?;
    println!("{figures}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_household_loses_its_link_at_two_nodes_on_postgresql() -> anyhow::Result<()> {
    let figures = lossy_link::run(Run::new(2, 0.004, TIME), Engine::Postgres).await?;
    println!("{figures}");
    Ok(())
}
