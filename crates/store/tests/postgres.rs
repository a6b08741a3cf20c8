//! What only a server can do to us: be away, come back, be shared by nodes that start together, choose a victim.

#![allow(clippy::unwrap_used, reason = "tests")]

mod deciding;

use std::time::Duration;

use deciding::{keep, kept};
use sayso_authority::record::change::Change;
use sayso_store::{Address, Store, StoreError};
use sayso_testkit::records::{ada, digest, grant, session};
use sayso_testkit::{NOW, PostgresServer, TempStore};
use sayso_token::digest::Digest;

/// How soon a database that is down must be told.
const SOON: Duration = Duration::from_secs(4);

async fn open(address: &str) -> Result<Store, StoreError> {
    Store::open(Address::parse(address).unwrap()).await
}

async fn has_session(store: &Store, name: &str) -> bool {
    store.lookups().session(&digest(name)).await.unwrap().is_some()
}

fn spend_once(name: &str) -> Change {
    Change::SpendOnce { kind: "form", value: digest(name), expires_at: NOW }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_away_is_told_at_once_and_its_return_is_noticed() {
    let Some(mut server) = PostgresServer::start() else { return };
    let store = open(&server.new_schema()).await.unwrap();
    keep(&store, &[Change::AddUser(ada()), Change::AddSession(session("before"))]).await;
    for round in 0..2 {
        server.stop();
        let answers = tokio::time::timeout(SOON, async {
            [
                store.ready().await.unwrap_err(),
                store.lookups().user(&ada().id).await.unwrap_err(),
                store.seed_user(&ada()).await.unwrap_err(),
            ]
        });
        for error in answers.await.unwrap() {
            assert!(matches!(error, StoreError::Unavailable(_)), "round {round}: {error}");
        }
        server.start_again();
        store.ready().await.unwrap();
        assert!(has_session(&store, "before").await, "round {round}");
        keep(&store, &[Change::AddSession(session(&format!("after {round}")))]).await;
    }
}

/// Killed in the middle of the work, at another moment each time: what was acknowledged is there, and only once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_a_crash_of_the_server() {
    let Some(mut server) = PostgresServer::start() else { return };
    let store = open(&server.new_schema()).await.unwrap();
    for round in 0..4_u64 {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for number in 0.. {
                        let name = format!("{round}-{writer}-{number}");
                        if store.seed_user(&sayso_testkit::records::user(&name)).await.is_err() {
                            return acknowledged;
                        }
                        acknowledged.push(name);
                    }
                    acknowledged
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(60 + 40 * round)).await;
        server.stop();
        let mut acknowledged = Vec::new();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        assert!(acknowledged.len() > 8, "round {round}: {}", acknowledged.len());
        server.start_again();
        for name in &acknowledged {
            let id = sayso_testkit::records::user(name).id;
            assert!(store.lookups().user(&id).await.unwrap().is_some(), "round {round}: {name} is lost");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_first_starts_at_once_make_one_schema() {
    let Some(server) = PostgresServer::shared() else { return };
    for _ in 0..3 {
        let address = server.new_schema();
        let starts: Vec<_> = (0..8)
            .map(|start| {
                let address = address.clone();
                tokio::spawn(async move {
                    let store = open(&address).await.unwrap();
                    keep(&store, &[Change::AddSession(session(&format!("s{start}")))]).await;
                })
            })
            .collect();
        for start in starts {
            start.await.unwrap();
        }
        let store = open(&address).await.unwrap();
        for start in 0..8 {
            assert!(has_session(&store, &format!("s{start}")).await, "{start}");
        }
        let events = store.lookups().audit(100).await.unwrap().len();
        assert_eq!(events, 8, "events of several openings have names of their own");
    }
}

#[tokio::test]
async fn a_newer_schema_and_one_of_another_program_are_refused_and_left_alone() {
    let Some(server) = PostgresServer::shared() else { return };
    for schema in ["newer", "strange"] {
        server.execute(&format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.birds (name TEXT)"));
    }
    let newer = "CREATE TABLE newer.schema_version (version BIGINT); INSERT INTO newer.schema_version VALUES (7001)";
    server.execute(newer);
    let error = open(&server.address_of("newer")).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 7001, .. }), "{error}");
    let error = open(&server.address_of("strange")).await.unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
    let error = open(&server.address_of("missing")).await.unwrap_err();
    assert!(error.to_string().contains("no schema"), "{error}");
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema IN ('newer', 'strange', 'missing')";
    assert_eq!(server.count(tables), 3);
}

#[tokio::test]
async fn what_cannot_be_reached_is_named_without_the_password() {
    let Some(server) = PostgresServer::shared() else { return };
    let no_socket = tempfile::tempdir().unwrap();
    let nobody = format!("postgres:///links?host={}&user=ada", no_socket.path().display());
    let no_database = server.address_of("x").replace("/postgres?", "/nowhere?");
    // Nothing listens on the first port of the machine.
    let nothing = "postgres://ada:hunter2@127.0.0.1:1/links".to_owned();
    for (address, word) in [(nobody, "links"), (no_database, "does not exist"), (nothing, "refused")] {
        let error = open(&address).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(matches!(error, StoreError::CannotOpen { .. }), "{said}");
        assert!(said.contains(word) && !said.contains("hunter2"), "{said}");
    }
}

/// Two kinds of decisions that touch the same two rows in opposite order: the server ends one of each pair.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_victim_of_a_deadlock_is_carried_out_after_all() {
    let Some(store) = TempStore::on_postgres().await else { return };
    for name in ["one", "two"] {
        keep(&store, &[Change::AddGrant(grant(name))]).await;
    }
    for number in 0..200 {
        let bump = |name: &str| Change::BumpEpoch { grant: grant(name).id, from_epoch: number };
        let (there, back) = ([bump("one"), bump("two")], [bump("two"), bump("one")]);
        let (first, second) = tokio::join!(kept(&store, &there), kept(&store, &back));
        assert!(first != second, "one of two has the guard, {number}");
    }
}

/// The server gives a transaction up because of another one, as engines do that know no weaker isolation.
#[tokio::test]
async fn a_serialization_failure_is_tried_again() {
    let Some(store) = TempStore::on_postgres().await else { return };
    let server = PostgresServer::shared().unwrap();
    let schema = store_schema(&store);
    server.execute(&format!(
        "SET search_path = {schema}; CREATE SEQUENCE refusals;
             CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('{schema}.refusals') % 4 <> 0 THEN
                     RAISE EXCEPTION 'not now' USING ERRCODE = 'serialization_failure';
                 END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON spent_once FOR EACH ROW EXECUTE FUNCTION refuse()"
    ));
    for number in 0..5 {
        let name = format!("v{number}");
        keep(&store, &[Change::AddSession(session(&name)), spend_once(&name)]).await;
        assert!(!kept(&store, &[spend_once(&name)]).await, "it is spent");
        assert!(has_session(&store, &name).await);
    }
    let always = format!(
        "CREATE OR REPLACE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'never' USING ERRCODE = 'serialization_failure'; END $$"
    );
    server.execute(&always);
    let clock = sayso_testkit::TestClock::new();
    let settled: Result<Result<(), ()>, _> = store
        .settle(&clock, |_, _| {
            let changes = vec![Change::AddSession(session("never")), spend_once("never")];
            std::future::ready(Ok(sayso_authority::Decision { reply: Ok(()), changes, audit: Vec::new() }))
        })
        .await;
    assert!(matches!(settled, Err(StoreError::Contended)), "{settled:?}");
    assert!(!has_session(&store, "never").await);
    store.ready().await.unwrap();
}

fn store_schema(store: &TempStore) -> String {
    let Address::Postgres(address) = store.address() else { panic!("{}", store.address()) };
    address.options().unwrap().replace("-c search_path=", "")
}

/// The caller leaves while its transaction waits for another one's row.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_begun_is_carried_out_though_its_caller_is_gone() {
    let Some(store) = TempStore::on_postgres().await else { return };
    let (server, schema) = (PostgresServer::shared().unwrap(), store_schema(&store));
    let value: String = digest("v").as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let hold = format!(
        "BEGIN; INSERT INTO {schema}.spent_once (kind, value, expires_at) VALUES ('form', '\\x{value}', 0);
         SELECT pg_sleep(1); ROLLBACK"
    );
    let holding = tokio::task::spawn_blocking(move || server.execute(&hold));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let caller = Store::clone(&store);
    let asked = tokio::spawn(async move { keep(&caller, &[Change::AddSession(session("s")), spend_once("v")]).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!asked.is_finished(), "it waits");
    asked.abort();
    assert!(asked.await.is_err());
    holding.await.unwrap();
    // Asked from outside: on the connection itself its own transaction would be seen whether or not it is kept.
    let kept = format!("SELECT count(*) FROM {schema}.sessions, {schema}.spent_once");
    for _ in 0..100 {
        if server.count(&kept) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the transaction was left open");
}

/// A person closes the page in the middle of a request: the write ends by itself, and no connection is spoiled.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_go_away_leave_no_transaction_behind() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = format!("{}&pool_size=2", server.new_schema());
    let store = open(&address).await.unwrap();
    for number in 0..60_u64 {
        let (caller, name) = (store.clone(), format!("s{number}"));
        let asked = tokio::spawn(async move {
            keep(&caller, &[Change::AddSession(session(&name)), spend_once(&name)]).await;
        });
        tokio::time::sleep(Duration::from_micros(100 * (number % 12))).await;
        asked.abort();
        let _ = asked.await;
    }
    keep(&store, &[Change::AddSession(session("last"))]).await;
    store.ready().await.unwrap();
    for number in 0..60 {
        let name = format!("s{number}");
        let value: Digest = digest(&name);
        let spent = store.lookups().is_spent("form", &value).await.unwrap();
        assert_eq!(has_session(&store, &name).await, spent, "all of {name} or nothing");
    }
}

#[tokio::test]
async fn a_text_that_no_column_can_hold_is_nobodys() {
    let Some(store) = TempStore::on_postgres().await else { return };
    assert!(store.lookups().user_by_username("ada\0").await.unwrap().is_none());
    store.ready().await.unwrap();
}
