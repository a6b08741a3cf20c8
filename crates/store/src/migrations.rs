//! The schema, as numbered texts that are applied in order and never changed once released.
//!
//! Each one may only expand what the version before still uses: a column or table that is no longer needed is dropped
//! one release later, so that both versions can run at the same time. Each says which program is the oldest that works
//! on it, and that is kept beside its number. docs/decisions/0015-migrations.md has the reasons.

use crate::StoreError;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// Its number, from 1, without gaps.
    pub(crate) version: i64,
    /// Its name, for the log.
    pub(crate) name: &'static str,
    /// Its statements.
    pub(crate) sql: &'static str,
    /// The oldest program that works on a database with this step, by the newest schema version it knows.
    pub(crate) oldest_program: i64,
    /// What it has to go through row by row. Without one it takes the same time however much is stored.
    pub(crate) sweeps: &'static [Sweep],
}

/// A table of which a step reads every row, to make an index. No step rewrites rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sweep {
    /// The table.
    pub(crate) table: &'static str,
    /// One of its columns, TEXT or BIGINT, that no index holds: whoever wants to see it has to go through all rows.
    pub(crate) column: &'static str,
}

/// From this step on the database itself says which programs work on it.
const COMPATIBILITY: i64 = 3;

/// All of them, in order. The first begins with the table that counts them. Programs that know less than the third
/// refuse whatever is newer than they are.
pub(crate) const ALL: &[Migration] = &[
    Migration {
        version: 1,
        name: "begin",
        sql: concat!(
            "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY);\n",
            include_str!("../migrations/0001_begin.sql"),
        ),
        oldest_program: 1,
        sweeps: &[],
    },
    Migration {
        version: 2,
        name: "sealing and configuration",
        sql: include_str!("../migrations/0002_sealing_and_configuration.sql"),
        oldest_program: 2,
        sweeps: &[],
    },
    Migration {
        version: COMPATIBILITY,
        name: "compatibility",
        sql: include_str!("../migrations/0003_compatibility.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[],
    },
    Migration {
        version: 4,
        name: "tries",
        sql: include_str!("../migrations/0004_tries.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[],
    },
    Migration {
        version: 5,
        name: "revoked keys",
        sql: include_str!("../migrations/0005_revoked_keys.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[],
    },
    Migration {
        version: 6,
        name: "registered clients",
        sql: include_str!("../migrations/0006_registered_clients.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[],
    },
    Migration {
        version: 7,
        name: "openid",
        sql: include_str!("../migrations/0007_openid.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[],
    },
    Migration {
        version: 8,
        name: "logout",
        sql: include_str!("../migrations/0008_logout.sql"),
        oldest_program: COMPATIBILITY,
        // What is a day old at most.
        sweeps: &[Sweep { table: "sessions", column: "signed_in_at" }, Sweep { table: "codes", column: "issued_at" }],
    },
    Migration {
        version: 9,
        name: "groups",
        sql: include_str!("../migrations/0009_groups.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[],
    },
    Migration {
        version: 10,
        name: "acme",
        sql: include_str!("../migrations/0010_acme.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[],
    },
    Migration {
        version: 11,
        name: "audit seals",
        sql: include_str!("../migrations/0011_audit_seals.sql"),
        oldest_program: COMPATIBILITY,
        sweeps: &[Sweep { table: "audit_events", column: "details" }],
    },
    Migration {
        version: 12,
        name: "connections",
        sql: include_str!("../migrations/0012_connections.sql"),
        oldest_program: COMPATIBILITY,
        // What is eight hours old at most.
        sweeps: &[Sweep { table: "sessions", column: "signed_in_at" }],
    },
];

/// The version of a database; NULL when the table is there without a row.
pub(crate) const VERSION: &str = "SELECT MAX(version) FROM schema_version";
/// The newest version of which it is known who works on it, and who.
pub(crate) const DECLARED: &str = "SELECT MAX(version), MAX(oldest_program) FROM schema_compatibility";
/// Takes the number of a step.
pub(crate) const NUMBER: &str = "INSERT INTO schema_version (version) VALUES ($1)";
/// Says who works on it.
pub(crate) const DECLARE: &str = "INSERT INTO schema_compatibility (version, oldest_program) VALUES ($1, $2)";

/// What a database says of its schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its version; 0 for a new database.
    pub(crate) version: i64,
    /// The oldest program that works on it, by the newest version that it knows; `None` where it does not say so.
    pub(crate) oldest_program: Option<i64>,
}

impl Found {
    /// The version, with what [`DECLARED`] has answered, if it could be asked. What is said of an older version is not
    /// said of this one.
    pub(crate) fn new(version: i64, declared: Option<(Option<i64>, Option<i64>)>) -> Self {
        let oldest_program = match declared {
            Some((Some(declared), oldest)) if declared == version => oldest,
            _ => None,
        };
        Self { version, oldest_program }
    }
}

impl Migration {
    /// Who works on it, where there is a place to keep that.
    pub(crate) fn declaration(&self) -> Option<[i64; 2]> {
        (self.version >= COMPATIBILITY).then_some([self.version, self.oldest_program])
    }
}

/// The newest version that these steps lead to.
pub(crate) fn newest(migrations: &[Migration]) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// What the database still needs; nothing when it is newer and says that a program of this age works on it.
///
/// # Errors
/// [`StoreError::NewerSchema`] when it is newer and does not say so.
pub(crate) fn missing<'a>(
    found: Found,
    migrations: &'a [Migration],
    database: &dyn std::fmt::Display,
) -> Result<Vec<&'a Migration>, StoreError> {
    let known = newest(migrations);
    if found.version > known && found.oldest_program.is_none_or(|oldest| oldest > known) {
        let Found { version: found, oldest_program } = found;
        return Err(StoreError::NewerSchema { database: database.to_string(), found, known, oldest_program });
    }
    Ok(migrations.iter().filter(|migration| migration.version > found.version).collect())
}

/// Logs what was applied: a line for each step that brought a database further, one line for a new one.
pub(crate) fn log(applied: &[&Migration]) {
    match applied {
        [first, .., last] if first.version == 1 => tracing::info!(version = last.version, "schema made"),
        _ => {
            for migration in applied {
                tracing::info!(version = migration.version, name = migration.name, "schema migrated");
            }
        }
    }
}

#[cfg(test)]
mod tests;
