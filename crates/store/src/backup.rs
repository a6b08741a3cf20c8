//! A backup: the whole database at one moment, while it is in use.

use std::path::Path;

use sayso_token::time::Timestamp;

use crate::address::{Address, PostgresAddress};
use crate::backend::{Snapshot, sqlite};
use crate::copy_error::CopyError;
use crate::migrations;
use crate::new_file::{NewFile, refuse_existing};
use crate::{StoreError, restore};

const USERS: &str = "SELECT count(*) FROM users";
const GRANTS: &str = "SELECT count(*) FROM grants WHERE revoked_at IS NULL";
const SIGNING_KEYS: &str = "SELECT count(*) FROM signing_keys";

/// What a copy holds, as far as an operator wants to see that it is the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The version of the schema.
    pub schema: i64,
    /// Accounts.
    pub users: i64,
    /// Linked accounts, without those that were ended.
    pub grants: i64,
    /// Signing keys, sealed.
    pub signing_keys: i64,
    /// When the database was last restored, if ever.
    pub restored_at: Option<Timestamp>,
}

/// Copies the SQLite file `database` to `target` as it is at this moment. Servers may go on with it; the copy is one file, checked from
/// end to end before it has its name. A target that is there stays, unless it may be written over. Works in place.
///
/// # Errors
/// [`CopyError`] says what stands in the way; nothing is left behind then.
pub async fn backup(database: &Path, target: &Path, overwrite: bool) -> Result<Contents, CopyError> {
    refuse_existing(target, overwrite)?;
    if !database.is_file() {
        return Err(CopyError::NoDatabase { database: database.display().to_string() });
    }
    let address = Address::File(database.to_owned());
    look_at(&address).await?;
    let new = NewFile::begin(target, ".part")?;
    let failed =
        |error: StoreError| CopyError::NotWritten { file: target.display().to_string(), why: error.to_string() };
    sqlite::copy::copy(database, new.path()).map_err(failed)?;
    let contents = look_at(&Address::File(new.path().to_owned())).await?;
    new.finish(target, overwrite)?;
    Ok(contents)
}

/// What the database holds, which must be ours and not newer than this program.
pub(crate) async fn look_at(address: &Address) -> Result<Contents, CopyError> {
    contents(&Snapshot::open(address).await?, address).await
}

/// The same of a moment that is looked at already.
pub(crate) async fn contents(snapshot: &Snapshot, address: &Address) -> Result<Contents, CopyError> {
    let foreign =
        || StoreError::cannot_open(address, "it is no database of Sayso", "check the path; it was left as it is");
    let schema = snapshot.version().await.map_err(|error| match error {
        StoreError::Corrupt(_) => error,
        _ => foreign(),
    })?;
    let schema = schema.filter(|version| *version > 0).ok_or_else(foreign)?;
    let known = migrations::newest(migrations::ALL);
    if schema > known {
        return Err(StoreError::NewerSchema {
            database: address.to_string(),
            found: schema,
            known,
            oldest_program: None,
        }
        .into());
    }
    let (users, grants) = (count(snapshot, USERS).await?, count(snapshot, GRANTS).await?);
    let signing_keys = count(snapshot, SIGNING_KEYS).await?;
    let restored_at = restore::restored_at(snapshot).await?;
    Ok(Contents { schema, users, grants, signing_keys, restored_at })
}

async fn count(snapshot: &Snapshot, sql: &str) -> Result<i64, StoreError> {
    let row = snapshot.read(sql, &[]).await?.into_iter().next();
    row.ok_or_else(|| crate::backend::unreadable("count"))?.int("count")
}

/// The command that makes a backup of a PostgreSQL database, for a shell. The password is not in it.
pub fn pg_dump(address: &PostgresAddress, target: &Path) -> String {
    let file = quoted(&target.display().to_string());
    format!("pg_dump --format=custom --no-owner {}{} --file={file}", connection(address), schema(address))
}

/// The command that brings such a backup back into an empty database. The password is not in it.
pub fn pg_restore(address: &PostgresAddress, source: &str) -> String {
    format!("pg_restore --exit-on-error --single-transaction --no-owner {} {}", connection(address), quoted(source))
}

fn connection(address: &PostgresAddress) -> String {
    let user = address.user.as_ref().map(|user| format!("--username={} ", quoted(user))).unwrap_or_default();
    let (hosts, database) = (quoted(&address.hosts.names()), quoted(&address.database));
    format!("--host={hosts} --port={} {user}--dbname={database}", address.hosts.ports())
}

/// A search path of the address names the schema that is ours.
fn schema(address: &PostgresAddress) -> String {
    let named = address.options.as_deref().and_then(|options| options.split("search_path=").nth(1));
    let first = named.and_then(|names| names.split([',', ' ']).next()).filter(|name| !name.is_empty());
    first.map(|name| format!(" --schema={}", quoted(name))).unwrap_or_default()
}

fn quoted(text: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "/._-+:@%=".contains(sign);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_for_postgresql_hold_no_password() {
        let address = "postgres://me:hunter2@db.example:6000/say%20so?options=-c%20search_path%3Dmine,public";
        let Address::Postgres(address) = Address::parse(address).unwrap() else { panic!("a server") };
        assert_eq!(
            pg_dump(&address, Path::new("/b/it's.dump")),
            r"pg_dump --format=custom --no-owner --host=db.example --port=6000 --username=me --dbname='say so' --schema=mine --file='/b/it'\''s.dump'"
        );
        let restore = pg_restore(&address, "/b/x.dump");
        assert!(restore.ends_with("--dbname='say so' /b/x.dump"), "{restore}");
        assert!(!restore.contains("hunter2"));
    }
}
