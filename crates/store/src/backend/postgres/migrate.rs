//! The schema, brought up to date by whoever comes first.
//!
//! Nodes may start at the same moment. All that is missing is applied in one transaction, which begins by taking the
//! number of its first step: the row of `schema_version`, whose key is unique, or, where there is no table yet, the
//! table itself. A second node waits on that key, loses it once the first has committed, and looks again.

use std::time::Duration;

use deadpool_postgres::Client;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::failure::{Failure, cannot_open, said};
use crate::StoreError;
use crate::address::PostgresAddress;
use crate::migrations::Migration;

/// Attempts; each but the last ends with another node having got further.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);
const TABLES: &str = "SELECT current_schema() IS NULL, count(*), \
     count(CASE WHEN table_name = 'schema_version' THEN 1 END) FROM information_schema.tables \
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";

pub(super) async fn bring_up_to_date(
    client: &mut Client,
    migrations: &[Migration],
    address: &PostgresAddress,
) -> Result<(), StoreError> {
    let known = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
    for _ in 0..TRIES {
        let found = schema_version(client).await.map_err(|why| cannot_open(address, why))?;
        if found > known {
            return Err(StoreError::NewerSchema { database: address.to_string(), found, known });
        }
        if found == known {
            return Ok(());
        }
        match apply(client, migrations, found).await {
            Ok(()) => return Ok(()),
            Err(error) if another_was_faster(&error) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(cannot_open(address, said(&error))),
        }
    }
    Err(cannot_open(address, "the schema is being changed by others again and again"))
}

/// The version of the schema; 0 for a new database.
async fn schema_version(client: &Client) -> Result<i64, String> {
    let row = client.query_one(TABLES, &[]).await.map_err(|error| said(&error))?;
    let field = |error: Error| said(&error);
    if row.try_get::<_, bool>(0).map_err(field)? {
        return Err("there is no schema to use; create it, or mend the search_path".to_owned());
    }
    if row.try_get::<_, i64>(2).map_err(field)? == 0 {
        let others: i64 = row.try_get(1).map_err(field)?;
        let foreign = "it holds tables of another program; name another database or schema; it was left as it is";
        return if others == 0 { Ok(0) } else { Err(foreign.to_owned()) };
    }
    let row = client.query_one("SELECT MAX(version) FROM schema_version", &[]).await.map_err(field)?;
    Ok(row.try_get::<_, Option<i64>>(0).map_err(field)?.unwrap_or(0))
}

async fn apply(client: &mut Client, migrations: &[Migration], found: i64) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    // A large table may take its time.
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await?;
    for migration in migrations.iter().filter(|migration| migration.version > found) {
        let number = "INSERT INTO schema_version (version) VALUES ($1)";
        // The first makes the table of the numbers.
        if migration.version > 1 {
            transaction.execute(number, &[&migration.version]).await?;
        }
        transaction.batch_execute(migration.sql).await?;
        if migration.version == 1 {
            transaction.execute(number, &[&migration.version]).await?;
        }
    }
    transaction.commit().await?;
    for migration in migrations.iter().filter(|migration| migration.version > found) {
        tracing::info!(version = migration.version, name = migration.name, "schema migrated");
    }
    Ok(())
}

/// The number, the table, or the table's type was taken meanwhile.
fn another_was_faster(error: &Error) -> bool {
    let taken = [&SqlState::UNIQUE_VIOLATION, &SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_OBJECT];
    matches!(Failure::of(error), Failure::Collision) || error.code().is_some_and(|state| taken.contains(&state))
}
