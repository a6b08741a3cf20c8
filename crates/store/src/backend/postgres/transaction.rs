//! One batch, all or nothing.

use std::pin::Pin;

use deadpool_postgres::Client;
use futures_util::FutureExt as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row as Found};

use super::failure::Failure;
use crate::backend::{Row, Statement, Value, Written};

/// Named, so that it does not depend on how the server or the role was set.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// One attempt at the batch. After a failure that leaves the connection sound, no transaction is open on it.
pub(super) async fn attempt(client: &Client, batch: &[Statement]) -> Result<Written, Failure> {
    match batch {
        // Asks whether it could write.
        [] => {
            let asked = client.batch_execute("BEGIN READ WRITE; COMMIT").await;
            asked.map(|()| Written::Kept(Vec::new())).map_err(|error| Failure::of(&error))
        }
        // A statement is a transaction of its own; one whose guard was lost has changed nothing.
        [statement] => {
            let prepared = client.prepare_cached(&statement.sql).await.map_err(|error| Failure::of(&error))?;
            let found = client.query(&prepared, &bound(&statement.values)).await;
            let rows = found.map_err(|error| Failure::of_commit(&error))?;
            judge([(statement, rows)])
        }
        _ => several(client, batch).await,
    }
}

async fn several(client: &Client, batch: &[Statement]) -> Result<Written, Failure> {
    // Waited for: were it refused, statements sent behind it would each stand alone.
    client.batch_execute(BEGIN).await.map_err(|error| Failure::of(&error))?;
    let answer = match all(client, batch).await {
        Ok(found) => judge(batch.iter().zip(found)),
        Err(error) => Err(Failure::of(&error)),
    };
    let kept = matches!(answer, Ok(Written::Kept(_)));
    if kept {
        client.batch_execute("COMMIT").await.map_err(|error| Failure::of_commit(&error))?;
    } else if !matches!(answer, Err(Failure::Disconnected(_))) {
        let ended = client.batch_execute("ROLLBACK").await;
        ended.map_err(|error| Failure::Unknown(super::failure::said(&error)))?;
    }
    answer
}

/// Sends all statements in one go and collects their answers in order. After the first error the server itself refuses
/// the rest of the transaction.
async fn all(client: &Client, batch: &[Statement]) -> Result<Vec<Vec<Found>>, Error> {
    let mut prepared = Vec::with_capacity(batch.len());
    for statement in batch {
        prepared.push((client.prepare_cached(&statement.sql).await?, bound(&statement.values)));
    }
    let mut flights = Vec::with_capacity(batch.len());
    for (statement, values) in &prepared {
        let mut flight: Pin<Box<_>> = Box::pin(client.query(statement, values));
        // Being asked for the first time, it is sent; so they are sent in this order.
        let early = (&mut flight).now_or_never();
        flights.push((flight, early));
    }
    let mut answers = Vec::with_capacity(batch.len());
    for (flight, early) in flights {
        answers.push(match early {
            Some(answer) => answer?,
            None => flight.await?,
        });
    }
    Ok(answers)
}

fn judge<'a>(answers: impl IntoIterator<Item = (&'a Statement, Vec<Found>)>) -> Result<Written, Failure> {
    let mut kept = Vec::new();
    for (statement, found) in answers {
        if statement.guarded && found.is_empty() {
            return Ok(Written::GuardLost);
        }
        kept.push(rows(&found).map_err(|error| Failure::of(&error))?);
    }
    Ok(Written::Kept(kept))
}

/// Runs one query. The prepared form is kept by the connection.
pub(super) async fn run(client: &Client, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
    let prepared = client.prepare_cached(sql).await?;
    rows(&client.query(&prepared, &bound(values)).await?)
}

fn bound(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn rows(found: &[Found]) -> Result<Vec<Row>, Error> {
    found
        .iter()
        .map(|row| (0..row.len()).map(|place| row.try_get(place)).collect::<Result<_, _>>().map(Row::new))
        .collect()
}
