//! On both engines, with steps that no release has.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sayso_testkit::PostgresServer;
use tempfile::TempDir;

use super::*;
use crate::backend::{Statement, Value};
use crate::migrations::{ALL, Sweep, newest};

/// Names the file to the test that is run to be killed.
const VICTIM_FILE: &str = "SAYSO_MIGRATION_TEST_FILE";
const ADD_GRANT: &str = "INSERT INTO grants (id, authority, client, user_id, audience, scopes, signed_in_at, created_at, \
     last_used_at, epoch) VALUES ($1, 'quiz', 'alexa', 'usr_ada', 'api', '[]', 1, 2, 3, 0) RETURNING id";
const BUMP_EPOCH: &str = "UPDATE grants SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2 RETURNING id";
const EPOCH: &str = "SELECT epoch FROM grants WHERE id = $1";

/// A new database, and the folder it may lie in.
struct Place(Address, #[allow(dead_code, reason = "goes away with the test")] Option<TempDir>);

fn file() -> Place {
    let folder = tempfile::tempdir().unwrap();
    Place(Address::File(folder.path().join("sayso.db")), Some(folder))
}

fn places() -> Vec<Place> {
    let server = PostgresServer::shared().map(|server| Place(Address::parse(&server.new_schema()).unwrap(), None));
    std::iter::once(file()).chain(server).collect()
}

/// The released steps and one more.
fn and(sql: &'static str, oldest_program: i64, sweeps: &'static [Sweep]) -> Vec<Migration> {
    let version = newest(ALL) + 1;
    let next = Migration { version, name: "next", sql, oldest_program, sweeps };
    ALL.iter().copied().chain([next]).collect()
}

/// What the next version may do to tables that this one uses.
fn expanding() -> Vec<Migration> {
    const SQL: &str = "ALTER TABLE grants ADD COLUMN place TEXT; ALTER TABLE sessions ADD COLUMN place TEXT; \
         CREATE INDEX grants_by_client ON grants (client); CREATE TABLE places (id TEXT NOT NULL PRIMARY KEY);";
    and(SQL, newest(ALL), &[Sweep { table: "grants", column: "client" }])
}

async fn open(Place(address, _): &Place, migrations: &[Migration]) -> Result<Backend, StoreError> {
    Backend::open(address, migrations, Migrate::AtStart).await
}

async fn write(backend: &Backend, sql: &'static str, values: Vec<Value>) -> bool {
    let batch = vec![Statement { sql: sql.into(), values, guarded: true }];
    matches!(backend.write(batch).await.unwrap(), crate::backend::Written::Kept(_))
}

async fn epoch(backend: &Backend) -> i64 {
    let rows = backend.read(EPOCH, &["g".into()]).await.unwrap();
    rows.into_iter().next().unwrap().int("grants.epoch").unwrap()
}

async fn version(place: &Place) -> i64 {
    Backend::outlook(&place.0, &expanding()).await.unwrap().found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_older_program_goes_on_while_the_schema_grows() {
    for place in places() {
        let older = open(&place, ALL).await.unwrap();
        assert!(write(&older, ADD_GRANT, vec!["g".into()]).await);
        // Every kept connection has its statements prepared.
        for number in 0..20 {
            assert_eq!(epoch(&older).await, number);
            assert!(write(&older, BUMP_EPOCH, vec!["g".into(), number.into()]).await);
        }
        let applied = Backend::migrate(&place.0, &expanding()).await.unwrap();
        assert_eq!(applied.iter().map(|step| step.name).collect::<Vec<_>>(), ["next"]);
        for number in 20..40 {
            assert_eq!(epoch(&older).await, number);
            assert!(write(&older, BUMP_EPOCH, vec!["g".into(), number.into()]).await);
            assert!(!write(&older, BUMP_EPOCH, vec!["g".into(), number.into()]).await, "the guard still counts");
        }
        assert!(write(&older, ADD_GRANT, vec!["h".into()]).await);
        let newer = open(&place, &expanding()).await.unwrap();
        assert_eq!(epoch(&newer).await, 40);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_program_starts_on_a_newer_schema_that_suits_it_and_on_no_other() {
    for place in places() {
        drop(open(&place, &expanding()).await.unwrap());
        let older = open(&place, ALL).await.unwrap();
        assert!(write(&older, ADD_GRANT, vec!["g".into()]).await);
        assert_eq!(epoch(&older).await, 0);
        assert!(Backend::migrate(&place.0, ALL).await.unwrap().is_empty());
        let outlook = Backend::outlook(&place.0, ALL).await.unwrap();
        assert_eq!((outlook.found, outlook.steps.len()), (newest(ALL) + 1, 0));
        assert!(Backend::open(&place.0, ALL, Migrate::ByCommand).await.is_ok());
        assert_eq!(version(&place).await, newest(ALL) + 1);
    }
    for place in places() {
        drop(open(&place, &and("DROP TABLE configurations;", newest(ALL) + 1, &[])).await.unwrap());
        let tries = [
            open(&place, ALL).await.map(drop),
            Backend::migrate(&place.0, ALL).await.map(drop),
            Backend::outlook(&place.0, ALL).await.map(drop),
        ];
        for refused in tries {
            let error = refused.unwrap_err();
            assert!(matches!(error, StoreError::NewerSchema { .. }), "{error}");
            let needs = format!("needs a program that knows version {}", newest(ALL) + 1);
            assert!(error.to_string().contains(&needs), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_may_not_migrate_names_the_command_and_changes_nothing() {
    for place in places() {
        let refused = async |migrations: &[Migration]| {
            let error = Backend::open(&place.0, migrations, Migrate::ByCommand).await.unwrap_err();
            assert!(matches!(error, StoreError::OlderSchema { .. }), "{error}");
            assert!(error.to_string().contains("sayso migrate --config FILE"), "{error}");
            error.to_string()
        };
        assert!(refused(ALL).await.contains("no schema yet"));
        if let Address::File(file) = &place.0 {
            assert!(!file.exists(), "it was made");
        }
        assert_eq!(Backend::migrate(&place.0, ALL).await.unwrap().len(), ALL.len());
        assert!(Backend::open(&place.0, ALL, Migrate::ByCommand).await.is_ok());
        assert!(refused(&expanding()).await.contains(&format!("has schema version {}", newest(ALL))));
        assert_eq!(version(&place).await, newest(ALL));
        assert!(Backend::migrate(&place.0, &expanding()).await.is_ok());
        assert!(Backend::open(&place.0, &expanding(), Migrate::ByCommand).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_ahead_counts_the_rows_and_changes_nothing() {
    const SWEEPS: &[Sweep] = &[Sweep { table: "grants", column: "client" }, Sweep { table: "places", column: "id" }];
    let steps = and("CREATE INDEX grants_by_client ON grants (client);", newest(ALL), SWEEPS);
    for place in places() {
        let before = Backend::outlook(&place.0, &steps).await.unwrap();
        assert_eq!((before.found, before.known, before.steps.len()), (0, newest(&steps), steps.len()));
        if let Address::File(file) = &place.0 {
            assert!(!file.exists(), "it was made");
        }
        let running = open(&place, ALL).await.unwrap();
        for number in 0..50 {
            assert!(write(&running, ADD_GRANT, vec![Value::Text(format!("g{number}"))]).await);
        }
        let outlook = Backend::outlook(&place.0, &steps).await.unwrap();
        assert_eq!((outlook.found, outlook.steps.len()), (newest(ALL), 1));
        let counted = outlook.steps[0].sweeps.iter().map(|swept| (swept.table, swept.counted.unwrap().0));
        assert_eq!(counted.collect::<Vec<_>>(), [("grants", 50), ("places", 0)]);
        assert!(outlook.estimate().is_some_and(|time| time > Duration::ZERO && time < Duration::from_secs(10)));
        assert_eq!(Backend::outlook(&place.0, &steps).await.unwrap().found, newest(ALL));
        running.close().await;
        if let Address::File(file) = &place.0 {
            let content = std::fs::read(file).unwrap();
            Backend::outlook(&place.0, &steps).await.unwrap();
            assert!(std::fs::read(file).unwrap() == content, "the file has changed");
            assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "it left files behind");
        }
        let nothing = Backend::outlook(&place.0, ALL).await.unwrap();
        assert!(nothing.steps.is_empty() && nothing.estimate() == Some(Duration::ZERO));
    }
}

#[test]
fn a_table_that_was_not_counted_leaves_the_time_open() {
    let swept = |counted| Swept { table: "grants", counted };
    let step = |sweeps| Step { version: 4, name: "next", oldest_program: 3, sweeps };
    let second = swept(Some((1_000_000, Duration::from_secs(1))));
    for (sweeps, estimate) in
        [(vec![], Some(0)), (vec![second.clone(), second.clone()], Some(20)), (vec![second, swept(None)], None)]
    {
        assert_eq!(step(sweeps).estimate(), estimate.map(Duration::from_secs));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_leaves_the_version_before() {
    for place in places() {
        drop(open(&place, ALL).await.unwrap());
        let half = and("CREATE TABLE half (id TEXT); CREATE TABLE users (id TEXT);", newest(ALL), &[]);
        // On PostgreSQL a table that is there already looks like a faster node, until looking again has shown none.
        assert!(open(&place, &half).await.is_err());
        assert_eq!(version(&place).await, newest(ALL));
        let whole = and("CREATE TABLE half (id TEXT);", newest(ALL), &[]);
        drop(open(&place, &whole).await.unwrap());
        assert_eq!(version(&place).await, newest(&whole));
    }
}

/// Not a test of its own: `a_process_killed_in_a_step_leaves_the_version_before` runs it elsewhere and kills it.
#[test]
#[ignore = "is run, and killed, by a_process_killed_in_a_step_leaves_the_version_before"]
fn victim() {
    const ENDLESS: &str = "CREATE TABLE half (id BIGINT); UPDATE grants SET epoch = 7; \
         INSERT INTO half (id) WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n;";
    let Some(file) = std::env::var_os(VICTIM_FILE) else { return };
    println!("\nbegun");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let migrated = runtime.block_on(Backend::migrate(&Address::File(file.into()), &and(ENDLESS, newest(ALL), &[])));
    println!("{migrated:?}");
}

fn length(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}

#[tokio::test]
async fn a_process_killed_in_a_step_leaves_the_version_before() {
    let place = file();
    let Address::File(file) = &place.0 else { panic!("{}", place.0) };
    let store = open(&place, ALL).await.unwrap();
    assert!(write(&store, ADD_GRANT, vec!["g".into()]).await);
    store.close().await;
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "schema::tests::victim", "--ignored", "--nocapture"])
        .env(VICTIM_FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(victim.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == "begun"));
    // So much of the step that is not committed is on the disk already.
    while length(&file.with_extension("db-wal")) < 8 * 1024 * 1024 {
        assert!(victim.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    let store = open(&place, ALL).await.unwrap();
    assert_eq!(epoch(&store).await, 0);
    store.close().await;
    assert_eq!(version(&place).await, newest(ALL));
    let connection = rusqlite::Connection::open(file).unwrap();
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let half = connection.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'half'", [], |row| row.get(0));
    assert_eq!(half, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_a_step_leaves_the_version_before() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place(Address::parse(&server.new_schema()).unwrap(), None);
    let store = open(&place, ALL).await.unwrap();
    assert!(write(&store, ADD_GRANT, vec!["g".into()]).await);
    let slow = and("CREATE TABLE half (id TEXT); UPDATE grants SET epoch = 7; SELECT pg_sleep(600);", 3, &[]);
    let address = place.0.clone();
    let migrating = tokio::spawn(async move { Backend::migrate(&address, &slow).await });
    const SLEEPING: &str = "FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'CREATE TABLE half%'";
    while server.count(&format!("SELECT count(*) {SLEEPING}")) == 0 {
        assert!(!migrating.is_finished(), "it ended by itself");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(epoch(&store).await, 0, "others go on reading");
    server.execute(&format!("SELECT pg_terminate_backend(pid) {SLEEPING}"));
    assert!(matches!(migrating.await.unwrap(), Err(StoreError::CannotOpen { .. })));
    assert_eq!(version(&place).await, newest(ALL));
    assert!(write(&store, BUMP_EPOCH, vec!["g".into(), 0.into()]).await);
    let whole = and("CREATE TABLE half (id TEXT);", 3, &[]);
    assert_eq!(Backend::migrate(&place.0, &whole).await.unwrap().len(), 1);
}

/// A long transaction uses a table that a step changes: the step lets others pass and comes through in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_step_that_waits_for_a_table_is_in_nobodys_way() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place(Address::parse(&server.new_schema()).unwrap(), None);
    let store = open(&place, ALL).await.unwrap();
    assert!(write(&store, ADD_GRANT, vec!["g".into()]).await);
    let Address::Postgres(address) = &place.0 else { panic!("{}", place.0) };
    let schema = address.options().unwrap().replace("-c search_path=", "");
    let hold = format!("BEGIN; SELECT id FROM {schema}.grants; SELECT pg_sleep(3); COMMIT");
    let holding = tokio::task::spawn_blocking(move || server.execute(&hold));
    while server.count("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%sleep(3)%'")
        == 0
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let address = place.0.clone();
    let migrating = tokio::spawn(async move { Backend::migrate(&address, &expanding()).await });
    let mut number = 0;
    while !holding.is_finished() {
        assert!(write(&store, BUMP_EPOCH, vec!["g".into(), number.into()]).await);
        number += 1;
    }
    assert_eq!(migrating.await.unwrap().unwrap().len(), 1);
    assert!(number > 1, "{number}");
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_others_are_refused_and_left_alone() {
    let tables = [
        "CREATE TABLE birds (name TEXT)",
        "CREATE TABLE schema_version (installed_rank BIGINT, success BIGINT)",
        "CREATE TABLE schema_version (version TEXT); INSERT INTO schema_version (version) VALUES ('1.2')",
        "CREATE TABLE schema_version (version BIGINT)",
    ];
    for sql in tables {
        for place in places() {
            match &place.0 {
                Address::File(file) => rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap(),
                Address::Postgres(address) => {
                    let schema = address.options().unwrap().replace("-c search_path=", "");
                    PostgresServer::shared().unwrap().execute(&format!("SET search_path = {schema}; {sql}"));
                }
            }
            let tries = [
                open(&place, ALL).await.map(drop),
                Backend::migrate(&place.0, ALL).await.map(drop),
                Backend::outlook(&place.0, ALL).await.map(drop),
                Backend::open(&place.0, ALL, Migrate::ByCommand).await.map(drop),
            ];
            for refused in tries {
                let said = refused.unwrap_err().to_string();
                assert!(said.contains("another program"), "{sql}: {said}");
            }
        }
    }
}
