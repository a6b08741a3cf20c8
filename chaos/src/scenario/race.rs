//! `race`: ten callers come with the same code, then with the same refresh token, at the same moment and at different
//! nodes. Exactly one redeems the code. In `same_successor` all ten get one and the same successor; in `strict` one gets
//! it, the others are refused. Nobody hears of a fault of the server.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use sayso_authority::record::change::Change;
use sayso_store::Store;
use sayso_testkit::TestClock;
use sayso_token::time::Clock;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::database::{Database, Engine, keep};
use crate::history::{History, short};
use crate::house::{self, ASSISTANT, DISPLAY, Form, TOKEN};
use crate::node::{Answer, Node};
use crate::run::{Figures, Run};

/// Codes at full scale, and as many refresh tokens.
const FULL: u32 = 100_000;
/// Callers of each race.
const CALLERS: usize = 10;
/// Races that run at the same time, each for itself.
const AT_ONCE: u32 = 32;

/// Whose code it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// The assistant's, with PKCE: the losers repeat a proven request, which harms nothing.
    Assistant,
    /// The public client's.
    Display,
    /// The assistant's without PKCE: the losers may be thieves, so the grant ends (RFC 6749 section 4.1.2).
    Unproven,
}

impl Sort {
    /// Every twentieth is unproven; the others are halved.
    fn of(number: u32) -> Self {
        match number % 20 {
            19 => Self::Unproven,
            even if even % 2 == 0 => Self::Assistant,
            _ => Self::Display,
        }
    }

    const fn client(self) -> &'static str {
        match self {
            Self::Display => DISPLAY,
            Self::Assistant | Self::Unproven => ASSISTANT,
        }
    }
}

/// What was raced for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Raced {
    codes: u32,
    refresh_tokens: u32,
}

/// Two nodes on PostgreSQL, or one on SQLite, in this process.
///
/// # Errors
/// What does not hold, with seed, grant and answers; or there is nothing to run on.
pub async fn run(run: Run, engine: Engine) -> anyhow::Result<Figures> {
    let Some(database) = Database::new(engine)? else {
        return Ok(Figures::default().and("not installed", "PostgreSQL"));
    };
    let clock = TestClock::new();
    let store = database.open().await?;
    let mut nodes = vec![Node::here(&store, Arc::new(clock.clone()), run.seed).await?];
    if engine == Engine::Postgres {
        let other = database.open().await?;
        nodes.push(Node::here(&other, Arc::new(clock.clone()), run.seed ^ 1).await?);
    }
    let begun = Instant::now();
    let raced = races(run, &store, &clock, &nodes).await?;
    store.close().await;
    database.check()?;
    Ok(raced.figures().and("nodes", nodes.len()).and("s", format!("{:.0}", begun.elapsed().as_secs_f64())))
}

impl Raced {
    pub(crate) fn figures(self) -> Figures {
        let calls = (u64::from(self.codes) + u64::from(self.refresh_tokens)) * CALLERS as u64;
        Figures::default().and("codes", self.codes).and("refresh tokens", self.refresh_tokens).and("calls", calls)
    }
}

/// Races against these nodes, whose database `store` opens.
///
/// # Errors
/// As [`run`].
pub async fn races(run: Run, store: &Store, clock: &dyn Clock, nodes: &[Node]) -> anyhow::Result<Raced> {
    let person = house::person("ada");
    store.seed_user(&person).await?;
    let (mut raced, mut number) = (Raced::default(), 0);
    // Over sockets an answer takes its time, and a proven code may come again for five seconds only.
    let at_once = if matches!(nodes.first(), Some(Node::There(..))) { AT_ONCE / 4 } else { AT_ONCE };
    let full = run.scaled(FULL);
    while raced.refresh_tokens < full && !run.is_over() {
        let batch: Vec<u32> = (number..number + at_once).collect();
        number += at_once;
        let codes = batch.iter().map(|number| {
            let sort = Sort::of(*number);
            let named =
                house::code(&code(run.seed, *number), sort.client(), &person, (clock.now(), sort != Sort::Unproven));
            Change::AddCode(named)
        });
        keep(store, clock, codes.collect()).await?;
        let mut races = JoinSet::new();
        for number in batch {
            let nodes = nodes.to_vec();
            races.spawn(async move { race(run.seed, number, &nodes).await });
        }
        while let Some(ended) = races.join_next().await {
            raced.codes += 1;
            raced.refresh_tokens += u32::from(ended??);
        }
    }
    Ok(raced)
}

fn code(seed: u64, number: u32) -> String {
    format!("code-{seed}-{number}-of-the-race")
}

/// One code and what comes of it. Whether its refresh token was raced for as well.
async fn race(seed: u64, number: u32, nodes: &[Node]) -> anyhow::Result<bool> {
    let (sort, code) = (Sort::of(number), code(seed, number));
    let mut history = History::default();
    let redemption = house::redemption(sort.client(), &code, sort != Sort::Unproven);
    let answers = all_at_once(nodes, redemption, &mut history).await?;
    let fail = |history: &History, what: &str| history.failure(seed, &code, what);
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    let [winner] = won.as_slice() else { return Err(fail(&history, "not exactly one caller has redeemed the code")) };
    if !lost.iter().all(|answer| answer.is_error(400, "invalid_grant")) {
        return Err(fail(&history, "a loser heard something else than invalid_grant"));
    }
    let token = winner.refresh_token().ok_or_else(|| fail(&history, "the winner got no refresh token"))?;
    if sort == Sort::Unproven {
        let node = nodes.first().ok_or_else(|| fail(&history, "there is no node"))?;
        let refused = node.post(TOKEN, &house::refresh(sort.client(), &token)).await?;
        history.note(format!("refresh {} -> {}", short(&token), refused.brief()));
        return match refused.is_error(400, "invalid_grant") {
            true => Ok(false),
            false => Err(fail(&history, "a code that came twice without proof left its grant alive")),
        };
    }
    let answers = all_at_once(nodes, house::refresh(sort.client(), &token), &mut history).await?;
    judge(sort, &answers).map_err(|what| fail(&history, &what.to_string()))?;
    Ok(true)
}

/// What the ten answers to one refresh token must be.
fn judge(sort: Sort, answers: &[Answer]) -> anyhow::Result<()> {
    let successors: BTreeSet<_> = answers.iter().filter_map(Answer::refresh_token).collect();
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    ensure!(successors.len() == 1, "{} distinct successors", successors.len());
    match sort {
        Sort::Display => {
            ensure!(won.len() == 1, "{} of {CALLERS} succeeded in strict rotation", won.len());
            ensure!(lost.iter().all(|answer| answer.is_error(400, "invalid_grant")), "a loser heard something else");
        }
        Sort::Assistant | Sort::Unproven => ensure!(lost.is_empty(), "{} refused in same_successor", lost.len()),
    }
    Ok(())
}

/// The same form by ten callers, who wait for one another and then go at once, each to the next node.
async fn all_at_once(nodes: &[Node], form: Form, history: &mut History) -> anyhow::Result<Vec<Answer>> {
    let (start, form) = (Arc::new(Barrier::new(CALLERS)), Arc::new(form));
    let mut callers = JoinSet::new();
    for (caller, node) in nodes.iter().cycle().take(CALLERS).enumerate() {
        let (node, start, form) = (node.clone(), start.clone(), form.clone());
        callers.spawn(async move {
            start.wait().await;
            (caller, node.post(TOKEN, &form).await)
        });
    }
    let what = form.iter().find(|(name, _)| matches!(*name, "code" | "refresh_token"));
    let what = what.map(|(name, value)| format!("{name} {}", short(value))).unwrap_or_default();
    let mut answers = Vec::new();
    while let Some(ended) = callers.join_next().await {
        let (caller, answer) = ended?;
        let said = answer.as_ref().map_or_else(|error| format!("no answer: {error:#}"), Answer::brief);
        history.note(format!("caller {caller}: {what} -> {said}"));
        answers.push(answer.map_err(|error| error.context(history.to_string()))?);
    }
    Ok(answers)
}
