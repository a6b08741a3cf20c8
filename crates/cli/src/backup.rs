//! `sayso backup`: the database at one moment, in one file.

use std::path::Path;

use sayso_store::{Address, Contents};
use sayso_token::time::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::args;
use crate::config;

/// Makes the backup and says what it holds. A PostgreSQL database is backed up by its own program: says how.
pub(crate) async fn run(args: &args::Backup) -> anyhow::Result<()> {
    let server = config::load_quietly(&args.config)?.server;
    let file = match &server.database {
        Address::File(file) => file,
        Address::Postgres(address) => anyhow::bail!(
            "a PostgreSQL database is backed up by PostgreSQL's own program; run\n  {}\nIt asks for the password, or \
             takes it from PGPASSWORD or ~/.pgpass. docs/backup.md tells the rest.",
            sayso_store::pg_dump(address, &args.target)
        ),
    };
    let contents = sayso_store::backup(file, &args.target, args.overwrite).await?;
    println!("backup written: {}", args.target.display());
    tell(&contents);
    println!("{}", of_the_master_key(&server.master_key));
    Ok(())
}

/// What a copy holds, in a line.
pub(crate) fn tell(contents: &Contents) {
    let Contents { schema, users, grants, signing_keys, restored_at } = contents;
    let restored = restored_at.map(|at| format!(", restored {}", written(at))).unwrap_or_default();
    println!("accounts {users}, links {grants}, signing keys {signing_keys}, schema version {schema}{restored}");
}

/// That it is not in the copy, and where it is.
pub(crate) fn of_the_master_key(file: &Path) -> String {
    format!(
        "The master key is not in it, and without that key it is useless. Keep a copy of {} in another place.",
        file.display()
    )
}

fn written(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds());
    at.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}
