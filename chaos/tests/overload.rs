//! The short version of twice the load.

use std::time::Duration;

use sayso_chaos::run::Run;
use sayso_chaos::scenario::overload;

const TIME: Duration = Duration::from_secs(60);

/// DOS-004
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twice_the_load_is_answered_or_put_off() -> anyhow::Result<()> {
    println!("{}", overload::run(Run::new(1, 0.005, TIME)).await?);
    Ok(())
}
