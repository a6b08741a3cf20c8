//! Everything, independent of the engine and sealed as a whole.
//!
//! Inside are lines of JSON: a head, then for each table its columns and its rows, then how many there were.

use std::io::{BufWriter, Write};
use std::path::Path;

use sayso_token::encoding::base64url;
use sayso_token::entropy::Entropy;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::backend::{Snapshot, Value};
use crate::backup::{Contents, contents};
use crate::copy_error::CopyError;
use crate::migrations;
use crate::new_file::{NewFile, refuse_existing};
use crate::sealed_file::SealedWriter;
use crate::tables::{self, PAGE, Table};

/// A line of an export that is no row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// The first.
    Head {
        /// The version of the schema.
        schema: i64,
        /// When it was made.
        made_at: i64,
    },
    /// Rows of this table follow, as lists in the order of these columns.
    Table {
        /// Its name.
        name: String,
        /// Its columns.
        columns: Vec<String>,
    },
    /// The last: how many rows there were.
    End {
        /// All rows.
        rows: u64,
    },
}

/// What is exported, and where to.
#[derive(Debug)]
pub struct Export<'a> {
    /// The database.
    pub database: &'a Address,
    /// The file to write.
    pub target: &'a Path,
    /// Whether a file that is there may be written over.
    pub overwrite: bool,
    /// Seals under the installation's master key.
    pub sealer: &'a Sealer,
    /// Now.
    pub made_at: Timestamp,
}

/// Writes everything in the database, as it is at one moment while servers go on with it, into one sealed file. Takes
/// little memory, however much there is.
///
/// # Errors
/// [`CopyError`] says what stands in the way; nothing is left behind then.
pub async fn export(request: &Export<'_>, entropy: &mut dyn Entropy) -> Result<Contents, CopyError> {
    refuse_existing(request.target, request.overwrite)?;
    if let Address::File(file) = request.database
        && !file.is_file()
    {
        return Err(CopyError::NoDatabase { database: file.display().to_string() });
    }
    let snapshot = Snapshot::open(request.database).await?;
    let contents = contents(&snapshot, request.database).await?;
    let known = migrations::newest(migrations::ALL);
    if contents.schema < known {
        let database = request.database.to_string();
        return Err(CopyError::OlderSchema { database, found: contents.schema, known });
    }
    let new = NewFile::begin(request.target, ".part")?;
    write(request, &snapshot, new.file(), entropy).await?;
    new.finish(request.target, request.overwrite)?;
    Ok(contents)
}

async fn write(
    request: &Export<'_>,
    snapshot: &Snapshot,
    out: impl Write,
    entropy: &mut dyn Entropy,
) -> Result<(), CopyError> {
    let failed = |error: std::io::Error| CopyError::file(request.target, &error);
    let schema = migrations::newest(migrations::ALL);
    let mut writer = SealedWriter::begin(BufWriter::new(out), request.sealer, entropy).map_err(failed)?;
    writer.line(&json(&Line::Head { schema, made_at: request.made_at.millis() })).map_err(failed)?;
    let mut rows = 0;
    for table in &tables::ALL {
        let columns = table.names().into_iter().map(str::to_owned).collect();
        writer.line(&json(&Line::Table { name: table.name.to_owned(), columns })).map_err(failed)?;
        rows += write_rows(table, snapshot, |line| writer.line(line).map_err(failed)).await?;
    }
    writer.line(&json(&Line::End { rows })).map_err(failed)?;
    writer.finish().map(drop).map_err(failed)
}

async fn write_rows(
    table: &Table,
    snapshot: &Snapshot,
    mut write: impl FnMut(&str) -> Result<(), CopyError>,
) -> Result<u64, CopyError> {
    let mut after: Option<Vec<Value>> = None;
    let mut count = 0;
    loop {
        let rows = table.page(snapshot, after.as_deref()).await?;
        for row in &rows {
            write(&json(&row.iter().map(shown).collect::<Vec<_>>()))?;
            count += 1;
        }
        if rows.len() < PAGE {
            return Ok(count);
        }
        after = rows.last().map(|row| table.key_of(row).to_vec());
    }
}

fn shown(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Int(number) => (*number).into(),
        Value::Blob(bytes) => base64url(bytes).into(),
        Value::Null => serde_json::Value::Null,
    }
}

fn json(line: &impl Serialize) -> String {
    // Strings, numbers and lists of them always serialise; were it otherwise, the reader would refuse the empty line.
    serde_json::to_string(line).unwrap_or_default()
}
