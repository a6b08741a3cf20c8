//! The databases of a scenario, and a look into them from outside.

use std::path::Path;

use anyhow::{Context as _, ensure};
use rusqlite::{Connection, OpenFlags};
use sayso_authority::Decision;
use sayso_authority::record::change::Change;
use sayso_store::{Address, Store};
use sayso_testkit::PostgresServer;
use sayso_token::time::Clock;
use tempfile::TempDir;

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite in one file.
    Sqlite,
    /// The PostgreSQL server of this process.
    Postgres,
}

impl Engine {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A database of its own, in a folder that goes away with it.
#[derive(Debug)]
pub struct Database {
    engine: Engine,
    address: String,
    folder: TempDir,
}

impl Database {
    /// A new, empty one. `None` where PostgreSQL is asked for and not installed.
    ///
    /// # Errors
    /// There can be no folder.
    pub fn new(engine: Engine) -> anyhow::Result<Option<Self>> {
        let folder = tempfile::Builder::new().prefix("sayso-chaos-").tempdir()?;
        let address = match engine {
            Engine::Sqlite => folder.path().join("sayso.db").display().to_string(),
            Engine::Postgres => match PostgresServer::shared() {
                Some(server) => server.new_schema(),
                None => return Ok(None),
            },
        };
        Ok(Some(Self { engine, address, folder }))
    }

    /// One on a server of the scenario's own.
    ///
    /// # Errors
    /// There can be no folder.
    pub fn on(server: &PostgresServer) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("sayso-chaos-").tempdir()?;
        Ok(Self { engine: Engine::Postgres, address: server.new_schema(), folder })
    }

    /// One on whichever of a scenario's own two servers takes writes; the first does now.
    ///
    /// # Errors
    /// There can be no folder.
    pub fn on_either(first: &PostgresServer, second: &PostgresServer) -> anyhow::Result<Self> {
        const SCHEMA: &str = "of_either";
        first.execute(&format!("CREATE SCHEMA {SCHEMA}"));
        let folder = tempfile::Builder::new().prefix("sayso-chaos-").tempdir()?;
        Ok(Self { engine: Engine::Postgres, address: first.address_of_either(SCHEMA, &[second]), folder })
    }

    /// The same with its file in another place within, or beside, its folder.
    #[must_use]
    pub fn at(mut self, file: &Path) -> Self {
        self.address = file.display().to_string();
        self
    }

    /// Its address, as a configuration names it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Which engine holds it.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A folder for what belongs to it: the file, configurations, keys, logs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens it, beside whoever has it open.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn open(&self) -> anyhow::Result<Store> {
        Ok(Store::open(Address::parse(&self.address)?).await?)
    }

    /// Whether the file is sound; PostgreSQL looks after itself.
    ///
    /// # Errors
    /// It is not, or cannot be read.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.engine == Engine::Sqlite {
            check(Path::new(&self.address))?;
        }
        Ok(())
    }
}

/// `PRAGMA integrity_check` of a SQLite file.
///
/// # Errors
/// What it found.
pub fn check(file: &Path) -> anyhow::Result<()> {
    let looking = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    looking.busy_timeout(std::time::Duration::from_secs(10))?;
    let said: String = looking.query_row("PRAGMA integrity_check", [], |row| row.get(0)).context("integrity_check")?;
    ensure!(said == "ok", "integrity_check of {}: {said}", file.display());
    Ok(())
}

/// Writes these changes, all in one transaction, as a decision would.
///
/// # Errors
/// The store's.
pub async fn keep(store: &Store, clock: &dyn Clock, changes: Vec<Change>) -> anyhow::Result<()> {
    let changes = &changes;
    let kept: Result<(), ()> = store
        .settle(clock, |_, _| async move {
            let mut decision = Decision::reply(());
            decision.changes.clone_from(changes);
            Ok(decision)
        })
        .await?;
    kept.map_err(|()| anyhow::anyhow!("nothing refuses here"))
}
