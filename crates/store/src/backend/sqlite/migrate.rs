//! The schema of a file: read, looked at, brought up to date.

use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::open::{self, look_at, sql_refusal};
use crate::StoreError;
use crate::migrations::{self, DECLARE, DECLARED, Found, Migration, NUMBER, Sweep, VERSION};
use crate::schema::{Migrate, Outlook, Step, Swept};

const TABLE: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1";

/// Brings the file up to date and lets go of it; what was missing.
pub(crate) fn migrate(file: &Path, migrations: &[Migration]) -> Result<Vec<Step>, StoreError> {
    open::writing(file, migrations, Migrate::AtStart).map(|(_, applied)| applied)
}

/// What [`migrate`] would do. Reads like any reader; a file that is missing stays missing.
pub(crate) fn outlook(file: &Path, migrations: &[Migration]) -> Result<Outlook, StoreError> {
    let known = migrations::newest(migrations);
    if !file.exists() {
        return Ok(Outlook { found: 0, known, steps: migrations.iter().map(Step::new).collect() });
    }
    look_at(file)?;
    // May write, so that it takes away the log files that looking makes; nothing is written through it.
    let connection = open::plain(file)?;
    let refuse = |error| sql_refusal(file, error);
    connection.pragma_update(None, "query_only", true).map_err(refuse)?;
    let found = found(&connection, file)?;
    let missing = migrations::missing(found, migrations, &file.display())?;
    let mut steps = Vec::new();
    for migration in missing {
        let sweeps = migration.sweeps.iter().map(|sweep| count(&connection, sweep)).collect::<Result<_, _>>();
        steps.push(Step { sweeps: sweeps.map_err(refuse)?, ..Step::new(migration) });
    }
    Ok(Outlook { found: found.version, known, steps })
}

fn count(connection: &Connection, &Sweep { table, column }: &Sweep) -> rusqlite::Result<Swept> {
    let begun = Instant::now();
    let rows = if is_there(connection, table)? {
        let query = format!("SELECT count(*), max({column}) FROM {table}");
        connection.query_row(&query, [], |row| row.get(0))?
    } else {
        // An earlier step of those that are missing makes it.
        0
    };
    Ok(Swept { table, counted: Some((rows, begun.elapsed())) })
}

/// What the file says of its schema.
pub(super) fn found(connection: &Connection, file: &Path) -> Result<Found, StoreError> {
    let foreign = || {
        let advice = "name another file; this one was left as it is";
        StoreError::cannot_open(file.display(), "it is a database of another program", advice)
    };
    match read(connection) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(foreign()),
        // A table of that name with other columns or values in it.
        Err(error) if error.sqlite_error_code().is_none_or(|code| code == ErrorCode::Unknown) => Err(foreign()),
        Err(error) => Err(sql_refusal(file, error)),
    }
}

/// `None`: it is not ours.
fn read(connection: &Connection) -> rusqlite::Result<Option<Found>> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(Some(Found::default()));
    }
    if !is_there(connection, "schema_version")? {
        return Ok(None);
    }
    let version: Option<i64> = connection.query_row(VERSION, [], |row| row.get(0))?;
    let declared = if is_there(connection, "schema_compatibility")? {
        Some(connection.query_row(DECLARED, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    } else {
        None
    };
    Ok(version.map(|version| Found::new(version, declared)))
}

fn is_there(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    connection.query_row(TABLE, [table], |row| Ok(row.get::<_, i64>(0)? > 0))
}

/// Applies what is missing, all in one transaction.
pub(super) fn apply(
    connection: &mut Connection,
    migrations: &[Migration],
    file: &Path,
) -> Result<Vec<Step>, StoreError> {
    let refuse = |error| sql_refusal(file, error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refuse)?;
    // Another process may have been faster.
    let missing = migrations::missing(found(&transaction, file)?, migrations, &file.display())?;
    for migration in &missing {
        transaction.execute_batch(migration.sql).map_err(refuse)?;
        transaction.execute(NUMBER, [migration.version]).map_err(refuse)?;
        if let Some(declaration) = migration.declaration() {
            transaction.execute(DECLARE, declaration).map_err(refuse)?;
        }
    }
    transaction.commit().map_err(refuse)?;
    migrations::log(&missing);
    Ok(missing.into_iter().map(Step::new).collect())
}
