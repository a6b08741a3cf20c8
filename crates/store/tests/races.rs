//! Many callers at once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod deciding;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deciding::{keep, kept};
use sayso_authority::Decision;
use sayso_authority::record::change::Change;
use sayso_authority::record::event::Event;
use sayso_authority::record::grant::{GrantId, RefreshChain};
use sayso_store::{Store, StoreError};
use sayso_testkit::records::{ada, code, digest, grant, session};
use sayso_testkit::{NOW, TempStore, TestClock};
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;

sayso_testkit::on_both_databases! {
    a_code_is_redeemed_once,
    a_refresh_token_has_one_successor_for_all,
    a_one_time_value_is_spent_once,
    everybody_gets_a_turn_however_many_compete,
    a_guard_that_is_always_lost_ends_in_contended,
    a_refusal_is_kept_with_its_changes,
    an_error_while_looking_up_ends_the_decision,
}

const RACERS: usize = 64;

/// Starts all racers at the same moment, half of them on a second opening of the database, as another process would be.
async fn race<T, Fut>(store: &TempStore, run: impl Fn(Store, usize) -> Fut) -> Vec<T>
where
    T: Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let other = store.open_again().await.unwrap();
    let start = Arc::new(tokio::sync::Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS)
        .map(|racer| {
            let start = Arc::clone(&start);
            let running = run(if racer % 2 == 0 { Store::clone(store) } else { other.clone() }, racer);
            tokio::spawn(async move {
                start.wait().await;
                running.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for racer in racers {
        results.push(racer.await.unwrap());
    }
    results
}

async fn redeem(store: Store, racer: usize) -> Result<usize, &'static str> {
    let clock = TestClock::new();
    let redeemed = store.settle(&clock, |memory, now| async move {
        let code = memory.code(&digest("c")).await?.unwrap();
        if code.spent_at.is_some() {
            return Ok(Decision::refuse("spent").event(Event::new("code_reuse", "quiz")));
        }
        let new = grant(&format!("g{racer}"));
        let spend =
            Change::SpendCode { code: code.digest, at: now, proof: digest("proof"), grant: Some(new.id.clone()) };
        Ok(Decision::reply(racer).change(Change::AddGrant(new)).change(spend))
    });
    redeemed.await.unwrap()
}

async fn a_code_is_redeemed_once(store: TempStore) {
    keep(&store, &[Change::AddCode(code("c"))]).await;
    let results = race(&store, redeem).await;
    let winners: Vec<usize> = results.iter().filter_map(|result| result.ok()).collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    let grants = store.lookups().grants_of_user(&ada().id, None).await.unwrap();
    let ids: Vec<String> = grants.into_iter().map(|grant| grant.id.0).collect();
    assert_eq!(ids, [format!("g{}", winners[0])], "the losers' grants are not kept");
    let reuse = store.lookups().audit(1000).await.unwrap();
    assert_eq!(reuse.iter().filter(|event| event.kind == "code_reuse").count(), RACERS - 1, "refusals are kept");
}

async fn refresh(store: Store, racer: usize) -> Digest {
    let clock = TestClock::new();
    let refreshed = store.settle(&clock, |memory, now| async move {
        let grant = memory.grant(&GrantId("g".into())).await?.unwrap();
        let chain = grant.refresh.unwrap();
        if chain.generation > 0 {
            return Ok(Decision::<_, ()>::reply(chain.live));
        }
        let live = digest(&format!("successor by {racer}"));
        let chain = RefreshChain { generation: 1, live, steps: Vec::new() };
        let advance = Change::AdvanceRefresh { grant: grant.id, from_generation: 0, chain, used_at: now };
        Ok(Decision::reply(live).change(advance))
    });
    refreshed.await.unwrap().unwrap()
}

async fn a_refresh_token_has_one_successor_for_all(store: TempStore) {
    keep(&store, &[Change::AddGrant(grant("g"))]).await;
    let successors = race(&store, refresh).await;
    let live = store.lookups().grant(&GrantId("g".into())).await.unwrap().unwrap().refresh.unwrap().live;
    assert!(successors.iter().all(|successor| *successor == live), "{successors:?}");
}

async fn a_one_time_value_is_spent_once(store: TempStore) {
    let spend = Change::SpendOnce { kind: "form", value: digest("v"), expires_at: NOW };
    let results = race(&store, |store, _| {
        let spend = spend.clone();
        async move { kept(&store, &[spend]).await }
    })
    .await;
    assert_eq!(results.iter().filter(|kept| **kept).count(), 1);
}

/// Each of many edits of one profile must be based on the one before: the worst case for guards.
async fn everybody_gets_a_turn_however_many_compete(store: TempStore) {
    keep(&store, &[Change::AddUser(ada())]).await;
    let edits = (0..RACERS).map(|racer| {
        let store = Store::clone(&store);
        tokio::spawn(async move {
            let clock = TestClock::new();
            let edited = store.settle(&clock, |memory, _| async move {
                let user = memory.user(&ada().id).await?.unwrap();
                let mut attributes = user.attributes;
                attributes.insert(format!("by{racer}"), "1".into());
                let set = Change::SetAttributes { user: user.id, from_version: user.version, attributes, at: NOW };
                Ok(Decision::<(), ()>::reply(()).change(set))
            });
            edited.await.unwrap().unwrap();
        })
    });
    for edit in edits.collect::<Vec<_>>() {
        edit.await.unwrap();
    }
    let user = store.lookups().user(&ada().id).await.unwrap().unwrap();
    assert_eq!(user.version, RACERS as i64);
    assert_eq!(user.attributes.len(), ada().attributes.len() + RACERS, "no edit was overwritten");
}

async fn a_guard_that_is_always_lost_ends_in_contended(store: TempStore) {
    let tries = AtomicUsize::new(0);
    let settled = store
        .settle(&TestClock::new(), |_, _| {
            tries.fetch_add(1, Ordering::Relaxed);
            let change = Change::CountWrongProof { code: digest("nothing"), from: 0 };
            let decision = Decision::<(), ()>::reply(()).change(change).event(Event::new("never", "quiz"));
            std::future::ready(Ok(decision))
        })
        .await;
    assert!(matches!(settled, Err(StoreError::Contended)), "{settled:?}");
    assert_eq!(tries.into_inner(), 20);
    assert!(store.lookups().audit(10).await.unwrap().is_empty());
    store.ready().await.unwrap();
}

async fn a_refusal_is_kept_with_its_changes(store: TempStore) {
    keep(&store, &[Change::AddGrant(grant("g"))]).await;
    let clock = TestClock::new();
    clock.advance(Lifetime::from_seconds(5));
    let settled: Result<(), &str> = store
        .settle(&clock, |_, now| {
            let revoke = Change::RevokeGrant { grant: GrantId("g".into()), at: now };
            let event = Event::new("refresh_reuse", "quiz").client("c").user("u").grant("g").detail("callers", 2);
            std::future::ready(Ok(Decision::refuse("reuse").change(revoke).event(event)))
        })
        .await
        .unwrap();
    assert_eq!(settled, Err("reuse"));
    let revoked_at = store.lookups().grant(&GrantId("g".into())).await.unwrap().unwrap().revoked_at;
    assert_eq!(revoked_at, Some(NOW + Lifetime::from_seconds(5)));
    let events = store.lookups().audit(1).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.at, NOW + Lifetime::from_seconds(5));
    assert_eq!((event.kind.as_str(), event.authority.as_str()), ("refresh_reuse", "quiz"));
    let named = [&event.client, &event.user, &event.grant].map(|field| field.as_deref().unwrap());
    assert_eq!(named, ["c", "u", "g"]);
    assert_eq!(event.details.get("callers").and_then(|value| value.as_i64()), Some(2));
}

#[tokio::test]
async fn a_decision_that_asks_for_nothing_needs_no_writer() {
    let store = TempStore::open().await;
    let lock = rusqlite::Connection::open(store.file()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let settled: Result<i32, ()> =
        store.settle(&TestClock::new(), |_, _| std::future::ready(Ok(Decision::reply(7)))).await.unwrap();
    assert_eq!(settled, Ok(7));
}

async fn an_error_while_looking_up_ends_the_decision(store: TempStore) {
    let settled: Result<Result<(), ()>, _> =
        store.settle(&TestClock::new(), |_, _| std::future::ready(Err(StoreError::Unavailable("gone".into())))).await;
    assert!(matches!(settled, Err(StoreError::Unavailable(_))));
}

/// While another process holds the file, callers queue up; what follows is one transaction for all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_loses_leaves_its_group_alone() {
    let store = TempStore::open().await;
    keep(&store, &[Change::AddSession(session("taken"))]).await;
    let lock = rusqlite::Connection::open(store.file()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let callers: Vec<_> = (0..RACERS)
        .map(|caller| {
            let store = Store::clone(&store);
            tokio::spawn(async move {
                let name = if caller % 4 == 0 { "taken".to_owned() } else { format!("s{caller}") };
                let own = session(&format!("own {caller}"));
                kept(&store, &[Change::AddSession(own), Change::AddSession(session(&name))]).await
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(store.lookups().session(&digest("taken")).await.unwrap().is_some(), "readers do not wait");
    assert!(callers.iter().all(|caller| !caller.is_finished()), "nobody is answered before the commit");
    lock.execute_batch("ROLLBACK").unwrap();
    for (caller, answer) in callers.into_iter().enumerate() {
        let expected = caller % 4 != 0;
        assert_eq!(answer.await.unwrap(), expected, "{caller}");
        let own = store.lookups().session(&digest(&format!("own {caller}"))).await.unwrap();
        assert_eq!(own.is_some(), expected, "{caller}");
    }
}
