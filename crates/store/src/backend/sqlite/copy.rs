//! A file copied as it was at one moment, while others write to it.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::{open, trouble};
use crate::StoreError;

/// Pages copied at once, and how long others have the disk to themselves in between.
const PAGES: i32 = 256;
const PAUSE: Duration = Duration::from_millis(2);
/// How long to wait for whoever folds the log.
const BUSY: Duration = Duration::from_secs(5);

/// Opens a file that is there, in a transaction that sees this moment. It is only looked at.
pub(in crate::backend) fn looking(file: &Path) -> Result<Connection, StoreError> {
    let connection = connect(file)?;
    let begin = || -> rusqlite::Result<()> {
        connection.execute_batch("BEGIN")?;
        // The first read takes the moment.
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
    };
    begin().map_err(|error| open::sql_refusal(file, error))?;
    Ok(connection)
}

/// Opens a file that is there.
pub(super) fn connect(file: &Path) -> Result<Connection, StoreError> {
    connecting(file).map_err(|error| open::sql_refusal(file, error))
}

pub(super) fn connecting(file: &Path) -> rusqlite::Result<Connection> {
    // For reading alone SQLite would leave its log files behind. A file that is write-protected is opened all the same.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Copies `source` into the file `target`, which is there and empty. Writers of `source` go on meanwhile; the copy is
/// `source` at the moment this began, without a log beside it, and is checked from end to end.
pub(crate) fn copy(source: &Path, target: &Path) -> Result<(), StoreError> {
    // Its transaction holds the moment. Without it each write by another process would begin the copy anew.
    let from = looking(source)?;
    let mut to = connect(target)?;
    // Nobody else knows the copy yet, and half a one is thrown away.
    to.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;").map_err(trouble)?;
    pages(&from, &mut to)?;
    drop(from);
    drop(to);
    settle(target)
}

fn pages(from: &Connection, to: &mut Connection) -> Result<(), StoreError> {
    let backup = Backup::new(from, to).map_err(trouble)?;
    loop {
        match backup.step(PAGES).map_err(trouble)? {
            StepResult::Done => return Ok(()),
            _ => sleep(PAUSE),
        }
    }
}

/// Folds the log in, so that the file alone is the whole, and checks it.
pub(crate) fn settle(file: &Path) -> Result<(), StoreError> {
    let connection = connect(file)?;
    let mode = "PRAGMA journal_mode = DELETE";
    connection.query_row(mode, [], |row| row.get::<_, String>(0)).map_err(trouble)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(trouble)?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(StoreError::Corrupt("SQLite's own check found it inconsistent".to_owned()))
    }
}
