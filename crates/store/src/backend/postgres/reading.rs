//! One long read-only transaction.

use std::time::Duration;

use deadpool_postgres::Client;

use super::failure::{Failure, cannot_open, no_connection};
use super::{pool, transaction};
use crate::StoreError;
use crate::address::PostgresAddress;
use crate::backend::{Row, Value};

/// Everything in it sees one moment. Whoever reads may take its time in between.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
/// How long to wait for one page.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection of its own inside such a transaction, which ends with it.
pub(crate) struct Reading(Client);

impl Reading {
    pub(in crate::backend) async fn begin(address: &PostgresAddress) -> Result<Self, StoreError> {
        let pool = pool::make(address)?;
        let client = pool.get().await.map_err(|error| cannot_open(address, no_connection(&error)))?;
        client.batch_execute(BEGIN).await.map_err(|error| StoreError::from(Failure::of(&error)))?;
        Ok(Self(client))
    }

    pub(in crate::backend) async fn read(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        match tokio::time::timeout(PATIENCE, transaction::run(&self.0, sql, values)).await {
            Ok(answer) => answer.map_err(|error| Failure::of(&error).into()),
            Err(_) => Err(Failure::slow().into()),
        }
    }
}
