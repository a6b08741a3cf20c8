//! What can go wrong with a backup, a restore, an export or an import. As everywhere here, no text holds a stored value.

use std::io;
use std::path::Path;

use crate::StoreError;

/// Why a copy was not made or not taken in. The database that was there is as it was, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database itself failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file to be written is there.
    #[error("{file} is there already and was left as it is; name another file, or say --overwrite")]
    Exists {
        /// The file.
        file: String,
    },
    /// Another command is writing the same file.
    #[error("another command is writing {file} at this moment; wait for it, or name another file")]
    BeingWritten {
        /// The file.
        file: String,
    },
    /// A file could not be read or written.
    #[error("{file}: {why}; {advice}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        why: String,
        /// What the operator can do.
        advice: &'static str,
    },
    /// The copy could not be completed; what there was of it is removed.
    #[error("{file} was not written: {why}")]
    NotWritten {
        /// The file.
        file: String,
        /// What stood in the way.
        why: String,
    },
    /// There is no database to copy.
    #[error("there is no database {database}; see `database` in the configuration")]
    NoDatabase {
        /// Where it should be.
        database: String,
    },
    /// What was named as a backup is none.
    #[error("{file} cannot be restored: {why}")]
    NotABackup {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// A server runs on the database, or another command works on it.
    #[error("{database} is in use: a server, or another command, has it open; stop it, then try again")]
    InUse {
        /// The file.
        database: String,
    },
    /// The database is older than this program.
    #[error(
        "the database {database} has schema version {found}, an export is made of version {known}; start the server once, \
         or export with the program that runs on it"
    )]
    OlderSchema {
        /// The database.
        database: String,
        /// The version found in it.
        found: i64,
        /// The version that is exported.
        known: i64,
    },
    /// The database to import into holds something.
    #[error("the database {database} is not empty ({what}) and was left as it is; name a new one in the configuration")]
    NotEmpty {
        /// The database.
        database: String,
        /// What is in it.
        what: String,
    },
    /// What was named as an export is none, or is not whole.
    #[error("{file} cannot be imported: {why}")]
    NotAnExport {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
}

impl CopyError {
    pub(crate) fn file(file: &Path, error: &io::Error) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::NotFound => "check the path; the folder must be there",
            io::ErrorKind::PermissionDenied => "make the file and its folder accessible for this user",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, or name another disk",
            io::ErrorKind::IsADirectory => "name a file, not a folder",
            _ => "check the path and its disk",
        };
        Self::File { file: file.display().to_string(), why: error.to_string(), advice }
    }
}
