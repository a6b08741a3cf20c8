//! The cost of a link is constant, and what has expired goes away.

#![allow(clippy::unwrap_used, reason = "tests")]

mod deciding;

use std::path::Path;

use deciding::keep;
use sayso_authority::Decision;
use sayso_authority::record::change::Change;
use sayso_authority::record::code::{CODE_LIFETIME, CODE_MEMORY};
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain, RefreshStep};
use sayso_authority::record::session::SESSION_LIFETIME;
use sayso_store::purge::{AUDIT_MEMORY, REVOKED_MEMORY};
use sayso_store::{Purged, Retention};
use sayso_testkit::records::{ada, code, digest, grant, session};
use sayso_testkit::{NOW, TempStore, TestClock};
use sayso_token::time::{Lifetime, Timestamp};

sayso_testkit::on_both_databases! {
    what_has_expired_is_forgotten_and_nothing_else,
}

const SECOND: Lifetime = Lifetime::from_seconds(1);

fn advance(from_generation: i64) -> Change {
    let generation = from_generation + 1;
    let step = RefreshStep {
        generation: from_generation,
        token: digest(&format!("g {from_generation}")),
        first_used_at: NOW,
        successor: "x".repeat(120),
    };
    let chain = RefreshChain { generation, live: digest(&format!("g {generation}")), steps: vec![step] };
    Change::AdvanceRefresh { grant: GrantId("g".into()), from_generation, chain, used_at: NOW }
}

fn bytes(file: &Path, suffix: &str) -> u64 {
    std::fs::metadata(file.with_extension(suffix)).unwrap().len()
}

fn rows(file: &Path, table: &str) -> i64 {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn ten_thousand_refreshes_add_no_row_and_no_page() {
    let store = TempStore::open().await;
    let clock = TestClock::new();
    keep(&store, &[Change::AddGrant(grant("g"))]).await;
    let ask = |changes: Vec<Change>| {
        let (store, clock) = (&store, &clock);
        async move {
            let mut changes = Some(changes);
            let settled = store.settle(clock, |_, _| {
                let changes = changes.take().expect("nobody else changes the grant");
                std::future::ready(Ok(Decision::<(), ()> { reply: Ok(()), changes, audit: Vec::new() }))
            });
            settled.await.unwrap().unwrap();
        }
    };
    // Several in one decision, only to wait less often for the disk.
    for first in (0..1_000).step_by(50) {
        ask((first..first + 50).map(advance).collect()).await;
    }
    let tables = ["users", "sessions", "codes", "grants", "spent_once", "signing_keys", "audit_events", "counters"];
    let count = || tables.map(|table| rows(store.file(), table));
    let fold = || rusqlite::Connection::open(store.file()).unwrap().query_row("PRAGMA wal_checkpoint", [], |_| Ok(()));
    fold().unwrap();
    let (rows_before, bytes_before) = (count(), bytes(store.file(), "db"));
    for first in (1_000..11_000).step_by(50) {
        ask((first..first + 50).map(advance).collect()).await;
    }
    let chain = store.lookups().grant(&GrantId("g".into())).await.unwrap().unwrap().refresh.unwrap();
    assert_eq!(chain.generation, 11_000);
    assert_eq!(count(), rows_before);
    assert!(bytes(store.file(), "db-wal") < 8 * 1024 * 1024, "the log grows: {}", bytes(store.file(), "db-wal"));
    fold().unwrap();
    assert_eq!(bytes(store.file(), "db"), bytes_before);
}

/// Everything that expires, made at `at`; more of the codes than one batch takes.
fn perishables(at: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    for number in 0..450 {
        let mut code = code(&format!("{} {number}", at.millis()));
        code.expires_at = at + CODE_LIFETIME;
        changes.push(Change::AddCode(code));
    }
    let mut session = session(&format!("{}", at.millis()));
    session.expires_at = at + SESSION_LIFETIME;
    changes.push(Change::AddSession(session));
    let value = digest(&format!("{}", at.millis()));
    changes.push(Change::SpendOnce { kind: "form", value, expires_at: at + CODE_LIFETIME });
    let revoked = grant(&format!("revoked {}", at.millis()));
    let id = revoked.id.clone();
    changes.extend([Change::AddGrant(revoked), Change::RevokeGrant { grant: id, at }]);
    changes
}

async fn what_has_expired_is_forgotten_and_nothing_else(store: TempStore) {
    keep(&store, &perishables(NOW)).await;
    let short = Grant { refresh: None, ..grant("short") };
    keep(&store, &[Change::AddGrant(grant("alive")), Change::AddGrant(short), Change::AddUser(ada())]).await;
    let none = Purged::default();
    let steps = [
        ("nothing has expired", NOW, none),
        ("the last moment of a one-time value", NOW + CODE_LIFETIME, none),
        ("one-time values", NOW + CODE_LIFETIME + SECOND, Purged { spent_once: 1, ..none }),
        ("sessions", NOW + SESSION_LIFETIME + SECOND, Purged { sessions: 1, ..none }),
        ("a code is remembered for a day", NOW + CODE_LIFETIME + CODE_MEMORY, none),
        ("codes", NOW + CODE_LIFETIME + CODE_MEMORY + SECOND, Purged { codes: 450, ..none }),
        ("a revoked grant is kept for a month", NOW + REVOKED_MEMORY, none),
        ("revoked grants", NOW + REVOKED_MEMORY + SECOND, Purged { grants: 1, unrefreshed: 1, ..none }),
        ("the audit log is kept for 400 days", NOW + AUDIT_MEMORY, none),
        ("the audit log", NOW + AUDIT_MEMORY + SECOND, Purged { audit_events: 2, ..none }),
        ("an idle household stays linked", NOW + Lifetime::from_seconds(u32::MAX), none),
    ];
    for (name, now, purged) in steps {
        assert_eq!(store.purge(now, &Retention::default()).await.unwrap(), purged, "{name}");
    }
    assert!(store.lookups().grant(&GrantId("alive".into())).await.unwrap().is_some());
    assert!(store.lookups().grant(&GrantId("short".into())).await.unwrap().is_none());
    assert!(store.lookups().user(&ada().id).await.unwrap().is_some());
}
