//! Short versions of what happens to a database under a running process.

use std::time::Duration;

use sayso_chaos::run::Run;
use sayso_chaos::scenario::full_disk::{self, Means};
use sayso_chaos::scenario::outage::Kind;
use sayso_chaos::scenario::{bad_file, outage, two_processes};

const TIME: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgresql_goes_away_and_comes_back() -> anyhow::Result<()> {
    println!("{}", outage::run(Run::new(1, 0.07, TIME), Kind::Restart).await?);
    Ok(())
}

/// HA-002: and what was revoked is not alive on the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_standby_takes_the_place_of_a_postgresql_that_is_gone() -> anyhow::Result<()> {
    println!("{}", outage::run(Run::new(5, 0.07, TIME), Kind::Failover).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_share_one_file() -> anyhow::Result<()> {
    println!("{}", two_processes::run(Run::new(2, 0.005, TIME)).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_refuses_and_recovers() -> anyhow::Result<()> {
    for means in [Means::Limit, Means::SmallDisk] {
        println!("{}: {}", means.name(), full_disk::run(Run::new(3, 0.1, TIME), means).await?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_start_on_a_full_disk_says_why() -> anyhow::Result<()> {
    for means in [Means::Limit, Means::SmallDisk] {
        full_disk::start(means).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_cannot_be_used_is_refused_and_left_alone() -> anyhow::Result<()> {
    println!("{}", bad_file::run(Run::new(4, 1.0, TIME)).await?);
    Ok(())
}
