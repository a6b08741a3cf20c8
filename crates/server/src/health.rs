//! Whether this node lives, and whether it should be sent requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, StatusCode};
use sayso_store::Store;
use sayso_token::time::{Clock, Lifetime, Timestamp};
use serde_json::json;
use tokio::sync::Mutex;

/// An answer is given again for so long, so that whoever asks often costs nothing.
const REMEMBERED: Lifetime = Lifetime::from_seconds(1);
/// A database that answers later than this is as good as none: the answer to Alexa is due within 4.5 s.
const PATIENCE: Duration = Duration::from_secs(2);
/// A node that has not heard of news for so long may act on what was revoked elsewhere.
const BEHIND: Lifetime = Lifetime::from_seconds(5);

/// What is known of this node's health. Clones are the same.
#[derive(Clone)]
pub(crate) struct Health {
    store: Store,
    clock: Arc<dyn Clock>,
    /// When news was last looked for, in ms.
    followed_at: Arc<AtomicI64>,
    last: Arc<Mutex<Option<(Timestamp, Verdict)>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ready,
    /// The database does not read or write.
    Database,
    /// The database answers, but nobody has looked for changed keys and configuration for a while.
    Behind,
}

impl Health {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let followed_at = Arc::new(AtomicI64::new(clock.now().millis()));
        Self { store, clock, followed_at, last: Arc::default() }
    }

    /// News was looked for, now.
    pub(crate) fn followed(&self) {
        self.followed_at.store(self.clock.now().millis(), Ordering::Relaxed);
    }

    /// One asks the database, others wait for its answer.
    async fn verdict(&self) -> Verdict {
        let mut last = self.last.lock().await;
        let now = self.clock.now();
        if let Some((at, verdict)) = *last
            && (at..at + REMEMBERED).contains(&now)
        {
            return verdict;
        }
        let verdict = self.examine(now).await;
        *last = Some((now, verdict));
        verdict
    }

    async fn examine(&self, now: Timestamp) -> Verdict {
        match tokio::time::timeout(PATIENCE, self.store.ready()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready");
                return Verdict::Database;
            }
            Err(_) => {
                tracing::warn!("not ready: the database did not answer within {} seconds", PATIENCE.as_secs());
                return Verdict::Database;
            }
        }
        let followed_at = Timestamp::from_millis(self.followed_at.load(Ordering::Relaxed));
        if now > followed_at + BEHIND { Verdict::Behind } else { Verdict::Ready }
    }
}

/// `GET /health/live`: the process answers.
pub(crate) async fn live() -> Response {
    answer(StatusCode::OK, &json!({ "status": "live" }))
}

/// `GET /health/ready`: 200 when requests can be answered now, which the database was asked for; else 503.
pub(crate) async fn ready(State(health): State<Health>) -> Response {
    let reason = match health.verdict().await {
        Verdict::Ready => return answer(StatusCode::OK, &json!({ "status": "ready" })),
        Verdict::Database => "database_unavailable",
        Verdict::Behind => "behind_other_nodes",
    };
    let body = json!({ "status": "not ready", "reason": reason });
    ([(RETRY_AFTER, "2")], answer(StatusCode::SERVICE_UNAVAILABLE, &body)).into_response()
}

/// Says as little as it must: anyone may ask, under any host name, as load balancers do.
fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    const HEADERS: [(HeaderName, &str); 3] =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, HEADERS, body.to_string()).into_response()
}
