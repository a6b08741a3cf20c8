//! Going back to a backup, without bringing back to life what has ended since.
//!
//! The backup is copied beside the database, made ready there, and then takes its place in one step: whatever kills the
//! command in between leaves either the old database or the new one. The old one is kept under another name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sayso_token::time::Timestamp;

use crate::address::Address;
use crate::backend::sqlite::hold::{Held, hold};
use crate::backend::{Snapshot, Statement, Value, Written, sqlite};
use crate::backup::{Contents, look_at};
use crate::copy_error::CopyError;
use crate::new_file::{LOGS, NewFile, sync_folder, with_ending};
use crate::take_over::{TakenOver, take_over};
use crate::{Store, StoreError, tables};

/// When the database was last restored, in milliseconds.
const RESTORED: &str = "SELECT count FROM counters WHERE name = 'restored'";
const SET_RESTORED: &str = "INSERT INTO counters (name, count) VALUES ('restored', $1) \
     ON CONFLICT (name) DO UPDATE SET count = excluded.count RETURNING count";
/// What is good for minutes or hours only, and may have been used or ended since.
const SHORT_LIVED: [&str; 2] = ["codes", "sessions"];

pub(crate) async fn restored_at(snapshot: &Snapshot) -> Result<Option<Timestamp>, StoreError> {
    let row = snapshot.read(RESTORED, &[]).await?.into_iter().next();
    row.map(|mut row| row.time("counters.count")).transpose()
}

impl Store {
    /// What every restore ends with, whichever way the backup came in: drops all codes and all sessions, and with the
    /// sessions every form that was bound to one; people sign in again. Remembers when this was.
    ///
    /// # Errors
    /// As any other write; doing it again is harmless.
    pub async fn mark_restored(&self, now: Timestamp) -> Result<(), StoreError> {
        for name in SHORT_LIVED {
            self.empty(name).await?;
        }
        self.write_one(Statement::guarded(SET_RESTORED, [now.into()])).await.map(drop)
    }

    /// Removes all rows of a table, some at a time.
    pub(crate) async fn empty(&self, name: &str) -> Result<(), StoreError> {
        let Some(table) = tables::named(name) else { return Ok(()) };
        loop {
            let removed = match self.write(vec![table.remove_some()]).await? {
                Written::Kept(rows) => rows.into_iter().flatten().count(),
                Written::GuardLost => 0,
            };
            if removed < tables::PAGE {
                return Ok(());
            }
        }
    }
}

/// A restore of a SQLite file, made ready: the backup lies beside the database and knows what the database knew better.
/// Until [`finish`](Self::finish) nothing has changed; dropped before, it leaves nothing behind.
pub struct Restoration {
    file: PathBuf,
    store: Store,
    new: NewFile,
    /// Keeps everyone else out until the end.
    _held: Option<Held>,
    contents: Contents,
    taken: Option<TakenOver>,
}

impl Restoration {
    /// Makes `source` ready to take the place of the database `file`, which nobody may have open. Works in place.
    ///
    /// # Errors
    /// [`CopyError::InUse`], [`CopyError::NotABackup`], or what else stands in the way.
    pub async fn prepare(file: &Path, source: &Path, now: Timestamp) -> Result<Self, CopyError> {
        let contents = examine(file, source).await?;
        let held = if file.exists() { Some(hold(file)?) } else { None };
        if matches!(held, Some(Held::InUse)) {
            return Err(CopyError::InUse { database: file.display().to_string() });
        }
        let new = NewFile::begin(file, ".restoring")?;
        sqlite::copy::copy(source, new.path()).map_err(|error| refusal(source, &error))?;
        // An older backup gets what schema it lacks here, not in its place.
        let store = Store::open(new.path()).await?;
        match make_ready(&store, held.as_ref(), now).await {
            Ok(taken) => Ok(Self { file: file.to_owned(), store, new, _held: held, contents, taken }),
            Err(error) => {
                store.close().await;
                Err(error.into())
            }
        }
    }

    /// Leaves everything as it was.
    pub async fn abandon(self) {
        self.store.close().await;
    }

    /// The database as it will be, to be looked at.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the backup holds.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// What the database that is replaced knew better; `None` where there is none, or it cannot be read.
    pub fn taken_over(&self) -> Option<&TakenOver> {
        self.taken.as_ref()
    }

    /// Puts it in its place. The replaced database is kept beside it, under its name with `.before-restore-` and `label`; its new path.
    ///
    /// # Errors
    /// [`CopyError::File`]; then the old database is in its place.
    pub async fn finish(self, label: &str) -> Result<Option<PathBuf>, CopyError> {
        self.store.close().await;
        let file = &self.file;
        sqlite::copy::settle(self.new.path()).map_err(CopyError::Store)?;
        self.new.owned_as(file)?;
        let aside = free_name(file, label);
        let kept = set_aside(file, &aside).map_err(|error| CopyError::file(&aside, &error))?;
        self.new.finish(file, true)?;
        Ok(kept.then_some(aside))
    }
}

async fn make_ready(store: &Store, held: Option<&Held>, now: Timestamp) -> Result<Option<TakenOver>, StoreError> {
    let taken = match held {
        Some(Held::Sound(replaced)) => Some(take_over(replaced, store).await?),
        _ => None,
    };
    store.mark_restored(now).await?;
    Ok(taken)
}

/// What the source holds, if it is a backup that this program can take.
async fn examine(file: &Path, source: &Path) -> Result<Contents, CopyError> {
    let metadata = fs::metadata(source).map_err(|error| CopyError::file(source, &error))?;
    let no_backup = |why: &str| CopyError::NotABackup { file: source.display().to_string(), why: why.to_owned() };
    if !metadata.is_file() {
        return Err(no_backup("it is not a file"));
    }
    if metadata.len() == 0 {
        return Err(no_backup("it is empty"));
    }
    if let (Ok(here), Ok(there)) = (fs::canonicalize(file), fs::canonicalize(source))
        && here == there
    {
        return Err(no_backup("it is the database itself"));
    }
    look_at(&Address::File(source.to_owned())).await.map_err(|error| match error {
        CopyError::Store(error) => refusal(source, &error),
        other => other,
    })
}

fn refusal(source: &Path, error: &StoreError) -> CopyError {
    let why = match error {
        StoreError::CannotOpen { why, .. } => why.clone(),
        StoreError::NewerSchema { found, known, .. } => {
            format!("it has schema version {found}, this program knows versions up to {known}; take the newer program")
        }
        // What the store advises is for the database, not for a backup.
        StoreError::Corrupt(why) => why.split(';').next().unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    CopyError::NotABackup { file: source.display().to_string(), why }
}

/// A name that nothing has yet.
fn free_name(file: &Path, label: &str) -> PathBuf {
    let name = |number: usize| {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        with_ending(file, &format!(".before-restore-{label}{more}"))
    };
    let taken = |path: &PathBuf| path.symlink_metadata().is_ok();
    (1..).map(name).find(|path| !taken(path)).unwrap_or_else(|| name(1))
}

/// Gives the old file a second name, so that at no moment there is none under the first. Only of a damaged database a
/// log is left; the new file must not meet it. Whether there was anything.
fn set_aside(file: &Path, aside: &Path) -> io::Result<bool> {
    let mut kept = false;
    if file.exists() {
        if fs::hard_link(file, aside).is_err() {
            // Not every file system has links.
            fs::copy(file, aside)?;
        }
        kept = true;
    }
    for ending in LOGS {
        let log = with_ending(file, ending);
        if log.exists() {
            fs::rename(&log, with_ending(aside, ending))?;
            kept = true;
        }
    }
    sync_folder(file)?;
    Ok(kept)
}

/// The statement that keeps the larger number of a counter.
pub(crate) fn at_least(name: &str, count: i64) -> Statement {
    const AT_LEAST: &str = "INSERT INTO counters (name, count) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET \
         count = CASE WHEN excluded.count > counters.count THEN excluded.count ELSE counters.count END";
    Statement::plain(AT_LEAST, [name.into(), Value::Int(count)])
}
