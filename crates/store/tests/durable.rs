//! What was acknowledged stays, whatever happens to the process; and files that are not ours stay as they are.

#![allow(clippy::unwrap_used, reason = "tests")]

mod deciding;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use deciding::{keep, kept};
use sayso_authority::record::change::Change;
use sayso_store::{Store, StoreError, StoredKey};
use sayso_testkit::records::{ada, digest, grant, session};
use sayso_testkit::{NOW, TempStore};
use sayso_token::algorithm::Algorithm;
use sayso_token::time::Lifetime;

sayso_testkit::on_both_databases! {
    a_closed_store_says_so,
    the_first_key_of_an_authority_and_algorithm_wins,
    seeding_leaves_who_is_there_alone,
    a_user_is_disabled_and_enabled_again,
}

/// Names the file to the test that is run to be killed.
const VICTIM_FILE: &str = "SAYSO_STORE_TEST_FILE";

async fn has_session(store: &Store, name: &str) -> bool {
    store.lookups().session(&digest(name)).await.unwrap().is_some()
}

#[tokio::test]
async fn what_was_kept_is_there_after_closing_and_opening() {
    let store = TempStore::open().await;
    keep(&store, &[Change::AddUser(ada()), Change::AddGrant(grant("g"))]).await;
    store.close().await;
    let log = store.file().with_extension("db-wal");
    assert!(!log.exists(), "closing folds the log into the file");
    let again = store.open_again().await.unwrap();
    assert!(again.lookups().user(&ada().id).await.unwrap().is_some());
    assert_eq!(again.lookups().grants_of_user(&ada().id, None).await.unwrap().len(), 1);
}

async fn a_closed_store_says_so(store: TempStore) {
    store.close().await;
    store.close().await;
    let answers = [
        store.ready().await.unwrap_err(),
        store.lookups().user(&ada().id).await.unwrap_err(),
        store.seed_user(&ada()).await.unwrap_err(),
    ];
    for error in answers {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    }
}

/// Copies what a power cut would leave behind: the file and its log, without anybody having closed it.
#[tokio::test]
async fn what_was_kept_needs_no_closing() {
    let store = TempStore::open().await;
    for name in ["first", "second"] {
        keep(&store, &[Change::AddSession(session(name))]).await;
    }
    let elsewhere = tempfile::tempdir().unwrap();
    for suffix in ["db", "db-wal"] {
        let from = store.file().with_extension(suffix);
        std::fs::copy(&from, elsewhere.path().join(from.file_name().unwrap())).unwrap();
    }
    let revived = Store::open(&elsewhere.path().join("sayso.db")).await.unwrap();
    assert!(has_session(&revived, "first").await);
    assert!(has_session(&revived, "second").await);
}

/// Not a test of its own: `a_killed_process_loses_nothing_acknowledged` runs it in another process and kills it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is run, and killed, by a_killed_process_loses_nothing_acknowledged"]
async fn victim() {
    let Some(file) = std::env::var_os(VICTIM_FILE) else { return };
    let store = Store::open(Path::new(&file)).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let name = format!("{}-{writer}-{number}", std::process::id());
                    if kept(&store, &[Change::AddSession(session(&name))]).await {
                        println!("\nkept {name}");
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sayso.db");
    for round in 1..=5 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "victim", "--ignored", "--nocapture"])
            .env(VICTIM_FILE, &file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut acknowledged = Vec::new();
        let mut killed = false;
        // Reads on to the end of the pipe: an acknowledgement that was printed counts.
        for line in BufReader::new(victim.stdout.take().unwrap()).lines() {
            if let Some(name) = line.unwrap().strip_prefix("kept ") {
                acknowledged.push(name.to_owned());
            }
            if acknowledged.len() >= 40 * round && !killed {
                victim.kill().unwrap();
                killed = true;
            }
        }
        victim.wait().unwrap();
        assert!(killed && acknowledged.len() >= 40 * round, "round {round}: {}", acknowledged.len());
        // The last line may have been cut off in the middle.
        acknowledged.pop();
        let store = Store::open(&file).await.unwrap();
        for name in &acknowledged {
            assert!(has_session(&store, name).await, "round {round}: {name} is lost");
        }
        store.close().await;
        let sound: String = rusqlite::Connection::open(&file)
            .unwrap()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok");
    }
}

#[tokio::test]
async fn opening_again_migrates_nothing() {
    let store = TempStore::open().await;
    let schema = |file: &Path| -> Vec<(String, String)> {
        let connection = rusqlite::Connection::open(file).unwrap();
        let mut query = connection.prepare("SELECT name, COALESCE(sql, '') FROM sqlite_master ORDER BY name").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let before = schema(store.file());
    assert!(before.iter().any(|(name, _)| name == "grants"), "{before:?}");
    let again = store.open_again().await.unwrap();
    assert_eq!(schema(store.file()), before);
    again.ready().await.unwrap();
    let versions: Vec<i64> = rusqlite::Connection::open(store.file())
        .unwrap()
        .prepare("SELECT version FROM schema_version ORDER BY version")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_first_starts_at_once_make_one_schema() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sayso.db");
    let starts: Vec<_> = (0..8)
        .map(|start| {
            let file = file.clone();
            tokio::spawn(async move {
                let store = Store::open(&file).await.unwrap();
                keep(&store, &[Change::AddSession(session(&format!("s{start}")))]).await;
            })
        })
        .collect();
    for start in starts {
        start.await.unwrap();
    }
    let store = Store::open(&file).await.unwrap();
    for start in 0..8 {
        assert!(has_session(&store, &format!("s{start}")).await, "{start}");
    }
    assert_eq!(
        store.lookups().audit(100).await.unwrap().len(),
        8,
        "events of several openings have names of their own"
    );
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let store = TempStore::open().await;
    store.close().await;
    let newer = rusqlite::Connection::open(store.file()).unwrap();
    newer
        .execute_batch("INSERT INTO schema_version (version) VALUES (7001); CREATE TABLE new_things (id TEXT)")
        .unwrap();
    newer.close().unwrap();
    let before = std::fs::read(store.file()).unwrap();
    let error = store.open_again().await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 7001, known: 12, .. }), "{error}");
    assert!(error.to_string().contains("sayso.db") && error.to_string().contains("7001"), "{error}");
    assert!(std::fs::read(store.file()).unwrap() == before, "the file has changed");
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_with_advice_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let foreign = directory.path().join("foreign.db");
    let other = rusqlite::Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE birds (name TEXT)").unwrap();
    other.close().unwrap();
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "not a database at all").unwrap();
    let cut = directory.path().join("cut.db");
    std::fs::write(&cut, [b"SQLite format 3\0".as_slice(), &[0xff; 500]].concat()).unwrap();
    let cases = [
        (foreign, "another program"),
        (text.clone(), "not a SQLite database"),
        (cut, "damaged"),
        (directory.path().to_owned(), "directory"),
        (text.join("sayso.db"), "notes.txt"),
    ];
    for (file, word) in cases {
        let before = std::fs::read(&file).ok();
        let error = Store::open(&file).await.unwrap_err();
        assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains(word) && said.contains(directory.path().to_str().unwrap()), "{said}");
        assert!(std::fs::read(&file).ok() == before, "{} has changed", file.display());
    }
}

#[tokio::test]
async fn damage_inside_is_told_without_a_panic() {
    let store = TempStore::open().await;
    assert!(store.seed_user(&ada()).await.unwrap());
    let vandal = rusqlite::Connection::open(store.file()).unwrap();
    vandal.execute_batch("UPDATE users SET attributes = 'secret nonsense'").unwrap();
    let error = store.lookups().user(&ada().id).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    assert!(error.to_string().contains("users.attributes") && !error.to_string().contains("nonsense"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_look_inside() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("new/data");
    let store = Store::open(&directory.join("sayso.db")).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for file in ["sayso.db", "sayso.db-wal", "sayso.db-shm"] {
        assert_eq!(mode(&directory.join(file)), 0o600, "{file}");
    }
    drop(store);
}

async fn the_first_key_of_an_authority_and_algorithm_wins(store: TempStore) {
    let key = |kid: &str, algorithm, generation| StoredKey {
        kid: kid.to_owned(),
        algorithm,
        generation,
        sealed: format!("sealed {kid}"),
        created_at: NOW,
        revoked_at: None,
    };
    let (rsa, ec) = (key("rsa", Algorithm::Rs256, 0), key("ec", Algorithm::Es256, 0));
    let cases = [
        ("quiz", &rsa, true),
        ("quiz", &key("late", Algorithm::Rs256, 0), false),
        ("quiz", &rsa, false),
        ("quiz", &ec, true),
        ("wear", &rsa, true),
        ("quiz", &key("next", Algorithm::Rs256, 1), true),
    ];
    for (authority, key, added) in &cases {
        assert_eq!(store.add_signing_key(authority, key).await.unwrap(), *added, "{authority} {}", key.kid);
    }
    let keys = store.lookups().signing_keys("quiz").await.unwrap();
    assert_eq!(keys, [ec, key("next", Algorithm::Rs256, 1), rsa.clone()]);
    assert_eq!(store.lookups().signing_keys("wear").await.unwrap(), [rsa]);
    assert!(store.lookups().signing_keys("none").await.unwrap().is_empty());
}

async fn seeding_leaves_who_is_there_alone(store: TempStore) {
    assert!(store.seed_user(&ada()).await.unwrap());
    let mut changed = ada();
    changed.attributes.clear();
    assert!(!store.seed_user(&changed).await.unwrap());
    assert_eq!(store.lookups().user(&ada().id).await.unwrap().unwrap().attributes, ada().attributes);
    assert_eq!(kinds(&store).await, ["user_added"]);
}

/// Disabling and enabling count once, each with its event.
async fn a_user_is_disabled_and_enabled_again(store: TempStore) {
    store.seed_user(&ada()).await.unwrap();
    let id = ada().id;
    let disabled_at = async || store.lookups().user(&id).await.unwrap().unwrap().disabled_at;
    assert!(!store.enable_user(&id, NOW).await.unwrap());
    assert!(store.disable_user(&id, NOW).await.unwrap());
    assert!(!store.disable_user(&id, NOW + Lifetime::from_seconds(1)).await.unwrap());
    assert_eq!(disabled_at().await, Some(NOW));
    assert!(store.enable_user(&id, NOW).await.unwrap());
    assert_eq!(disabled_at().await, None);
    let nobody = sayso_testkit::records::user("nobody").id;
    assert!(!store.disable_user(&nobody, NOW).await.unwrap());
    assert!(!store.enable_user(&nobody, NOW).await.unwrap());
    assert_eq!(kinds(&store).await, ["user_enabled", "user_disabled", "user_added"]);
}

/// The kinds of all events, the newest first.
async fn kinds(store: &TempStore) -> Vec<String> {
    store.lookups().audit(100).await.unwrap().into_iter().map(|event| event.kind).collect()
}
