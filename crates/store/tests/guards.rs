//! Every change and its guard.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod deciding;

use std::collections::BTreeMap;

use deciding::{keep, kept};
use sayso_authority::record::change::Change;
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain, RefreshStep};
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::User;
use sayso_testkit::records::{ada, code, digest, grant, session, user};
use sayso_testkit::{NOW, TempStore};
use sayso_token::time::{Lifetime, Timestamp};

sayso_testkit::on_both_databases! {
    a_change_is_kept_exactly_while_its_guard_holds,
    a_spent_code_says_by_what_when_and_for_which_grant,
    a_refreshed_grant_has_the_new_chain_and_only_that,
    revoking_twice_keeps_the_first_time,
    an_ended_session_is_gone,
    new_attributes_replace_all_and_count_the_version,
    a_one_time_value_is_known_to_be_spent,
    groups_are_read_with_their_people_and_listed,
    grants_are_listed_by_user_and_authority_oldest_first,
}

const LATER: Timestamp = Timestamp::from_millis(NOW.millis() + 1000);

fn spend(name: &str) -> Change {
    Change::SpendCode { code: digest(name), at: LATER, proof: digest("proof"), grant: Some(GrantId("g".into())) }
}

fn count(from: i64) -> Change {
    Change::CountWrongProof { code: digest("c"), from }
}

fn chain(generation: i64) -> RefreshChain {
    let step = RefreshStep {
        generation: generation - 1,
        token: digest(&format!("g {}", generation - 1)),
        first_used_at: LATER,
        successor: "sealed".into(),
    };
    RefreshChain { generation, live: digest(&format!("g {generation}")), steps: vec![step] }
}

fn advance(from_generation: i64) -> Change {
    Change::AdvanceRefresh {
        grant: GrantId("g".into()),
        from_generation,
        chain: chain(from_generation + 1),
        used_at: LATER,
    }
}

fn bump(from_epoch: i64) -> Change {
    Change::BumpEpoch { grant: GrantId("g".into()), from_epoch }
}

fn revoke() -> Change {
    Change::RevokeGrant { grant: GrantId("g".into()), at: LATER }
}

fn once(kind: &'static str, value: &str) -> Change {
    Change::SpendOnce { kind, value: digest(value), expires_at: LATER }
}

fn attributes(from_version: i64) -> Change {
    Change::SetAttributes {
        user: ada().id,
        from_version,
        attributes: BTreeMap::from([("favoriteColor".into(), "red".into())]),
        at: LATER,
    }
}

fn add_code() -> Change {
    Change::AddCode(code("c"))
}

fn add_grant() -> Change {
    Change::AddGrant(grant("g"))
}

fn add_session() -> Change {
    Change::AddSession(session("s"))
}

fn add_ada() -> Change {
    Change::AddUser(ada())
}

fn disable() -> Change {
    Change::DisableUser { user: ada().id, at: LATER }
}

fn enable() -> Change {
    Change::EnableUser { user: ada().id }
}

fn group(id: &str, name: &str) -> Change {
    let (id, name) = (GroupId(id.into()), name.into());
    Change::AddGroup(Group { id, name, description: "Who pays for more.".into(), created_at: NOW })
}

fn join(group: &str) -> Change {
    Change::AddMember { group: GroupId(group.into()), user: ada().id, at: LATER }
}

fn leave(group: &str) -> Change {
    Change::RemoveMember { group: GroupId(group.into()), user: ada().id }
}

fn end_group(group: &str) -> Change {
    Change::RemoveGroup { group: GroupId(group.into()) }
}

fn rename(id: &str, from: &str, to: &str) -> Change {
    let from =
        Group { id: GroupId(id.into()), name: from.into(), description: "Who pays for more.".into(), created_at: NOW };
    Change::ChangeGroup { from, name: to.into(), description: "Another.".into() }
}

fn another(change: impl FnOnce(&mut User)) -> Change {
    let mut other = user("grace");
    change(&mut other);
    Change::AddUser(other)
}

async fn groups_are_read_with_their_people_and_listed(store: TempStore) {
    keep(&store, &[add_ada(), Change::AddUser(user("grace")), group("g1", "silver"), group("g2", "gold")]).await;
    let grace = Change::AddMember { group: GroupId("g2".into()), user: user("grace").id, at: LATER };
    keep(&store, &[join("g1"), join("g2"), grace]).await;
    let lookups = store.lookups();
    let ada_now = lookups.user(&ada().id).await.unwrap().unwrap();
    assert_eq!((ada_now.groups, ada_now.username), (vec!["gold".into(), "silver".into()], ada().username));
    let by_name = lookups.user_by_username(&user("grace").username).await.unwrap().unwrap();
    assert_eq!(by_name.groups, ["gold"]);
    let held = grant("of ada");
    keep(&store, &[Change::AddGrant(Grant { user: ada().id, ..held.clone() })]).await;
    let (found, holder) = lookups.grant_and_user(&held.id).await.unwrap();
    assert_eq!((found.unwrap().id, holder.unwrap().groups), (held.id, vec!["gold".into(), "silver".into()]));
    let names = |groups: Vec<Group>| groups.into_iter().map(|group| group.name).collect::<Vec<_>>();
    assert_eq!(names(lookups.groups("", 10).await.unwrap()), ["gold", "silver"]);
    assert_eq!(names(lookups.groups("gold", 10).await.unwrap()), ["silver"]);
    assert_eq!(names(lookups.groups("", 1).await.unwrap()), ["gold"]);
    let gold = lookups.group_by_name("gold").await.unwrap().unwrap();
    assert_eq!(
        (&gold, gold.description.as_str()),
        (&lookups.group(&gold.id).await.unwrap().unwrap(), "Who pays for more.")
    );
    let members = lookups.members(&gold.id, "", 10).await.unwrap();
    assert_eq!(members.len(), 2);
    assert_eq!(lookups.members(&gold.id, &members[0].user.0, 10).await.unwrap(), members[1..]);
    // A group that is made again under a name has none of the people of the one before.
    keep(&store, &[end_group("g2"), group("g3", "gold")]).await;
    assert_eq!(lookups.user(&ada().id).await.unwrap().unwrap().groups, ["silver"]);
    assert_eq!(lookups.members(&gold.id, "", 10).await.unwrap(), []);
}

/// What was before, what is asked for, and whether the guard holds.
fn table() -> Vec<(&'static str, Vec<Change>, Change, bool)> {
    let fixed = || {
        let mut unrefreshable = grant("g");
        unrefreshable.refresh = None;
        Change::AddGrant(unrefreshable)
    };
    vec![
        ("new group", vec![], group("g1", "gold"), true),
        ("group twice", vec![group("g1", "gold")], group("g1", "silver"), false),
        ("group of a taken name", vec![group("g1", "gold")], group("g2", "gold"), false),
        ("joining", vec![group("g1", "gold"), add_ada()], join("g1"), true),
        ("joining twice", vec![group("g1", "gold"), add_ada(), join("g1")], join("g1"), false),
        ("joining no group", vec![add_ada()], join("g1"), false),
        ("nobody joining", vec![group("g1", "gold")], join("g1"), false),
        ("joining an ended group", vec![group("g1", "gold"), add_ada(), end_group("g1")], join("g1"), false),
        ("leaving", vec![group("g1", "gold"), add_ada(), join("g1")], leave("g1"), true),
        ("leaving twice", vec![group("g1", "gold"), add_ada(), join("g1"), leave("g1")], leave("g1"), false),
        ("joining again", vec![group("g1", "gold"), add_ada(), join("g1"), leave("g1")], join("g1"), true),
        ("renaming", vec![group("g1", "gold")], rename("g1", "gold", "silver"), true),
        ("describing", vec![group("g1", "gold")], rename("g1", "gold", "gold"), true),
        (
            "renaming what was renamed",
            vec![group("g1", "gold"), rename("g1", "gold", "s")],
            rename("g1", "gold", "t"),
            false,
        ),
        ("renaming to a taken name", vec![group("g1", "gold"), group("g2", "s")], rename("g1", "gold", "s"), false),
        ("renaming an ended group", vec![group("g1", "gold"), end_group("g1")], rename("g1", "gold", "s"), false),
        ("leaving all", vec![add_ada()], Change::LeaveGroups { user: ada().id }, true),
        ("ending a group", vec![group("g1", "gold")], end_group("g1"), true),
        ("ending a group twice", vec![group("g1", "gold"), end_group("g1")], end_group("g1"), false),
        ("new code", vec![], add_code(), true),
        ("code twice", vec![add_code()], add_code(), false),
        ("spend", vec![add_code()], spend("c"), true),
        ("spend twice", vec![add_code(), spend("c")], spend("c"), false),
        ("spend unknown", vec![add_code()], spend("d"), false),
        ("first wrong proof", vec![add_code()], count(0), true),
        ("second wrong proof", vec![add_code(), count(0)], count(1), true),
        ("wrong proof counted meanwhile", vec![add_code(), count(0)], count(0), false),
        ("wrong proof not yet counted", vec![add_code()], count(1), false),
        ("wrong proof of a spent code", vec![add_code(), spend("c")], count(0), false),
        ("wrong proof of no code", vec![], count(0), false),
        ("spending after wrong proofs", vec![add_code(), count(0)], spend("c"), true),
        ("new one-time value", vec![], once("form", "v"), true),
        ("one-time value twice", vec![once("form", "v")], once("form", "v"), false),
        ("same value of another kind", vec![once("form", "v")], once("mail", "v"), true),
        ("another value of the same kind", vec![once("form", "v")], once("form", "w"), true),
        ("new grant", vec![], add_grant(), true),
        ("grant twice", vec![add_grant()], add_grant(), false),
        ("refresh", vec![add_grant()], advance(0), true),
        ("refresh again", vec![add_grant(), advance(0)], advance(1), true),
        ("refreshed meanwhile", vec![add_grant(), advance(0)], advance(0), false),
        ("refresh from the future", vec![add_grant()], advance(1), false),
        ("refresh of a revoked grant", vec![add_grant(), revoke()], advance(0), false),
        ("refresh of no grant", vec![], advance(0), false),
        ("refresh of a grant without", vec![fixed()], advance(0), false),
        ("new epoch", vec![add_grant()], bump(0), true),
        ("epoch after epoch", vec![add_grant(), bump(0)], bump(1), true),
        ("epoch bumped meanwhile", vec![add_grant(), bump(0)], bump(0), false),
        ("epoch of a revoked grant", vec![add_grant(), revoke()], bump(0), false),
        ("epoch of no grant", vec![], bump(0), false),
        ("revoke", vec![add_grant()], revoke(), true),
        ("revoke twice", vec![add_grant(), revoke()], revoke(), true),
        ("revoke no grant", vec![], revoke(), true),
        ("new session", vec![], add_session(), true),
        ("session twice", vec![add_session()], add_session(), false),
        ("end session", vec![add_session()], Change::EndSession { session: digest("s") }, true),
        ("end no session", vec![], Change::EndSession { session: digest("s") }, true),
        ("new user", vec![add_ada()], another(|_| ()), true),
        ("same id", vec![add_ada()], another(|other| other.id = ada().id), false),
        ("same username", vec![add_ada()], another(|other| other.username = ada().username), false),
        ("disable", vec![add_ada()], disable(), true),
        ("disable twice", vec![add_ada(), disable()], disable(), false),
        ("disable nobody", vec![], disable(), false),
        ("enable", vec![add_ada(), disable()], enable(), true),
        ("enable twice", vec![add_ada(), disable(), enable()], enable(), false),
        ("enable nobody", vec![], enable(), false),
        ("new attributes", vec![add_ada()], attributes(0), true),
        ("attributes again", vec![add_ada(), attributes(0)], attributes(1), true),
        ("attributes set meanwhile", vec![add_ada(), attributes(0)], attributes(0), false),
        ("attributes of nobody", vec![], attributes(0), false),
    ]
}

async fn a_change_is_kept_exactly_while_its_guard_holds(store: TempStore) {
    for (name, before, change, expected) in table() {
        let store = store.another().await;
        for earlier in &before {
            keep(&store, std::slice::from_ref(earlier)).await;
        }
        // What else the decision asked for shares the guard's fate.
        let along = Change::AddSession(session("along"));
        assert_eq!(kept(&store, &[along, change]).await, expected, "{name}");
        assert_eq!(store.lookups().session(&digest("along")).await.unwrap().is_some(), expected, "{name}");
        let events = store.lookups().audit(100).await.unwrap().len();
        assert_eq!(events, before.len() + usize::from(expected), "{name}");
    }
}

async fn a_spent_code_says_by_what_when_and_for_which_grant(store: TempStore) {
    keep(&store, &[add_code(), count(0), spend("c")]).await;
    let code = store.lookups().code(&digest("c")).await.unwrap().unwrap();
    assert_eq!(code.wrong_proofs, 1);
    assert_eq!(code.spent_at, Some(LATER));
    assert_eq!(code.spent_proof, Some(digest("proof")));
    assert_eq!(code.grant, Some(GrantId("g".into())));
}

async fn a_refreshed_grant_has_the_new_chain_and_only_that(store: TempStore) {
    keep(&store, &[add_grant(), bump(0), advance(0)]).await;
    let grant = store.lookups().grant(&GrantId("g".into())).await.unwrap().unwrap();
    assert_eq!(grant.refresh, Some(chain(1)));
    assert_eq!((grant.epoch, grant.last_used_at, grant.created_at), (1, LATER, NOW));
}

async fn revoking_twice_keeps_the_first_time(store: TempStore) {
    let again = Change::RevokeGrant { grant: GrantId("g".into()), at: LATER + Lifetime::from_seconds(60) };
    keep(&store, &[add_grant(), revoke(), again]).await;
    let lookups = store.lookups();
    assert_eq!(lookups.grant(&GrantId("g".into())).await.unwrap().unwrap().revoked_at, Some(LATER));
    assert!(lookups.grants_of_user(&ada().id, None).await.unwrap().is_empty());
}

async fn an_ended_session_is_gone(store: TempStore) {
    keep(&store, &[add_session(), Change::EndSession { session: digest("s") }]).await;
    assert!(store.lookups().session(&digest("s")).await.unwrap().is_none());
}

async fn new_attributes_replace_all_and_count_the_version(store: TempStore) {
    keep(&store, &[add_ada(), attributes(0)]).await;
    let ada = store.lookups().user_by_username("ada").await.unwrap().unwrap();
    assert_eq!(ada.attributes, BTreeMap::from([("favoriteColor".into(), "red".into())]));
    assert_eq!(ada.version, 1);
}

async fn a_one_time_value_is_known_to_be_spent(store: TempStore) {
    keep(&store, &[once("form", "v")]).await;
    let lookups = store.lookups();
    for (kind, value, spent) in [("form", "v", true), ("mail", "v", false), ("form", "w", false)] {
        assert_eq!(lookups.is_spent(kind, &digest(value)).await.unwrap(), spent, "{kind} {value}");
    }
}

async fn grants_are_listed_by_user_and_authority_oldest_first(store: TempStore) {
    let mut grants = [grant("later"), grant("first"), grant("elsewhere"), grant("grace's")];
    grants[0].created_at = LATER;
    grants[2].authority = "wear".into();
    grants[2].created_at = LATER + Lifetime::from_seconds(1);
    grants[3].user = user("grace").id;
    keep(&store, &grants.map(Change::AddGrant)).await;
    let lookups = store.lookups();
    for (authority, expected) in
        [(Some("quiz"), vec!["first", "later"]), (Some("none"), vec![]), (None, vec!["first", "later", "elsewhere"])]
    {
        let found = lookups.grants_of_user(&ada().id, authority).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|grant| grant.id.0.as_str()).collect();
        assert_eq!(ids, expected, "{authority:?}");
    }
}
