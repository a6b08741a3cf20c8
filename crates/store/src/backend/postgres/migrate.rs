//! The schema, brought up to date by whoever comes first, or only looked at.
//!
//! Nodes may start at the same moment. All that is missing is applied in one transaction, which begins by taking the
//! number of its first step: the row of `schema_version`, whose key is unique, or, where there is no table yet, the
//! table itself. A second node waits on that key, loses it once the first has committed, and looks again.

use std::time::{Duration, Instant};

use deadpool_postgres::{Client, Transaction};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::failure::{Failure, cannot_open, said};
use crate::StoreError;
use crate::address::PostgresAddress;
use crate::migrations::{self, DECLARE, DECLARED, Found, Migration, NUMBER, Sweep, VERSION};
use crate::schema::{Migrate, Outlook, Step, Swept};

/// Attempts; each but the last ends with another node having got further, or with a table in use.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);
/// A step waits no longer for a table that others use: whoever comes to that table meanwhile waits behind it.
const WAIT_FOR_TABLE: &str = "SET LOCAL lock_timeout = '1s'";
/// A step may take its time with a large table.
const NO_HURRY: &str = "SET LOCAL statement_timeout = 0";
/// Counting, which nobody depends on, gives up after so long.
const COUNTING: &str = "SET LOCAL statement_timeout = '60s'";
const TABLES: &str = "SELECT current_schema() IS NULL, count(*), \
     count(CASE WHEN table_name = 'schema_version' THEN 1 END), \
     count(CASE WHEN table_name = 'schema_compatibility' THEN 1 END) FROM information_schema.tables \
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";

/// Applies what is missing, if that is wanted; and says what it was.
pub(super) async fn bring_up_to_date(
    client: &mut Client,
    migrations: &[Migration],
    address: &PostgresAddress,
    migrate: Migrate,
) -> Result<Vec<Step>, StoreError> {
    for _ in 0..TRIES {
        let found = found(client, address).await?;
        let missing = migrations::missing(found, migrations, address)?;
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        if migrate == Migrate::ByCommand {
            let (found, known) = (found.version, migrations::newest(migrations));
            return Err(StoreError::OlderSchema { database: address.to_string(), found, known });
        }
        match apply(client, &missing).await {
            Ok(()) => return Ok(missing.into_iter().map(Step::new).collect()),
            Err(error) if may_try_again(&error) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(cannot_open(address, said(&error))),
        }
    }
    let why = "the schema, or a table that a step changes, is in use by others again and again";
    Err(cannot_open(address, why))
}

/// What [`bring_up_to_date`] would do. Takes the locks of any reader.
pub(super) async fn outlook(
    client: &mut Client,
    migrations: &[Migration],
    address: &PostgresAddress,
) -> Result<Outlook, StoreError> {
    let found = found(client, address).await?;
    let missing = migrations::missing(found, migrations, address)?;
    let mut steps = Vec::new();
    for migration in missing {
        let mut step = Step::new(migration);
        for sweep in migration.sweeps {
            step.sweeps.push(count(client, sweep).await.map_err(|error| cannot_open(address, said(&error)))?);
        }
        steps.push(step);
    }
    Ok(Outlook { found: found.version, known: migrations::newest(migrations), steps })
}

async fn count(client: &mut Client, &Sweep { table, column }: &Sweep) -> Result<Swept, Error> {
    let transaction = client.build_transaction().read_only(true).start().await?;
    transaction.batch_execute(COUNTING).await?;
    let begun = Instant::now();
    let query = format!("SELECT count(*), max({column}) FROM {table}");
    let rows: Option<i64> = match transaction.query_one(&query, &[]).await {
        Ok(row) => Some(row.try_get(0)?),
        // An earlier step of those that are missing makes it.
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Some(0),
        Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => None,
        Err(error) => return Err(error),
    };
    transaction.rollback().await?;
    Ok(Swept { table, counted: rows.map(|rows| (rows, begun.elapsed())) })
}

/// What the database says of its schema.
async fn found(client: &Client, address: &PostgresAddress) -> Result<Found, StoreError> {
    read(client).await.map_err(|why| cannot_open(address, why))?.ok_or_else(|| {
        let advice = "name another database or schema; this one was left as it is";
        StoreError::cannot_open(address, "it holds tables of another program", advice)
    })
}

/// `None`: it is not ours.
async fn read(client: &Client) -> Result<Option<Found>, String> {
    let row = client.query_one(TABLES, &[]).await.map_err(|error| said(&error))?;
    let field = |error: Error| said(&error);
    if row.try_get::<_, bool>(0).map_err(field)? {
        return Err("there is no schema to use; create it, or mend the search_path".to_owned());
    }
    let count = |place: usize| row.try_get::<_, i64>(place).map_err(field);
    if count(2)? == 0 {
        return Ok((count(1)? == 0).then(Found::default));
    }
    let version = match client.query_one(VERSION, &[]).await {
        Ok(row) => row.try_get::<_, Option<i64>>(0).ok().flatten(),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_COLUMN) => None,
        Err(error) => return Err(said(&error)),
    };
    // A table of that name with other columns or values in it, or without a row.
    let Some(version) = version else { return Ok(None) };
    let declared = if count(3)? == 0 {
        None
    } else {
        let row = client.query_one(DECLARED, &[]).await.map_err(field)?;
        Some((row.try_get(0).map_err(field)?, row.try_get(1).map_err(field)?))
    };
    Ok(Some(Found::new(version, declared)))
}

async fn apply(client: &mut Client, missing: &[&Migration]) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(NO_HURRY).await?;
    let mut first = true;
    for migration in missing {
        // The very first step makes the table of the numbers.
        if migration.version > 1 {
            // The first number waits, in nobody's way, until another node's steps are done.
            transaction.execute(NUMBER, &[&migration.version]).await?;
        }
        if std::mem::take(&mut first) {
            transaction.batch_execute(WAIT_FOR_TABLE).await?;
        }
        transaction.batch_execute(migration.sql).await?;
        finish(&transaction, migration).await?;
    }
    transaction.commit().await?;
    migrations::log(missing);
    Ok(())
}

async fn finish(transaction: &Transaction<'_>, migration: &Migration) -> Result<(), Error> {
    if migration.version == 1 {
        transaction.execute(NUMBER, &[&migration.version]).await?;
    }
    if let Some([version, oldest_program]) = migration.declaration() {
        transaction.execute(DECLARE, &[&version, &oldest_program]).await?;
    }
    Ok(())
}

/// The number, the table, or the table's type was taken meanwhile; or a table is in use.
fn may_try_again(error: &Error) -> bool {
    let taken = [
        &SqlState::UNIQUE_VIOLATION,
        &SqlState::DUPLICATE_TABLE,
        &SqlState::DUPLICATE_OBJECT,
        &SqlState::LOCK_NOT_AVAILABLE,
    ];
    matches!(Failure::of(error), Failure::Collision) || error.code().is_some_and(|state| taken.contains(&state))
}
