//! Several nodes on one database: what is decided on one, or by a command beside them, holds on all of them as soon as
//! they look.

use std::sync::{Arc, Mutex};

use sayso_server::MasterKeys;
use sayso_server::certificates::SharedItems;
use sayso_server::configuration::put_in_force;
use sayso_server::sealing::{is_sealed_under_newest, seal_anew, sealing_keys};
use sayso_server::{BadKeys, MasterKeySource, OpenError};
use sayso_store::StoredConfiguration;
use sayso_testkit::{NOW, TempStore};
use sayso_token::encoding::base64url;
use sayso_token::seal::Sealer;

use crate::house::*;

/// Two nodes on one database, on each engine.
async fn pairs() -> Vec<[House; 2]> {
    let mut pairs = Vec::new();
    for one in House::on_both_databases().await {
        let other = one.reconfigured(|_, _| {}).await;
        pairs.push([one, other]);
    }
    pairs
}

async fn sealer(house: &House) -> Sealer {
    sealing_keys(&house.store, &MASTER.into(), &house.ambience()).await.unwrap().sealer(NOW)
}

/// HA-010
#[tokio::test]
async fn a_configuration_that_is_put_in_force_holds_on_every_node() {
    for [one, other] in pairs().await {
        let linked = one.link(&Ask::quiz()).await;
        assert!(!other.server.catch_up().await.unwrap(), "no news yet");
        let changed = one.configuration(|_, quiz| {
            quiz.clients.iter_mut().filter(|client| client.id == QUIZ_CLIENT).for_each(|client| client.disabled = true);
        });
        let put = put_in_force(&changed, &one.store, &sealer(&one).await, &one.ambience()).await.unwrap();
        assert_eq!(put, (1, true));
        for node in [&one, &other] {
            assert_eq!(node.refresh(&Ask::quiz(), &linked.refresh).await.status, 200, "until it looks");
            assert!(node.server.catch_up().await.unwrap());
            assert!(!node.server.catch_up().await.unwrap(), "once is enough");
            node.refresh(&Ask::quiz(), &linked.refresh).await.is_error(401, "invalid_client");
        }
        let again = put_in_force(&changed, &one.store, &sealer(&one).await, &one.ambience()).await.unwrap();
        assert_eq!(again, (1, false), "the same is not put in force twice");
        assert_eq!(one.audit("configuration_applied").await.len(), 1);
        // A node that starts later has it as well, whatever its own file says.
        let late = one.reconfigured(|_, _| {}).await;
        late.refresh(&Ask::quiz(), &linked.refresh).await.is_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn a_new_authority_is_there_and_a_removed_one_gone_without_a_restart() {
    let house = House::open().await;
    let without = house.configuration(|_, _| {});
    let mut only_quiz = without.clone();
    only_quiz.authorities.remove(0);
    put_in_force(&only_quiz, &house.store, &sealer(&house).await, &house.ambience()).await.unwrap();
    house.server.catch_up().await.unwrap();
    assert_eq!(house.get(Side::Wear.keys()).await.status, 404);
    put_in_force(&without, &house.store, &sealer(&house).await, &house.ambience()).await.unwrap();
    house.server.catch_up().await.unwrap();
    assert_eq!(house.get(Side::Wear.keys()).await.status, 200);
}

#[tokio::test]
async fn what_another_version_wrote_is_refused_and_all_goes_on_as_it_was() {
    let house = House::open().await;
    let mut written = serde_json::to_value(house.configuration(|_, _| {})).unwrap();
    written["authorities"][0]["clients"][0]["only_on_tuesdays"] = true.into();
    let written = written.to_string();
    let sealed = sealer(&house).await.seal("configuration", written.as_bytes(), &mut house.ambience().entropy);
    let stored = StoredConfiguration {
        number: 1,
        digest: sayso_token::digest::Digest::of(written.as_bytes()),
        sealed,
        applied_at: NOW,
    };
    let event = sayso_authority::record::event::Event::new("configuration_applied", "");
    assert!(house.store.put_in_force(&stored, &event).await.unwrap());
    let refused = house.server.catch_up().await.unwrap_err().to_string();
    assert!(refused.contains("only_on_tuesdays") && refused.contains("sayso apply"), "{refused}");
    assert!(!house.server.catch_up().await.unwrap(), "told once");
    assert_eq!(house.link(&Ask::quiz()).await.answer["token_type"], "Bearer");
    let mended = house.configuration(|_, _| {});
    put_in_force(&mended, &house.store, &sealer(&house).await, &house.ambience()).await.unwrap();
    assert!(house.server.catch_up().await.unwrap());
}

fn masters(keys: &[[u8; 32]]) -> MasterKeys {
    let lines: Vec<String> = keys.iter().map(|key| base64url(key)).collect();
    MasterKeys::parse(&lines.join("\n")).unwrap()
}

/// HA-008
#[tokio::test]
async fn sealing_anew_costs_no_link_no_form_and_no_restart() {
    let (old, new) = ([7; 32], [8; 32]);
    for first in House::on_both_databases().await {
        // Both have the file that was prepared; one of them will have lost it.
        let file = Arc::new(Mutex::new(masters(&[new, old])));
        let read = file.clone();
        let one = first.with_masters(MasterKeySource::new(move || Ok(read.lock().unwrap().clone()))).await;
        let other = first.with_masters(MasterKeySource::from(old)).await;
        let before = one.link(&Ask::quiz()).await;
        let published = one.get(Side::Quiz.keys()).await.body;
        let mut person = one.browser();
        let consent = person.consent_page(&Ask::quiz().add("prompt", "consent"), "ada").await;

        assert!(!is_sealed_under_newest(&one.store, &masters(&[new, old])).await.unwrap());
        let done = seal_anew(&one.store, &masters(&[new, old]), &one.ambience()).await.unwrap();
        assert_eq!((done.sealing_keys, done.signing_keys), (2, 3));
        assert!(is_sealed_under_newest(&one.store, &masters(&[new])).await.unwrap());
        assert!(one.server.catch_up().await.unwrap());
        // Without the new master key a node goes on with what it has in memory, and says what it lacks.
        let lacks = other.server.catch_up().await.unwrap_err();
        assert!(matches!(lacks, OpenError::Keys(BadKeys::SealingKeys)), "{lacks}");
        for node in [&one, &other] {
            assert_eq!(node.get(Side::Quiz.keys()).await.body, published);
            assert_eq!(node.refresh(&Ask::quiz(), &before.refresh).await.status, 200);
        }
        let during = other.link(&Ask::quiz()).await;

        // The old line is deleted, and the new sealing key begins to seal.
        *file.lock().unwrap() = masters(&[new]);
        one.wait(10);
        assert!(one.server.catch_up().await.unwrap());
        assert!(!one.server.catch_up().await.unwrap());
        assert_eq!(one.get(Side::Quiz.keys()).await.body, published);
        for refresh in [&before.refresh, &during.refresh] {
            let answer = one.refresh(&Ask::quiz(), refresh).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        assert_eq!(person.press(&consent, "allow").await.status, 303, "a form of before");
        one.link(&Ask::quiz()).await;
        assert_eq!(one.audit("sealed_anew").await.len(), 1);
    }
}

#[tokio::test]
async fn a_database_of_before_there_were_sealing_keys_opens_with_all_its_links() {
    let house = House::open().await;
    let old = TempStore::open().await;
    let (now, under_master) = (sealer(&house).await, Sealer::new(MASTER));
    for authority in ["wear", "quiz"] {
        for mut key in house.store.lookups().signing_keys(authority).await.unwrap() {
            let purpose = format!("signing key of {authority}");
            let plain = now.open(&purpose, &key.sealed).unwrap();
            key.sealed = under_master.seal(&purpose, &plain, &mut house.ambience().entropy);
            assert!(old.add_signing_key(authority, &key).await.unwrap());
        }
    }
    for wrong in [masters(&[[8; 32]]), masters(&[[9; 32], [8; 32]])] {
        let refused = sealing_keys(&old, &wrong, &house.ambience()).await.unwrap_err();
        assert!(matches!(refused, BadKeys::MasterKey { .. }), "{refused}");
    }
    // Tags that were made under the master key are known: refresh tokens of before are recognised.
    let tag = under_master.tag("refresh token", b"body");
    for found in [masters(&[MASTER]), masters(&[[8; 32], MASTER])] {
        let sealer = sealing_keys(&old, &found, &house.ambience()).await.unwrap().sealer(NOW);
        assert!(sealer.knows_tag("refresh token", b"body", &tag));
    }
    let done = seal_anew(&old, &masters(&[[8; 32], MASTER]), &house.ambience()).await.unwrap();
    assert_eq!((done.sealing_keys, done.signing_keys), (2, 3));
    let sealer = sealing_keys(&old, &masters(&[[8; 32]]), &house.ambience()).await.unwrap().sealer(NOW);
    assert!(sealer.knows_tag("refresh token", b"body", &tag), "still");
}

/// HA-005: nodes whose clocks differ let nothing be used twice, and take nothing that is over by their own clock.
#[tokio::test]
async fn ha_005_clocks_that_differ_let_nothing_be_used_twice() {
    for house in House::on_both_databases().await {
        for seconds in [-5, 5] {
            let other = house.skewed(seconds).await;
            let code = house.code(&Ask::wear().pkce()).await;
            assert_eq!(other.redeem(&Ask::wear().pkce(), &code).await.status, 200, "{seconds}");
            house.redeem(&Ask::wear().pkce(), &code).await.is_error(400, "invalid_grant");
            let linked = house.link(&Ask::wear()).await;
            let first = Linked::of(&other.refresh(&Ask::wear(), &linked.refresh).await);
            let again = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
            assert_eq!(first.refresh, again.refresh, "never a fork");
        }
        // One node's clock jumps far ahead and back.
        let (code, linked) = (house.code(&Ask::wear()).await, house.link(&Ask::wear()).await);
        let ahead = house.skewed(25 * 3600).await;
        ahead.redeem(&Ask::wear(), &code).await.is_error(400, "invalid_grant");
        assert!(!ahead.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
        let back = ahead.skewed(-25 * 3600).await;
        assert_eq!(back.redeem(&Ask::wear(), &code).await.status, 200, "nobody had spent it");
        assert!(back.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
    }
}

/// Certificates that are fetched are shared by nodes: their keys open for one directory, under the keys of this installation.
#[tokio::test]
async fn what_nodes_share_of_certificates_is_sealed_and_sealed_anew() {
    let (old, new) = ([7; 32], [8; 32]);
    for house in House::on_both_databases().await {
        let items = |keys: &[[u8; 32]], directory: &str| {
            let keys = masters(keys);
            let source = MasterKeySource::new(move || Ok(keys.clone()));
            SharedItems::new(house.store.clone(), source, house.ambience(), directory)
        };
        let (here, there) = ("https://acme.example/directory", "https://other.example/directory");
        items(&[old], here).save("account.json", b"the account's key").await.unwrap();
        let mut stored = house.store.lookups().acme_items().await.unwrap().remove(0);
        stored.directory = there.to_owned();
        house.store.save_acme_item(&stored).await.unwrap();
        assert_eq!(items(&[old], there).load("account.json").await.unwrap(), None, "sealed for another directory");
        assert_eq!(items(&[old], here).load("certificate.pem").await.unwrap(), None);

        seal_anew(&house.store, &masters(&[new, old]), &house.ambience()).await.unwrap();
        let anew = house.store.lookups().acme_item(here, "account.json").await.unwrap().unwrap();
        assert_ne!(anew.sealed, stored.sealed);
        let loaded = items(&[new], here).load("account.json").await.unwrap().unwrap();
        assert_eq!(loaded.as_slice(), b"the account's key");
        let refused = items(&[[9; 32]], here).load("account.json").await.unwrap_err();
        assert!(matches!(refused, BadKeys::SealingKeys), "{refused}");
    }
}
