//! SQLite in one file: one writer thread, readers on their own connections.

pub(crate) mod copy;
pub(crate) mod hold;
mod migrate;
mod open;
mod readers;
mod writer;

use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, ToSql};

use super::{Row, Statement, Value, Written};
use crate::StoreError;
use crate::migrations::Migration;
use crate::schema::Migrate;
pub(super) use migrate::{migrate, outlook};
use readers::Readers;
use writer::Writer;

/// An open SQLite file.
#[derive(Debug)]
pub(super) struct Sqlite {
    // Dropped before the writer, so that the writer is the last to leave and can fold the log into the file.
    readers: Readers,
    writer: Writer,
}

impl Sqlite {
    pub(super) fn open(file: &Path, migrations: &[Migration], migrate: Migrate) -> Result<Self, StoreError> {
        let (connection, _) = open::writing(file, migrations, migrate)?;
        Ok(Self { readers: Readers::open(file)?, writer: Writer::start(connection)? })
    }

    pub(super) fn read(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.readers.read(sql, values)
    }

    pub(super) async fn write(&self, batch: Vec<Statement>) -> Result<Written, StoreError> {
        self.writer.write(batch).await
    }

    pub(super) async fn close(&self) {
        self.readers.close();
        self.writer.close().await;
    }
}

/// Runs a query on a connection of one's own.
pub(super) fn read(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
    run(connection, sql, values).map_err(trouble)
}

/// Runs one statement to its end. The compiled form is kept by the connection.
fn run(connection: &Connection, sql: &str, values: &[Value]) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    collect(&mut statement, values)
}

fn collect(statement: &mut CachedStatement<'_>, values: &[Value]) -> rusqlite::Result<Vec<Row>> {
    let width = statement.column_count();
    bind(statement, values)?;
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut fields = Vec::with_capacity(width);
        for column in 0..width {
            fields.push(value(row.get_ref(column)?, column)?);
        }
        found.push(Row::new(fields));
    }
    Ok(found)
}

/// To SQLite `$2` is a name, and names are numbered by where they first stand in the text. Here it is the second value.
fn bind(statement: &mut CachedStatement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for place in 1..=statement.parameter_count() {
        let named = statement.parameter_name(place).and_then(|name| name.strip_prefix('$'));
        let number = named.and_then(|digits| digits.parse::<usize>().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        let value = value.ok_or_else(|| rusqlite::Error::InvalidParameterCount(values.len(), place))?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

fn value(stored: ValueRef<'_>, column: usize) -> rusqlite::Result<Value> {
    Ok(match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(_) => Value::Text(stored.as_str()?.to_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        // No column is made for one.
        ValueRef::Real(_) => {
            return Err(rusqlite::Error::InvalidColumnType(column, String::new(), stored.data_type()));
        }
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Null => ValueRef::Null,
        }))
    }
}

/// Tells damage, which needs an operator, from what may pass.
fn trouble(error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(failure, _) = &error else {
        return StoreError::Corrupt("a row or statement does not fit the schema".to_owned());
    };
    let code = failure.code;
    // SQLite's own texts name tables and columns, never values.
    let said = rusqlite::ffi::code_to_str(failure.extended_code);
    match code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            StoreError::Corrupt(format!("{said}; restore a backup, and keep the damaged file"))
        }
        ErrorCode::DiskFull => StoreError::Unavailable(format!("{said}; free some space")),
        ErrorCode::ReadOnly => StoreError::Unavailable(format!("{said}; the file and its directory must be writable")),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            StoreError::Unavailable(format!("{said}; another process holds the file"))
        }
        _ => StoreError::Unavailable(said.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_stands_for_the_value_of_its_number() {
        let connection = Connection::open_in_memory().unwrap();
        let values = ["one".into(), Value::Int(2), Value::Blob(vec![3]), Value::Null];
        let mut rows = run(&connection, "SELECT $2, $1, $4, $1, hex($3)", &values).unwrap();
        let mut row = rows.pop().unwrap();
        assert_eq!(row.int("a").unwrap(), 2);
        assert_eq!(row.text("b").unwrap(), "one");
        assert_eq!(row.optional_text("c").unwrap(), None);
        assert_eq!(row.text("d").unwrap(), "one");
        assert_eq!(row.text("e").unwrap(), "03");
    }

    #[test]
    fn a_placeholder_without_a_value_is_an_error() {
        let connection = Connection::open_in_memory().unwrap();
        for sql in ["SELECT $2", "SELECT $0", "SELECT ?1", "SELECT :name"] {
            assert!(run(&connection, sql, &[Value::Int(1)]).is_err(), "{sql}");
        }
    }
}
