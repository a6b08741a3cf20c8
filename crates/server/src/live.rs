//! A running installation, which follows what is decided elsewhere: keys and configuration changed on another node or by
//! a command are in force here within a second.

use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use sayso_web::manners::Dressed;
use tokio::sync::Mutex;
use tower::{Service as _, service_fn};

use crate::health::{self, Health};
use crate::logouts;
use crate::open::{Foundation, OpenError, Settings};
use crate::place::Place;

/// How often a node asks whether there is news: one read of one row.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);
/// How often a node asks whether clients are to be told of sign-outs: one read by an index.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// An installation, ready to be served. Clones are the same one.
#[derive(Clone)]
pub struct Server(Arc<Live>);

struct Live {
    foundation: Foundation,
    routes: RwLock<Dressed>,
    admin: RwLock<Option<Dressed>>,
    places: RwLock<Arc<[Place]>>,
    seen: Mutex<Seen>,
    health: Health,
}

/// What the routes in use were built from.
struct Seen {
    news: i64,
    configuration: Option<i64>,
    until: Option<sayso_token::time::Timestamp>,
    /// News that could not be followed, and was told of.
    refused: Option<i64>,
}

/// Lets a handler have its node take over at once what it has just written; the others do within a second.
#[derive(Clone, Default)]
pub(crate) struct Newsroom(Arc<OnceLock<Weak<Live>>>);

impl Newsroom {
    fn open(&self, live: &Arc<Live>) {
        // Nobody else opens it.
        let _opened = self.0.set(Arc::downgrade(live));
    }

    /// Takes over what is new. When that fails, this node learns of it like the others.
    pub(crate) fn catch_up(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let live = self.0.get().and_then(Weak::upgrade);
        Box::pin(async move {
            let Some(live) = live else { return };
            if let Err(error) = Server(live).catch_up().await {
                tracing::warn!(%error, "what was written is not in force here yet");
            }
        })
    }
}

impl Server {
    /// Opens an installation: loads or makes its keys, loads its pages, lays its routes.
    ///
    /// # Errors
    /// Says which part cannot be used and what to do.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let foundation = Foundation::lay(settings)?;
        // Asked before building: what is written meanwhile will be news.
        let news = foundation.store.lookups().news().await?;
        let built = foundation.build().await?;
        let seen = Seen { news, configuration: built.configuration, until: built.until, refused: None };
        let health = Health::new(foundation.store.clone(), foundation.ambience.clock.clone());
        health.followed();
        let admin = RwLock::new(built.admin);
        let (routes, places) = (RwLock::new(built.routes), RwLock::new(built.places));
        let newsroom = foundation.newsroom.clone();
        let live = Arc::new(Live { foundation, routes, admin, places, seen: Mutex::new(seen), health });
        newsroom.open(&live);
        Ok(Self(live))
    }

    /// All routes of all authorities, as they are at the moment of each request, and those for health.
    pub fn router(&self) -> Router {
        let live = self.0.clone();
        let current = service_fn(move |request: Request| {
            // They are always ready.
            live.routes.read().unwrap_or_else(PoisonError::into_inner).clone().call(request)
        });
        Router::new()
            .route("/health/live", get(health::live))
            .route("/health/ready", get(health::ready).with_state(self.0.health.clone()))
            .fallback_service(current)
    }

    /// The admin API, where it has an address of its own, as it is at the moment of each request.
    pub fn admin_router(&self) -> Router {
        let live = self.0.clone();
        let current = service_fn(move |request: Request| {
            let admin = live.admin.read().unwrap_or_else(PoisonError::into_inner).clone();
            async move {
                match admin {
                    // It is always ready.
                    Some(mut admin) => admin.call(request).await,
                    None => {
                        let (method, uri) = (request.method().clone(), request.uri().clone());
                        Ok(sayso_web::faces::not_found(method, uri, request).await)
                    }
                }
            }
        });
        Router::new().fallback_service(current)
    }

    /// Looks for news, and takes over what it finds; whether there was any. Requests under way end with what they began
    /// with. When it fails, all goes on as it was, and the next call tries again.
    ///
    /// # Errors
    /// What cannot be used, or what the store said.
    pub async fn catch_up(&self) -> Result<bool, OpenError> {
        let live = &*self.0;
        let mut seen = live.seen.lock().await;
        let news = live.foundation.store.lookups().news().await?;
        let now = live.foundation.ambience.clock.now();
        if news == seen.news && seen.until.is_none_or(|until| now < until) {
            live.health.followed();
            return Ok(false);
        }
        let built = match live.foundation.build().await {
            Ok(built) => built,
            Err(OpenError::Store(error)) => return Err(error.into()),
            // The database can be reached; what stands in it is for another version, or broken. What is in use stays.
            Err(error) if seen.refused == Some(news) => {
                tracing::debug!(%error, "still not followed");
                live.health.followed();
                return Ok(false);
            }
            Err(error) => {
                seen.refused = Some(news);
                live.health.followed();
                return Err(error);
            }
        };
        if built.configuration != seen.configuration {
            tracing::info!(number = built.configuration, "another configuration is in force");
        }
        *live.routes.write().unwrap_or_else(PoisonError::into_inner) = built.routes;
        *live.admin.write().unwrap_or_else(PoisonError::into_inner) = built.admin;
        *live.places.write().unwrap_or_else(PoisonError::into_inner) = built.places;
        *seen = Seen { news, configuration: built.configuration, until: built.until, refused: None };
        live.health.followed();
        Ok(true)
    }

    /// Tells clients of sessions that ended what is due to be told now; how many notices that were.
    ///
    /// # Errors
    /// What the store said.
    pub async fn tell_logouts(&self) -> Result<usize, OpenError> {
        let live = &*self.0;
        let places = live.places.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Foundation { store, ambience, .. } = &live.foundation;
        Ok(logouts::tell_due(&places, store, &*ambience.clock).await?)
    }

    /// Tells them for ever, looking every [`TELL_EVERY`].
    pub async fn keep_telling_logouts(&self) {
        let mut ticks = tokio::time::interval(TELL_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.tell_logouts().await {
                // Following says aloud that the database is away.
                tracing::debug!(%error, "who is to be told of sign-outs could not be read");
            }
        }
    }

    /// Follows for ever, looking every [`FOLLOW_EVERY`].
    pub async fn follow(&self) {
        let mut ticks = tokio::time::interval(FOLLOW_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            ticks.tick().await;
            match self.catch_up().await {
                Ok(_) => failing = false,
                // Once, not twice a second, while the database is away.
                Err(error) if failing => tracing::debug!(%error, "news could not be followed"),
                Err(error) => {
                    tracing::error!(%error, "news could not be followed; keys and configuration stay as they are");
                    failing = true;
                }
            }
        }
    }
}
