//! Signing keys: made, revoked and forgotten, with what the audit tells of it.

#![allow(clippy::unwrap_used, reason = "tests")]

use sayso_store::{Retention, Store, StoredKey};
use sayso_testkit::{NOW, TempStore};
use sayso_token::algorithm::Algorithm;
use sayso_token::rotation::REPLACED_MEMORY;
use sayso_token::time::{Lifetime, Timestamp};
use tokio::task::JoinSet;

sayso_testkit::on_both_databases! {
    revoking_and_succeeding_is_one_change,
    of_several_successors_one_is_kept,
    a_key_is_forgotten_long_after_a_good_one_has_replaced_it,
}

fn later(seconds: u32) -> Timestamp {
    NOW + Lifetime::from_seconds(seconds)
}

fn key(generation: i64, created_at: Timestamp) -> StoredKey {
    StoredKey {
        kid: format!("kid-{generation}"),
        algorithm: Algorithm::Es256,
        generation,
        sealed: format!("sealed {generation}"),
        created_at,
        revoked_at: None,
    }
}

async fn kids(store: &Store, authority: &str) -> Vec<String> {
    store.lookups().signing_keys(authority).await.unwrap().into_iter().map(|key| key.kid).collect()
}

/// What the audit tells, the newest first.
async fn told(store: &Store) -> Vec<(String, String)> {
    let events = store.lookups().audit(100).await.unwrap();
    let kid = |details: &serde_json::Map<_, serde_json::Value>| details["kid"].as_str().unwrap().to_owned();
    events.iter().map(|event| (event.kind.clone(), kid(&event.details))).collect()
}

fn event(kind: &str, kid: &str) -> (String, String) {
    (kind.to_owned(), kid.to_owned())
}

async fn revoking_and_succeeding_is_one_change(store: TempStore) {
    let memory = store.lookups();
    assert!(store.add_signing_key("quiz", &key(0, NOW)).await.unwrap());
    let news = memory.news().await.unwrap();
    assert!(store.revoke_signing_key("quiz", "kid-0", later(5), Some(&key(1, later(5)))).await.unwrap());
    let revoked = StoredKey { revoked_at: Some(later(5)), ..key(0, NOW) };
    assert_eq!(memory.signing_keys("quiz").await.unwrap(), [key(1, later(5)), revoked.clone()]);
    assert_eq!(memory.news().await.unwrap(), news + 1);
    let events = [
        event("signing_key_added", "kid-1"),
        event("signing_key_revoked", "kid-0"),
        event("signing_key_added", "kid-0"),
    ];
    assert_eq!(told(&store).await, events);

    // Revoked before; nowhere; of another authority; and a successor whose place is taken: nothing is kept of any.
    for (authority, kid, successor) in [
        ("quiz", "kid-0", Some(key(2, later(9)))),
        ("quiz", "kid-7", None),
        ("wear", "kid-1", None),
        ("quiz", "kid-1", Some(StoredKey { kid: "other".into(), ..key(1, later(9)) })),
    ] {
        assert!(!store.revoke_signing_key(authority, kid, later(9), successor.as_ref()).await.unwrap(), "{kid}");
    }
    assert_eq!(memory.signing_keys("quiz").await.unwrap(), [key(1, later(5)), revoked]);
    assert_eq!((told(&store).await, memory.news().await.unwrap()), (events.to_vec(), news + 1));
    assert!(store.revoke_signing_key("quiz", "kid-1", later(9), None).await.unwrap());
}

async fn of_several_successors_one_is_kept(store: TempStore) {
    store.add_signing_key("quiz", &key(0, NOW)).await.unwrap();
    let mut rotations = JoinSet::new();
    for number in 0..8 {
        let (store, key) = (store.clone(), StoredKey { kid: format!("try-{number}"), ..key(1, NOW) });
        rotations.spawn(async move { store.add_signing_key("quiz", &key).await.unwrap() });
    }
    assert_eq!(rotations.join_all().await.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(kids(&store, "quiz").await.len(), 2);
    assert_eq!(told(&store).await.len(), 2, "who lost leaves no event");
}

async fn a_key_is_forgotten_long_after_a_good_one_has_replaced_it(store: TempStore) {
    for (authority, key) in [
        ("quiz", key(0, NOW)),
        ("quiz", key(1, later(60))),
        ("quiz", key(2, later(120))),
        ("quiz", StoredKey { kid: "rsa".into(), algorithm: Algorithm::Rs256, ..key(0, NOW) }),
        ("wear", key(0, NOW)),
    ] {
        assert!(store.add_signing_key(authority, &key).await.unwrap());
    }
    assert!(store.revoke_signing_key("quiz", "kid-2", later(180), None).await.unwrap());
    let purge = async |now| {
        let purged = store.purge(now, &Retention::default()).await.unwrap();
        (purged.replaced_keys, kids(&store, "quiz").await)
    };
    let all = ["kid-2", "kid-1", "kid-0", "rsa"].map(str::to_owned).to_vec();
    assert_eq!(purge(later(60) + REPLACED_MEMORY).await, (0, all));
    let left = ["kid-2", "kid-1", "rsa"].map(str::to_owned).to_vec();
    let just_after = Timestamp::from_millis((later(60) + REPLACED_MEMORY).millis() + 1);
    assert_eq!(purge(just_after).await, (1, left.clone()));
    assert_eq!(purge(later(999_999_999)).await, (0, left), "a revoked key replaces nothing; the last one stays");
    assert_eq!(kids(&store, "wear").await, ["kid-0"]);
}
