//! What the store can do when no signature is due: refreshes, decided and durably settled, by callers in one process.

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use sayso_authority::decide::refresh::{Refresh, refresh};
use sayso_authority::decide::refresh_token::{mint, recognise};
use sayso_authority::record::change::Change;
use sayso_authority::record::grant::{Grant, RefreshChain};
use sayso_authority::wire::token::Wanted;
use sayso_authority::{Ambient, Decision};
use sayso_store::{Address, Store};
use sayso_testkit::records;
use sayso_testkit::tutorials::quiz_authority;
use sayso_token::entropy::Entropy;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use sayso_token::time::Clock as _;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::ambience::{OsEntropy, SystemClock};

/// A caller and the linked account that it refreshes.
struct Caller {
    store: Store,
    presented: Secret,
}

/// Refreshes per second of so many callers, each with a grant of its own, that go on for that time: on two threads, as the
/// server is measured.
pub(crate) async fn settled_refreshes(database: &str, callers: usize, time: Duration) -> anyhow::Result<f64> {
    let database = database.to_owned();
    let measured = tokio::task::spawn_blocking(move || {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(settle_refreshes(&database, callers, time))
    });
    measured.await?
}

async fn settle_refreshes(database: &str, callers: usize, time: Duration) -> anyhow::Result<f64> {
    let store = Store::open(Address::parse(database).context("the database's address")?).await?;
    store.seed_user(&records::ada()).await?;
    let mut working = JoinSet::new();
    let mut waiting = Vec::new();
    for number in 0..callers {
        waiting.push(Caller::begin(store.clone(), number).await?);
    }
    let begun = Instant::now();
    for caller in waiting {
        working.spawn(caller.refresh_until(begun + time));
    }
    let mut refreshes = 0;
    while let Some(done) = working.join_next().await {
        refreshes += done??;
    }
    let rate = f64::from(refreshes) / begun.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}

fn sealer() -> Sealer {
    Sealer::new([7; 32])
}

impl Caller {
    /// The grant's name is new, because a file is measured more than once.
    async fn begin(store: Store, number: usize) -> anyhow::Result<Self> {
        let now = SystemClock.now();
        let chance: &mut dyn Entropy = &mut OsEntropy;
        let new = records::grant(&format!("g{number}-{}", chance.token()));
        let (presented, live) = mint(&new.authority, &new.id, 0, &sealer(), &mut OsEntropy);
        let refresh = Some(RefreshChain { generation: 0, live, steps: Vec::new() });
        let grant = Grant { signed_in_at: now, created_at: now, last_used_at: now, refresh, ..new };
        let added = store
            .settle(&SystemClock, |_, _| {
                let grant = grant.clone();
                async move { Ok(Decision::<(), ()>::reply(()).change(Change::AddGrant(grant))) }
            })
            .await?;
        added.map_err(|()| anyhow!("grant {number} cannot be added"))?;
        Ok(Self { store, presented })
    }

    /// Presents each refresh token once and goes on with its successor.
    async fn refresh_until(mut self, end: Instant) -> anyhow::Result<u32> {
        let (authority, sealer) = (quiz_authority(), sealer());
        let client = authority.clients.first().context("the authority has no client")?;
        let mut refreshes = 0;
        while Instant::now() < end {
            let presented = &self.presented;
            let (authority, sealer) = (&authority, &sealer);
            let settled = self.store.settle(&SystemClock, |lookups, now| async move {
                let token = recognise(&authority.id, presented, sealer);
                let (grant, user) = match &token {
                    Some(token) => lookups.grant_and_user(&token.grant).await?,
                    None => (None, None),
                };
                let request = Refresh { authority, client, presented, token, grant, user, wanted: Wanted::default() };
                Ok(refresh(&request, sealer, &mut Ambient { now, entropy: &mut OsEntropy }))
            });
            let reply = settled.await?.map_err(|refused| anyhow!("a refresh was refused: {refused:?}"))?;
            self.presented = reply.refresh_token.context("no successor was given")?;
            refreshes += 1;
        }
        Ok(refreshes)
    }
}
