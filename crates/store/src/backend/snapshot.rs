//! A reader that sees one moment of the database, however long it reads and whatever is written meanwhile.

use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::postgres::Reading;
use super::{Row, Value, postgres, sqlite};
use crate::StoreError;
use crate::address::Address;

/// Reads what was committed when it was opened. Changes nothing, the schema neither.
pub(crate) enum Snapshot {
    Sqlite(Mutex<Connection>),
    Postgres(Box<Reading>),
}

impl Snapshot {
    /// Opens the database as it is; with a file it must be there.
    pub(crate) async fn open(address: &Address) -> Result<Self, StoreError> {
        Ok(match address {
            Address::File(file) => Self::of(sqlite::copy::looking(file)?),
            Address::Postgres(server) => Self::Postgres(Box::new(postgres::Reading::begin(server).await?)),
        })
    }

    /// One on this connection, inside whose transaction it stands.
    pub(crate) fn of(connection: Connection) -> Self {
        Self::Sqlite(Mutex::new(connection))
    }

    /// Runs a query.
    pub(crate) async fn read(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                sqlite::read(&connection, sql, values)
            }
            Self::Postgres(reading) => reading.read(sql, values).await,
        }
    }

    /// The version of the schema. A database without one is not ours.
    pub(crate) async fn version(&self) -> Result<Option<i64>, StoreError> {
        let row = self.read("SELECT MAX(version) FROM schema_version", &[]).await?.into_iter().next();
        row.map_or(Ok(None), |mut row| row.optional_int("schema_version.version"))
    }
}
