//! How many at once: for work that costs a core or much memory, such as password hashing.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// Lets a fixed number work at once, a fixed number wait, and refuses the rest at once (503 with `Retry-After`).
#[derive(Clone, Debug)]
pub struct Gate {
    inside: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// Work in progress; dropping it lets the next one in.
#[derive(Debug)]
pub struct Permit {
    _inside: OwnedSemaphorePermit,
}

/// All places are taken, and so is the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much work of this kind is already waiting")]
pub struct Busy;

impl Gate {
    /// `working` at once, `waiting` behind them.
    pub fn new(working: usize, waiting: usize) -> Self {
        Self { inside: Arc::new(Semaphore::new(working)), queue: Arc::new(Semaphore::new(waiting)) }
    }

    /// Enters, after waiting for a place if the queue has one.
    ///
    /// # Errors
    /// [`Busy`] at once when the queue is full.
    pub async fn enter(&self) -> Result<Permit, Busy> {
        match self.inside.clone().try_acquire_owned() {
            Ok(permit) => return Ok(Permit { _inside: permit }),
            Err(TryAcquireError::Closed) => return Err(Busy),
            Err(TryAcquireError::NoPermits) => {}
        }
        let _queued = self.queue.clone().try_acquire_owned().map_err(|_| Busy)?;
        let permit = self.inside.clone().acquire_owned().await.map_err(|_| Busy)?;
        Ok(Permit { _inside: permit })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn works_waits_refuses() {
        let gate = Gate::new(1, 1);
        let first = gate.enter().await.unwrap();
        let second = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert_eq!(gate.enter().await.err(), Some(Busy));
        drop(first);
        assert_eq!(second.await.unwrap(), Ok(()));
        assert!(gate.enter().await.is_ok());
    }
}
