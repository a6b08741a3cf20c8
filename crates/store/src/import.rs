//! An export taken into an empty database, on whichever engine.
//!
//! It goes in by small transactions. Until the last of them the database says that it is half imported, and neither a
//! server nor anything else opens it; the next import begins it anew.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use sayso_token::encoding::from_base64url;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;

use crate::address::Address;
use crate::backend::{Backend, Statement, Value, Written};
use crate::backup::{Contents, look_at};
use crate::copy_error::CopyError;
use crate::export::Line;
use crate::sealed_file::{BadFile, SealedReader};
use crate::tables::{self, Kind, PAGE, Table};
use crate::{Migrate, Store, StoreError, migrations, restore};

const HALF: &str = "SELECT count FROM counters WHERE name = 'importing'";
const BEGIN: &str = "INSERT INTO counters (name, count) VALUES ('importing', 1) ON CONFLICT DO NOTHING";
const END: &str = "DELETE FROM counters WHERE name = 'importing'";

impl Store {
    /// Whether an import into it was begun and not completed.
    pub(crate) async fn is_half_imported(&self) -> Result<bool, StoreError> {
        Ok(!self.read(HALF).await?.is_empty())
    }

    /// The first of these tables that holds anything.
    async fn content(&self, tables: &[&'static Table]) -> Result<Option<&'static str>, StoreError> {
        for table in tables {
            if let Written::Kept(rows) = self.write(vec![Statement::made(table.any(), Vec::new())]).await?
                && rows.iter().any(|rows| !rows.is_empty())
            {
                return Ok(Some(table.name));
            }
        }
        Ok(None)
    }
}

/// Takes the export `source` into the empty database. As after a restore, codes and sessions are dropped: nobody knows
/// how old the export is.
///
/// # Errors
/// [`CopyError::NotEmpty`] changes nothing; after any other error the database can be imported into again.
pub async fn import(database: &Address, source: &Path, sealer: &Sealer, now: Timestamp) -> Result<Contents, CopyError> {
    let file = File::open(source).map_err(|error| CopyError::file(source, &error))?;
    let bad = |error: BadFile| refusal(source, &error.to_string());
    let mut reader = SealedReader::begin(BufReader::new(file), sealer).map_err(bad)?;
    let schema = match reader.line().map_err(bad)?.as_deref().map(serde_json::from_str) {
        Some(Ok(Line::Head { schema, .. })) => schema,
        _ => return Err(refusal(source, "it has no head")),
    };
    let store = prepare(database, source, schema).await?;
    let taken = take_in(&store, &mut reader, source, now).await;
    store.close().await;
    taken?;
    // Now that it is whole, it gets what schema it lacks.
    Store::open(database).await?.close().await;
    look_at(database).await
}

fn refusal(source: &Path, why: &str) -> CopyError {
    CopyError::NotAnExport { file: source.display().to_string(), why: why.to_owned() }
}

/// An empty database of the export's own version, marked as half imported.
async fn prepare(database: &Address, source: &Path, schema: i64) -> Result<Store, CopyError> {
    let known = migrations::newest(migrations::ALL);
    let steps = usize::try_from(schema).ok().and_then(|count| migrations::ALL.get(..count));
    let Some(steps) = steps.filter(|steps| !steps.is_empty()) else {
        let why =
            format!("it has schema version {schema}, this program knows versions up to {known}; take the newer one");
        return Err(refusal(source, &why));
    };
    let backend = Backend::open(database, steps, Migrate::AtStart).await.map_err(|error| match error {
        StoreError::NewerSchema { found, .. } => {
            let what = format!("its schema has version {found}, the export's has {schema}");
            CopyError::NotEmpty { database: database.to_string(), what }
        }
        other => CopyError::Store(other),
    })?;
    let store = Store::over(backend).await?;
    // Opening the store counts.
    let tables: Vec<_> = tables::of_schema(schema).filter(|table| table.name != "counters").collect();
    let ready = make_empty(&store, database, &tables).await;
    if ready.is_err() {
        store.close().await;
    }
    ready.map(|()| store)
}

async fn make_empty(store: &Store, database: &Address, tables: &[&'static Table]) -> Result<(), CopyError> {
    if store.is_half_imported().await? {
        for table in tables {
            store.empty(table.name).await?;
        }
    } else if let Some(table) = store.content(tables).await? {
        let what = format!("there are {}", table.replace('_', " "));
        return Err(CopyError::NotEmpty { database: database.to_string(), what });
    }
    store.write(vec![Statement::plain(BEGIN, [])]).await?;
    Ok(())
}

/// A table whose rows follow, and what its lists mean.
struct Following {
    table: &'static Table,
    columns: Vec<(&'static str, Kind)>,
}

async fn take_in(
    store: &Store,
    reader: &mut SealedReader<'_, impl BufRead>,
    source: &Path,
    now: Timestamp,
) -> Result<(), CopyError> {
    let (mut following, mut count, mut batch): (Option<Following>, u64, _) = (None, 0, Vec::with_capacity(PAGE));
    let strange =
        |count: u64| refusal(source, &format!("behind its first {count} rows stands what this program does not know"));
    loop {
        let line = reader.line().map_err(|error| refusal(source, &error.to_string()))?;
        let line = line.ok_or_else(|| strange(count))?;
        if line.starts_with('[') {
            let row = following.as_ref().and_then(|following| statement(following, &line));
            batch.push(row.ok_or_else(|| strange(count))?);
            count += 1;
            if batch.len() >= PAGE {
                store.write(std::mem::take(&mut batch)).await?;
            }
            continue;
        }
        match serde_json::from_str(&line) {
            Ok(Line::Table { name, columns }) => {
                following = Some(follow(&name, &columns).ok_or_else(|| strange(count))?);
            }
            Ok(Line::End { rows }) if rows == count => break,
            _ => return Err(strange(count)),
        }
    }
    let more = reader.line().map_err(|error| refusal(source, &error.to_string()))?;
    if more.is_some() {
        return Err(strange(count));
    }
    store.write(batch).await?;
    store.mark_restored(now).await?;
    store.write(vec![Statement::plain(END, [])]).await?;
    Ok(())
}

/// Only names that are known here ever stand in a statement.
fn follow(name: &str, columns: &[String]) -> Option<Following> {
    let table = tables::named(name)?;
    let known = |wanted: &String| table.columns.iter().find(|(name, _)| name == wanted).copied();
    Some(Following { table, columns: columns.iter().map(known).collect::<Option<_>>()? })
}

fn statement(following: &Following, line: &str) -> Option<Statement> {
    let fields: Vec<serde_json::Value> = serde_json::from_str(line).ok()?;
    if fields.len() != following.columns.len() {
        return None;
    }
    let values = following.columns.iter().zip(fields).map(|((_, kind), field)| value(*kind, field));
    let row = values.collect::<Option<Vec<Value>>>()?;
    if following.table.name == "counters" {
        // Opening this database has counted as well.
        let [Value::Text(name), Value::Int(count)] = &row[..] else { return None };
        return Some(restore::at_least(name, *count));
    }
    let names: Vec<&'static str> = following.columns.iter().map(|(name, _)| *name).collect();
    Some(following.table.insert(&names, row))
}

fn value(kind: Kind, field: serde_json::Value) -> Option<Value> {
    match (kind, field) {
        (_, serde_json::Value::Null) => Some(Value::Null),
        (Kind::Int, serde_json::Value::Number(number)) => number.as_i64().map(Value::Int),
        (Kind::Text, serde_json::Value::String(text)) => Some(Value::Text(text)),
        (Kind::Blob, serde_json::Value::String(text)) => from_base64url(&text).map(Value::Blob),
        _ => None,
    }
}
