//! The authority's public keys, fetched when needed and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use futures_util::lock::Mutex;
use sayso_token::jwk::{JwkSet, MAX_KEY_SET_BYTES};
use sayso_token::time::{Lifetime, Timestamp};

use crate::outside::{Fetch, Outgoing};

const FETCH_DEADLINE: Duration = Duration::from_secs(2);
/// Keys younger than this are used without asking; so a withdrawn key is refused within this time.
const FRESH_FOR: Lifetime = Lifetime::from_seconds(60);
/// Keys older than this are not used, however long the outage.
const STALE_AFTER: Lifetime = Lifetime::from_seconds(60 * 60);
/// After a failure the authority is left alone for this long.
const PAUSE_AFTER_FAILURE: Lifetime = Lifetime::from_seconds(10);
/// Tokens with unknown key ids cause one fetch in this time, however many there are.
const COOL_DOWN: Lifetime = Lifetime::from_seconds(60);

/// The keys of one authority.
pub(super) struct Keys {
    url: String,
    /// Held while fetching, so that all who wait share one fetch.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    failed_at: Option<Timestamp>,
    sought_unknown_at: Option<Timestamp>,
}

struct Kept {
    set: Arc<JwkSet>,
    fetched_at: Timestamp,
}

impl Keys {
    pub(super) fn at(url: String) -> Self {
        Self { url, state: Mutex::default() }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The keys, fetched anew when they are not fresh; during an outage the last ones until they are stale.
    pub(super) async fn current(&self, fetch: &dyn Fetch, now: Timestamp) -> Option<Arc<JwkSet>> {
        let mut state = self.state.lock().await;
        match state.usable(now) {
            Some(kept) if now < kept.fetched_at + FRESH_FOR => Some(Arc::clone(&kept.set)),
            _ => {
                self.refresh(&mut state, fetch, now).await;
                state.usable(now).map(|kept| Arc::clone(&kept.set))
            }
        }
    }

    /// Keys newer than `seen`, which lacks a key id that a token names; `None` when there are none to be had.
    pub(super) async fn newer_than(
        &self,
        seen: &Arc<JwkSet>,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Option<Arc<JwkSet>> {
        let mut state = self.state.lock().await;
        let newer = |state: &State| {
            let kept = state.usable(now)?;
            (!Arc::ptr_eq(&kept.set, seen)).then(|| Arc::clone(&kept.set))
        };
        if let Some(newer) = newer(&state) {
            return Some(newer);
        }
        if state.sought_unknown_at.is_some_and(|at| now < at + COOL_DOWN) {
            return None;
        }
        state.sought_unknown_at = Some(now);
        self.refresh(&mut state, fetch, now).await;
        newer(&state)
    }

    async fn refresh(&self, state: &mut State, fetch: &dyn Fetch, now: Timestamp) {
        if state.failed_at.is_some_and(|at| now < at + PAUSE_AFTER_FAILURE) {
            return;
        }
        match self.fetch(fetch).await {
            Ok(set) => {
                state.kept = Some(Kept { set: Arc::new(set), fetched_at: now });
                state.failed_at = None;
            }
            Err(reason) => {
                tracing::warn!(reason, url = %self.url, "the authority's keys could not be fetched");
                state.failed_at = Some(now);
            }
        }
    }

    async fn fetch(&self, fetch: &dyn Fetch) -> Result<JwkSet, &'static str> {
        let answer = fetch
            .fetch(Outgoing {
                url: self.url.clone(),
                accept: "application/jwk-set+json, application/json",
                authorization: None,
                form: None,
                deadline: FETCH_DEADLINE,
                largest_body: MAX_KEY_SET_BYTES,
            })
            .await
            .map_err(|failed| failed.reason())?;
        if answer.status != 200 {
            return Err("keys_status");
        }
        JwkSet::parse(&answer.body).map_err(|_| "keys_malformed")
    }
}

impl State {
    fn usable(&self, now: Timestamp) -> Option<&Kept> {
        self.kept.as_ref().filter(|kept| now < kept.fetched_at + STALE_AFTER)
    }
}
