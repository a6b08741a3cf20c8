//! Tries are counted over all nodes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use sayso_store::tries::{Allowance, Counted};
use sayso_store::{Retention, Store};
use sayso_testkit::records::digest;
use sayso_testkit::{NOW, TempStore};
use sayso_token::time::{Lifetime, Timestamp};
use tokio::sync::Barrier;

sayso_testkit::on_both_databases! {
    a_burst_and_then_one_per_refill,
    all_or_none_are_taken,
    however_many_nodes_guess_at_once_no_more_get_through,
    a_right_guess_gives_the_tries_back,
    full_buckets_are_forgotten,
}

fn counted(name: &str, burst: u32, refill: u32) -> Counted {
    Counted { key: digest(name), allowance: Allowance { burst, refill: Lifetime::from_seconds(refill) } }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + millis)
}

fn wait(seconds: u32) -> Result<(), Lifetime> {
    Err(Lifetime::from_seconds(seconds))
}

async fn a_burst_and_then_one_per_refill(store: TempStore) {
    let bob = [counted("bob", 3, 60)];
    for (millis, expected) in [
        (0, Ok(())),
        (0, Ok(())),
        (1_000, Ok(())),
        (1_000, wait(59)),
        (59_999, wait(1)),
        (60_000, Ok(())),
        (60_000, wait(60)),
        // Never more than the burst is saved up.
        (10_000_000, Ok(())),
        (10_000_000, Ok(())),
        (10_000_000, Ok(())),
        (10_000_000, wait(60)),
    ] {
        assert_eq!(store.take_tries(&bob, at(millis)).await.unwrap(), expected, "at {millis}");
    }
    assert_eq!(store.take_tries(&[counted("ada", 3, 60)], at(10_000_000)).await.unwrap(), Ok(()), "another key");
}

async fn all_or_none_are_taken(store: TempStore) {
    let (account, address) = (counted("account", 2, 60), counted("address", 1, 60));
    assert_eq!(store.take_tries(&[account, address], NOW).await.unwrap(), Ok(()));
    assert_eq!(store.take_tries(&[account, address], NOW).await.unwrap(), wait(60));
    assert_eq!(store.take_tries(&[account], NOW).await.unwrap(), Ok(()), "the second was not taken in vain");
    assert_eq!(store.take_tries(&[account], NOW).await.unwrap(), wait(60));
    assert_eq!(store.take_tries(&[], NOW).await.unwrap(), Ok(()));
}

async fn however_many_nodes_guess_at_once_no_more_get_through(store: TempStore) {
    const GUESSES: usize = 60;
    let nodes = [Store::clone(&store), store.open_again().await.unwrap(), store.open_again().await.unwrap()];
    let start = Arc::new(Barrier::new(GUESSES));
    let guesses: Vec<_> = (0..GUESSES)
        .map(|guess| {
            let (node, start) = (nodes[guess % nodes.len()].clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                node.take_tries(&[counted("bob", 10, 60)], NOW).await.unwrap().is_ok()
            })
        })
        .collect();
    let mut through = 0;
    for guess in guesses {
        through += usize::from(guess.await.unwrap());
    }
    assert_eq!(through, 10);
}

async fn a_right_guess_gives_the_tries_back(store: TempStore) {
    let bob = [counted("bob", 1, 60)];
    assert_eq!(store.take_tries(&bob, NOW).await.unwrap(), Ok(()));
    store.forget_tries(&digest("bob")).await.unwrap();
    assert_eq!(store.take_tries(&bob, NOW).await.unwrap(), Ok(()));
    assert_eq!(store.take_tries(&bob, NOW).await.unwrap(), wait(60));
}

async fn full_buckets_are_forgotten(store: TempStore) {
    store.take_tries(&[counted("bob", 1, 60), counted("ada", 1, 120)], NOW).await.unwrap().unwrap();
    let retention = Retention::default();
    assert_eq!(store.purge(at(60_000), &retention).await.unwrap().tries, 0);
    assert_eq!(store.purge(at(60_001), &retention).await.unwrap().tries, 1);
    assert_eq!(store.purge(at(120_001), &retention).await.unwrap().tries, 1);
}
