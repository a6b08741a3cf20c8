//! The only place that knows which engine holds the data.
//!
//! Outside of it there are statements with `$n` placeholders, [`Value`]s, and rows read field by field. SQLite and
//! PostgreSQL stand behind the same four calls.

mod postgres;
mod row;
mod snapshot;
pub(crate) mod sqlite;

pub(crate) use row::{Row, Value, unreadable};
pub(crate) use snapshot::Snapshot;

use std::borrow::Cow;

use crate::StoreError;
use crate::address::Address;
use crate::migrations::Migration;
use crate::schema::{Migrate, Outlook, Step};

/// One statement of a batch.
#[derive(Debug)]
pub(crate) struct Statement {
    /// The text, with `$1` … `$n`.
    pub(crate) sql: Cow<'static, str>,
    /// What the placeholders stand for, in order.
    pub(crate) values: Vec<Value>,
    /// Whether "no row came back" means that the guard was lost, and with it the whole batch.
    pub(crate) guarded: bool,
}

impl Statement {
    /// A statement that must return a row.
    pub(crate) fn guarded<const N: usize>(sql: &'static str, values: [Value; N]) -> Self {
        Self { sql: sql.into(), values: values.into(), guarded: true }
    }

    /// A statement that may find nothing to do.
    pub(crate) fn plain<const N: usize>(sql: &'static str, values: [Value; N]) -> Self {
        Self { sql: sql.into(), values: values.into(), guarded: false }
    }

    /// A statement whose text is put together from the names of tables and columns, never from what they hold.
    pub(crate) fn made(sql: String, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values, guarded: false }
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
pub(crate) struct Backend(Engine);

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Backend {
    /// Opens or creates the file, or reaches the server, and brings the schema up to date, if that is wanted.
    pub(crate) async fn open(
        address: &Address,
        migrations: &[Migration],
        migrate: Migrate,
    ) -> Result<Self, StoreError> {
        Ok(Self(match address {
            Address::File(file) => Engine::Sqlite(sqlite::Sqlite::open(file, migrations, migrate)?),
            Address::Postgres(address) => {
                Engine::Postgres(postgres::Postgres::open(address, migrations, migrate).await?)
            }
        }))
    }

    /// Brings the schema up to date and lets go of the database; what was missing.
    pub(crate) async fn migrate(address: &Address, migrations: &[Migration]) -> Result<Vec<Step>, StoreError> {
        match address {
            Address::File(file) => sqlite::migrate(file, migrations),
            Address::Postgres(address) => postgres::migrate(address, migrations).await,
        }
    }

    /// What [`migrate`](Self::migrate) would do.
    pub(crate) async fn outlook(address: &Address, migrations: &[Migration]) -> Result<Outlook, StoreError> {
        match address {
            Address::File(file) => sqlite::outlook(file, migrations),
            Address::Postgres(address) => postgres::outlook(address, migrations).await,
        }
    }

    /// Runs a query against what is committed.
    ///
    /// With SQLite it runs in place: a read by key takes microseconds, less than a change of threads.
    pub(crate) async fn read(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        match &self.0 {
            Engine::Sqlite(file) => file.read(sql, values),
            Engine::Postgres(server) => server.read(sql, values).await,
        }
    }

    /// Carries the statements out in order, all or nothing, and answers once they are durable.
    pub(crate) async fn write(&self, batch: Vec<Statement>) -> Result<Written, StoreError> {
        match &self.0 {
            Engine::Sqlite(file) => file.write(batch).await,
            Engine::Postgres(server) => server.write(batch).await,
        }
    }

    /// Writes out what is under way and gives the file or the connections up. Later calls find the store unavailable.
    pub(crate) async fn close(&self) {
        match &self.0 {
            Engine::Sqlite(file) => file.close().await,
            Engine::Postgres(server) => server.close(),
        }
    }
}
