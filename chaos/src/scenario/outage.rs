//! PostgreSQL is stopped in the middle of the work, as by a crash, and started again, or its standby is promoted. Meanwhile
//! every endpoint that needs it answers 503 and says when to come again; afterwards all goes on without a restart of ours,
//! and nothing that was acknowledged is lost.

mod servers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sayso_authority::record::change::Change;
use sayso_authority::record::session::Session;
use sayso_authority::wire::query::with_parameters;
use sayso_testkit::records;
use sayso_testkit::tutorials::REDIRECT_URI;
use sayso_token::time::{Clock as _, Lifetime};

use crate::chance::Chance;
use crate::database::keep;
use crate::house::{self, ASSISTANT, AUTHORITY, AUTHORIZE, INTROSPECT, KEYS, REVOKE, TOKEN};
use crate::installation::{Installation, MachineClock};
use crate::ledger::{self, State, is_in_doubt};
use crate::node::Node;
use crate::run::{Figures, Run};
use servers::Servers;

/// Outages at full scale.
const FULL: u32 = 30;
const CODES: usize = 48;
/// Until the server is stopped, and until it is started again: from, and how much longer at most.
const MOMENT: (u64, u64) = (50, 500);
/// How soon the process must notice that the server is back.
const BACK: Duration = Duration::from_secs(5);
/// How long it is waited for at all, and between two looks.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(5);
/// The value of the session cookie.
const COOKIE: &str = "a-session-of-the-fault-harness";

/// How an outage ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The server is started again.
    Restart,
    /// Its standby, which had every commit that was acknowledged, takes its place. Both are in the address.
    Failover,
}

/// Outage after outage until the scale is reached or the time is over.
///
/// # Errors
/// What does not hold, with seed, grant and its calls.
pub async fn run(run: Run, kind: Kind) -> anyhow::Result<Figures> {
    let Some(mut servers) = in_place(move || Servers::start(kind)).await? else {
        return Ok(Figures::default().and("not installed", "PostgreSQL"));
    };
    let (mut installation, mut process) = Installation::begin(run.seed, servers.database()?).await?;
    let probe = Probe::new(&installation, &process.node).await?;
    let mut chance = Chance::new(run.seed, 0);
    let (mut outages, mut refused, mut doubts, mut slowest, begun) = (0, 0, 0, Duration::ZERO, Instant::now());
    while outages < run.scaled(FULL) && !run.is_over() {
        let round = run.seed.wrapping_add(u64::from(outages) << 16);
        installation.add_codes(CODES).await?;
        let (links, node) = (installation.take(), process.node.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let (told, loaded) = (stop.clone(), node.clone());
        let load = tokio::spawn(async move { ledger::load(round, links, &loaded, (&told, true)).await });
        pause(&mut chance).await;
        servers = in_place(|| servers.stopped()).await?;
        outages += 1;
        refused += probe.is_told_to_come_again(&node).await.with_context(|| format!("seed {}", run.seed))?;
        pause(&mut chance).await;
        servers = in_place(|| servers.back()).await?;
        slowest = slowest.max(probe.is_answered(&node).await?);
        stop.store(true, Ordering::SeqCst);
        let links = load.await??;
        doubts += links.iter().filter(|link| is_in_doubt(link)).count();
        installation.book.extend(ledger::settle(round, links, &node).await?);
        ensure!(process.lives()?, "the process has ended:\n{}", installation.launch.log());
        servers = in_place(|| servers.ready_for_the_next()).await?;
    }
    let book = std::mem::take(&mut installation.book);
    installation.book = ledger::settle(run.seed ^ 1, book, &process.node).await?;
    process.stop().await?;
    ensure!(!run.timed || slowest <= BACK, "seed {}: all went on only after {slowest:?}", run.seed);
    ensure!(!installation.launch.log().contains("panicked"), "it panicked:\n{}", installation.launch.log());
    Ok(Figures::default()
        .and("outages", outages)
        .and("links", installation.book.len())
        .and("calls acknowledged", installation.answers())
        .and("answers 503 with Retry-After, all that were asked for", refused)
        .and("calls in doubt", doubts)
        .and("links alive at the end", installation.count(State::Live))
        .and("ms until all went on at most", slowest.as_millis())
        .and("s", format!("{:.0}", begun.elapsed().as_secs_f64())))
}

/// Starting and ending servers is waited for on a thread of its own.
async fn in_place<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    Ok(tokio::task::spawn_blocking(work).await?)
}

async fn pause(chance: &mut Chance) {
    tokio::time::sleep(Duration::from_millis(MOMENT.0 + chance.below(MOMENT.1))).await;
}

/// Somebody who asks every endpoint that needs the database: by a browser's session, and by a linked account.
struct Probe {
    cookie: String,
    token: String,
    page: String,
}

impl Probe {
    async fn new(installation: &Installation, node: &Node) -> anyhow::Result<Self> {
        const CODE: &str = "code-of-the-probe";
        let (now, person) = (MachineClock.now(), house::person("ada"));
        let session = Session {
            digest: records::digest(COOKIE),
            authority: AUTHORITY.to_owned(),
            user: person.id.clone(),
            signed_in_at: now,
            expires_at: now + Lifetime::from_seconds(24 * 60 * 60),
            sid: String::new(),
            upstream: None,
        };
        let code = house::code(CODE, ASSISTANT, &person, (now, true));
        let store = installation.database.open().await?;
        keep(&store, &MachineClock, vec![Change::AddSession(session), Change::AddCode(code)]).await?;
        store.close().await;
        let linked = node.post(TOKEN, &house::redemption(ASSISTANT, CODE, true)).await?;
        let token = linked.refresh_token().with_context(|| format!("no link: {linked:?}"))?;
        let request = [
            ("client_id", ASSISTANT),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", house::SCOPE),
            ("audience", house::AUDIENCE),
            ("state", "x"),
        ];
        let cookie = format!("{AUTHORITY}.{}.session={COOKIE}", installation.launch.port());
        let probe = Self { cookie, token, page: with_parameters(AUTHORIZE, &request) };
        let page = node.get(&probe.page, &probe.cookie).await?;
        ensure!(page.status == 303, "the authorization page: {page:?}");
        Ok(probe)
    }

    /// While the database is away: 503 and when to come again, wherever it is needed. How many answers that were.
    async fn is_told_to_come_again(&self, node: &Node) -> anyhow::Result<usize> {
        let code = house::redemption(ASSISTANT, "a-code-that-was-never-made", true);
        let refresh = house::refresh(ASSISTANT, &self.token);
        let shown = house::shown(ASSISTANT, &self.token);
        let answers = [
            ("token, code", node.post(TOKEN, &code).await?),
            ("token, refresh", node.post(TOKEN, &refresh).await?),
            ("introspection", node.post(INTROSPECT, &shown).await?),
            ("revocation", node.post(REVOKE, &shown).await?),
            ("authorization page", node.get(&self.page, &self.cookie).await?),
        ];
        for (what, answer) in &answers {
            let says_why = answer.body.contains("temporarily_unavailable");
            ensure!(answer.is_unavailable() && says_why, "{what}, while the database is away: {answer:?}");
        }
        let keys = node.get(KEYS, "").await?;
        ensure!(keys.status == 200, "the keys need no database: {keys:?}");
        Ok(answers.len())
    }

    /// How long it takes until the first answer now that the database is back.
    async fn is_answered(&self, node: &Node) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        loop {
            let answer = node.post(INTROSPECT, &house::shown(ASSISTANT, &self.token)).await?;
            if answer.status == 200 {
                ensure!(answer.body.contains("\"active\":true"), "a link that nobody has touched: {answer:?}");
                return Ok(begun.elapsed());
            }
            ensure!(answer.is_unavailable(), "while it waits: {answer:?}");
            ensure!(begun.elapsed() < PATIENCE, "the database is back, and still: {answer:?}");
            tokio::time::sleep(LOOK).await;
        }
    }
}
