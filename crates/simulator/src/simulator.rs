//! The simulator: one household, its device, the skills installed, and all that was said.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sayso_token::entropy::SharedEntropy;
use sayso_token::time::{Clock, Timestamp};
use serde_json::Value;
use url::Url;

use crate::alexa_api::AlexaApi;
use crate::authority_keys::AuthorityKeys;
use crate::connection::Suspended;
use crate::console;
use crate::dialogs::Held;
use crate::household::{Household, uuid_id};
use crate::keep::private_folder;
use crate::linking::authorize::{Region, Underway};
use crate::news::News;
use crate::outbound::Outbound;
use crate::package::Skill;
use crate::saying::Saying;
use crate::settings::{OpenError, Settings};
use crate::signer::Signer;
use crate::trace::Turn;
use crate::trust;
use crate::understand::Listener;

/// Turns kept in memory.
const MOST_TURNS: usize = 200;
/// So far can the clock be off, in seconds: ten years.
const FARTHEST_CLOCK: i64 = 10 * 365 * 86_400;
/// Where certificate chains are; it begins as Amazon's does.
pub(crate) const CHAIN_FOLDER: &str = "/echo.api/";

/// The local Alexa cloud. Cloning it is cheap and gives the same one.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) inner: Arc<Inner>,
}

/// What the simulator is made of.
pub(crate) struct Inner {
    pub(crate) public_url: String,
    pub(crate) vendor_id: String,
    pub(crate) skills: Vec<Skill>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: SharedEntropy,
    pub(crate) signer: Signer,
    pub(crate) outbound: Outbound,
    pub(crate) household: Household,
    pub(crate) underway: Underway,
    /// The hand on the keys of authorization servers, where somebody has lent one.
    pub(crate) authority_keys: OnceLock<Arc<dyn AuthorityKeys>>,
    /// How far Alexa's clock is off the real one, in seconds.
    clock_off: AtomicI64,
    /// One simulation of the management API at a time.
    pub(crate) simulating: tokio::sync::Mutex<()>,
    /// One refresh at a time for each skill.
    pub(crate) flights: BTreeMap<String, tokio::sync::Mutex<()>>,
    pub(crate) pages: console::pages::Pages,
    /// What skills may ask Alexa, and with which token.
    pub(crate) alexa_api: AlexaApi,
    /// What happens, for the pages that show it while it happens.
    pub(crate) news: Arc<News>,
    session: Mutex<Option<Session>>,
    turns: Mutex<VecDeque<Arc<Turn>>>,
}

/// An open session with a skill.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) skill: String,
    pub(crate) session_id: String,
    pub(crate) attributes: Value,
    pub(crate) locale: String,
    /// Whether the skill has been sent a request of it; Alexa may ask by itself first.
    pub(crate) is_known: bool,
    /// The dialog under way.
    pub(crate) held: Option<Held>,
    /// The task that Alexa does meanwhile.
    pub(crate) suspended: Option<Suspended>,
    /// Whether the person who speaks has proved it by a PIN.
    pub(crate) is_verified: bool,
    /// What is said when nothing, or nothing of use, is heard.
    pub(crate) reprompt: Option<String>,
    /// How often that has been so.
    pub(crate) misses: u8,
    /// With the microphone closed, the moment at which it ends by itself.
    pub(crate) until: Option<Timestamp>,
    /// The skill's model with the values it has added for this session.
    pub(crate) listener: Option<Arc<Listener>>,
}

impl Simulator {
    /// Reads the skill packages, loads or makes keys and memory, and starts making the signing key if there is none.
    ///
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// See [`OpenError`]: an unreadable package names file, line and remedy.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let setting = |what: String, fix: &str| OpenError::Setting { what, fix: fix.into() };
        let public_url = settings.public_url.trim_end_matches('/').to_owned();
        if Url::parse(&public_url).ok().is_none_or(|url| url.host_str().is_none()) {
            let what = format!("the console address {public_url:?} is no web address");
            return Err(setting(what, "write http://127.0.0.1:4001"));
        }
        private_folder(&settings.data_dir)
            .map_err(|error| OpenError::Unreadable { file: settings.data_dir.clone(), error })?;
        let skills = settings.skills.iter().map(Skill::read).collect::<Result<Vec<_>, _>>()?;
        for (at, skill) in skills.iter().enumerate() {
            if skills.iter().take(at).any(|other| other.slug == skill.slug) {
                return Err(setting(format!("two skills are called {:?}", skill.slug), "give each its own name"));
            }
        }
        let now = settings.clock.now();
        let signer = Signer::open(&settings.data_dir, now)?;
        trust::write(&settings.data_dir, signer.root_pem(), &format!("{public_url}{CHAIN_FOLDER}"))
            .map_err(|error| OpenError::Unreadable { file: settings.data_dir.join("trust"), error })?;
        let run: String = settings.entropy.token().chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let inner = Inner {
            public_url,
            vendor_id: settings.vendor_id,
            flights: skills.iter().map(|skill| (skill.slug.clone(), tokio::sync::Mutex::new(()))).collect(),
            clock_off: AtomicI64::new(0),
            simulating: tokio::sync::Mutex::new(()),
            skills,
            signer,
            outbound: Outbound::new(settings.clock.clone()).map_err(OpenError::Certificate)?,
            household: Household::open(&settings.data_dir, settings.entropy.clone())?,
            clock: settings.clock,
            entropy: settings.entropy,
            underway: Underway::default(),
            authority_keys: OnceLock::new(),
            pages: console::pages::Pages::new(),
            alexa_api: AlexaApi::default(),
            news: News::new(run),
            session: Mutex::new(None),
            turns: Mutex::new(VecDeque::new()),
        };
        let simulator = Self { inner: Arc::new(inner) };
        let warming = simulator.clone();
        tokio::spawn(async move {
            if let Err(error) = warming.inner.signer.chain_pem(now).await {
                tracing::error!(%error, "requests cannot be signed");
            }
        });
        Ok(simulator)
    }

    /// The console, the companion view, the JSON API and the certificate chain.
    pub fn router(&self) -> axum::Router {
        console::router(self.inner.clone())
    }

    /// Ends the streams of news that open pages hold: a console that stops would wait for them.
    pub fn close_streams(&self) {
        self.inner.news.close();
    }

    /// The root that a skill in local development must trust, PEM.
    pub fn root_certificate_pem(&self) -> String {
        self.inner.signer.root_pem().to_owned()
    }

    /// What every `SignatureCertChainUrl` of this simulator begins with: `http://127.0.0.1:4001/echo.api/`.
    pub fn chain_url_prefix(&self) -> String {
        format!("{}/echo.api/", self.inner.public_url)
    }

    /// The redirect URIs of all regions, for registering them with an authorization server.
    pub fn redirect_uris(&self) -> Vec<String> {
        redirect_uris(&self.inner.public_url, &self.inner.vendor_id)
    }

    /// The skill id of an installed skill, by slug.
    pub fn skill_id(&self, slug: &str) -> Option<String> {
        self.inner.skill(slug).map(|skill| skill.skill_id.clone())
    }

    /// The console's address.
    pub fn console_url(&self) -> &str {
        &self.inner.public_url
    }

    /// Says something, or stays silent, and reports what came of it.
    pub async fn say(&self, saying: &Saying) -> Arc<Turn> {
        self.inner.say(saying).await
    }

    /// A kept turn.
    pub fn turn(&self, id: &str) -> Option<Arc<Turn>> {
        self.inner.turn(id)
    }

    /// The kept turns, oldest first.
    pub fn turns(&self) -> Vec<Arc<Turn>> {
        self.inner.turns()
    }
}

/// The redirect URIs of all regions for a console at `public_url` and a developer's `vendor_id`. A client must be
/// registered with all of them: which one is used depends on the person's account.
pub fn redirect_uris(public_url: &str, vendor_id: &str) -> Vec<String> {
    let public_url = public_url.trim_end_matches('/');
    Region::ALL.iter().map(|region| region.redirect_uri(public_url, vendor_id)).collect()
}

impl Inner {
    /// The time by which Alexa counts: lifetimes of tokens, a screen's patience. A person may move it.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.now().millis().saturating_add(self.moved_seconds() * 1_000))
    }

    /// What a clock on the wall beside the device shows by that time: what "tomorrow" counts from.
    pub(crate) fn wall_clock(&self) -> Timestamp {
        self.household.home().zone().wall_clock(self.now())
    }

    /// The real time: of requests and certificates, which others hold against their own clocks.
    pub(crate) fn real_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How far the clock was moved.
    pub(crate) fn moved_seconds(&self) -> i64 {
        self.clock_off.load(Ordering::SeqCst)
    }

    /// Moves the clock so many seconds on, or back to the real time.
    pub(crate) fn move_clock(&self, seconds: Option<i64>) {
        let moved = seconds.map_or(0, |seconds| self.moved_seconds().saturating_add(seconds));
        self.clock_off.store(moved.clamp(-FARTHEST_CLOCK, FARTHEST_CLOCK), Ordering::SeqCst);
        self.news.clock_moved();
    }

    pub(crate) fn skill(&self, slug: &str) -> Option<&Skill> {
        self.skills.iter().find(|skill| skill.slug == slug)
    }

    pub(crate) fn request_id(&self) -> String {
        uuid_id(&self.entropy, "amzn1.echo-api.request.")
    }

    pub(crate) fn new_session(&self, skill: &str, locale: &str) -> Session {
        Session {
            skill: skill.to_owned(),
            session_id: uuid_id(&self.entropy, "amzn1.echo-api.session."),
            attributes: Value::Object(serde_json::Map::new()),
            locale: locale.to_owned(),
            is_known: false,
            held: None,
            suspended: None,
            is_verified: false,
            reprompt: None,
            misses: 0,
            until: None,
            listener: None,
        }
    }

    fn session_lock(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session that is open, if any. One whose time is over is closed; Amazon tells the skill nothing then.
    pub(crate) fn session(&self) -> Option<Session> {
        let mut session = self.session_lock();
        session.take_if(|open| open.until.is_some_and(|until| until <= self.now()));
        session.clone()
    }

    /// Keeps `session` open, or closes whatever is open.
    pub(crate) fn set_session(&self, session: Option<Session>) {
        *self.session_lock() = session;
    }

    /// Closes the session if it is with this skill.
    pub(crate) fn close_session_of(&self, skill: &str) {
        let mut session = self.session_lock();
        if session.as_ref().is_some_and(|open| open.skill == skill) {
            *session = None;
        }
    }

    pub(crate) fn new_turn_id(&self) -> String {
        self.entropy.token().chars().filter(char::is_ascii_alphanumeric).take(16).collect()
    }

    /// Keeps a turn; the oldest gives way.
    pub(crate) fn record(&self, turn: Turn) -> Arc<Turn> {
        let turn = Arc::new(turn);
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= MOST_TURNS {
            turns.pop_front();
        }
        turns.push_back(turn.clone());
        drop(turns);
        let has_more = self.settle_calls(&turn.id);
        self.news.end(&turn.id);
        if has_more { self.turn(&turn.id).unwrap_or(turn) } else { turn }
    }

    /// Changes a kept turn where it stands; whether `change` says that it did.
    pub(crate) fn change_turn(&self, id: &str, change: impl FnOnce(&mut Turn) -> bool) -> bool {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = turns.iter_mut().find(|turn| turn.id == id) else { return false };
        let mut changed = Turn::clone(kept);
        let is_changed = change(&mut changed);
        if is_changed {
            *kept = Arc::new(changed);
        }
        is_changed
    }

    pub(crate) fn turn(&self, id: &str) -> Option<Arc<Turn>> {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.iter().find(|turn| turn.id == id).cloned()
    }

    pub(crate) fn turns(&self) -> Vec<Arc<Turn>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
