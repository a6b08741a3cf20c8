//! Readers on their own connections. They never wait for the writer.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use super::{open, run, trouble};
use crate::StoreError;
use crate::backend::{Row, Value};

/// A few connections, each used by one reader at a time, for microseconds.
#[derive(Debug)]
pub(super) struct Readers {
    connections: Vec<Mutex<Option<Connection>>>,
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let wanted = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 4);
        let connections =
            (0..wanted).map(|_| open::reading(file).map(|c| Mutex::new(Some(c)))).collect::<Result<_, _>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    pub(super) fn read(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let reader = self.free();
        let connection = reader
            .as_ref()
            .and_then(|slot| slot.as_ref())
            .ok_or_else(|| StoreError::Unavailable("it was closed".to_owned()))?;
        run(connection, sql, values).map_err(trouble)
    }

    pub(super) fn close(&self) {
        for connection in &self.connections {
            connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// One that nobody uses, or the next in turn once it is free.
    fn free(&self) -> Option<MutexGuard<'_, Option<Connection>>> {
        let first = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len().max(1);
        let in_turn = || self.connections.iter().cycle().skip(first).take(self.connections.len());
        for connection in in_turn() {
            match connection.try_lock() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        in_turn().next().map(|connection| connection.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
