//! What the disk itself can do: one small durable commit after the other.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// As long as a grant's row.
const ROW: [u8; 700] = [b'x'; 700];

/// Commits per second of one connection that writes one row in each, with the store's settings.
pub(crate) fn durable_commits(file: &Path, time: Duration) -> rusqlite::Result<f64> {
    let connection = Connection::open(file)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute(
        "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, body BLOB NOT NULL)",
        [],
    )?;
    connection.execute("INSERT OR REPLACE INTO rows (id, number, body) VALUES (1, 0, $1)", [&ROW[..]])?;
    // A row that stays the same would not be written at all.
    let mut update = connection.prepare("UPDATE rows SET number = $1 WHERE id = 1")?;
    let (begun, mut commits) = (Instant::now(), 0_u32);
    while begun.elapsed() < time {
        commits += 1;
        update.execute([commits])?;
    }
    Ok(f64::from(commits) / begun.elapsed().as_secs_f64())
}
