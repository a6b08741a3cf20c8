//! The audit, sealed behind those who write it: never a false alarm, and no change unseen.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rusqlite::types::Value;
use sayso_authority::Decision;
use sayso_authority::decide::verify_audit::{Finding, Verified};
use sayso_authority::record::audit_seal::Head;
use sayso_authority::record::event::Event;
use sayso_store::{
    About, Address, AuditPlace, Export, Purged, Restoration, Retention, Store, backup, export, import, verify_audit,
};
use sayso_testkit::{NOW, PostgresServer, SeededEntropy, TempStore, TestClock};
use sayso_token::seal::Sealer;
use sayso_token::time::{Lifetime, Timestamp};

sayso_testkit::on_both_databases! {
    of_nodes_that_seal_at_once_one_wins_and_all_is_sealed_once,
    what_commits_late_is_sealed_too,
    whatever_nodes_do_is_never_an_alarm,
    what_is_forgotten_leaves_the_rest_provable,
    records_of_before_are_sealed_and_found,
    all_of_it_comes_over_with_an_export,
    adm_009_what_somebody_does_by_hand_is_found,
    the_audit_is_searched_by_whom_it_concerns_and_who_did_it,
}

const DAY: u32 = 24 * 60 * 60;

fn sealer() -> Sealer {
    Sealer::new([7; 32])
}

fn after(seconds: u32) -> Timestamp {
    NOW + Lifetime::from_seconds(seconds)
}

/// Something happens so many times at that moment.
async fn happen(store: &Store, at: Timestamp, times: usize) {
    let settled: Result<(), ()> = store
        .settle(&TestClock::at(at), |_, _| {
            let event =
                Event::new("something", "quiz").client("alexa").user("usr_ada").grant("g").detail("reason", "x");
            let audit = vec![event; times];
            std::future::ready(Ok(Decision { reply: Ok(()), changes: Vec::new(), audit }))
        })
        .await
        .unwrap();
    settled.unwrap();
}

async fn node(store: &TempStore) -> Store {
    let node = store.open_again().await.unwrap();
    node.prove_audit_with(Arc::new(sealer()));
    node
}

async fn verified_from(address: &Address, now: Timestamp, noted: Option<Head>) -> Verified {
    verify_audit(address, &sealer(), (now, noted)).await.unwrap()
}

async fn verified(store: &TempStore, now: Timestamp) -> Verified {
    verified_from(store.address(), now, None).await
}

/// Asserts that all is well; how many are sealed, and how many wait.
#[track_caller]
fn whole(verified: &Verified) -> (u64, u64) {
    assert!(verified.is_whole(), "{:?}", verified.findings);
    (verified.sealed, verified.waiting)
}

/// What somebody does who has the database alone.
fn by_hand(store: &TempStore, sql: &str) {
    match store.address() {
        Address::File(file) => {
            rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
        }
        Address::Postgres(address) => {
            let schema = address.options().unwrap().replace("-c search_path=", "");
            PostgresServer::shared().unwrap().execute(&format!("SET search_path = {schema}; {sql}"));
        }
    }
}

async fn of_nodes_that_seal_at_once_one_wins_and_all_is_sealed_once(store: TempStore) {
    store.prove_audit_with(Arc::new(sealer()));
    for _ in 0..9 {
        happen(&store, NOW, 150).await;
    }
    let mut nodes = Vec::new();
    for _ in 0..4 {
        let node = node(&store).await;
        nodes.push(tokio::spawn(async move {
            let mut sealed = (0, 0);
            // Who loses goes on in a later round.
            for _ in 0..20 {
                let round = node.seal_audit(after(400)).await.unwrap();
                sealed = (sealed.0 + round.seals, sealed.1 + round.records);
            }
            sealed
        }));
    }
    let mut all = (0, 0);
    for node in nodes {
        let sealed = node.await.unwrap();
        all = (all.0 + sealed.0, all.1 + sealed.1);
    }
    assert_eq!(all, (7, 9 * 150), "1350 records make six full seals and one of the rest");
    let verified = verified(&store, after(400)).await;
    assert_eq!((whole(&verified), verified.seals), ((1350, 0), 7));
    let events = store.lookups().audit(10).await.unwrap();
    assert_eq!((events.len(), events[0].seal), (10, Some(7)));
}

async fn what_commits_late_is_sealed_too(store: TempStore) {
    store.prove_audit_with(Arc::new(sealer()));
    // Opened before, so that its records stand before the others' in every order.
    let (slow, quick) = (node(&store).await, node(&store).await);
    happen(&quick, after(100), 3).await;
    assert_eq!(quick.seal_audit(after(399)).await.unwrap().records, 0, "they may wait for others");
    assert_eq!(quick.seal_audit(after(400)).await.unwrap().records, 3);
    happen(&slow, after(50), 2).await;
    assert_eq!(whole(&verified(&store, after(400)).await), (3, 2));
    // A clock that is far ahead seals nothing that would leave others outside.
    happen(&quick, after(9 * DAY), 1).await;
    assert_eq!(quick.seal_audit(after(9 * DAY + 300)).await.unwrap().records, 3);
    happen(&slow, after(60), 1).await;
    assert_eq!(slow.seal_audit(after(401)).await.unwrap().records, 1);
    assert_eq!(whole(&verified(&store, after(401)).await), (7, 0));
}

/// What a node does in the play.
#[derive(Clone, Debug)]
enum Step {
    Happen { node: usize, times: usize, late: u32 },
    Seal { node: usize },
    SealAtOnce,
    Purge { node: usize },
    Restart { node: usize },
    Wait { seconds: u32 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let node = 0..2usize;
    let step = prop_oneof![
        6 => (node.clone(), 1..90usize, 0..4000u32).prop_map(|(node, times, late)| Step::Happen { node, times, late }),
        4 => node.clone().prop_map(|node| Step::Seal { node }),
        2 => Just(Step::SealAtOnce),
        3 => node.clone().prop_map(|node| Step::Purge { node }),
        1 => node.prop_map(|node| Step::Restart { node }),
        4 => (0..30_000u32).prop_map(|seconds| Step::Wait { seconds }),
    ];
    proptest::collection::vec(step, 24)
}

/// Two nodes write, late and in time, seal, at once and one after the other, forget what is older than half a day, and are
/// started again. At no moment does anything seem to have been changed, and every head that is not forgotten stays.
async fn whatever_nodes_do_is_never_an_alarm(store: TempStore) {
    let (mut nodes, mut now) = ([node(&store).await, node(&store).await], NOW);
    let retention = Retention { audit: Lifetime::from_seconds(DAY / 2), ..Retention::default() };
    let (mut runner, mut noted, mut purged, mut sealed) = (TestRunner::default(), None, 0, 0);
    for _ in 0..12 {
        for step in steps().new_tree(&mut runner).unwrap().current() {
            match &step {
                Step::Happen { node, times, late } => {
                    happen(&nodes[*node], now - Lifetime::from_seconds(*late), *times).await
                }
                Step::Seal { node } => sealed += nodes[*node].seal_audit(now).await.unwrap().records,
                Step::SealAtOnce => {
                    let both = tokio::join!(nodes[0].seal_audit(now), nodes[1].seal_audit(now));
                    sealed += both.0.unwrap().records + both.1.unwrap().records;
                }
                Step::Purge { node } => purged += nodes[*node].purge(now, &retention).await.unwrap().audit_events,
                Step::Restart { node: which } => {
                    nodes[*which].close().await;
                    nodes[*which] = node(&store).await;
                }
                Step::Wait { seconds } => now = now + Lifetime::from_seconds(*seconds),
            }
            let verified = verified_from(store.address(), now, noted).await;
            assert!(verified.is_whole(), "{step:?}: {:?}", verified.findings);
            noted = verified.head;
        }
    }
    assert!(purged > 200 && sealed > 1000, "{purged} forgotten, {sealed} sealed: too few to show anything");
}

async fn what_is_forgotten_leaves_the_rest_provable(store: TempStore) {
    store.prove_audit_with(Arc::new(sealer()));
    for day in 0..10 {
        happen(&store, after(day * DAY), 250).await;
        assert_eq!(store.seal_audit(after(day * DAY + 600)).await.unwrap().seals, 2);
    }
    let head = verified(&store, after(9 * DAY)).await.head;
    let retention = Retention { audit: Lifetime::from_seconds(4 * DAY), ..Retention::default() };
    let now = after(9 * DAY + 700);
    // Who has no key forgets nothing that is sealed.
    let keyless = store.open_again().await.unwrap();
    assert_eq!(keyless.purge(now, &retention).await.unwrap(), Purged::default());
    assert_eq!(store.purge(now, &retention).await.unwrap(), Purged { audit_events: 6 * 250, ..Purged::default() });
    let left = verified_from(store.address(), now, head).await;
    assert_eq!((whole(&left), left.forgotten, left.seals), ((4 * 250, 0), 12, 8));
    assert_eq!(store.purge(now, &retention).await.unwrap(), Purged::default());
    assert_eq!(keyless.purge(now, &retention).await.unwrap(), Purged::default());
    // Forgetting by hand is not by the rule: a foot takes the key.
    by_hand(
        &store,
        "DELETE FROM audit_events WHERE seal <= 14; DELETE FROM audit_seals WHERE number < 14; \
        UPDATE audit_seals SET foot = tag WHERE number = 14",
    );
    let findings = verified(&store, now).await.findings;
    assert_eq!(findings[..2], [Finding::BeginningMissing { number: 14 }, Finding::SealForged { number: 14 }]);
    // All of it past its time: the last seal stays, and the chain goes on from it.
    let empty = store.another().await;
    empty.prove_audit_with(Arc::new(sealer()));
    happen(&empty, NOW, 3).await;
    empty.seal_audit(after(600)).await.unwrap();
    assert_eq!(empty.purge(after(5 * DAY), &retention).await.unwrap().audit_events, 3);
    assert_eq!(whole(&verified(&empty, after(5 * DAY)).await), (0, 0));
    happen(&empty, after(5 * DAY), 2).await;
    empty.seal_audit(after(5 * DAY + 600)).await.unwrap();
    let verified = verified(&empty, after(5 * DAY)).await;
    assert_eq!((whole(&verified), verified.head.unwrap().number), ((2, 0), 2));
}

async fn records_of_before_are_sealed_and_found(store: TempStore) {
    // No key yet: as a program of before writes them.
    let by_ops = store.stamped("by", "ops");
    happen(&by_ops, NOW, 205).await;
    by_hand(&store, "UPDATE audit_events SET actor = NULL");
    assert_eq!(whole(&verified(&store, after(1)).await), (0, 205));
    store.prove_audit_with(Arc::new(sealer()));
    happen(&store, after(1), 1).await;
    assert_eq!(store.seal_audit(after(400)).await.unwrap().records, 206);
    let found = verified(&store, after(400)).await;
    assert_eq!((whole(&found), found.untagged), ((206, 0), 205));
    // Another node is still of the version before, for a day.
    let old = store.open_again().await.unwrap();
    happen(&old, after(500), 1).await;
    assert_eq!(whole(&verified(&store, after(900)).await), (206, 1));
    store.seal_audit(after(900)).await.unwrap();
    happen(&old, after(2 * DAY), 1).await;
    for _ in 0..2 {
        let verified = verified(&store, after(2 * DAY)).await;
        assert!(matches!(&verified.findings[..], [Finding::RecordUntagged { .. }]), "{verified:?}");
        // Being sealed makes it no truer.
        store.seal_audit(after(3 * DAY)).await.unwrap();
    }
}

async fn all_of_it_comes_over_with_an_export(store: TempStore) {
    store.prove_audit_with(Arc::new(sealer()));
    happen(&store, NOW, 250).await;
    store.seal_audit(after(600)).await.unwrap();
    happen(&store, after(600), 3).await;
    let before = verified(&store, after(600)).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("all.sayso");
    let asked =
        Export { database: store.address(), target: &target, overwrite: false, sealer: &sealer(), made_at: after(600) };
    export(&asked, &mut SeededEntropy::new(1)).await.unwrap();
    let there = Address::File(folder.path().join("sayso.db"));
    import(&there, &target, &sealer(), after(700)).await.unwrap();
    assert_eq!(verified_from(&there, after(700), before.head).await, before);
    assert_eq!(whole(&before), (250, 3));
}

async fn adm_009_what_somebody_does_by_hand_is_found(store: TempStore) {
    store.prove_audit_with(Arc::new(sealer()));
    happen(&store, NOW, 250).await;
    store.seal_audit(after(600)).await.unwrap();
    happen(&store, after(700), 2).await;
    const COPY: &str = "INSERT INTO audit_events SELECT at, opening, position + 1000, kind, authority, client, user_id, grant_id, \
         details, actor, tag, seal FROM audit_events WHERE position = 7";
    let cases = [
        ("UPDATE audit_events SET kind = 'nothing' WHERE position = 7", "UPDATE audit_events SET kind = 'something'"),
        (
            "UPDATE audit_events SET user_id = 'usr_eve' WHERE position = 251",
            "UPDATE audit_events SET user_id = 'usr_ada'",
        ),
        ("UPDATE audit_events SET seal = 2 WHERE position = 7", "UPDATE audit_events SET seal = 1 WHERE position = 7"),
        (
            "UPDATE audit_events SET seal = NULL WHERE position = 7",
            "UPDATE audit_events SET seal = 1 WHERE position = 7",
        ),
        (COPY, "DELETE FROM audit_events WHERE position > 1000"),
        (
            "UPDATE audit_seals SET records = 49 WHERE number = 2",
            "UPDATE audit_seals SET records = 50 WHERE number = 2",
        ),
        ("UPDATE audit_seals SET number = 3 WHERE number = 2", "UPDATE audit_seals SET number = 2 WHERE number = 3"),
        ("DELETE FROM audit_events WHERE position = 7", ""),
        ("DELETE FROM audit_seals WHERE number = 2", ""),
    ];
    for (done, undone) in cases {
        assert!(undone.is_empty() || verified(&store, after(700)).await.is_whole(), "before {done}");
        by_hand(&store, done);
        let verified = verified(&store, after(700)).await;
        assert!(!verified.is_whole(), "{done}");
        by_hand(&store, undone);
    }
}

async fn the_audit_is_searched_by_whom_it_concerns_and_who_did_it(store: TempStore) {
    let about = |client: Option<&str>, user: Option<&str>, grant: Option<&str>| {
        let text = |field: Option<&str>| field.map(str::to_owned);
        Event { client: text(client), user: text(user), grant: text(grant), ..Event::new("something", "quiz") }
    };
    let events = [
        about(Some("alexa"), Some("ada"), Some("g1")),
        about(Some("alexa"), Some("bob"), None),
        about(None, Some("ada"), None),
        about(Some("ops"), Some("bob"), Some("g2")),
        about(None, None, None),
    ];
    // The first three are done by a person, the others by a client; the fourth concerns the client that does it.
    for (number, event) in (0..).zip(&events) {
        let store = if number < 3 { Store::clone(&store) } else { store.stamped("by", "ops") };
        let settled: Result<(), ()> = store
            .settle(&TestClock::at(after(number)), |_, _| {
                std::future::ready(Ok(Decision { reply: Ok(()), changes: Vec::new(), audit: vec![event.clone()] }))
            })
            .await
            .unwrap();
        settled.unwrap();
    }
    let cases = [
        (About::All, vec![4, 3, 2, 1, 0]),
        (About::User("ada".into()), vec![2, 0]),
        (About::User("eve".into()), vec![]),
        (About::Grant("g2".into()), vec![3]),
        (About::Client("alexa".into()), vec![1, 0]),
        (About::Client("ops".into()), vec![4, 3]),
    ];
    for (about, found) in cases {
        let mut place = AuditPlace::before(after(1000));
        let mut seconds = Vec::new();
        // One at a time: each is found once, in order.
        while let [event] = &store.lookups().audit_before(&about, place, (None, 1)).await.unwrap()[..] {
            seconds.push(event.at.seconds() - NOW.seconds());
            place = event.place;
        }
        assert_eq!(seconds, found, "{about:?}");
        let lately =
            store.lookups().audit_before(&about, AuditPlace::before(after(4)), (Some(after(2)), 9)).await.unwrap();
        assert_eq!(lately.len(), found.iter().filter(|second| (2..4).contains(*second)).count(), "{about:?}");
    }
}

/// ADM-009: each byte of each field of each record and each seal, one after the other.
#[tokio::test]
async fn adm_009_every_byte_that_is_altered_is_found() {
    let store = TempStore::open().await;
    store.prove_audit_with(Arc::new(sealer()));
    for seconds in [0, 400] {
        happen(&store.stamped("by", "ops"), after(seconds), 1).await;
        happen(&store, after(seconds + 1), 1).await;
        store.seal_audit(after(seconds + 300)).await.unwrap();
    }
    happen(&store, after(800), 1).await;
    let connection = rusqlite::Connection::open(store.file()).unwrap();
    let mut altered = 0;
    for table in ["audit_events", "audit_seals"] {
        let names = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
        let columns: Vec<String> = connection
            .prepare(names)
            .unwrap()
            .query_map([table], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let rows: Vec<i64> = connection
            .prepare(&format!("SELECT rowid FROM {table}"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (row, column) in rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column))) {
            let kept: Value = connection
                .query_row(&format!("SELECT {column} FROM {table} WHERE rowid = ?1"), [row], |row| row.get(0))
                .unwrap();
            let set = |value: &Value| {
                let sql = format!("UPDATE {table} SET {column} = ?1 WHERE rowid = ?2");
                connection.execute(&sql, rusqlite::params![value, row]).unwrap();
            };
            for other in others(&kept) {
                set(&other);
                match verify_audit(store.address(), &sealer(), (after(800), None)).await {
                    Ok(verified) => assert!(!verified.is_whole(), "{table}.{column} of {row}: {kept:?} is {other:?}"),
                    // What cannot be read at all is told as well.
                    Err(error) => assert!(error.to_string().contains(column.as_str()), "{error}"),
                }
                altered += 1;
            }
            set(&kept);
        }
    }
    assert!(altered > 700, "{altered}");
    assert_eq!(whole(&verified(&store, after(800)).await), (4, 1));
}

/// The value with another bit in each of its bytes; and nothing, or something where there was nothing.
fn others(value: &Value) -> Vec<Value> {
    let flipped = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        (0..bytes.len()).map(move |at| {
            let mut other = bytes.clone();
            other[at] ^= 1;
            other
        })
    };
    match value {
        Value::Null => {
            vec![Value::Integer(1), Value::Text(String::new()), Value::Text("x".to_owned()), Value::Blob(vec![0; 32])]
        }
        Value::Integer(number) => (0..8).map(|byte| Value::Integer(number ^ (1 << (8 * byte)))).collect(),
        // Letters of one byte stay such.
        Value::Text(text) => {
            flipped(text.as_bytes()).map(|bytes| Value::Text(String::from_utf8(bytes).unwrap())).collect()
        }
        Value::Blob(bytes) => flipped(bytes).map(Value::Blob).collect(),
        Value::Real(_) => panic!("no column holds one"),
    }
}

/// A backup of before, with what came since: the chain goes on from the backup's head.
#[tokio::test]
async fn a_restored_audit_is_whole_and_goes_on() {
    let store = TempStore::open().await;
    store.prove_audit_with(Arc::new(sealer()));
    let key = sayso_store::StoredKey {
        kid: "k".to_owned(),
        algorithm: sayso_token::algorithm::Algorithm::Es256,
        generation: 0,
        sealed: "s".to_owned(),
        created_at: NOW,
        revoked_at: None,
    };
    assert!(store.add_signing_key("quiz", &key).await.unwrap());
    happen(&store, NOW, 250).await;
    store.seal_audit(after(600)).await.unwrap();
    happen(&store, after(601), 2).await;
    let head = verified(&store, after(601)).await.head;
    let file = store.file().with_extension("backup");
    backup(store.file(), &file, false).await.unwrap();
    // What waited in the backup is sealed here, and more came.
    store.seal_audit(after(1000)).await.unwrap();
    happen(&store, after(1001), 3).await;
    store.seal_audit(after(2000)).await.unwrap();
    let lost = verified(&store, after(2000)).await.head;
    store.close().await;
    let ready = Restoration::prepare(store.file(), &file, after(3000)).await.unwrap();
    assert!(ready.taken_over().unwrap().unread.is_empty());
    ready.finish("then").await.unwrap();
    let again = node(&store).await;
    assert_eq!(
        whole(&verified(&store, after(3000)).await),
        (251, 2 + 3),
        "all records are there, under the backup's seals"
    );
    assert_eq!(again.seal_audit(after(3000)).await.unwrap().records, 5);
    whole(&verified_from(store.address(), after(3000), head).await);
    let verified = verified_from(store.address(), after(3000), lost).await;
    assert_eq!(verified.findings, [Finding::HeadMissing { head: lost.unwrap() }], "a head from after the backup");
}
