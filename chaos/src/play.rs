//! The scenarios by name.

use anyhow::bail;

use crate::database::Engine;
use crate::run::{Figures, Run};
use crate::scenario::full_disk::{self, Means};
use crate::scenario::outage::Kind;
use crate::scenario::{bad_file, kill, lossy_link, outage, overload, race, two_processes};

/// What [`play`] knows.
pub const NAMES: [&str; 13] = [
    "race-sqlite",
    "race-postgresql",
    "lossy-link-sqlite",
    "lossy-link-postgresql",
    "kill-sqlite",
    "kill-postgresql",
    "outage",
    "failover",
    "two-processes",
    "full-disk-limit",
    "full-disk-tmpfs",
    "bad-file",
    "overload",
];

/// Plays the scenario of that name.
///
/// # Errors
/// What does not hold; or there is no such scenario.
pub async fn play(name: &str, run: Run) -> anyhow::Result<Figures> {
    // Each is a large future, and they are played one at a time.
    match name {
        "race-sqlite" => Box::pin(race::run(run, Engine::Sqlite)).await,
        "race-postgresql" => Box::pin(race::run(run, Engine::Postgres)).await,
        "lossy-link-sqlite" => Box::pin(lossy_link::run(run, Engine::Sqlite)).await,
        "lossy-link-postgresql" => Box::pin(lossy_link::run(run, Engine::Postgres)).await,
        "kill-sqlite" => Box::pin(kill::run(run, Engine::Sqlite)).await,
        "kill-postgresql" => Box::pin(kill::run(run, Engine::Postgres)).await,
        "outage" => Box::pin(outage::run(run, Kind::Restart)).await,
        "failover" => Box::pin(outage::run(run, Kind::Failover)).await,
        "two-processes" => Box::pin(two_processes::run(run)).await,
        "full-disk-limit" => Box::pin(full_disk::run(run, Means::Limit)).await,
        "full-disk-tmpfs" => Box::pin(full_disk::run(run, Means::SmallDisk)).await,
        "bad-file" => Box::pin(bad_file::run(run)).await,
        "overload" => Box::pin(overload::run(run)).await,
        other => bail!("there is no scenario {other}"),
    }
}
