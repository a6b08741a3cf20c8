//! The certificate chains that are known, fetched once and judged at every use.
//!
//! Addresses come from whoever sends a request, so fetching is bounded three ways: one fetch at a time for an address,
//! a pause after a failure, and a budget for addresses that never led to a good chain. Only good chains are kept, so a
//! flood of bad addresses pushes none of them out.

mod budget;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::lock::Mutex as AsyncMutex;
use sayso_alexa::signature::certificate::LARGEST_CHAIN;
use sayso_alexa::signature::{ChainRefused, ChainUrl, VerifiedChain, read_chain, verify_chain};
use sayso_token::time::{Lifetime, Timestamp};

use crate::outside::{Fetch, FetchFailed, Outgoing};
use crate::trust::Trust;
use budget::Budget;

const FETCH_DEADLINE: Duration = Duration::from_secs(3);
/// A chain is fetched again after this long, so that a replaced certificate is seen.
const KEPT_FOR: Lifetime = Lifetime::from_seconds(24 * 60 * 60);
/// After a failure the same address is left alone for this long.
const PAUSE_AFTER_FAILURE: Lifetime = Lifetime::from_seconds(10);
/// Amazon uses one address at a time.
const MOST_ADDRESSES: usize = 16;

/// Why there is no chain to judge a signature by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainUnavailable {
    /// Not fetched: too many unknown addresses of late.
    #[error("too many certificate addresses were asked for")]
    BudgetSpent,
    /// Fetching failed.
    #[error(transparent)]
    Fetch(#[from] FetchFailed),
    /// The server did not answer 200.
    #[error("the certificate server answered with an error")]
    Status,
    /// The chain was refused.
    #[error(transparent)]
    Refused(#[from] ChainRefused),
}

impl ChainUnavailable {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::BudgetSpent => "chain_fetch_budget_spent",
            Self::Fetch(failed) => failed.reason(),
            Self::Status => "chain_fetch_status",
            Self::Refused(refused) => refused.reason(),
        }
    }
}

/// What is known about one address.
#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    Good {
        chain: Arc<VerifiedChain>,
        fetched_at: Timestamp,
    },
    Failed {
        why: ChainUnavailable,
        at: Timestamp,
    },
}

struct Slot {
    known: Arc<AsyncMutex<Known>>,
    is_good: bool,
    used_at: Timestamp,
}

#[derive(Default)]
struct Slots {
    by_url: HashMap<ChainUrl, Slot>,
    budget: Budget,
}

/// The chains that are known.
#[derive(Default)]
pub(crate) struct Certificates {
    slots: Mutex<Slots>,
}

impl Certificates {
    /// The chain behind an address that passed the rules, good at this moment.
    pub(crate) async fn chain(
        &self,
        url: &ChainUrl,
        trust: &Trust,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Result<Arc<VerifiedChain>, ChainUnavailable> {
        let known = self.slot(url, now);
        // Whoever comes second waits here for the first one's fetch.
        let mut known = known.lock().await;
        let kept = match &*known {
            Known::Good { chain, fetched_at } if chain.check_dates(now.millis()).is_ok() => {
                if now < *fetched_at + KEPT_FOR {
                    return Ok(Arc::clone(chain));
                }
                Some(Arc::clone(chain))
            }
            Known::Failed { why, at } if now < *at + PAUSE_AFTER_FAILURE => return Err(*why),
            Known::Good { .. } | Known::Failed { .. } | Known::Nothing => None,
        };
        if !matches!(*known, Known::Good { .. }) {
            self.spend(url, now)?;
        }
        // A chain that is still within its dates outlives an outage of the server it came from.
        let chain = fetch_chain(url, trust, fetch, now).await.or_else(|why| kept.ok_or(why));
        match &chain {
            Ok(chain) => *known = Known::Good { chain: Arc::clone(chain), fetched_at: now },
            Err(why) => *known = Known::Failed { why: *why, at: now },
        }
        self.note(url, chain.is_ok());
        chain
    }

    fn slot(&self, url: &ChainUrl, now: Timestamp) -> Arc<AsyncMutex<Known>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if !slots.by_url.contains_key(url) && slots.by_url.len() >= MOST_ADDRESSES {
            // Addresses without a good chain go first, then the one unused for longest.
            let oldest = slots.by_url.iter().min_by_key(|(_, slot)| (slot.is_good, slot.used_at));
            if let Some(oldest) = oldest.map(|(url, _)| url.clone()) {
                slots.by_url.remove(&oldest);
            }
        }
        let slot = slots.by_url.entry(url.clone()).or_insert_with(|| Slot {
            known: Arc::default(),
            is_good: false,
            used_at: now,
        });
        slot.used_at = now;
        Arc::clone(&slot.known)
    }

    fn note(&self, url: &ChainUrl, is_good: bool) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.by_url.get_mut(url) {
            slot.is_good = is_good;
        }
    }

    fn spend(&self, url: &ChainUrl, now: Timestamp) -> Result<(), ChainUnavailable> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.budget.spend(url, now) { Ok(()) } else { Err(ChainUnavailable::BudgetSpent) }
    }
}

async fn fetch_chain(
    url: &ChainUrl,
    trust: &Trust,
    fetch: &dyn Fetch,
    now: Timestamp,
) -> Result<Arc<VerifiedChain>, ChainUnavailable> {
    let answer = fetch
        .fetch(Outgoing {
            url: url.as_str().to_owned(),
            accept: "application/x-pem-file, */*",
            authorization: None,
            form: None,
            deadline: FETCH_DEADLINE,
            largest_body: LARGEST_CHAIN,
        })
        .await?;
    if answer.status != 200 {
        return Err(ChainUnavailable::Status);
    }
    let chain = read_chain(&answer.body)?;
    Ok(Arc::new(verify_chain(&chain, trust.roots(url.source()), now.millis())?))
}
