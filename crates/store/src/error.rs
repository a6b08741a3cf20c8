//! What can go wrong with the store. No text here ever holds a stored value.

use std::path::{Path, PathBuf};

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened. Nothing was changed.
    #[error("cannot open the database {}: {why}; {advice}", file.display())]
    CannotOpen {
        /// The file, or the directory it should lie in.
        file: PathBuf,
        /// What the system said.
        why: String,
        /// What the operator can do.
        advice: String,
    },
    /// The database was written by a newer version. Nothing was changed.
    #[error(
        "the database {} has schema version {found}, this program knows versions up to {known}; \
         start the newer program again, or restore a backup from before the upgrade",
        file.display()
    )]
    NewerSchema {
        /// The file.
        file: PathBuf,
        /// The version found in it.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The database cannot answer now: disk full, locked by another process, closed. Nothing of the request was kept;
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

impl StoreError {
    pub(crate) fn cannot_open(file: &Path, why: impl ToString, advice: &str) -> Self {
        Self::CannotOpen { file: file.to_owned(), why: why.to_string(), advice: advice.to_owned() }
    }
}
