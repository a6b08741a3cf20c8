//! What can go wrong with the store. No text here ever holds a stored value.

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened. Nothing was changed.
    #[error("cannot open the database {database}: {why}; {advice}")]
    CannotOpen {
        /// The file, the directory it should lie in, or the server's address without the password.
        database: String,
        /// What the system said.
        why: String,
        /// What the operator can do.
        advice: String,
    },
    /// The schema is newer, and not made for a program as old as this one. Nothing was changed.
    #[error(
        "the database {database} has schema version {found}{}, this program knows versions up to {known}; \
         start the newer program again, or restore a backup from before the upgrade", needs(*oldest_program)
    )]
    NewerSchema {
        /// The file, or the server's address without the password.
        database: String,
        /// The version found in it.
        found: i64,
        /// The newest version this program knows.
        known: i64,
        /// The version that a program must know at least to work on it, where the database says so.
        oldest_program: Option<i64>,
    },
    /// The schema is older, and this start may not change it. Nothing was changed.
    #[error(
        "the database {database} {}, this program needs version {known}; bring it up to date with \
         `sayso migrate --config FILE`, or let the start do it with migrate = \"at_start\"", has(*found)
    )]
    OlderSchema {
        /// The file, or the server's address without the password.
        database: String,
        /// The version found in it; 0 when it is new or not there.
        found: i64,
        /// The version this program needs.
        known: i64,
    },
    /// The database cannot answer now: disk full, locked by another process, server
    /// not reached, closed. Nothing of the request was kept;
    /// it may be tried again later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The same thing was changed by others again and again while it was being decided on. It may be tried again.
    #[error("too many changes of the same record at once")]
    Contended,
    /// The database holds something this program cannot read.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
}

fn needs(oldest_program: Option<i64>) -> String {
    oldest_program.map(|oldest| format!(", which needs a program that knows version {oldest}")).unwrap_or_default()
}

fn has(version: i64) -> String {
    if version == 0 { "has no schema yet".to_owned() } else { format!("has schema version {version}") }
}

impl StoreError {
    pub(crate) fn cannot_open(database: impl ToString, why: impl ToString, advice: &str) -> Self {
        Self::CannotOpen { database: database.to_string(), why: why.to_string(), advice: advice.to_owned() }
    }
}
