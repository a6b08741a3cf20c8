//! Other people's grants: a table as large as it is after years, made in seconds.

use std::path::Path;

use rusqlite::{Connection, params};
use sayso_testkit::records;
use sayso_token::time::Clock as _;

use crate::ambience::SystemClock;

/// Where the rows are laid: behind all that are there, with a gap after each.
const BEHIND: i64 = 1 << 40;
const PIECE: i64 = 100_000;
/// As a remembered step is stored, but of nothing.
const STEPS: &str = "'[{\"generation\":41,\"token\":\"' || hex(randomblob(21)) || '0\",\"first_used_at\":1767225600000,\
     \"successor\":\"' || hex(randomblob(90)) || '\"}]'";

/// Adds `count` grants of as many people to a database that nobody has open, and lays what was there before evenly
/// between them, as if it had come over the years.
pub(crate) fn fill(file: &Path, count: i64) -> rusqlite::Result<()> {
    let connection = Connection::open(file)?;
    // Quick, and nothing would be lost but time.
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "locking_mode = EXCLUSIVE"] {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |_| Ok(())).or_else(nothing_said)?;
    }
    spread(&connection, count)?;
    let like = records::grant("like this one");
    let now = SystemClock.now().millis();
    let numbers = "WITH RECURSIVE n (i) AS (VALUES ($1) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)";
    let users = format!(
        "{numbers} INSERT INTO users (rowid, id, username, password_hash, attributes, version, created_at) \
         SELECT {BEHIND} + 2 * i, 'usr_filler' || i, 'filler' || i, 'fits nothing', '{{\"firstName\":\"Ada\"}}', 0, $3 FROM n"
    );
    let grants = format!(
        "{numbers} INSERT INTO grants (rowid, id, authority, client, user_id, audience, scopes, signed_in_at, created_at, \
         last_used_at, epoch, refresh_generation, refresh_live, refresh_steps) \
         SELECT {BEHIND} + 2 * i, hex(randomblob(11)), $4, $5, 'usr_filler' || i, $6, '[\"openid\",\"profile\"]', $3, $3, \
         $3, 0, 42, randomblob(32), {STEPS} FROM n"
    );
    for from in (0..count).step_by(PIECE as usize) {
        let to = count.min(from + PIECE);
        connection.execute_batch("BEGIN")?;
        connection.execute(&users, params![from, to, now])?;
        connection.execute(&grants, params![from, to, now, like.authority, like.client, like.audience])?;
        connection.execute_batch("COMMIT")?;
    }
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    Ok(())
}

fn spread(connection: &Connection, count: i64) -> rusqlite::Result<()> {
    for table in ["users", "grants"] {
        let there: i64 = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        let stride = 2 * (count / there.max(1)).max(1);
        // Rows are taken in the order of their random ids, so users and grants lie apart as well.
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE places AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM {table}; \
             CREATE INDEX temp.by_id ON places (id); \
             UPDATE {table} SET rowid = {BEHIND} + 1 + {stride} * \
             (SELECT place FROM temp.places WHERE places.id = {table}.id); DROP TABLE temp.places;"
        ))?;
    }
    Ok(())
}

/// Some pragmas answer and some do not.
fn nothing_said(error: rusqlite::Error) -> rusqlite::Result<()> {
    if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) }
}
