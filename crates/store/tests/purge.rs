//! Forgetting goes on beside everything else, and a file under a steady load keeps its size.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod deciding;

use std::path::Path;

use deciding::keep;
use sayso_authority::Decision;
use sayso_authority::record::change::Change;
use sayso_authority::record::code::CODE_LIFETIME;
use sayso_authority::record::event::Event;
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain};
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::User;
use sayso_store::{Address, Purged, Retention, Store};
use sayso_testkit::records::{code, digest, grant, session, user};
use sayso_testkit::{NOW, PostgresServer, TempStore, TestClock};
use sayso_token::time::{Clock as _, Lifetime, Timestamp};

sayso_testkit::on_both_databases! {
    several_nodes_forget_each_row_once,
    others_write_between_the_batches,
    a_round_has_an_end_and_the_next_goes_on,
    grants_that_may_not_refresh_are_found_wherever_they_lie,
    memberships_that_lead_nowhere_are_forgotten_and_no_others,
}

const HOUR: Lifetime = Lifetime::from_seconds(60 * 60);
const LATER: Timestamp = Timestamp::from_seconds(4_000_000_000);

/// So many sessions and codes that are over, in decisions of a thousand.
async fn add_expired(store: &Store, count: usize) {
    let numbers: Vec<usize> = (0..count).collect();
    for some in numbers.chunks(1000) {
        let changes = some.iter().flat_map(|number| {
            let name = format!("expired {number}");
            [Change::AddSession(session(&name)), Change::AddCode(code(&name))]
        });
        keep(store, &changes.collect::<Vec<_>>()).await;
    }
}

async fn several_nodes_forget_each_row_once(store: TempStore) {
    add_expired(&store, 3000).await;
    let mut nodes = Vec::new();
    for _ in 0..4 {
        nodes.push(store.open_again().await.unwrap());
    }
    let rounds: Vec<_> = nodes
        .into_iter()
        .map(|node| tokio::spawn(async move { node.purge(LATER, &Retention::default()).await.unwrap() }))
        .collect();
    let mut all = Purged::default();
    for round in rounds {
        let purged = round.await.unwrap();
        all.codes += purged.codes;
        all.sessions += purged.sessions;
        assert!(!purged.more);
    }
    assert_eq!((all.codes, all.sessions), (3000, 3000));
    assert_eq!(store.purge(LATER, &Retention::default()).await.unwrap(), Purged::default());
}

/// On a server of its own, whose log is looked through.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_purge_at_once_leave_no_error_in_the_log_of_the_server() {
    let Some(server) = PostgresServer::start() else { return };
    let address = Address::parse(&server.new_schema()).unwrap();
    let store = Store::open(&address).await.unwrap();
    for _ in 0..3 {
        add_expired(&store, 2000).await;
        let mut nodes = Vec::new();
        for _ in 0..6 {
            let node = Store::open(&address).await.unwrap();
            nodes.push(tokio::spawn(async move { node.purge(LATER, &Retention::default()).await.unwrap() }));
        }
        let mut codes = 0;
        for node in nodes {
            codes += node.await.unwrap().codes;
        }
        assert_eq!(codes, 2000);
    }
    assert_eq!(server.count("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'"), 0);
    let log = server.log();
    assert!(!log.contains("ERROR") && !log.contains("WARNING"), "{log}");
}

async fn others_write_between_the_batches(store: TempStore) {
    add_expired(&store, 4000).await;
    let node = Store::clone(&store);
    let purging = tokio::spawn(async move { node.purge(LATER, &Retention::default()).await.unwrap() });
    let mut written = 0;
    while !purging.is_finished() {
        let mut session = session(&format!("fresh {written}"));
        session.expires_at = LATER + HOUR;
        keep(&store, &[Change::AddSession(session)]).await;
        written += 1;
    }
    let purged = purging.await.unwrap();
    assert_eq!((purged.codes, purged.sessions), (4000, 4000));
    // Forty transactions with a pause after each; a purge in one go would let one or two through.
    assert!(written >= 20, "{written}");
}

async fn a_round_has_an_end_and_the_next_goes_on(store: TempStore) {
    let names: Vec<String> = (0..20_100).map(|number| format!("expired {number}")).collect();
    for some in names.chunks(1000) {
        let changes: Vec<Change> = some.iter().map(|name| Change::AddSession(session(name))).collect();
        keep(&store, &changes).await;
    }
    let first = store.purge(LATER, &Retention::default()).await.unwrap();
    assert_eq!((first.sessions, first.more), (20_000, true));
    let second = store.purge(LATER, &Retention::default()).await.unwrap();
    assert_eq!((second.sessions, second.more), (100, false));
}

async fn grants_that_may_not_refresh_are_found_wherever_they_lie(store: TempStore) {
    let mut changes = Vec::new();
    for number in 0..5000 {
        let grant = grant(&format!("{number:05}"));
        let refresh = grant.refresh.clone().filter(|_| number % 10 != 3);
        changes.push(Change::AddGrant(Grant { refresh, ..grant }));
    }
    let used_today = Grant { refresh: None, last_used_at: LATER, ..grant("used") };
    changes.push(Change::AddGrant(used_today));
    keep(&store, &changes).await;
    let mut forgotten = Vec::new();
    for _ in 0..3 {
        forgotten.push(store.purge(LATER, &Retention::default()).await.unwrap().unrefreshed);
    }
    assert_eq!(forgotten, [400, 100, 0]);
    assert_eq!(store.lookups().grants_of_user(&grant("any").user, None).await.unwrap().len(), 4501);
    // From the start again.
    keep(&store, &[Change::AddGrant(Grant { refresh: None, ..grant("00000 new") })]).await;
    let mut found = 0;
    for _ in 0..2 {
        found += store.purge(LATER, &Retention::default()).await.unwrap().unrefreshed;
    }
    assert_eq!(found, 1);
}

/// One step of virtual time, and of how many a day is made.
const STEP: Lifetime = Lifetime::from_seconds(30 * 60);
const DAY: i64 = 48;

/// What a step brings: sign-ins, codes, forms, links, refreshes, revocations, sign-ins that give no refresh token, and
/// the audit's events of all that.
fn load(step: i64, now: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    for each in 0..20 {
        let name = format!("{step}-{each}");
        let of_step = |step: i64| GrantId(format!("{step}-{each}"));
        let mut session = session(&name);
        session.expires_at = now + HOUR;
        let mut code = code(&name);
        (code.issued_at, code.expires_at) = (now, now + CODE_LIFETIME);
        let link = Grant { created_at: now, last_used_at: now, ..grant(&name) };
        let short = Grant { id: GrantId(format!("{name} short")), refresh: None, ..link.clone() };
        let value = digest(&name);
        changes.extend([
            Change::AddSession(session),
            Change::AddCode(code),
            Change::SpendOnce { kind: "form", value, expires_at: now + CODE_LIFETIME },
            Change::AddGrant(link),
            Change::AddGrant(short),
        ]);
        // A link is refreshed after a while, and ended at last.
        if step >= 2 {
            let chain = RefreshChain { generation: 1, live: value, steps: Vec::new() };
            changes.push(Change::AdvanceRefresh { grant: of_step(step - 2), from_generation: 0, chain, used_at: now });
        }
        if step >= 10 {
            changes.push(Change::RevokeGrant { grant: of_step(step - 10), at: now });
        }
    }
    changes
}

async fn settle(store: &Store, clock: &TestClock, changes: &[Change]) {
    let settled: Result<(), ()> = store
        .settle(clock, |_, _| {
            let audit = (0..60).map(|_| Event::new("something_happened", "quiz").user("usr_ada")).collect();
            std::future::ready(Ok(Decision { reply: Ok(()), changes: changes.to_vec(), audit }))
        })
        .await
        .unwrap();
    settled.unwrap();
}

async fn memberships_that_lead_nowhere_are_forgotten_and_no_others(store: TempStore) {
    let group = |name: &str| {
        let (id, name) = (GroupId(name.to_owned()), name.to_owned());
        Change::AddGroup(Group { id, name, description: String::new(), created_at: NOW })
    };
    let join = |group: &str, user: &User| Change::AddMember {
        group: GroupId(group.to_owned()),
        user: user.id.clone(),
        at: NOW,
    };
    let people: Vec<User> = (0..500).map(|number| user(&format!("person {number:03}"))).collect();
    keep(&store, &[group("stays"), group("goes")]).await;
    for some in people.chunks(100) {
        let changes =
            some.iter().flat_map(|user| [Change::AddUser(user.clone()), join("stays", user), join("goes", user)]);
        keep(&store, &changes.collect::<Vec<_>>()).await;
    }
    assert_eq!(store.purge(NOW, &Retention::default()).await.unwrap().memberships, 0);
    keep(&store, &[Change::RemoveGroup { group: GroupId("goes".to_owned()) }]).await;
    // One of whom the removal was told, and one of whom it was not: somebody put them in at that moment.
    let [told, untold] = [7, 8].map(|number: usize| people[number].clone());
    let remove = |user: &User| Change::RemoveUser { user: user.id.clone(), from_version: user.version };
    keep(&store, &[remove(&told), Change::LeaveGroups { user: told.id.clone() }]).await;
    keep(&store, &[remove(&untold)]).await;
    assert_eq!(store.purge(NOW, &Retention::default()).await.unwrap().memberships, 499 + 1);
    assert_eq!(store.purge(NOW, &Retention::default()).await.unwrap().memberships, 0);
    let left = store.lookups().members(&GroupId("stays".to_owned()), "", 1000).await.unwrap();
    assert_eq!(left.len(), 498);
    // A group that comes back under the old id would show what is left of it: there is nothing.
    keep(&store, &[group("goes")]).await;
    assert!(store.lookups().members(&GroupId("goes".to_owned()), "", 1000).await.unwrap().is_empty());
    assert!(store.lookups().groups_of(&untold.id).await.unwrap().is_empty());
}

fn number(file: &Path, sql: &str) -> i64 {
    rusqlite::Connection::open(file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_file_under_a_steady_load_keeps_its_size() {
    let store = TempStore::open().await;
    let clock = TestClock::new();
    // A code is remembered for a day whatever is set.
    let hours = |hours: u32| Lifetime::from_seconds(hours * 60 * 60);
    let retention = Retention { revoked: hours(6), unrefreshed: hours(6), audit: hours(12), ..Retention::default() };
    let (mut pages, mut log, mut rows) = (Vec::new(), 0, Vec::new());
    const ROWS: &str = "SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM grants) \
         + (SELECT count(*) FROM spent_once) + (SELECT count(*) FROM audit_events)";
    for step in 0..6 * DAY {
        clock.advance(STEP);
        settle(&store, &clock, &load(step, clock.now())).await;
        assert!(!store.purge(clock.now(), &retention).await.unwrap().more);
        pages.push(number(store.file(), "PRAGMA page_count"));
        rows.push(number(store.file(), ROWS));
        log = log.max(std::fs::metadata(store.file().with_extension("db-wal")).unwrap().len());
    }
    // Every retention is over after two days at most; each later pair of days has had the same to hold.
    let most = |values: &[i64], days: std::ops::Range<i64>| {
        values[(days.start * DAY) as usize..(days.end * DAY) as usize].iter().copied().max().unwrap()
    };
    assert_eq!(most(&rows, 2..4), most(&rows, 4..6), "{rows:?}");
    let (before, after) = (most(&pages, 2..4), most(&pages, 4..6));
    assert!(after <= before + before / 50, "{before} pages, then {after}: {pages:?}");
    assert!(log <= 6 * 1024 * 1024, "the log had {log} bytes");
    assert_eq!(number(store.file(), "SELECT count(*) FROM counters"), 2);
}
