//! The memory of the interleaving tests (`crates/authority/src/testing/memory.rs`) against the store: random decisions,
//! many of which lose a guard, are kept or lost by both alike, and leave the same records.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[allow(dead_code, reason = "shared by the tests of the store")]
mod deciding;
#[allow(dead_code, reason = "shared with the tests of the authority")]
#[path = "../../authority/src/testing/memory.rs"]
mod memory;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;

use deciding::kept;
use memory::Memory;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sayso_authority::record::change::Change;
use sayso_authority::record::event::Event;
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain, RefreshStep};
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::identity::Identity;
use sayso_authority::record::logout_notice::LogoutNotice;
use sayso_authority::record::session::Session;
use sayso_authority::record::user::{User, UserId};
use sayso_testkit::records::{code, digest, grant, pushed_request, session, user};
use sayso_testkit::{NOW, TempStore};
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};

/// Sequences of decisions on each engine.
const SEQUENCES: u32 = 48;
/// There are two of each record: enough to be confused, few enough to be met again.
const EACH: u8 = 2;

/// A change by small numbers: what, of which record, resting on what, leading to which other record or value.
type Drawn = (u8, u8, i64, u8);

const KINDS: u8 = 33;

fn drawn() -> impl Strategy<Value = Drawn> {
    (0..KINDS, 0..EACH, 0..3i64, 0..EACH)
}

/// Names of one sequence, so that all of them can share one database.
struct Names(u32);

impl Names {
    fn of(&self, kind: &str, which: u8) -> String {
        format!("{kind}{which} of {}", self.0)
    }

    fn user(&self, which: u8, named: u8) -> User {
        let username = self.of("name", named);
        User { id: UserId(self.of("user", which)), username, ..user("x") }
    }

    fn group(&self, which: u8, named: u8) -> Group {
        let (id, name) = (GroupId(self.of("group", which)), self.of("group name", named));
        Group { id, name, description: String::new(), created_at: NOW }
    }

    fn grant(&self, which: u8, refreshes: bool) -> Grant {
        let mut grant = grant(&self.of("grant", which));
        grant.user = UserId(self.of("user", 0));
        grant.refresh = grant.refresh.filter(|_| refreshes);
        grant
    }

    fn change(&self, (kind, which, from, other): Drawn) -> Change {
        let at = NOW + Lifetime::from_seconds(u32::from(other) + 1);
        let grant = GrantId(self.of("grant", which));
        let code_digest = digest(&self.of("code", which));
        let user = UserId(self.of("user", which));
        match kind {
            0 => Change::AddCode(code(&self.of("code", which))),
            1 => Change::AddGrant(self.grant(which, from > 0)),
            2 => Change::AddSession(Session { user, ..session(&self.of("session", which)) }),
            3 => Change::AddUser(self.user(which, other)),
            4 => {
                Change::AdvanceRefresh { chain: self.chain(which, from, at), grant, from_generation: from, used_at: at }
            }
            5 => Change::BumpEpoch { grant, from_epoch: from },
            6 => Change::RevokeGrant { grant, at },
            7 => Change::CountWrongProof { code: code_digest, from },
            8 => {
                let begun = (from > 0).then(|| GrantId(self.of("grant", other)));
                Change::SpendCode { code: code_digest, at, proof: digest("proof"), grant: begun }
            }
            9 => {
                let kind = if other == 0 { "form" } else { "mail" };
                Change::SpendOnce { kind, value: digest(&self.of("value", which)), expires_at: at }
            }
            10 => Change::EndSession { session: digest(&self.of("session", which)) },
            11 => Change::DisableUser { user, at },
            12 => Change::EnableUser { user },
            13 => Change::EndSessions { user },
            14 => Change::RevokeGrants { user, at },
            15 => Change::RemoveUser { user, from_version: from },
            16 => Change::SetPassword { user, from_version: from, hash: Secret::new(format!("hash {other}")) },
            17 => Change::AddPushedRequest(pushed_request(&self.of("request", which))),
            18 => Change::SpendPushedRequest { request: digest(&self.of("request", which)) },
            19 => Change::AddLogoutNotice(LogoutNotice { id: self.of("notice", which), ..notice() }),
            20 => Change::AttemptLogout { notice: self.of("notice", which), from_attempts: from, due_at: at },
            21 => Change::SettleLogout { notice: self.of("notice", which) },
            22 => Change::AddGroup(self.group(which, other)),
            23 => Change::RemoveGroup { group: self.group(which, other).id },
            24 => Change::AddMember { group: self.group(other, other).id, user, at },
            25 => Change::RemoveMember { group: self.group(other, other).id, user },
            26 => {
                let to = self.group(which, other);
                Change::ChangeGroup { from: self.group(which, which), name: to.name, description: to.description }
            }
            27 => Change::LeaveGroups { user },
            28 => Change::AddIdentity(self.identity(which, other)),
            29 => {
                let Identity { issuer, subject, user, .. } = self.identity(which, other);
                Change::RemoveIdentity { issuer, subject, user }
            }
            30 => Change::RemoveIdentities { user },
            31 => Change::AdvanceUser { user, from_version: from },
            _ => {
                let attributes = BTreeMap::from([("favoriteColor".to_owned(), format!("color {other}").into())]);
                Change::SetAttributes { user, from_version: from, attributes, at }
            }
        }
    }

    fn identity(&self, which: u8, of: u8) -> Identity {
        Identity {
            issuer: "https://login.corp.test".to_owned(),
            subject: self.of("subject", which),
            user: UserId(self.of("user", of)),
            connection: "corp".to_owned(),
            shown_as: self.of("name", of),
            connected_at: NOW,
        }
    }

    fn chain(&self, which: u8, from: i64, at: Timestamp) -> RefreshChain {
        let token = |generation: i64| digest(&format!("{} {generation}", self.of("grant", which)));
        let step =
            RefreshStep { generation: from, token: token(from), first_used_at: at, successor: "sealed".to_owned() };
        RefreshChain { generation: from + 1, live: token(from + 1), steps: vec![step] }
    }
}

fn notice() -> LogoutNotice {
    LogoutNotice::new(&session("ended"), "alexa", NOW)
}

/// Carries the decisions out in both; how many were kept and how many lost, or what is different.
async fn compare(store: &TempStore, names: &Names, decisions: &[Vec<Drawn>]) -> Result<[usize; 2], String> {
    let mut memory = Memory::default();
    let mut counts = [0, 0];
    let events = store.lookups().audit(1_000_000).await.unwrap().len();
    for decision in decisions {
        let changes: Vec<Change> = decision.iter().map(|drawn| names.change(*drawn)).collect();
        let remembered = memory.keep(&changes, &[Event::new("asked", "quiz")], NOW).is_ok();
        let stored = kept(store, &changes).await;
        if remembered != stored {
            return Err(format!("kept by the memory: {remembered}, by the store: {stored}: {changes:?}"));
        }
        counts[usize::from(!stored)] += 1;
    }
    let stored = store.lookups().audit(1_000_000).await.unwrap().len() - events;
    same("events", "audit", &memory.audit.len(), &stored)?;
    for which in 0..EACH {
        compare_records(store, names, &memory, which).await?;
    }
    Ok(counts)
}

async fn compare_records(store: &TempStore, names: &Names, memory: &Memory, which: u8) -> Result<(), String> {
    let lookups = store.lookups();
    let digest_of = |kind: &str| digest(&names.of(kind, which));
    let code = lookups.code(&digest_of("code")).await.unwrap();
    same("code", &which, &memory.code(&digest_of("code")), &code.as_ref())?;
    let id = GrantId(names.of("grant", which));
    same("grant", &which, &memory.grant(&id), &lookups.grant(&id).await.unwrap().as_ref())?;
    let session = lookups.session(&digest_of("session")).await.unwrap();
    same("session", &which, &memory.session(&digest_of("session")), &session.as_ref())?;
    let request = lookups.pushed_request(&digest_of("request")).await.unwrap();
    same("request", &which, &memory.pushed_request(&digest_of("request")), &request.as_ref())?;
    let id = UserId(names.of("user", which));
    let user = lookups.user(&id).await.unwrap();
    same("user", &which, &memory.user(&id), &user.as_ref())?;
    let (issuer, subject) = ("https://login.corp.test", names.of("subject", which));
    let identity = lookups.identity(issuer, &subject).await.unwrap();
    same("identity", &which, &memory.identity(issuer, &subject), &identity.as_ref())?;
    let of_user = memory.identities.iter().filter(|known| known.user == id).filter(|_| memory.user(&id).is_some());
    let mut of_user: Vec<_> = of_user.cloned().collect();
    of_user.sort_by(|a, b| a.subject.cmp(&b.subject));
    same("identities", &which, &of_user, &lookups.identities_of(&id).await.unwrap())?;
    let notice = lookups.logout_notice(&names.of("notice", which)).await.unwrap();
    let remembered = memory.logout_notices.iter().find(|kept| kept.id == names.of("notice", which));
    same("notice", &which, &remembered, &notice.as_ref())?;
    for kind in ["form", "mail"] {
        let spent = lookups.is_spent(kind, &digest_of("value")).await.unwrap();
        same(kind, &which, &memory.is_spent(kind, &digest_of("value")), &spent)?;
    }
    Ok(())
}

/// By what they print: every field but the secrets, which no change alters.
fn same<T: Debug>(what: &str, which: &(impl Debug + ?Sized), remembered: &T, stored: &T) -> Result<(), String> {
    let (remembered, stored) = (format!("{remembered:?}"), format!("{stored:?}"));
    if remembered == stored { Ok(()) } else { Err(format!("{what} {which:?}: memory {remembered}, store {stored}")) }
}

/// Draws sequences of decisions of one to three changes each.
fn on(runtime: &tokio::runtime::Runtime, store: &TempStore) {
    let decisions = proptest::collection::vec(proptest::collection::vec(drawn(), 1..4), 1..24);
    let (sequence, kept, lost) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let config = ProptestConfig { cases: SEQUENCES, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&decisions, |decisions| {
            sequence.set(sequence.get() + 1);
            let compared = runtime.block_on(compare(store, &Names(sequence.get()), &decisions));
            let counts = compared.map_err(TestCaseError::fail)?;
            kept.set(kept.get() + counts[0]);
            lost.set(lost.get() + counts[1]);
            Ok(())
        })
        .unwrap();
    assert!(kept.get() > 50 && lost.get() > 50, "{kept:?} kept, {lost:?} lost: too few to show anything");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn sqlite_keeps_and_loses_the_same() {
    let runtime = runtime();
    let store = runtime.block_on(TempStore::open());
    on(&runtime, &store);
}

#[test]
fn postgres_keeps_and_loses_the_same() {
    let runtime = runtime();
    if let Some(store) = runtime.block_on(TempStore::on_postgres()) {
        on(&runtime, &store);
    }
}
