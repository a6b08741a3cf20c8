//! Opening the file: who may read it, and how durable it is.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::migrate::{apply, found};
use super::trouble;
use crate::StoreError;
use crate::migrations::{self, Found, Migration};
use crate::schema::{Migrate, Step};

/// How long a statement waits for another process before the store counts as unavailable.
const BUSY: Duration = Duration::from_secs(5);
/// Pages kept in memory, in KiB: what is read again and again; the rest is in the system's cache anyway.
const WRITER_CACHE_KIB: i64 = 1024;
const READER_CACHE_KIB: i64 = 256;
/// Compiled statements kept for each connection; more than there are statements.
const STATEMENTS: usize = 64;
/// What the log file is cut back to after it was folded into the database.
const LOG_BYTES: i64 = 4 * 1024 * 1024;
/// The first bytes of every SQLite 3 database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Opens or creates the file for the writer and applies what migrations are missing, if that is wanted; and says which.
pub(super) fn writing(
    file: &Path,
    migrations: &[Migration],
    migrate: Migrate,
) -> Result<(Connection, Vec<Step>), StoreError> {
    let refuse_older = |found: Found| {
        let known = migrations::newest(migrations);
        StoreError::OlderSchema { database: file.display().to_string(), found: found.version, known }
    };
    if migrate == Migrate::ByCommand && !file.exists() {
        return Err(refuse_older(Found::default()));
    }
    prepare_directory(file)?;
    prepare_file(file)?;
    let mut connection = plain(file)?;
    // The schema is looked at before anything is set: a file of a newer version or of another program stays as it is.
    let found = found(&connection, file)?;
    let missing = migrations::missing(found, migrations, &file.display())?;
    if migrate == Migrate::ByCommand && !missing.is_empty() {
        return Err(refuse_older(found));
    }
    use_write_ahead_log(&connection, file)?;
    tune(&connection, WRITER_CACHE_KIB).map_err(|error| sql_refusal(file, error))?;
    let applied = if missing.is_empty() { Vec::new() } else { apply(&mut connection, migrations, file)? };
    Ok((connection, applied))
}

/// Opens a file that is there, and sets nothing but how long to wait.
pub(super) fn plain(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(|error| sql_refusal(file, error))?;
    connection.busy_timeout(BUSY).map_err(|error| sql_refusal(file, error))?;
    Ok(connection)
}

/// Opens the file for a reader. The writer must have opened it before.
pub(super) fn reading(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(BUSY)?;
        tune(&connection, READER_CACHE_KIB)?;
        Ok(connection)
    };
    open().map_err(|error| sql_refusal(file, error))
}

fn prepare_directory(file: &Path) -> Result<(), StoreError> {
    let Some(directory) = file.parent().filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(());
    };
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| {
        let advice = "create the directory yourself, or name another one";
        StoreError::cannot_open(directory.display(), error, advice)
    })
}

/// Creates the file readable by its owner alone; the log files SQLite adds take over its mode.
fn prepare_file(file: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => look_at(file),
        Err(error) => Err(StoreError::cannot_open(file.display(), &error, advice_for(error.kind()))),
    }
}

pub(super) fn look_at(file: &Path) -> Result<(), StoreError> {
    let refuse = |error: std::io::Error| StoreError::cannot_open(file.display(), &error, advice_for(error.kind()));
    if file.is_dir() {
        return Err(StoreError::cannot_open(file.display(), "it is a directory", "name the file, not its directory"));
    }
    let mut start = Vec::new();
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .and_then(|opened: File| opened.take(MAGIC.len() as u64).read_to_end(&mut start))
        .map_err(refuse)?;
    if start.is_empty() || start == MAGIC {
        return Ok(());
    }
    let advice = "name another file, or restore a backup; this one was left as it is";
    Err(StoreError::cannot_open(file.display(), "it is not a SQLite database, or its start is damaged", advice))
}

fn advice_for(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied => "make the file and its directory readable and writable for this user",
        ErrorKind::StorageFull => "free some space",
        ErrorKind::ReadOnlyFilesystem => "the directory must be writable, also for the log files beside the database",
        _ => "check that the directory exists and is writable",
    }
}

pub(super) fn sql_refusal(file: &Path, error: rusqlite::Error) -> StoreError {
    match trouble(error) {
        StoreError::Unavailable(why) => {
            let advice = "check that the file and its directory are writable and that no other program holds them";
            StoreError::cannot_open(file.display(), why, advice)
        }
        other => StoreError::cannot_open(file.display(), other, "nothing was changed in it"),
    }
}

/// Readers go on while the writer writes, and a commit is one append.
fn use_write_ahead_log(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let answer = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match answer {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let why = format!("write-ahead logging is not possible here (journal mode {mode})");
                return Err(StoreError::cannot_open(
                    file.display(),
                    why,
                    "use a local disk, not a network file system",
                ));
            }
            // The switch itself does not wait for others, unlike every other statement.
            Err(error) if is_busy(&error) && tries < 50 => {
                tries += 1;
                sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(sql_refusal(file, error)),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked))
}

fn tune(connection: &Connection, cache_kib: i64) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else some statements are compiled anew for every value that is bound to them, as if another plan might suit it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS: an ordinary fsync does not reach the platter there.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::lookups::grant;

    fn setting(connection: &Connection, name: &str) -> String {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            })
            .unwrap()
    }

    #[test]
    fn a_commit_is_on_the_disk_and_a_reader_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("sayso.db");
        let (writer, _) = writing(&file, migrations::ALL, Migrate::AtStart).unwrap();
        let reader = reading(&file).unwrap();
        for connection in [&writer, &reader] {
            assert_eq!(setting(connection, "journal_mode"), "wal");
            // 2 is FULL: the log is synced at each commit.
            assert_eq!(setting(connection, "synchronous"), "2");
        }
        assert!(reader.execute("DELETE FROM users", []).is_err());
        assert!(writer.execute("DELETE FROM users", []).is_ok());
    }

    #[test]
    fn a_statement_is_compiled_once_for_all_values() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("sayso.db");
        let (writer, _) = writing(&file, migrations::ALL, Migrate::AtStart).unwrap();
        let reader = reading(&file).unwrap();
        for connection in [&writer, &reader] {
            for id in ["one", "two", "three"] {
                let mut statement = connection.prepare_cached(grant::WITH_USER).unwrap();
                assert!(!statement.exists([id]).unwrap());
                assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{id}");
            }
        }
    }
}
