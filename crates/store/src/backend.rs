//! The only place that knows which engine holds the data.
//!
//! Outside of it there are statements with `$n` placeholders, [`Value`]s, and rows read field by field. Today the one
//! engine is SQLite; PostgreSQL joins behind the same three calls.

mod row;
mod sqlite;

use std::path::Path;

pub(crate) use row::{Row, Value, unreadable};

use crate::StoreError;
use crate::migrations::Migration;

/// One statement of a batch.
#[derive(Debug)]
pub(crate) struct Statement {
    /// The text, with `$1` … `$n`.
    pub(crate) sql: &'static str,
    /// What the placeholders stand for, in order.
    pub(crate) values: Vec<Value>,
    /// Whether "no row came back" means that the guard was lost, and with it the whole batch.
    pub(crate) guarded: bool,
}

impl Statement {
    /// A statement that must return a row.
    pub(crate) fn guarded<const N: usize>(sql: &'static str, values: [Value; N]) -> Self {
        Self { sql, values: values.into(), guarded: true }
    }

    /// A statement that may find nothing to do.
    pub(crate) fn plain<const N: usize>(sql: &'static str, values: [Value; N]) -> Self {
        Self { sql, values: values.into(), guarded: false }
    }
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) enum Written {
    /// It is durable; the rows that each statement returned.
    Kept(Vec<Vec<Row>>),
    /// A guard was lost; nothing of the batch was kept.
    GuardLost,
}

/// The engine in use.
#[derive(Debug)]
pub(crate) struct Backend(sqlite::Sqlite);

impl Backend {
    /// Opens or creates the file and brings its schema up to date.
    pub(crate) fn open(file: &Path, migrations: &[Migration]) -> Result<Self, StoreError> {
        sqlite::Sqlite::open(file, migrations).map(Self)
    }

    /// Runs a query against what is committed.
    ///
    /// With SQLite it runs in place: a read by key takes microseconds, less than a change of threads.
    #[expect(clippy::unused_async, reason = "a database over the network has to be waited for")]
    pub(crate) async fn read(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.0.read(sql, values)
    }

    /// Carries the statements out in order, all or nothing, and answers once they are durable.
    pub(crate) async fn write(&self, batch: Vec<Statement>) -> Result<Written, StoreError> {
        self.0.write(batch).await
    }

    /// Writes out what is under way and gives the file up. Later calls find the store unavailable.
    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}
