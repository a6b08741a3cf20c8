//! The store itself: opening, closing, and whether it is ready.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use sayso_authority::record::event::Event;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::backend::{Backend, Row, Statement, Written};
use crate::migrations;
use crate::purge::memberships::Place;
use crate::{Address, Lookups, Migrate, StoreError, changes};

/// Counts the openings, so that audit events of two processes on one database never share a name.
const COUNT_OPENING: &str = "INSERT INTO counters (name, count) VALUES ('openings', 1) \
     ON CONFLICT (name) DO UPDATE SET count = counters.count + 1 RETURNING count";

/// What is remembered, on disk or on a server. Cheap to clone; all clones share the one writer or the connections.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
    /// Details that every audit event gets which is written through this handle.
    stamp: Option<Arc<Map<String, Value>>>,
}

#[derive(Debug)]
struct Inner {
    backend: Arc<Backend>,
    opening: i64,
    position: AtomicI64,
    /// How far the walk through the grants has come that looks for those which are over; empty at its start.
    walked: Mutex<String>,
    /// The same of the walk through the memberships.
    walked_memberships: Mutex<Place>,
    /// What audit records are tagged and sealed with, once it is known.
    audit_key: RwLock<Option<Arc<Sealer>>>,
    /// Held by callers who lost their guard again and again, one at a time, so that each gets its turn.
    turn: Mutex<()>,
}

impl Store {
    /// Opens the database: a path or an [`Address`]. A file is created, and its directory, if they are not there, for
    /// the owner's eyes only; a PostgreSQL database must be there and may be empty. Applies what migrations are
    /// missing. With a file it works in place for some milliseconds, so it belongs at the start.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`] says which database, why, and what to do; [`StoreError::NewerSchema`] when a newer
    /// version has written it that does not suit this one. In both cases the database stays as it was.
    pub async fn open(address: impl Into<Address>) -> Result<Self, StoreError> {
        Self::open_with(&address.into(), Migrate::AtStart).await
    }

    /// As [`open`](Self::open), but what is missing in the schema may be left to [`Store::migrate`].
    ///
    /// # Errors
    /// As there; and [`StoreError::OlderSchema`] when something is missing that may not be applied here.
    pub async fn open_with(address: &Address, migrate: Migrate) -> Result<Self, StoreError> {
        let store = Self::over(Backend::open(address, migrations::ALL, migrate).await?).await?;
        if store.is_half_imported().await? {
            store.close().await;
            let advice = "run `sayso data import` again, which begins it anew";
            return Err(StoreError::cannot_open(address, "an import into it was cut off", advice));
        }
        Ok(store)
    }

    /// The store over an open database, whatever state its content is in.
    pub(crate) async fn over(backend: Backend) -> Result<Self, StoreError> {
        let opening = match backend.write(vec![Statement::guarded(COUNT_OPENING, [])]).await? {
            Written::Kept(rows) => rows.into_iter().flatten().next(),
            Written::GuardLost => None,
        };
        let opening = opening.ok_or_else(|| crate::backend::unreadable("counters.count"))?.int("counters.count")?;
        let inner = Inner {
            backend: Arc::new(backend),
            opening,
            position: AtomicI64::new(0),
            walked: Mutex::default(),
            walked_memberships: Mutex::default(),
            audit_key: RwLock::default(),
            turn: Mutex::new(()),
        };
        Ok(Self { inner: Arc::new(inner), stamp: None })
    }

    /// The same store; every audit event written through this handle has this detail, such as by whom it was asked for.
    #[must_use]
    pub fn stamped(&self, name: &str, value: &str) -> Self {
        let mut stamp = self.stamp.as_deref().cloned().unwrap_or_default();
        stamp.insert(name.to_owned(), value.into());
        Self { inner: self.inner.clone(), stamp: Some(Arc::new(stamp)) }
    }

    /// The same store, for what is asked for from that address, if it is known.
    #[must_use]
    pub fn seen_from(&self, address: Option<&str>) -> Self {
        address.map_or_else(|| self.clone(), |address| self.stamped("address", address))
    }

    /// The statement that keeps an event, stamped and tagged.
    pub(crate) fn event(&self, event: &Event, at: Timestamp) -> Statement {
        changes::event((event, at), self.stamp.as_deref(), self.next_place(), self.audit_key().as_deref())
    }

    pub(crate) fn audit_key(&self) -> Option<Arc<Sealer>> {
        self.inner.audit_key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_audit_key(&self, sealer: Arc<Sealer>) {
        *self.inner.audit_key.write().unwrap_or_else(PoisonError::into_inner) = Some(sealer);
    }

    /// What can be asked of it.
    pub fn lookups(&self) -> Lookups {
        Lookups::new(Arc::clone(&self.inner.backend))
    }

    /// Whether it can read and write now: asks both a reader and the writer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`], as any other call would get.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.inner.backend.read(migrations::VERSION, &[]).await?;
        self.inner.backend.write(Vec::new()).await.map(drop)
    }

    /// Finishes what is under way, folds the log into the file and lets go of it, or of the connections. Whoever asks later hears that the
    /// store is unavailable. Without it nothing acknowledged is lost either; the next start does the folding.
    pub async fn close(&self) {
        self.inner.backend.close().await;
    }

    /// Runs a query without values.
    pub(crate) async fn read(&self, sql: &'static str) -> Result<Vec<Row>, StoreError> {
        self.inner.backend.read(sql, &[]).await
    }

    pub(crate) async fn write(&self, batch: Vec<Statement>) -> Result<Written, StoreError> {
        self.inner.backend.write(batch).await
    }

    /// Whether the one guarded statement got its row.
    pub(crate) async fn write_one(&self, statement: Statement) -> Result<bool, StoreError> {
        Ok(matches!(self.write(vec![statement]).await?, Written::Kept(_)))
    }

    /// A name for the next audit event.
    fn next_place(&self) -> (i64, i64) {
        (self.inner.opening, self.inner.position.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn walked(&self) -> &Mutex<String> {
        &self.inner.walked
    }

    pub(crate) fn walked_memberships(&self) -> &Mutex<Place> {
        &self.inner.walked_memberships
    }

    pub(crate) fn turn(&self) -> &Mutex<()> {
        &self.inner.turn
    }
}
