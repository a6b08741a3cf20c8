//! What nodes share: sealing keys, the configuration in force, and the number that tells of news.

#![allow(clippy::unwrap_used, reason = "tests")]

use sayso_authority::record::event::Event;
use sayso_store::{Resealed, Sealed, StoredConfiguration, StoredKey, StoredSealingKey};
use sayso_testkit::records::digest;
use sayso_testkit::{NOW, TempStore};
use sayso_token::algorithm::Algorithm;

sayso_testkit::on_both_databases! {
    the_first_sealing_key_wins,
    sealing_anew_is_all_or_nothing,
    of_two_configurations_with_one_number_one_is_in_force,
    only_the_last_hundred_configurations_are_kept,
    news_is_told_with_what_it_tells_of,
}

fn sealing_key(number: i64, sealed: &str) -> StoredSealingKey {
    StoredSealingKey { number, sealed: sealed.into(), created_at: NOW }
}

fn configuration(number: i64, name: &str) -> StoredConfiguration {
    StoredConfiguration { number, digest: digest(name), sealed: name.into(), applied_at: NOW }
}

fn event(kind: &'static str) -> Event {
    Event::new(kind, "")
}

async fn the_first_sealing_key_wins(store: TempStore) {
    assert!(store.add_first_sealing_key(&sealing_key(0, "one")).await.unwrap());
    assert!(!store.add_first_sealing_key(&sealing_key(0, "two")).await.unwrap());
    assert_eq!(store.lookups().sealing_keys().await.unwrap(), [sealing_key(0, "one")]);
}

async fn sealing_anew_is_all_or_nothing(store: TempStore) {
    store.add_first_sealing_key(&sealing_key(0, "old")).await.unwrap();
    let key = StoredKey {
        kid: "k".into(),
        algorithm: Algorithm::Es256,
        generation: 0,
        sealed: "old".into(),
        created_at: NOW,
        revoked_at: None,
    };
    store.add_signing_key("quiz", &key).await.unwrap();
    store.put_in_force(&configuration(1, "old"), &event("configuration_applied")).await.unwrap();
    let signing_key = Sealed::SigningKey { authority: "quiz".into(), kid: "k".into() };
    let what = [Sealed::SealingKey(0), signing_key, Sealed::Configuration(1)];
    let anew = what.map(|what| Resealed { what, from: "old".into(), to: "new".into() });
    let mut late = anew.clone();
    late[2].from = "changed meanwhile".into();
    assert!(!store.reseal(&sealing_key(1, "fresh"), &late, &event("sealed_anew")).await.unwrap());
    let memory = store.lookups();
    assert_eq!(memory.sealing_keys().await.unwrap(), [sealing_key(0, "old")]);
    assert_eq!(memory.signing_keys("quiz").await.unwrap(), std::slice::from_ref(&key));

    let before = memory.news().await.unwrap();
    assert!(store.reseal(&sealing_key(1, "fresh"), &anew, &event("sealed_anew")).await.unwrap());
    assert_eq!(memory.sealing_keys().await.unwrap(), [sealing_key(0, "new"), sealing_key(1, "fresh")]);
    assert_eq!(memory.signing_keys("quiz").await.unwrap(), [StoredKey { sealed: "new".into(), ..key }]);
    assert_eq!(memory.configuration().await.unwrap().unwrap().sealed, "new");
    assert_eq!(memory.signing_key_owners().await.unwrap(), ["quiz"]);
    assert_eq!(memory.news().await.unwrap(), before + 1);
    let kinds: Vec<String> = memory.audit(10).await.unwrap().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["sealed_anew", "configuration_applied", "signing_key_added"], "a refused one leaves no event");
}

async fn of_two_configurations_with_one_number_one_is_in_force(store: TempStore) {
    assert_eq!(store.lookups().configuration().await.unwrap(), None);
    assert!(store.put_in_force(&configuration(1, "one"), &event("configuration_applied")).await.unwrap());
    assert!(!store.put_in_force(&configuration(1, "two"), &event("configuration_applied")).await.unwrap());
    assert!(store.put_in_force(&configuration(2, "two"), &event("configuration_applied")).await.unwrap());
    assert_eq!(store.lookups().configuration().await.unwrap(), Some(configuration(2, "two")));
    let all = store.lookups().configurations().await.unwrap();
    assert_eq!(all, [configuration(2, "two"), configuration(1, "one")]);
}

async fn only_the_last_hundred_configurations_are_kept(store: TempStore) {
    for number in 1..=103 {
        let stored = configuration(number, &format!("{number}"));
        assert!(store.put_in_force(&stored, &event("configuration_applied")).await.unwrap());
    }
    let numbers: Vec<i64> =
        store.lookups().configurations().await.unwrap().iter().map(|stored| stored.number).collect();
    assert_eq!(numbers, (4..=103).rev().collect::<Vec<_>>());
}

async fn news_is_told_with_what_it_tells_of(store: TempStore) {
    assert_eq!(store.lookups().news().await.unwrap(), 0);
    store.put_in_force(&configuration(1, "one"), &event("configuration_applied")).await.unwrap();
    assert_eq!(store.lookups().news().await.unwrap(), 1);
    store.put_in_force(&configuration(1, "lost"), &event("configuration_applied")).await.unwrap();
    assert_eq!(store.lookups().news().await.unwrap(), 1, "nothing was kept");
}
