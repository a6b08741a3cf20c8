//! What nodes share of certificates.

#![allow(clippy::unwrap_used, reason = "tests")]

use sayso_store::StoredAcmeItem;
use sayso_testkit::{NOW, TempStore};
use sayso_token::time::Timestamp;

sayso_testkit::on_both_databases! {
    an_item_is_replaced_and_forgotten,
    one_node_at_a_time_has_its_turn,
}

const DIRECTORY: &str = "https://acme.example/directory";

fn item(directory: &str, item: &str, sealed: &str) -> StoredAcmeItem {
    StoredAcmeItem { directory: directory.to_owned(), item: item.to_owned(), sealed: sealed.to_owned() }
}

async fn an_item_is_replaced_and_forgotten(store: TempStore) {
    let other = store.open_again().await.unwrap();
    assert_eq!(store.lookups().acme_item(DIRECTORY, "account.json").await.unwrap(), None);
    let (first, second) = (item(DIRECTORY, "account.json", "one"), item(DIRECTORY, "account.json", "two"));
    let elsewhere = item("https://other.example/directory", "account.json", "three");
    for kept in [&first, &elsewhere, &second] {
        store.save_acme_item(kept).await.unwrap();
    }
    assert_eq!(other.lookups().acme_item(DIRECTORY, "account.json").await.unwrap(), Some(second.clone()));
    assert_eq!(other.lookups().acme_items().await.unwrap(), [second, elsewhere.clone()]);
    other.forget_acme_item(DIRECTORY, "account.json").await.unwrap();
    other.forget_acme_item(DIRECTORY, "account.json").await.unwrap();
    assert_eq!(store.lookups().acme_items().await.unwrap(), [elsewhere]);
}

async fn one_node_at_a_time_has_its_turn(store: TempStore) {
    let at = |seconds: i64| Timestamp::from_seconds(NOW.seconds() + seconds);
    let turn =
        async |holder: &str, now: i64| store.take_acme_turn(DIRECTORY, holder, (at(now), at(now + 600))).await.unwrap();
    assert!(turn("one", 0).await && turn("one", 10).await, "whoever has it goes on");
    assert!(!turn("two", 20).await && !turn("two", 609).await);
    store.end_acme_turn(DIRECTORY, "two").await.unwrap();
    assert!(!turn("two", 609).await, "nobody ends another's");
    assert!(turn("two", 610).await, "it ends by itself");
    assert!(!turn("one", 620).await);
    store.end_acme_turn(DIRECTORY, "two").await.unwrap();
    assert!(turn("one", 620).await);
    let elsewhere = ("https://other.example/directory", "two");
    assert!(store.take_acme_turn(elsewhere.0, elsewhere.1, (at(620), at(900))).await.unwrap());
}
