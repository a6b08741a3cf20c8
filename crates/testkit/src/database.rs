//! Databases that go away with the test.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use sayso_store::{Address, Store, StoreError};
use tempfile::TempDir;

use crate::PostgresServer;

/// A store of its own, which is removed with the test.
#[derive(Debug)]
pub struct TempStore {
    store: Store,
    address: Address,
    _directory: Option<TempDir>,
}

impl TempStore {
    /// A new, empty store in a SQLite file.
    pub async fn open() -> Self {
        let directory = tempfile::Builder::new().prefix("sayso-test-").tempdir().unwrap();
        let address = Address::File(directory.path().join("sayso.db"));
        let store = Store::open(&address).await.unwrap();
        Self { store, address, _directory: Some(directory) }
    }

    /// A new, empty store on the PostgreSQL server of this process; `None` where there is no PostgreSQL
    /// ([`PostgresServer::shared`]).
    pub async fn on_postgres() -> Option<Self> {
        let address = Address::parse(&PostgresServer::shared()?.new_schema()).unwrap();
        let store = Store::open(&address).await.unwrap();
        Some(Self { store, address, _directory: None })
    }

    /// One more new, empty store, on the same engine.
    pub async fn another(&self) -> Self {
        match &self.address {
            Address::File(_) => Self::open().await,
            Address::Postgres(_) => Self::on_postgres().await.unwrap(),
        }
    }

    /// The same database opened once more, beside what is open already, as a second process would.
    pub async fn open_again(&self) -> Result<Store, StoreError> {
        Store::open(&self.address).await
    }

    /// Where the database is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Where the file is, of a store in a file.
    pub fn file(&self) -> &Path {
        let file: Option<&PathBuf> = match &self.address {
            Address::File(file) => Some(file),
            Address::Postgres(_) => None,
        };
        file.unwrap()
    }
}

impl Deref for TempStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// Runs tests on both engines: each named function takes a new, empty [`TempStore`] and becomes one test on SQLite and
/// one on PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    super::$test($crate::TempStore::open().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    if let Some(store) = $crate::TempStore::on_postgres().await {
                        super::$test(store).await;
                    }
                }
            )+
        }
    };
}
