//! Passwords: hashed with Argon2id (RFC 9106) and checked off the async threads.
//!
//! A check is a fact: it says whether what was offered fits what is stored, and decides nothing. It costs the same
//! whether or not there is anything stored, so that its duration does not tell whether a user exists.

mod argon;
mod courtesy;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sayso_token::entropy::SharedEntropy;
use sayso_token::secret::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The longest password in bytes. Longer ones are refused unhashed.
pub const MAX_PASSWORD_BYTES: usize = 512;
/// How long a caller waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many may wait for each one that is being hashed: about what is done within [`PATIENCE`].
const WAITING_FOR_EACH: usize = 32;

/// Too many passwords are being hashed at the moment; it may be tried again in a few seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being hashed at the moment")]
pub struct Busy;

/// Why a new password was not hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHashed {
    /// It has more than [`MAX_PASSWORD_BYTES`].
    #[error("the password is longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// Too many passwords are being hashed at the moment.
    #[error(transparent)]
    Busy(#[from] Busy),
}

/// Hashes passwords, so many at a time and no more: each takes 19 MiB and some 20 ms of a core.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    patience: Duration,
}

impl PasswordHasher {
    /// At most `max_parallel` at a time, at least one; as many as there are cores is right.
    pub fn new(max_parallel: usize) -> Self {
        let places = max_parallel.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: Arc::default(),
            most_waiting: places.saturating_mul(WAITING_FOR_EACH),
            patience: PATIENCE,
        }
    }

    /// With another bound on the waiting: how many callers, and how long each.
    #[must_use]
    pub fn waiting_at_most(mut self, callers: usize, patience: Duration) -> Self {
        self.most_waiting = callers;
        self.patience = patience;
        self
    }

    /// Whether `offered` is the password whose hash is `stored`, a PHC string. With `None` (no such user), or a
    /// stored text that is no Argon2id hash, equal work is done and the answer is no.
    pub async fn verify(&self, stored: Option<&Secret>, offered: &Secret) -> Result<bool, Busy> {
        if offered.expose().len() > MAX_PASSWORD_BYTES {
            return Ok(false);
        }
        let (stored, offered) = (stored.cloned(), offered.clone());
        self.off_thread(move || argon::fits(stored.as_ref(), &offered)).await
    }

    /// The Argon2id hash of a new password, as a PHC string with a fresh salt of 128 bits.
    pub async fn hash(&self, password: &Secret, entropy: &SharedEntropy) -> Result<Secret, NotHashed> {
        if password.expose().len() > MAX_PASSWORD_BYTES {
            return Err(NotHashed::TooLong);
        }
        let mut salt = [0; argon::SALT_BYTES];
        entropy.fill(&mut salt);
        let password = password.clone();
        let hashed = self.off_thread(move || argon::hash(&password, &salt)).await?;
        // What keeps a hash from being made is a lack of memory, which passes as a rush does.
        Ok(hashed.ok_or(Busy)?)
    }

    /// Runs `work` on a thread made for it, once there is a place. Beside the work itself such a thread costs nothing, and
    /// one that has stepped back cannot come forward again.
    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let place = self.place().await?;
        let (tell, told) = tokio::sync::oneshot::channel();
        let thread = std::thread::Builder::new().name("password".to_owned()).spawn(move || {
            // The place is given back when the work is done, not when the caller goes away.
            let _place = place;
            courtesy::after_everybody_else();
            // Who does not listen any more has gone away.
            let _ = tell.send(work());
        });
        // The system has no thread to give; or the work broke down.
        thread.map_err(|_| Busy)?;
        told.await.map_err(|_| Busy)
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, Busy> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = Waiting::begin(&self.waiting, self.most_waiting).ok_or(Busy)?;
        let place = tokio::time::timeout(self.patience, Arc::clone(&self.places).acquire_owned()).await;
        place.map_err(|_| Busy)?.map_err(|_| Busy)
    }
}

/// One who waits; counted until dropped, also when the caller goes away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        let counted = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < most).then_some(counted)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
