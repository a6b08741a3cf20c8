//! Who asks: linked accounts that refresh, each as soon as it was answered, and strangers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::junk::{Answered, Stranger};
use crate::house::{self, ASSISTANT, TOKEN};
use crate::node::Node;

/// Who asks, and for how long.
pub(super) struct Load {
    accounts: Vec<String>,
    time: Duration,
    strangers: usize,
    /// What the strangers ask at most, all together, each second; but for passwords, of which they guess as many as are
    /// answered.
    junk: f64,
}

impl Load {
    /// Only linked accounts, by their refresh tokens.
    pub(super) fn of_accounts(tokens: Vec<String>, time: Duration) -> Self {
        Self { accounts: tokens, time, strangers: 0, junk: 0.0 }
    }

    /// So many strangers beside them, who ask so often each second unless the answers keep them waiting.
    pub(super) fn and_strangers(self, strangers: usize, junk: f64) -> Self {
        Self { strangers, junk, ..self }
    }
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Refreshes that were done.
    pub(super) answered: u64,
    /// Those that were told to come again.
    pub(super) put_off: u64,
    /// Answers to strangers.
    pub(super) strangers: u64,
    /// Those of them that said when to come again.
    pub(super) strangers_put_off: u64,
    /// Passwords that strangers guessed, whether they were judged or not.
    pub(super) guesses: u64,
    /// How long it took.
    pub(super) elapsed: Duration,
    /// Of each refresh that was done, in microseconds.
    micros: Vec<u32>,
}

impl Told {
    /// Refreshes done each second.
    pub(super) fn rate(&self) -> f64 {
        self.answered as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Answers to strangers each second.
    pub(super) fn rate_of_strangers(&self) -> f64 {
        self.strangers as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Within how many milliseconds so many of a hundred refreshes were done.
    pub(super) fn millis_of(&self, percent: f64) -> u128 {
        let mut micros = self.micros.clone();
        micros.sort_unstable();
        // Between nothing and all of them.
        let at = ((micros.len() as f64 * percent / 100.0) as usize).min(micros.len().saturating_sub(1));
        u128::from(micros.get(at).copied().unwrap_or(u32::MAX)).div_ceil(1000)
    }

    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.put_off += other.put_off;
        self.strangers += other.strangers;
        self.strangers_put_off += other.strangers_put_off;
        self.guesses += other.guesses;
        self.micros.extend(other.micros);
    }
}

/// Lets all of them ask. The accounts come back with the tokens that they have then.
pub(super) async fn drive(node: &Node, load: Load) -> anyhow::Result<(Vec<String>, Told)> {
    let begun = Instant::now();
    let ends = begun + load.time;
    let mut callers = JoinSet::new();
    for token in load.accounts {
        callers.spawn(account(node.clone(), token, ends));
    }
    let pace =
        Arc::new(Pace { begun, each: Duration::from_secs_f64(1.0 / load.junk.max(1e-3)), taken: AtomicU64::new(0) });
    for number in 0..load.strangers as u64 {
        callers.spawn(stranger(Stranger::new(node, number).await?, pace.clone(), ends));
    }
    let (mut tokens, mut told) = (Vec::new(), Told::default());
    while let Some(ended) = callers.join_next().await {
        let (token, one) = ended??;
        tokens.extend(token);
        told.add(one);
    }
    Ok((tokens, Told { elapsed: begun.elapsed(), ..told }))
}

/// When the next stranger's turn is.
struct Pace {
    begun: Instant,
    each: Duration,
    taken: AtomicU64,
}

impl Pace {
    async fn turn(&self) {
        let number = u32::try_from(self.taken.fetch_add(1, Ordering::Relaxed)).unwrap_or(u32::MAX);
        tokio::time::sleep_until((self.begun + self.each.saturating_mul(number)).into()).await;
    }
}

/// One linked account.
async fn account(node: Node, mut token: String, ends: Instant) -> anyhow::Result<(Option<String>, Told)> {
    let mut told = Told::default();
    while Instant::now() < ends {
        let asked = Instant::now();
        let answer = node.post(TOKEN, &house::refresh(ASSISTANT, &token)).await?;
        match answer.refresh_token() {
            Some(next) => {
                told.answered += 1;
                told.micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                token = next;
            }
            None => {
                let later = [429, 503].contains(&answer.status) && answer.retry_after.is_some();
                ensure!(later, "a linked account was answered: {answer:?}");
                told.put_off += 1;
            }
        }
    }
    Ok((Some(token), told))
}

/// One stranger.
async fn stranger(mut stranger: Stranger, pace: Arc<Pace>, ends: Instant) -> anyhow::Result<(Option<String>, Told)> {
    let mut told = Told::default();
    while Instant::now() < ends {
        if !stranger.guesses_only {
            pace.turn().await;
        }
        let answered = stranger.ask().await?;
        told.strangers += 1;
        told.strangers_put_off += u64::from(matches!(answered, Answered::Later));
        told.guesses = stranger.guesses;
    }
    Ok((None, told))
}
