//! Databases that go away with the test.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use sayso_store::{Store, StoreError};
use tempfile::TempDir;

/// A store in a directory of its own, which is removed when this is dropped.
#[derive(Debug)]
pub struct TempStore {
    store: Store,
    file: PathBuf,
    _directory: TempDir,
}

impl TempStore {
    /// A new, empty store.
    pub async fn open() -> Self {
        let directory = tempfile::Builder::new().prefix("sayso-test-").tempdir().unwrap();
        let file = directory.path().join("sayso.db");
        let store = Store::open(&file).await.unwrap();
        Self { store, file, _directory: directory }
    }

    /// The same file opened once more, beside what is open already, as a second process would.
    pub async fn open_again(&self) -> Result<Store, StoreError> {
        Store::open(&self.file).await
    }

    /// Where the file is.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl Deref for TempStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}
