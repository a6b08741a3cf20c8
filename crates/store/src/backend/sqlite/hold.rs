//! A file held so that nobody else has it open, and nobody can open it.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rustix::fs::{FlockOperation, fcntl_lock};

use super::{copy, open};
use crate::StoreError;
use crate::backend::Snapshot;

/// What came of the attempt.
pub(crate) enum Held {
    /// It is whole: its log is folded in, and it can be read.
    Sound(Snapshot),
    /// It cannot be read as a database; held all the same.
    Damaged {
        /// Ends with it.
        _lock: File,
    },
    /// Another process has it open.
    InUse,
}

/// Takes hold of the file until what comes back is dropped.
pub(crate) fn hold(file: &Path) -> Result<Held, StoreError> {
    match exclusively(file) {
        Ok(connection) => Ok(Held::Sound(Snapshot::of(connection))),
        Err(error) => match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Ok(Held::InUse),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => by_lock(file),
            _ => Err(open::sql_refusal(file, error)),
        },
    }
}

/// Whoever has a file with a log open holds a lock on it for as long, so leaving that mode shows whether there is
/// anybody; and an exclusive transaction keeps out whoever comes.
fn exclusively(file: &Path) -> rusqlite::Result<Connection> {
    let connection = copy::connecting(file)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))?;
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(connection)
}

/// SQLite's own locks are locks of the file's bytes: one on all of them is refused while any of them is held.
fn by_lock(file: &Path) -> Result<Held, StoreError> {
    let refuse = |error: std::io::Error| StoreError::cannot_open(file.display(), error, "make it writable");
    let locked = File::options().read(true).write(true).open(file).map_err(refuse)?;
    match fcntl_lock(&locked, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Held::Damaged { _lock: locked }),
        Err(rustix::io::Errno::ACCESS | rustix::io::Errno::AGAIN) => Ok(Held::InUse),
        Err(error) => Err(refuse(error.into())),
    }
}
