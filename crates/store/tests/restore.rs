//! Going back to a backup of a SQLite file: what comes back, what must not, and what a killed restore leaves.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod deciding;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use deciding::keep;
use sayso_authority::Decision;
use sayso_authority::decide::administer_user::{remove_user, set_password};
use sayso_authority::record::change::Change;
use sayso_authority::record::event::Event;
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain};
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::identity::Identity;
use sayso_authority::record::user::UserId;
use sayso_store::{CopyError, Restoration, Retention, Store, StoredKey, TakenOver, backup};
use sayso_testkit::records::{ada, code, digest, grant, session, user};
use sayso_testkit::{NOW, TempStore, TestClock};
use sayso_token::algorithm::Algorithm;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};

const LABEL: &str = "then";

fn later() -> Timestamp {
    NOW + Lifetime::from_seconds(3600)
}

fn key(kid: &str, generation: i64) -> StoredKey {
    let (kid, sealed) = (kid.to_owned(), "sealed".to_owned());
    StoredKey { kid, algorithm: Algorithm::Es256, generation, sealed, created_at: NOW, revoked_at: None }
}

/// A database with a key, four people and some links, and a backup of it.
async fn lived() -> (TempStore, PathBuf) {
    let store = TempStore::open().await;
    assert!(store.add_signing_key("quiz", &key("first", 0)).await.unwrap());
    let mut changes: Vec<_> =
        ["idle", "refreshed", "ended", "purged", "bumped"].map(grant).map(Change::AddGrant).into();
    changes.extend([ada(), user("bob"), user("carol"), user("dora")].map(Change::AddUser));
    changes.extend(["gold", "ended"].map(group));
    changes.extend([join("gold", "bob"), join("gold", "ada"), join("ended", "ada")]);
    changes.extend([known("kept", "ada"), known("gone", "ada"), known("given", "ada"), known("left", "carol")]);
    changes.extend([Change::AddSession(session("s")), Change::AddCode(code("c"))]);
    keep(&store, &changes).await;
    let file = store.file().with_extension("backup");
    backup(store.file(), &file, false).await.unwrap();
    (store, file)
}

fn group(name: &str) -> Change {
    let (id, name) = (GroupId(name.to_owned()), name.to_owned());
    Change::AddGroup(Group { id, name, description: String::new(), created_at: NOW })
}

fn join(group: &str, name: &str) -> Change {
    Change::AddMember { group: GroupId(group.to_owned()), user: person(name), at: NOW }
}

/// An account elsewhere that signs somebody in.
fn known(subject: &str, name: &str) -> Change {
    Change::AddIdentity(Identity {
        issuer: "https://login.corp.test".to_owned(),
        subject: subject.to_owned(),
        user: person(name),
        connection: "corp".to_owned(),
        shown_as: name.to_owned(),
        connected_at: NOW,
    })
}

fn no_more(subject: &str, name: &str) -> Change {
    let (issuer, subject) = ("https://login.corp.test".to_owned(), subject.to_owned());
    Change::RemoveIdentity { issuer, subject, user: person(name) }
}

fn person(name: &str) -> UserId {
    if name == "ada" { ada().id } else { user(name).id }
}

fn at(generation: i64) -> RefreshChain {
    RefreshChain { generation, live: digest(&format!("refreshed {generation}")), steps: Vec::new() }
}

fn spend(form: &str) -> Change {
    Change::SpendOnce { kind: "consent form", value: digest(form), expires_at: later() }
}

/// What happened after the backup.
async fn go_on(store: &Store) {
    for generation in 0..3 {
        let (grant, chain) = (GrantId("refreshed".to_owned()), at(generation + 1));
        let advance = Change::AdvanceRefresh { grant, from_generation: generation, chain, used_at: later() };
        keep(store, &[advance]).await;
    }
    let revoke = |id: &str, at| Change::RevokeGrant { grant: GrantId(id.to_owned()), at };
    keep(store, &[revoke("ended", later()), spend("answered"), Change::AddGrant(grant("since"))]).await;
    keep(store, &[Change::BumpEpoch { grant: GrantId("bumped".to_owned()), from_epoch: 0 }]).await;
    keep(store, &[Change::AddSession(session("later"))]).await;
    // Revoked so long ago that only the audit log knows.
    let ended = Event::new("unlinked_by_person", "quiz").grant("purged");
    let clock = TestClock::new();
    let settled = store.settle(&clock, |_, _| {
        let change = revoke("purged", NOW - sayso_store::purge::REVOKED_MEMORY - Lifetime::from_seconds(1));
        let decision = sayso_authority::Decision::<(), ()>::reply(()).change(change).event(ended.clone());
        std::future::ready(Ok(decision))
    });
    settled.await.unwrap().unwrap();
    assert_eq!(store.purge(NOW, &Retention::default()).await.unwrap().grants, 1);
    assert!(store.disable_user(&user("bob").id, later()).await.unwrap());
    let (carol, dora) = (user("carol"), user("dora"));
    let removed = remove_user((&carol, &[]), later());
    let settled = store.settle(&clock, |_, _| {
        let Decision { reply, changes, audit } = &removed;
        std::future::ready(Ok(Decision { reply: reply.clone(), changes: changes.clone(), audit: audit.clone() }))
    });
    settled.await.unwrap().unwrap();
    keep(store, &set_password((&dora, &[]), &Secret::new("$argon2id$since"), later()).changes).await;
    let leave = Change::RemoveMember { group: GroupId("gold".to_owned()), user: person("bob") };
    keep(store, &[leave, Change::RemoveGroup { group: GroupId("ended".to_owned()) }]).await;
    keep(store, &[no_more("gone", "ada"), no_more("given", "ada"), known("given", "bob"), known("since", "bob")]).await;
    // Revoked since, with its successor.
    assert!(store.revoke_signing_key("quiz", "first", later(), Some(&key("second", 1))).await.unwrap());
}

async fn found(store: &Store, id: &str) -> Option<Grant> {
    store.lookups().grant(&GrantId(id.to_owned())).await.unwrap()
}

async fn restore(file: &Path, source: &Path) -> (Option<TakenOver>, Option<PathBuf>) {
    let ready = Restoration::prepare(file, source, later()).await.unwrap();
    let taken = ready.taken_over().cloned();
    (taken, ready.finish(LABEL).await.unwrap())
}

#[tokio::test]
async fn what_ended_since_the_backup_stays_ended() {
    let (store, source) = lived().await;
    go_on(&store).await;
    let events = store.lookups().audit(1000).await.unwrap().len();
    store.close().await;
    let (taken, aside) = restore(store.file(), &source).await;
    let expected =
        TakenOver { related: true, ended: 2, moved_on: 2, disabled: 1, removed: 1, lost: 1, unread: Vec::new() };
    assert_eq!(taken, Some(expected));

    let now = store.open_again().await.unwrap();
    assert_eq!(found(&now, "ended").await.unwrap().revoked_at, Some(later()));
    assert!(found(&now, "purged").await.unwrap().revoked_at.is_some());
    assert_eq!(found(&now, "bumped").await.unwrap().epoch, 1);
    let refreshed = found(&now, "refreshed").await.unwrap();
    assert_eq!((refreshed.refresh, refreshed.last_used_at), (Some(at(3)), later()));
    assert_eq!(found(&now, "idle").await.unwrap().refresh.unwrap().generation, 0);
    assert!(found(&now, "since").await.is_none(), "what was made since is not in the backup");
    assert!(now.lookups().user(&user("bob").id).await.unwrap().unwrap().disabled_at.is_some());
    assert!(now.lookups().user(&user("carol").id).await.unwrap().is_none(), "removed since");
    let dora = now.lookups().user(&user("dora").id).await.unwrap().unwrap();
    assert_eq!(dora.password_hash.expose(), "$argon2id$since");
    for (name, groups) in [("ada", &["gold"][..]), ("bob", &[])] {
        assert_eq!(now.lookups().user(&person(name)).await.unwrap().unwrap().groups, groups, "{name}");
    }
    assert!(now.lookups().group_by_name("ended").await.unwrap().is_none());
    for (subject, owner) in [("kept", Some("ada")), ("gone", None), ("given", None), ("left", None), ("since", None)] {
        let identity = now.lookups().identity("https://login.corp.test", subject).await.unwrap();
        assert_eq!(identity.map(|identity| identity.user), owner.map(person), "{subject}");
    }
    assert!(now.lookups().is_spent("consent form", &digest("answered")).await.unwrap());
    for name in ["s", "later"] {
        assert!(now.lookups().session(&digest(name)).await.unwrap().is_none(), "{name}");
    }
    assert!(now.lookups().code(&digest("c")).await.unwrap().is_none());
    let keys = now.lookups().signing_keys("quiz").await.unwrap();
    let states: Vec<_> = keys.iter().map(|key| (key.kid.as_str(), key.revoked_at.is_some())).collect();
    assert_eq!(states, [("second", false), ("first", true)], "tokens of the newer key can still be checked");
    assert_eq!(now.lookups().audit(1000).await.unwrap().len(), events, "the log forgets nothing");

    // The old one is whole, and for its owner alone, as the new one is.
    let aside = aside.unwrap();
    assert!(aside.to_str().unwrap().ends_with("sayso.db.before-restore-then"), "{aside:?}");
    assert!(found(&Store::open(&aside).await.unwrap(), "since").await.is_some());
    for file in [store.file(), &aside] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    assert!(source.exists(), "the backup is still there");
}

#[tokio::test]
async fn an_empty_place_gets_the_backup_as_it_is() {
    let (_store, source) = lived().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.db");
    assert_eq!(restore(&file, &source).await, (None, None));
    let now = Store::open(&file).await.unwrap();
    assert!(found(&now, "ended").await.unwrap().revoked_at.is_none(), "nobody can know");
    assert!(now.lookups().session(&digest("s")).await.unwrap().is_none());
    now.close().await;
    let contents = backup(&file, &folder.path().join("b"), false).await.unwrap();
    assert_eq!(contents.restored_at, Some(later()));
}

#[tokio::test]
async fn a_database_that_is_open_stays_as_it_is() {
    let (store, source) = lived().await;
    go_on(&store).await;
    for _ in 0..2 {
        let error = Restoration::prepare(store.file(), &source, later()).await.err().unwrap();
        assert!(matches!(error, CopyError::InUse { .. }), "{error}");
    }
    keep(&store, &[Change::AddSession(session("still"))]).await;
    assert!(found(&store, "since").await.is_some());
    assert!(!store.file().with_extension("db.restoring").exists());
}

#[tokio::test]
async fn another_installation_teaches_nothing() {
    let (_other, source) = lived().await;
    let store = TempStore::open().await;
    assert!(store.add_signing_key("quiz", &key("foreign", 0)).await.unwrap());
    keep(&store, &[Change::AddGrant(grant("refreshed")), spend("theirs")]).await;
    let revoke = Change::RevokeGrant { grant: GrantId("refreshed".to_owned()), at: NOW };
    keep(&store, &[revoke]).await;
    store.close().await;
    let (taken, _) = restore(store.file(), &source).await;
    assert_eq!(taken, Some(TakenOver::default()));
    let now = store.open_again().await.unwrap();
    assert!(found(&now, "refreshed").await.unwrap().revoked_at.is_none());
    assert!(!now.lookups().is_spent("consent form", &digest("theirs")).await.unwrap());
}

#[tokio::test]
async fn a_damaged_database_is_replaced_and_kept() {
    for whole in [false, true] {
        let (store, source) = lived().await;
        go_on(&store).await;
        store.close().await;
        let mut bytes = fs::read(store.file()).unwrap();
        // Its very beginning, or everything behind the first page.
        if whole {
            bytes[..100].fill(0x5A)
        } else {
            bytes[4096..].fill(0x5A)
        }
        fs::write(store.file(), &bytes).unwrap();
        fs::write(store.file().with_extension("db-wal"), "what is left of a log").unwrap();
        let (taken, aside) = restore(store.file(), &source).await;
        assert!(taken.is_none_or(|taken| !taken.related || !taken.unread.is_empty()));
        assert_eq!(fs::metadata(aside.unwrap()).unwrap().len(), u64::try_from(bytes.len()).unwrap());
        let now = store.open_again().await.unwrap();
        assert!(found(&now, "idle").await.is_some() && found(&now, "since").await.is_none());
    }
}

#[tokio::test]
async fn what_is_no_backup_changes_nothing() {
    let (store, source) = lived().await;
    store.close().await;
    let before = fs::read(store.file()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let whole = fs::read(&source).unwrap();
    fs::write(at("text"), "not a database at all").unwrap();
    fs::write(at("empty"), "").unwrap();
    fs::write(at("cut"), &whole[..whole.len() / 2]).unwrap();
    fs::write(at("header"), &whole[..100]).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2..].fill(0x5A);
    fs::write(at("damaged"), damaged).unwrap();
    fs::write(at("export"), "sayso export 1 AAAA\n").unwrap();
    fs::write(at("newer"), &whole).unwrap();
    for (name, sql) in [
        ("newer", "INSERT INTO schema_version (version) VALUES (999)"),
        ("foreign", "CREATE TABLE things (id TEXT)"),
        ("strange", "CREATE TABLE schema_version (version BIGINT); INSERT INTO schema_version VALUES (1)"),
    ] {
        rusqlite::Connection::open(at(name)).unwrap().execute_batch(sql).unwrap();
    }
    let mut sources: Vec<PathBuf> =
        ["none", "text", "empty", "cut", "header", "damaged", "export", "newer", "foreign", "strange"].map(at).into();
    sources.extend([folder.path().to_owned(), store.file().to_owned()]);
    for source in sources {
        let error = Restoration::prepare(store.file(), &source, later()).await.err();
        let error = error.unwrap_or_else(|| panic!("{source:?} is taken"));
        assert!(error.to_string().contains(source.to_str().unwrap()), "{error}");
        assert_eq!(fs::read(store.file()).unwrap(), before, "{source:?}");
    }
    let left: Vec<_> = fs::read_dir(store.file().parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

/// What a restore leaves that is killed before its last step: the old database, and things beside it that the next one
/// clears away. After the last step there is the new one.
#[tokio::test]
async fn a_restore_that_was_killed_can_be_done_again() {
    let (store, source) = lived().await;
    go_on(&store).await;
    store.close().await;
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", store.file().display()));
    fs::write(beside(".restoring"), &fs::read(&source).unwrap()[..5000]).unwrap();
    fs::write(beside(".restoring-wal"), "half").unwrap();
    fs::hard_link(store.file(), beside(".before-restore-then")).unwrap();
    let old = store.open_again().await.unwrap();
    assert!(found(&old, "since").await.is_some(), "the old one still serves");
    old.close().await;
    let (_, aside) = restore(store.file(), &source).await;
    assert_eq!(aside.unwrap(), beside(".before-restore-then-2"));
    assert!(!beside(".restoring").exists() && !beside(".restoring-wal").exists());
    let now = store.open_again().await.unwrap();
    assert!(found(&now, "since").await.is_none() && found(&now, "idle").await.is_some());
}

#[tokio::test]
async fn a_restore_that_is_given_up_changes_nothing() {
    let (store, source) = lived().await;
    go_on(&store).await;
    store.close().await;
    let ready = Restoration::prepare(store.file(), &source, later()).await.unwrap();
    assert_eq!((ready.contents().users, ready.contents().grants), (4, 5));
    assert!(found(ready.store(), "idle").await.is_some());
    let second = Restoration::prepare(store.file(), &source, later()).await.err().unwrap();
    assert!(matches!(second, CopyError::InUse { .. }), "{second}");
    ready.abandon().await;
    let left: Vec<_> = fs::read_dir(store.file().parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(found(&store.open_again().await.unwrap(), "since").await.is_some());
}
