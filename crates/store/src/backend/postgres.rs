//! PostgreSQL, or an engine that speaks as it does: a pool of connections, each batch one transaction.
//!
//! Why READ COMMITTED is enough, and what is tried again: docs/decisions/0010-postgresql-transactions.md.

mod failure;
mod migrate;
mod pool;
mod reading;
mod transaction;
mod value;
mod waiting;

use std::time::Duration;

use deadpool_postgres::{Client, Pool};

use super::{Row, Statement, Value, Written};
use crate::StoreError;
use crate::address::PostgresAddress;
use crate::migrations::Migration;
use crate::schema::{Migrate, Outlook, Step};
use failure::Failure;
pub(super) use reading::Reading;

/// Attempts at a transaction that others' transactions stand in the way of.
const TRIES: u32 = 10;
/// Attempts when the connection breaks before the commit was asked for: kept connections may have died unnoticed.
const CONNECTIONS: u32 = 2;

/// A database on a server.
#[derive(Clone)]
pub(super) struct Postgres {
    pool: Pool,
    /// How long to wait for an answer; a little more than what the server gives itself.
    patience: Duration,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("pool", &self.pool.status()).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Reaches the server and brings the schema up to date, if that is wanted.
    pub(super) async fn open(
        address: &PostgresAddress,
        migrations: &[Migration],
        migrate: Migrate,
    ) -> Result<Self, StoreError> {
        let (opened, mut client) = Self::reach(address).await?;
        migrate::bring_up_to_date(&mut client, migrations, address, migrate).await?;
        Ok(opened)
    }

    async fn reach(address: &PostgresAddress) -> Result<(Self, Client), StoreError> {
        let pool = pool::make(address)?;
        let patience = address.statement_timeout + Duration::from_secs(1);
        let reached = Self { pool, patience };
        let client = reached.client().await.map_err(|why| failure::cannot_open(address, why))?;
        Ok((reached, client))
    }

    pub(super) async fn read(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        // PostgreSQL's TEXT holds no NUL, so nothing that is stored equals such a text.
        if values.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
            return Ok(Vec::new());
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let client = self.client().await.map_err(StoreError::Unavailable)?;
            match waiting::ask(client, self.patience, sql, values).await {
                Ok(rows) => return Ok(rows),
                Err(Failure::Collision) if tries < TRIES => {}
                Err(Failure::Disconnected(_)) if tries < CONNECTIONS => {}
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Also carried out to its end when the caller goes away, so that no connection is left inside a transaction.
    pub(super) async fn write(&self, batch: Vec<Statement>) -> Result<Written, StoreError> {
        let own = self.clone();
        let writing = tokio::spawn(async move { own.carry_out(&batch).await });
        writing.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the writing was cut off".to_owned())))
    }

    async fn carry_out(&self, batch: &[Statement]) -> Result<Written, StoreError> {
        let (mut collisions, mut disconnections) = (0, 0);
        loop {
            let client = self.client().await.map_err(StoreError::Unavailable)?;
            let answer = tokio::time::timeout(self.patience, transaction::attempt(&client, batch)).await;
            let failure = match answer {
                Ok(Ok(written)) => return Ok(written),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::slow(),
            };
            leave(client, &failure);
            match failure {
                Failure::Collision if collisions < TRIES => {
                    collisions += 1;
                    tokio::time::sleep(Duration::from_millis(1 << collisions.min(6))).await;
                }
                Failure::Disconnected(_) if disconnections + 1 < CONNECTIONS => disconnections += 1,
                other => return Err(other.into()),
            }
        }
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }

    async fn client(&self) -> Result<Client, String> {
        self.pool.get().await.map_err(|error| failure::no_connection(&error))
    }
}

/// Brings the schema up to date; what was missing.
pub(super) async fn migrate(address: &PostgresAddress, migrations: &[Migration]) -> Result<Vec<Step>, StoreError> {
    let (_server, mut client) = Postgres::reach(address).await?;
    migrate::bring_up_to_date(&mut client, migrations, address, Migrate::AtStart).await
}

/// What [`migrate`] would do.
pub(super) async fn outlook(address: &PostgresAddress, migrations: &[Migration]) -> Result<Outlook, StoreError> {
    let (_server, mut client) = Postgres::reach(address).await?;
    migrate::outlook(&mut client, migrations, address).await
}

/// Gives the connection back, or, when its state is in doubt, up.
fn leave(client: Client, failure: &Failure) {
    if failure.leaves_connection_in_doubt() {
        drop(Client::take(client));
    }
}
