//! Attributes in an SQLite file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{KeptAttributes, NotSaved, Persistence};
use crate::handler::HandlerError;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS attributes (
    key TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, attributes TEXT NOT NULL
) STRICT";

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the file of attributes cannot be used: {0}")]
pub struct BadAttributesFile(#[from] rusqlite::Error);

/// Keeps attributes in an SQLite file, each change durably before the answer is sent.
///
/// Needs a tokio runtime around it; the file is worked on by its blocking threads.
#[derive(Clone)]
pub struct SqliteAttributes {
    connection: Arc<Mutex<Connection>>,
}

impl SqliteAttributes {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// It cannot be opened, or is no database.
    pub fn open(file: impl AsRef<Path>) -> Result<Self, BadAttributesFile> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(2))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute(SCHEMA, [])?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs on a blocking thread: a disk may be slow.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, HandlerError> {
        let connection = Arc::clone(&self.connection);
        let work = move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(tokio::task::spawn_blocking(work).await??)
    }
}

#[async_trait]
impl Persistence for SqliteAttributes {
    async fn load(&self, key: &str) -> Result<KeptAttributes, HandlerError> {
        let key = key.to_owned();
        let row = self
            .run(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT version, attributes FROM attributes WHERE key = ?1")?;
                let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
                statement.query_row([key], read).optional()
            })
            .await?;
        let Some((version, attributes)) = row else { return Ok(KeptAttributes::default()) };
        Ok(KeptAttributes { attributes: serde_json::from_str(&attributes)?, version: u64::try_from(version)? })
    }

    async fn save(&self, key: &str, kept: &KeptAttributes) -> Result<(), NotSaved> {
        let store = |error: serde_json::Error| NotSaved::Store(error.into());
        let (key, version) = (key.to_owned(), i64::try_from(kept.version).unwrap_or(i64::MAX));
        let attributes = serde_json::to_string(&kept.attributes).map_err(store)?;
        let changed = self
            .run(move |connection| match version {
                0 => connection.execute(
                    "INSERT INTO attributes (key, version, attributes) VALUES (?1, 1, ?2) ON CONFLICT DO NOTHING",
                    params![key, attributes],
                ),
                _ => connection.execute(
                    "UPDATE attributes SET version = version + 1, attributes = ?3 WHERE key = ?1 AND version = ?2",
                    params![key, version, attributes],
                ),
            })
            .await
            .map_err(NotSaved::Store)?;
        if changed == 1 { Ok(()) } else { Err(NotSaved::Changed) }
    }

    async fn forget(&self, key: &str) -> Result<(), HandlerError> {
        let key = key.to_owned();
        self.run(move |connection| connection.execute("DELETE FROM attributes WHERE key = ?1", [key])).await?;
        Ok(())
    }
}
