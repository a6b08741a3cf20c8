//! One household, which behaves as the voice assistant does: it repeats its access token until that has expired and
//! refreshes then; when it hears nothing it tries again later with the token it has.

use std::ops::AddAssign;

use sayso_authority::record::user::User;
use sayso_store::Store;
use sayso_token::time::{Lifetime, Timestamp};

use crate::chance::Chance;
use crate::history::{History, short};
use crate::house::{self, ASSISTANT, INTROSPECT, TOKEN};
use crate::node::{Answer, Node};

/// Of a hundred answers.
const LOST: u64 = 5;
/// Of a hundred refreshes.
const PARALLEL: u64 = 10;
/// Of a hundred households.
const ROBBED: u64 = 10;
/// Seconds until the next try after a lost answer: at once, around the end of the overlap, after hours, after days.
const RETRY: [u32; 12] = [1, 2, 5, 30, 59, 61, 300, 3600, 6 * 3600, 24 * 3600, 3 * 24 * 3600, 9 * 24 * 3600];
/// Seconds by which the second of two parallel calls may be late: all within the overlap.
const LATE: [u32; 4] = [1, 7, 30, 59];
const HOUR: u32 = 3600;

/// What a household does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A person says something.
    Speak,
    /// The refresh that was not answered is tried again.
    Retry,
    /// The second of two parallel refreshes arrives late, with the token that both were sent with.
    Straggle,
    /// The copied token is used.
    Replay,
}

/// What was done and seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) refreshes: u64,
    pub(super) lost: u64,
    pub(super) parallel: u64,
    pub(super) restarts: u64,
    pub(super) met_restart: u64,
    pub(super) thefts: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.refreshes += other.refreshes;
        self.lost += other.lost;
        self.parallel += other.parallel;
        self.restarts += other.restarts;
        self.met_restart += other.met_restart;
        self.thefts += other.thefts;
    }
}

/// How a token is stolen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thief {
    /// Copies a token and uses it when its owner has gone on.
    ComesSecond,
    /// Copies a token and goes on with it before its owner does.
    ComesFirst,
}

#[derive(Clone, Debug)]
enum Theft {
    None,
    /// From the refresh on that is due after that time.
    Planned(Thief, Timestamp),
    /// A copy is held by a thief who waits until its owner holds the successor's successor.
    Copied {
        token: String,
        newest: String,
        successors: u32,
    },
    /// The thief has gone on; the owner, who still has the old token, does not know.
    Ahead,
    /// The copy was found, and the grant ended.
    Found,
}

/// A household and its link.
#[derive(Debug)]
pub(super) struct Household {
    pub(super) number: u32,
    pub(super) person: User,
    /// Whether a copy was used and found.
    pub(super) robbed: bool,
    seed: u64,
    chance: Chance,
    history: History,
    /// The refresh token it has received last.
    token: String,
    /// The token that a straggler was sent with.
    late: Option<String>,
    access: String,
    access_until: Option<Timestamp>,
    /// Nothing was heard, and a retry is planned.
    retrying: bool,
    /// Whether the last refresh was answered.
    answered: bool,
    theft: Theft,
}

/// What became of an act.
pub(super) struct Acted {
    pub(super) household: Household,
    pub(super) counts: Counts,
    pub(super) next: Vec<(Timestamp, Step)>,
}

/// An act in progress: when, what it can call, and what it has led to.
struct Act<'a> {
    at: Timestamp,
    nodes: &'a [Node],
    store: &'a Store,
    counts: Counts,
    next: Vec<(Timestamp, Step)>,
}

impl Act<'_> {
    fn plan(&mut self, seconds: u32, step: Step) {
        self.next.push((self.at + Lifetime::from_seconds(seconds), step));
    }
}

impl Household {
    pub(super) fn new(seed: u64, number: u32, token: String) -> Self {
        let mut chance = Chance::new(seed, u64::from(number));
        let theft = match chance.percent(ROBBED) {
            false => Theft::None,
            true => {
                let thief = chance.pick(&[Thief::ComesSecond, Thief::ComesFirst], Thief::ComesSecond);
                let hours = u32::try_from(chance.below(20 * 24)).unwrap_or_default();
                Theft::Planned(thief, sayso_testkit::NOW + Lifetime::from_seconds(hours * HOUR))
            }
        };
        let person = house::person(&format!("household-{number}"));
        let (history, access) = (History::default(), String::new());
        let (late, access_until) = (None, None);
        Self {
            number,
            person,
            robbed: false,
            seed,
            chance,
            history,
            token,
            late,
            access,
            access_until,
            retrying: false,
            answered: true,
            theft,
        }
    }

    /// Hours until something, from one to `most`.
    pub(super) fn hours(&mut self, most: u64) -> u64 {
        1 + self.chance.below(most)
    }

    /// Does what is due now.
    pub(super) async fn act(
        mut self,
        at: Timestamp,
        steps: Vec<Step>,
        (nodes, store): (&[Node], &Store),
    ) -> anyhow::Result<Acted> {
        let mut act = Act { at, nodes, store, counts: Counts::default(), next: Vec::new() };
        for step in steps {
            match step {
                Step::Speak => self.speak(&mut act).await?,
                Step::Retry => {
                    self.retrying = false;
                    self.refresh(&mut act).await?;
                }
                Step::Straggle => self.straggle(&mut act).await?,
                Step::Replay => self.replay(&mut act).await?,
            }
        }
        Ok(Acted { household: self, counts: act.counts, next: act.next })
    }

    /// A person speaks, today or after a journey. While a retry is under way the link rests.
    async fn speak(&mut self, act: &mut Act<'_>) -> anyhow::Result<()> {
        let pause = if self.chance.percent(3) { 72 + self.chance.below(120) } else { self.hours(36) };
        act.plan(u32::try_from(pause).unwrap_or(1).saturating_mul(HOUR), Step::Speak);
        let expired = self.access_until.is_none_or(|until| act.at >= until);
        if !expired {
            return if self.chance.percent(5) { self.introspect(act).await } else { Ok(()) };
        }
        match self.retrying {
            true => Ok(()),
            false => self.refresh(act).await,
        }
    }

    /// The skill asks whether the token that it is shown again and again is still good. It is, but for a robbed household.
    async fn introspect(&mut self, act: &mut Act<'_>) -> anyhow::Result<()> {
        let node = self.node(act.nodes)?;
        let answer = node.post(INTROSPECT, &house::shown(ASSISTANT, &self.access)).await?;
        self.history.note(format!("{} introspect -> {} {}", act.at.seconds(), answer.status, answer.body));
        let active = answer.body.contains("\"active\":true");
        let expected = match self.theft {
            Theft::Found => !active,
            // It may have been found by an answer that got lost.
            Theft::Ahead => true,
            Theft::None | Theft::Planned(..) | Theft::Copied { .. } => active,
        };
        match answer.is_unavailable() || (answer.status == 200 && expected) {
            true => Ok(()),
            false => Err(self.failure("introspection says the wrong thing of a repeated access token")),
        }
    }

    async fn refresh(&mut self, act: &mut Act<'_>) -> anyhow::Result<()> {
        if let Theft::Planned(thief, from) = self.theft
            && act.at >= from
            && self.answered
            && self.late.is_none()
        {
            return self.steal(thief, act).await;
        }
        let parallel = self.chance.percent(PARALLEL);
        let token = self.token.clone();
        let answers = match parallel {
            false => vec![self.call(act, &token).await?],
            true => {
                act.counts.parallel += 1;
                let (one, other) = (self.node(act.nodes)?, self.node(act.nodes)?);
                let form = house::refresh(ASSISTANT, &token);
                match self.chance.percent(50) {
                    // Both at once.
                    true => {
                        let (first, second) = tokio::join!(one.post(TOKEN, &form), other.post(TOKEN, &form));
                        vec![self.received(act, &token, first?), self.received(act, &token, second?)]
                    }
                    // The second is late, perhaps after the first one's answer was used.
                    false => {
                        self.late = Some(token.clone());
                        let late = self.chance.pick(&LATE, 1);
                        act.plan(late, Step::Straggle);
                        let first = self.call(act, &token).await?;
                        // Not in a retry: the overlap runs from the first use, and may be over when the straggler comes.
                        let hasty = self.answered && self.chance.percent(50);
                        if hasty && let Some(Some(successor)) = first.as_ref().map(Answer::refresh_token) {
                            let hasty = self.call(act, &successor).await?;
                            vec![first, hasty]
                        } else {
                            vec![first]
                        }
                    }
                }
            }
        };
        self.adopt(act, &answers)
    }

    /// Calls a node, and hears the answer unless it gets lost.
    async fn call(&mut self, act: &mut Act<'_>, token: &str) -> anyhow::Result<Option<Answer>> {
        let answer = self.node(act.nodes)?.post(TOKEN, &house::refresh(ASSISTANT, token)).await?;
        Ok(self.received(act, token, answer))
    }

    fn received(&mut self, act: &mut Act<'_>, token: &str, answer: Answer) -> Option<Answer> {
        act.counts.refreshes += 1;
        let lost = self.chance.percent(LOST);
        let fate = if lost { " (lost)" } else { "" };
        self.history.note(format!("{} refresh {} -> {}{fate}", act.at.seconds(), short(token), answer.brief()));
        if answer.is_unavailable() {
            act.counts.met_restart += 1;
            return None;
        }
        act.counts.lost += u64::from(lost);
        (!lost).then_some(answer)
    }

    /// Takes over what was received last, or plans to try again when nothing was.
    fn adopt(&mut self, act: &mut Act<'_>, answers: &[Option<Answer>]) -> anyhow::Result<()> {
        for answer in answers.iter().flatten() {
            let ended = matches!(self.theft, Theft::Found);
            match answer.refresh_token() {
                Some(_) if ended => return Err(self.failure("a grant that was ended for theft has come alive")),
                Some(_) if matches!(self.theft, Theft::Ahead) => {
                    return Err(self.failure("a theft was not found when the owner came with the old token"));
                }
                Some(token) => {
                    self.token = token;
                    self.access = answer.text("access_token");
                    self.access_until = Some(act.at + Lifetime::from_seconds(24 * HOUR));
                }
                None if matches!(self.theft, Theft::Ahead) && answer.is_error(400, "invalid_grant") => {
                    self.history.note("the owner was told: this is where the theft is found");
                    self.theft = Theft::Found;
                    self.robbed = true;
                }
                None if ended && answer.is_error(400, "invalid_grant") => {}
                None => return Err(self.failure("the household has lost its link")),
            }
        }
        self.answered = answers.iter().flatten().next().is_some();
        if !self.answered {
            self.retrying = true;
            let seconds = self.chance.pick(&RETRY, 1);
            act.plan(seconds, Step::Retry);
        }
        if self.owner_has_gone_on() {
            // Any time after the overlap.
            let hours = u32::try_from(self.hours(200)).unwrap_or(1);
            act.plan(hours * HOUR, Step::Replay);
        }
        Ok(())
    }

    /// A late call with a token that was used less than the overlap ago: it gets what the household has.
    async fn straggle(&mut self, act: &mut Act<'_>) -> anyhow::Result<()> {
        let Some(token) = self.late.take() else { return Ok(()) };
        let answer = self.call(act, &token).await?;
        // When nothing is heard, the first call has its own retry.
        if answer.is_none() { Ok(()) } else { self.adopt(act, &[answer]) }
    }

    /// Somebody copies the token that is about to be used.
    async fn steal(&mut self, thief: Thief, act: &mut Act<'_>) -> anyhow::Result<()> {
        let copy = self.token.clone();
        self.history.note(format!("{} {} is copied: {thief:?}", act.at.seconds(), short(&copy)));
        match thief {
            Thief::ComesSecond => {
                self.theft = Theft::Copied { newest: copy.clone(), token: copy, successors: 0 };
                Box::pin(self.refresh(act)).await
            }
            Thief::ComesFirst => {
                let mut token = copy;
                // Until the thief's successor is used as well, the owner would be given the same one.
                for _ in 0..2 {
                    let form = house::refresh(ASSISTANT, &token);
                    let Some(node) = act.nodes.first() else { return Ok(()) };
                    let answer = node.post(TOKEN, &form).await?;
                    self.history.note(format!("thief {} -> {}", short(&token), answer.brief()));
                    match answer.refresh_token() {
                        Some(next) => token = next,
                        // It met a restart, and gives up; the owner goes on undisturbed.
                        None if answer.is_unavailable() => {
                            self.theft = Theft::None;
                            return self.after_half_a_theft(act);
                        }
                        None => return Err(self.failure("the thief was refused too early")),
                    }
                }
                self.theft = Theft::Ahead;
                self.after_half_a_theft(act)
            }
        }
    }

    /// The owner comes later, with the token of before.
    fn after_half_a_theft(&mut self, act: &mut Act<'_>) -> anyhow::Result<()> {
        self.retrying = true;
        act.plan(HOUR, Step::Retry);
        Ok(())
    }

    /// Whether the owner of a copied token has just received its successor's successor, so that the successor was used.
    fn owner_has_gone_on(&mut self) -> bool {
        let Theft::Copied { newest, successors, .. } = &mut self.theft else { return false };
        if *newest == self.token {
            return false;
        }
        newest.clone_from(&self.token);
        *successors += 1;
        *successors == 2
    }

    /// The thief uses the copy: it must be refused, the grant ended, and that told.
    async fn replay(&mut self, act: &mut Act<'_>) -> anyhow::Result<()> {
        let Theft::Copied { token, .. } = self.theft.clone() else { return Ok(()) };
        let answer = self.node(act.nodes)?.post(TOKEN, &house::refresh(ASSISTANT, &token)).await?;
        self.history.note(format!("{} thief {} -> {}", act.at.seconds(), short(&token), answer.brief()));
        if answer.is_unavailable() {
            act.plan(1, Step::Replay);
            return Ok(());
        }
        if !answer.is_error(400, "invalid_grant") {
            return Err(self.failure("a copied token was taken after its owner had gone on"));
        }
        match act.store.lookups().grants_of_user(&self.person.id, None).await {
            Ok(alive) if !alive.is_empty() => return Err(self.failure("the grant lives on after a theft was found")),
            // The store may be the one that is being restarted; the household will hear of it anyway.
            Ok(_) | Err(_) => {}
        }
        self.theft = Theft::Found;
        self.robbed = true;
        Ok(())
    }

    /// At the end of the thirty days: linked, unless robbed.
    pub(super) async fn settle_accounts(&mut self, now: Timestamp, node: &Node) -> anyhow::Result<()> {
        let answer = node.post(TOKEN, &house::refresh(ASSISTANT, &self.token)).await?;
        self.history.note(format!("{} at the end {} -> {}", now.seconds(), short(&self.token), answer.brief()));
        self.robbed |= matches!(self.theft, Theft::Ahead);
        match (self.robbed, answer.refresh_token()) {
            (true, None) if answer.is_error(400, "invalid_grant") => Ok(()),
            (false, Some(_)) => Ok(()),
            _ => Err(self.failure("at the end, the household has not what it should")),
        }
    }

    fn node(&mut self, nodes: &[Node]) -> anyhow::Result<Node> {
        let at = usize::try_from(self.chance.below(nodes.len() as u64))?;
        nodes.get(at).cloned().ok_or_else(|| anyhow::anyhow!("there is no node"))
    }

    fn failure(&self, what: &str) -> anyhow::Error {
        self.history.failure(self.seed, &self.person.id.0, what)
    }
}
