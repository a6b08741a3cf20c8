//! Clients that registered themselves: added, replaced and removed under guards, each change news and in the audit.

#![allow(clippy::unwrap_used, reason = "tests")]

use sayso_authority::record::registration::{ClientMetadata, RegisteredClient};
use sayso_testkit::records::digest;
use sayso_testkit::{NOW, TempStore};

sayso_testkit::on_both_databases! {
    a_registration_is_kept_replaced_and_removed,
    of_two_replacements_one_is_kept,
}

fn client(id: &str) -> RegisteredClient {
    RegisteredClient {
        authority: "quiz".to_owned(),
        id: id.to_owned(),
        metadata: ClientMetadata {
            redirect_uris: vec!["https://client.test/cb".to_owned()],
            client_name: Some("Prüfling".to_owned()),
            ..ClientMetadata::default()
        },
        secret: Some(digest("secret")),
        token: digest("token"),
        version: 0,
        created_at: NOW,
    }
}

async fn a_registration_is_kept_replaced_and_removed(store: TempStore) {
    let memory = store.lookups();
    let (one, two) = (client("dyn_1"), client("dyn_2"));
    assert!(store.add_registered_client(&one).await.unwrap());
    assert!(store.add_registered_client(&two).await.unwrap());
    assert!(!store.add_registered_client(&one).await.unwrap(), "an id is taken once");
    assert_eq!(memory.registered_clients("quiz").await.unwrap(), [one.clone(), two]);
    assert_eq!(memory.count_registered_clients("quiz").await.unwrap(), 2);
    assert!(memory.registered_clients("wear").await.unwrap().is_empty(), "each authority has its own");
    assert_eq!(memory.registered_client("wear", "dyn_1").await.unwrap(), None);
    let news = memory.news().await.unwrap();
    let changed = RegisteredClient { secret: None, version: 1, metadata: ClientMetadata::default(), ..one };
    assert!(store.replace_registered_client(&changed, NOW).await.unwrap());
    assert_eq!(memory.registered_client("quiz", "dyn_1").await.unwrap(), Some(changed.clone()));
    assert!(store.remove_registered_client(&changed, NOW).await.unwrap());
    assert!(!store.remove_registered_client(&changed, NOW).await.unwrap());
    assert!(!store.replace_registered_client(&RegisteredClient { version: 2, ..changed }, NOW).await.unwrap());
    assert_eq!(memory.registered_client("quiz", "dyn_1").await.unwrap(), None);
    assert_eq!(memory.news().await.unwrap(), news + 2, "what was refused is no news");
    let told = memory.audit(10).await.unwrap();
    let kinds: Vec<&str> = told.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["client_removed", "client_changed", "client_registered", "client_registered"]);
    assert!(told.iter().all(|event| event.client.is_some()));
}

async fn of_two_replacements_one_is_kept(store: TempStore) {
    store.add_registered_client(&client("dyn_1")).await.unwrap();
    let named = |name: &str| RegisteredClient {
        metadata: ClientMetadata { client_name: Some(name.to_owned()), ..ClientMetadata::default() },
        version: 1,
        ..client("dyn_1")
    };
    let (first, second) = (named("first"), named("second"));
    let (one, two) =
        tokio::join!(store.replace_registered_client(&first, NOW), store.replace_registered_client(&second, NOW));
    assert!(one.unwrap() ^ two.unwrap(), "both were decided on the registration as it was");
}
