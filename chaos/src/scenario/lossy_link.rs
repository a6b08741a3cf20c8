//! `lossy link`: households live with their links for thirty days of virtual time. One answer in twenty is lost, one
//! refresh in ten comes twice, nodes are restarted in the middle of the work, and some tokens are copied. No household may
//! lose its link, and every copy must be found when it is first used after its owner has gone on.

mod household;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use sayso_authority::record::change::Change;
use sayso_store::{Retention, Store};
use sayso_testkit::{NOW, TestClock};
use sayso_token::time::{Clock as _, Lifetime, Timestamp};
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::database::{Database, Engine, keep};
use crate::house::{self, ASSISTANT, TOKEN};
use crate::node::Node;
use crate::run::{Figures, Run};
use household::{Counts, Household, Step};

/// Households at full scale.
const FULL: u32 = 10_000;
/// Households that live at the same time, on a database of their own; the next ones begin anew.
const COHORT: u32 = 500;
const DAYS: u32 = 30;
const HOUR: Lifetime = Lifetime::from_seconds(60 * 60);
/// About how many instants pass between two restarts.
const RESTART_EVERY: u64 = 150;
/// More events than a cohort can cause.
const EVENTS: u32 = 1_000_000;

/// Cohort after cohort until the scale is reached or the time is over.
///
/// # Errors
/// What does not hold, with seed, grant and its calls.
pub async fn run(run: Run, engine: Engine) -> anyhow::Result<Figures> {
    let (mut counts, mut households, begun) = (Counts::default(), 0, Instant::now());
    let full = run.scaled(FULL);
    while households < full && !run.is_over() {
        let many = COHORT.min(full - households);
        let Some(mut world) = World::begin(run, engine, households, many).await? else {
            return Ok(Figures::default().and("not installed", "PostgreSQL"));
        };
        counts += world.live().await?;
        households += many;
    }
    Ok(Figures::default()
        .and("grants", households)
        .and("days", DAYS)
        .and("refreshes", counts.refreshes)
        .and("answers lost", counts.lost)
        .and("parallel refreshes", counts.parallel)
        .and("restarts", counts.restarts)
        .and("calls met a restart", counts.met_restart)
        .and("links lost", 0)
        .and("thefts, all found at their first replay", counts.thefts)
        .and("s", format!("{:.0}", begun.elapsed().as_secs_f64())))
}

/// The events to come: when, whose, and in which order they were planned.
type Plan = BinaryHeap<Reverse<(Timestamp, u32, u64, Step)>>;

/// A cohort of households and the nodes they call.
struct World {
    run: Run,
    database: Database,
    clock: TestClock,
    stores: Vec<Store>,
    nodes: Vec<Node>,
    households: BTreeMap<u32, Household>,
    plan: Plan,
    planned: u64,
    /// Openings so far: nodes on one database draw from seeds of their own.
    openings: u64,
    chance: Chance,
}

impl World {
    async fn begin(run: Run, engine: Engine, first: u32, many: u32) -> anyhow::Result<Option<Self>> {
        let Some(database) = Database::new(engine)? else { return Ok(None) };
        let mut world = Self {
            run,
            database,
            clock: TestClock::new(),
            stores: Vec::new(),
            nodes: Vec::new(),
            households: BTreeMap::new(),
            plan: Plan::new(),
            planned: 0,
            openings: 0,
            chance: Chance::new(run.seed, u64::from(first) << 32),
        };
        for _ in 0..if engine == Engine::Postgres { 2 } else { 1 } {
            let (store, node) = world.open().await?;
            world.stores.push(store);
            world.nodes.push(node);
        }
        world.link(first, many).await?;
        Ok(Some(world))
    }

    async fn open(&mut self) -> anyhow::Result<(Store, Node)> {
        self.openings += 1;
        let store = self.database.open().await?;
        let seed = self.run.seed.wrapping_add(self.openings << 40);
        let node = Node::here(&store, Arc::new(self.clock.clone()), seed).await?;
        Ok((store, node))
    }

    /// Every household has a person of its own, whose one grant is easily asked for.
    async fn link(&mut self, first: u32, many: u32) -> anyhow::Result<()> {
        let store = self.stores.first().context("there is no store")?.clone();
        let code = |number| format!("code-of-household-{number}");
        let mut codes = Vec::new();
        for number in first..first + many {
            let person = house::person(&format!("household-{number}"));
            store.seed_user(&person).await?;
            codes.push(Change::AddCode(house::code(&code(number), ASSISTANT, &person, (NOW, true))));
        }
        keep(&store, &self.clock, codes).await?;
        for number in first..first + many {
            let redemption = house::redemption(ASSISTANT, &code(number), true);
            let answer = self.nodes.first().context("there is no node")?.post(TOKEN, &redemption).await?;
            let token = answer.refresh_token().with_context(|| format!("no link: {}", answer.brief()))?;
            let mut household = Household::new(self.run.seed, number, token);
            let first_words = NOW + HOUR.times(household.hours(24));
            self.households.insert(number, household);
            self.plan(first_words, number, Step::Speak);
        }
        Ok(())
    }

    fn plan(&mut self, at: Timestamp, number: u32, step: Step) {
        self.planned += 1;
        self.plan.push(Reverse((at, number, self.planned, step)));
    }

    /// Thirty days. At each instant everybody whose turn it is acts at the same time.
    async fn live(&mut self) -> anyhow::Result<Counts> {
        let (end, mut counts) = (NOW + HOUR.times(u64::from(DAYS) * 24), Counts::default());
        while let Some((at, due)) = self.next(end) {
            self.clock.set(at);
            let mut acting = JoinSet::new();
            for (number, steps) in due {
                let Some(household) = self.households.remove(&number) else { continue };
                let (nodes, store) = (self.nodes.clone(), self.stores.first().context("no store")?.clone());
                acting.spawn(async move { household.act(at, steps, (&nodes, &store)).await });
            }
            if self.chance.below(RESTART_EVERY) == 0 {
                counts.restarts += 1;
                self.restart().await?;
            }
            let mut later = Vec::new();
            while let Some(acted) = acting.join_next().await {
                let acted = acted??;
                counts += acted.counts;
                later.extend(acted.next.into_iter().map(|(at, step)| (at, acted.household.number, step)));
                self.households.insert(acted.household.number, acted.household);
            }
            later.into_iter().for_each(|(at, number, step)| self.plan(at, number, step));
        }
        self.clock.set(end);
        counts += self.judge().await?;
        Ok(counts)
    }

    /// The next instant, and who acts in it.
    fn next(&mut self, end: Timestamp) -> Option<(Timestamp, BTreeMap<u32, Vec<Step>>)> {
        let Reverse((at, ..)) = *self.plan.peek().filter(|Reverse((at, ..))| *at < end)?;
        let mut due: BTreeMap<u32, Vec<Step>> = BTreeMap::new();
        while let Some(Reverse((_, number, _, step))) =
            self.plan.peek().copied().filter(|Reverse((when, ..))| *when == at)
        {
            self.plan.pop();
            due.entry(number).or_default().push(step);
        }
        Some((at, due))
    }

    /// A node goes down while it is being called, and a new one takes its place on the same database.
    async fn restart(&mut self) -> anyhow::Result<()> {
        let place = usize::try_from(self.chance.below(self.nodes.len() as u64))?;
        for _ in 0..self.chance.below(40) {
            tokio::task::yield_now().await;
        }
        let old = self.stores.get(place).context("no store")?.clone();
        old.close().await;
        let (store, node) = self.open().await?;
        store.purge(self.clock.now(), &Retention::default()).await?;
        *self.stores.get_mut(place).context("no store")? = store;
        *self.nodes.get_mut(place).context("no node")? = node;
        Ok(())
    }

    /// At the end: who was not robbed is linked, who was is not, and the audit log names the robbed and nobody else.
    async fn judge(&mut self) -> anyhow::Result<Counts> {
        let (store, node) = (self.stores.first().context("no store")?, self.nodes.first().context("no node")?);
        let mut counts = Counts::default();
        for household in self.households.values_mut() {
            household.settle_accounts(self.clock.now(), node).await?;
            counts.thefts += u64::from(household.robbed);
        }
        let events = store.lookups().audit(EVENTS).await?;
        let told: BTreeSet<_> =
            events.into_iter().filter(|event| event.kind == "refresh_reuse").filter_map(|event| event.user).collect();
        let robbed = self.households.values().filter(|household| household.robbed);
        let robbed: BTreeSet<_> = robbed.map(|household| household.person.id.0.clone()).collect();
        ensure!(told == robbed, "seed {}: the audit log tells of {told:?}, but robbed were {robbed:?}", self.run.seed);
        for store in &self.stores {
            store.close().await;
        }
        self.database.check()?;
        Ok(counts)
    }
}

trait Times {
    fn times(self, many: u64) -> Lifetime;
}

impl Times for Lifetime {
    fn times(self, many: u64) -> Lifetime {
        Lifetime::from_seconds(self.seconds().saturating_mul(u32::try_from(many).unwrap_or(u32::MAX)))
    }
}
