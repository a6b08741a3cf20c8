//! Backups that are made while the database is written to, and what is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod deciding;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use deciding::keep;
use sayso_authority::record::change::Change;
use sayso_store::{Address, CopyError, Store, StoreError, backup, pg_dump, pg_restore};
use sayso_testkit::records::{ada, grant, session, user};
use sayso_testkit::{NOW, PostgresServer, TempStore};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A user and a grant in one transaction each time: a copy of one moment has both of every pair, and the pairs up to
/// some number without a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_is_one_moment_and_holds_nobody_up() {
    let store = Arc::new(TempStore::open().await);
    let mut big = ada();
    big.attributes = BTreeMap::from([("firstName".to_owned(), "x".repeat(20_000_000).into())]);
    keep(&store, &[Change::AddUser(big)]).await;
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writing = tokio::spawn({
        let (store, stop, written) = (store.clone(), stop.clone(), written.clone());
        async move {
            while !stop.load(Ordering::SeqCst) {
                let name = format!("{:06}", written.load(Ordering::SeqCst));
                keep(&store, &[Change::AddUser(user(&name)), Change::AddGrant(grant(&name))]).await;
                written.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    while written.load(Ordering::SeqCst) < 10 {
        tokio::task::yield_now().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("today.db");
    let before = written.load(Ordering::SeqCst);
    let contents = {
        let (from, to) = (store.file().to_owned(), target.clone());
        tokio::task::spawn_blocking(move || tokio::runtime::Handle::current().block_on(backup(&from, &to, false)))
    };
    let contents = contents.await.unwrap().unwrap();
    let after = written.load(Ordering::SeqCst);
    stop.store(true, Ordering::SeqCst);
    writing.await.unwrap();
    assert!(after > before, "writing went on");

    assert_eq!(names(folder.path()), ["today.db"], "one file, without a log");
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    let copied = usize::try_from(contents.grants).unwrap();
    assert!((before..=after).contains(&copied), "{before} {copied} {after}");
    assert_eq!(contents.users, contents.grants + 1);
    let copy = Store::open(&target).await.unwrap();
    for number in 0..copied {
        let name = format!("{number:06}");
        assert!(copy.lookups().grant(&grant(&name).id).await.unwrap().is_some(), "{name}");
        assert!(copy.lookups().user(&user(&name).id).await.unwrap().is_some(), "{name}");
    }
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_stopped_server_is_backed_up_as_well() {
    let store = TempStore::open().await;
    keep(&store, &[Change::AddUser(ada()), Change::AddSession(session("s"))]).await;
    store.close().await;
    let target = store.file().with_extension("backup");
    let contents = backup(store.file(), &target, false).await.unwrap();
    assert_eq!((contents.users, contents.grants, contents.restored_at), (1, 0, None));
    assert_eq!(names(store.file().parent().unwrap()), ["sayso.backup", "sayso.db"]);
    // Again only when told.
    let again = backup(store.file(), &target, false).await.unwrap_err();
    assert!(matches!(again, CopyError::Exists { .. }), "{again}");
    backup(store.file(), &target, true).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_backed_up_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let store = TempStore::open().await;
    fs::write(at("text.db"), "not a database at all").unwrap();
    fs::write(at("empty.db"), "").unwrap();
    let newer = TempStore::open().await;
    newer.close().await;
    sqlite3(newer.file(), "INSERT INTO schema_version (version) VALUES (999)");
    sqlite3(&at("foreign.db"), "CREATE TABLE things (id TEXT)");
    fs::create_dir(at("folder")).unwrap();
    let untouched = names(folder.path());
    let table = [
        (at("none.db"), at("b"), "there is no database"),
        (at("text.db"), at("b"), "not a database"),
        (at("empty.db"), at("b"), "no database of Sayso"),
        (at("foreign.db"), at("b"), "no database of Sayso"),
        (newer.file().to_owned(), at("b"), "schema version 999"),
        (store.file().to_owned(), at("folder"), "is there already"),
        (store.file().to_owned(), at("nowhere/b"), "the folder must be there"),
        (store.file().to_owned(), at("text.db"), "is there already"),
    ];
    for (from, to, words) in table {
        let error = backup(&from, &to, false).await.unwrap_err().to_string();
        assert!(error.contains(words), "{from:?} {to:?}: {error}");
        assert_eq!(names(folder.path()), untouched, "{from:?} {to:?}");
    }
    let onto_folder = backup(store.file(), &at("folder"), true).await.unwrap_err().to_string();
    assert!(onto_folder.contains("not a folder"), "{onto_folder}");
    assert_eq!(fs::read(at("text.db")).unwrap(), b"not a database at all");
}

/// Damage anywhere in the file is found before the copy has its name.
#[tokio::test]
async fn a_damaged_database_yields_no_backup() {
    let store = TempStore::open().await;
    for number in 0..200 {
        keep(&store, &[Change::AddUser(user(&format!("{number:03}")))]).await;
    }
    store.close().await;
    let mut bytes = fs::read(store.file()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0x5A);
    fs::write(store.file(), &bytes).unwrap();
    let target = store.file().with_extension("backup");
    let error = backup(store.file(), &target, false).await.unwrap_err().to_string();
    assert!(error.contains("damaged") && !target.exists(), "{error}");
    assert_eq!(names(store.file().parent().unwrap()), ["sayso.db"]);
}

/// The commands that `sayso backup` tells for PostgreSQL, carried out as they are printed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_database_comes_back_through_its_own_programs() {
    let Some(server) = PostgresServer::shared() else { return };
    let text = server.new_schema();
    let Address::Postgres(address) = Address::parse(&text).unwrap() else { panic!("a server") };
    let store = Store::open(Address::Postgres(address.clone())).await.unwrap();
    keep(&store, &[Change::AddUser(ada()), Change::AddGrant(grant("g")), Change::AddSession(session("s"))]).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("to day.dump");
    server.shell(&pg_dump(&address, &file));
    keep(&store, &[Change::AddGrant(grant("later"))]).await;
    store.close().await;
    let schema = text.rsplit("search_path=").next().unwrap();
    server.execute(&format!("DROP SCHEMA {schema} CASCADE"));
    server.shell(&pg_restore(&address, file.to_str().unwrap()));

    let back = Store::open(Address::Postgres(address)).await.unwrap();
    assert!(back.lookups().session(&session("s").digest).await.unwrap().is_some(), "until it is marked");
    back.mark_restored(NOW).await.unwrap();
    assert!(back.lookups().session(&session("s").digest).await.unwrap().is_none());
    assert!(back.lookups().user(&ada().id).await.unwrap().is_some());
    assert_eq!(back.lookups().grants_of_user(&ada().id, None).await.unwrap().len(), 1);
    keep(&back, &[Change::AddGrant(grant("after"))]).await;
}

/// What another program would do to a file.
fn sqlite3(file: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn an_error_of_the_store_is_still_one() {
    let error = CopyError::from(StoreError::Contended);
    assert_eq!(error.to_string(), StoreError::Contended.to_string());
}
