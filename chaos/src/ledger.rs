//! What was acknowledged: the driver's own book of every link, and what must be true of each afterwards. An answer counts
//! once it was received whole; a call without one leaves its link in doubt, for either may have happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::history::{History, short};
use crate::house::{self, ASSISTANT, DISPLAY, Form, REVOKE, TOKEN};
use crate::node::{Answer, Node};

/// Callers at the same time.
const WORKERS: usize = 8;
/// Of a hundred calls about a live link.
const REVOCATIONS: u64 = 6;
/// Between two tries while the answer is "not now".
const PAUSE: Duration = Duration::from_millis(5);

/// What the driver knows of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its code was not redeemed yet.
    Code,
    /// The redemption was not answered.
    CodeInDoubt,
    /// Linked: the newest token was received whole.
    Live,
    /// A refresh with the newest token was not answered.
    RefreshInDoubt,
    /// The revocation was not answered.
    RevokeInDoubt,
    /// Its end was acknowledged.
    Revoked,
    /// Nobody can know, and nothing of it was acknowledged that could be lost.
    Gone,
}

/// A link, from its code on.
#[derive(Clone, Debug)]
pub struct Link {
    /// The text of its code, which names it.
    pub code: String,
    /// Whose it is.
    pub client: &'static str,
    /// What is known of it.
    pub state: State,
    /// Answers received whole so far.
    pub answers: u64,
    token: String,
    /// The token before, if its successor was not sent since.
    spent: Option<String>,
    history: History,
}

impl Link {
    /// One that is still a code.
    pub fn new(code: String, client: &'static str) -> Self {
        Self {
            code,
            client,
            state: State::Code,
            answers: 0,
            token: String::new(),
            spent: None,
            history: History::default(),
        }
    }

    /// The newest refresh token that was received whole.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Asks, notes, and answers with what was received: nothing, when no answer came or only that it cannot be had now.
    async fn ask(&mut self, node: &Node, path: &str, (what, form): (&str, Form)) -> Option<Answer> {
        let answer = node.post(path, &form).await;
        match answer {
            Ok(answer) => {
                self.history.note(format!("{what} -> {}", answer.brief()));
                self.answers += u64::from(!answer.is_unavailable());
                (!answer.is_unavailable()).then_some(answer)
            }
            Err(error) => {
                self.history.note(format!("{what} -> no answer: {error}"));
                None
            }
        }
    }

    async fn redeem(&mut self, node: &Node) -> Option<Answer> {
        let form = house::redemption(self.client, &self.code, true);
        self.ask(node, TOKEN, ("redeem", form)).await
    }

    async fn refresh(&mut self, node: &Node, token: &str) -> Option<Answer> {
        let what = format!("refresh {}", short(token));
        self.ask(node, TOKEN, (&what, house::refresh(self.client, token))).await
    }

    /// One more call, as chance has it. `false` when there was no answer.
    async fn go_on(&mut self, node: &Node, chance: &mut Chance) -> Result<bool, &'static str> {
        match self.state {
            State::Code => {
                let answer = self.redeem(node).await;
                self.redeemed(answer.as_ref())?;
                Ok(answer.is_some())
            }
            State::Live if chance.percent(REVOCATIONS) => self.revoke(node).await,
            State::Live => self.advance(node).await,
            _ => Ok(true),
        }
    }

    fn redeemed(&mut self, answer: Option<&Answer>) -> Result<(), &'static str> {
        self.state = match answer.map(Answer::refresh_token) {
            None => State::CodeInDoubt,
            Some(Some(token)) => {
                self.token = token;
                State::Live
            }
            // It was spent, and that answer got lost.
            Some(None) if self.state == State::CodeInDoubt => State::Gone,
            Some(None) => return Err("a fresh code was refused"),
        };
        Ok(())
    }

    async fn advance(&mut self, node: &Node) -> Result<bool, &'static str> {
        let token = self.token.clone();
        match self.refresh(node, &token).await.map(|answer| answer.refresh_token()) {
            Some(Some(successor)) => {
                self.spent = Some(std::mem::replace(&mut self.token, successor));
                self.state = State::Live;
                Ok(true)
            }
            Some(None) if self.state == State::RefreshInDoubt && self.client == DISPLAY => {
                // In strict rotation a lost answer cannot be had again.
                self.state = State::Gone;
                Ok(true)
            }
            Some(None) => Err("an acknowledged link is lost: its newest token was refused"),
            None => {
                self.state = State::RefreshInDoubt;
                Ok(false)
            }
        }
    }

    async fn revoke(&mut self, node: &Node) -> Result<bool, &'static str> {
        let form = house::shown(self.client, &self.token);
        match self.ask(node, REVOKE, ("revoke", form)).await {
            Some(answer) if answer.status == 200 => {
                self.state = State::Revoked;
                Ok(true)
            }
            Some(_) => Err("a revocation was refused"),
            None => {
                self.state = State::RevokeInDoubt;
                Ok(false)
            }
        }
    }

    /// Holds when the server agrees with the book. What was in doubt is known afterwards.
    async fn settle(&mut self, node: &Node, chance: &mut Chance) -> Result<(), &'static str> {
        const NOT_NOW: &str = "the server does not answer though it is back";
        match self.state {
            State::Code | State::Gone => return Ok(()),
            State::CodeInDoubt => {
                let answer = self.redeem(node).await.ok_or(NOT_NOW)?;
                return self.redeemed(Some(&answer));
            }
            State::RevokeInDoubt => {
                self.revoke(node).await?.then_some(()).ok_or(NOT_NOW)?;
            }
            State::Revoked | State::Live | State::RefreshInDoubt => {}
        }
        if self.state == State::Revoked {
            let token = self.token.clone();
            let answer = self.refresh(node, &token).await.ok_or(NOT_NOW)?;
            return answer.is_error(400, "invalid_grant").then_some(()).ok_or("a revoked link is alive again");
        }
        let spent = self.spent.clone().filter(|_| self.state == State::Live);
        match (chance.below(6), spent) {
            (0 | 1, Some(spent)) => self.spend_again(node, &spent).await?,
            (2, _) if self.state == State::Live => {
                let answer = self.redeem(node).await.ok_or(NOT_NOW)?;
                answer.is_error(400, "invalid_grant").then_some(()).ok_or("a code was spent twice")?;
                // Coming late, that has ended the grant.
                self.state = State::Gone;
            }
            _ => {}
        }
        match self.state {
            State::Live | State::RefreshInDoubt => self.advance(node).await?.then_some(()).ok_or(NOT_NOW),
            _ => Ok(()),
        }
    }

    /// The spent token once more: the same successor, or in strict rotation a refusal that ends the grant.
    async fn spend_again(&mut self, node: &Node, spent: &str) -> Result<(), &'static str> {
        let answer = self.refresh(node, spent).await.ok_or("the server does not answer though it is back")?;
        match (self.client, answer.refresh_token()) {
            (ASSISTANT, Some(successor)) if successor == self.token => Ok(()),
            (ASSISTANT, _) => Err("a spent token led to another successor than was acknowledged"),
            (_, None) if answer.is_error(400, "invalid_grant") => {
                self.state = State::Revoked;
                Ok(())
            }
            _ => Err("a refresh token was spent twice in strict rotation"),
        }
    }
}

/// Whether a call about it was not answered, so that either may have happened.
pub fn is_in_doubt(link: &Link) -> bool {
    matches!(link.state, State::CodeInDoubt | State::RefreshInDoubt | State::RevokeInDoubt)
}

/// Calls about these links from several callers at once, until `stop`, or, unless `patient`, until a call is not answered.
///
/// # Errors
/// What does not hold, with seed, grant and its calls.
pub async fn load(
    seed: u64,
    links: Vec<Link>,
    node: &Node,
    (stop, patient): (&Arc<AtomicBool>, bool),
) -> anyhow::Result<Vec<Link>> {
    let stop = stop.clone();
    each_share(
        links,
        move |number, mut share, node| {
            let stop = stop.clone();
            async move {
                let mut chance = Chance::new(seed, number);
                let goes_on = |link: &Link| matches!(link.state, State::Code | State::Live);
                while !stop.load(Ordering::SeqCst) && share.iter().any(goes_on) {
                    let at = usize::try_from(chance.below(share.len() as u64))?;
                    let Some(link) = share.get_mut(at) else { continue };
                    let answered = link.go_on(&node, &mut chance).await;
                    match answered.map_err(|what| link.history.failure(seed, &link.code, what))? {
                        true => tokio::task::yield_now().await,
                        false if patient => tokio::time::sleep(PAUSE).await,
                        false => break,
                    }
                }
                Ok(share)
            }
        },
        node,
    )
    .await
}

/// Compares the server with the book.
///
/// # Errors
/// As [`load`].
pub async fn settle(seed: u64, links: Vec<Link>, node: &Node) -> anyhow::Result<Vec<Link>> {
    each_share(
        links,
        move |number, mut share, node| async move {
            let mut chance = Chance::new(seed, number);
            for link in &mut share {
                let settled = link.settle(&node, &mut chance).await;
                settled.map_err(|what| link.history.failure(seed, &link.code, what))?;
            }
            Ok(share)
        },
        node,
    )
    .await
}

/// Does something to each worker's share of the links, all at the same time.
async fn each_share<F, Fut>(links: Vec<Link>, work: F, node: &Node) -> anyhow::Result<Vec<Link>>
where
    F: Fn(u64, Vec<Link>, Node) -> Fut,
    Fut: Future<Output = anyhow::Result<Vec<Link>>> + Send + 'static,
{
    let size = links.len().div_ceil(WORKERS).max(1);
    let (mut workers, mut number) = (JoinSet::new(), 0);
    for share in links.chunks(size) {
        number += 1;
        workers.spawn(work(number, share.to_vec(), node.clone()));
    }
    let mut links = Vec::new();
    while let Some(share) = workers.join_next().await {
        links.extend(share??);
    }
    Ok(links)
}
