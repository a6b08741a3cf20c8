//! Every record comes back as it was stored.

#![allow(clippy::unwrap_used, reason = "tests")]

mod deciding;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use deciding::keep;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use sayso_authority::record::attribute::AttributeValue;
use sayso_authority::record::change::Change;
use sayso_authority::record::code::Code;
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain, RefreshStep};
use sayso_authority::record::session::{Session, UpstreamSession};
use sayso_authority::record::user::{User, UserId};
use sayso_testkit::TempStore;
use sayso_testkit::records::{ada, code, grant, session};
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

/// Any text but NUL, which PostgreSQL's TEXT cannot hold and no parser of ours lets through.
fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace('\0', "0"))
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..4)
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_millis)
}

fn any_digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(|bytes| Digest::from_bytes(&bytes).unwrap())
}

fn any_map() -> impl Strategy<Value = BTreeMap<String, AttributeValue>> {
    let value = prop_oneof![
        text().prop_map(AttributeValue::from),
        any::<i64>().prop_map(AttributeValue::from),
        any::<bool>().prop_map(AttributeValue::from),
        proptest::collection::vec(text(), 0..3).prop_map(AttributeValue::from),
    ];
    btree_map(text(), value, 0..5)
}

prop_compose! {
    fn any_user()(username in text(), hash in text(), attributes in any_map(), version in any::<i64>(),
        created_at in time(), disabled_at in option::of(time())) -> User
    {
        User { username, password_hash: Secret::new(hash), attributes, version, created_at, disabled_at, ..ada() }
    }
}

prop_compose! {
    fn any_upstream()(connection in text(), subject in text(), session in option::of(text())) -> UpstreamSession {
        UpstreamSession { connection, subject, session }
    }
}

prop_compose! {
    fn any_session()(digest in any_digest(), authority in text(), user in text(), signed_in_at in time(),
        expires_at in time(), sid in text(), upstream in option::of(any_upstream())) -> Session
    {
        Session { digest, authority, user: UserId(user), signed_in_at, expires_at, sid, upstream }
    }
}

prop_compose! {
    fn any_code()(digest in any_digest(), redirect_uri in text(), scopes in texts(),
        code_challenge in option::of(text()), nonce in option::of(text()), times in any::<[i64; 3]>(),
        wrong_proofs in any::<i64>(), spent_at in option::of(time()), spent_proof in option::of(any_digest()),
        grant in option::of(text().prop_map(GrantId)), sid in option::of(text())) -> Code
    {
        let [signed_in_at, issued_at, expires_at] = times.map(Timestamp::from_millis);
        Code { digest, redirect_uri, scopes, code_challenge, nonce, signed_in_at, issued_at, expires_at, wrong_proofs,
            spent_at, spent_proof, grant, sid, ..code("any") }
    }
}

prop_compose! {
    fn any_step()(generation in any::<i64>(), token in any_digest(), first_used_at in time(), successor in text())
        -> RefreshStep
    {
        RefreshStep { generation, token, first_used_at, successor }
    }
}

prop_compose! {
    fn any_chain()(generation in any::<i64>(), live in any_digest(), steps in vec(any_step(), 0..4)) -> RefreshChain {
        RefreshChain { generation, live, steps }
    }
}

prop_compose! {
    fn any_grant()(id in text(), client in text(), audience in text(), scopes in texts(), times in any::<[i64; 3]>(),
        epoch in any::<i64>(), revoked_at in option::of(time()), refresh in option::of(any_chain())) -> Grant
    {
        let [signed_in_at, created_at, last_used_at] = times.map(Timestamp::from_millis);
        Grant { client, audience, scopes, signed_in_at, created_at, last_used_at, epoch, revoked_at, refresh,
            ..grant(&id) }
    }
}

/// Digests and secrets print only a part of themselves; the tests compare those on their own.
fn same(found: &impl std::fmt::Debug, stored: &impl std::fmt::Debug) {
    assert_eq!(format!("{found:?}"), format!("{stored:?}"));
}

/// Making a schema on PostgreSQL takes longer than all the rest: it sees one case in so many.
const POSTGRES_SEES: usize = 4;

/// On both engines.
fn run(test: impl AsyncFn(TempStore)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        test(TempStore::open().await).await;
        static CASES: AtomicUsize = AtomicUsize::new(0);
        if CASES.fetch_add(1, Ordering::Relaxed).is_multiple_of(POSTGRES_SEES)
            && let Some(store) = TempStore::on_postgres().await
        {
            test(store).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn users(user in any_user()) {
        run(async |store| {
            keep(&store, &[Change::AddUser(user.clone())]).await;
            let found = store.lookups().user(&user.id).await.unwrap().unwrap();
            same(&found, &user);
            assert!(found.password_hash.matches(&user.password_hash));
            let by_name = store.lookups().user_by_username(&user.username).await.unwrap().unwrap();
            same(&by_name, &user);
        });
    }

    #[test]
    fn sessions(stored in any_session()) {
        run(async |store| {
            keep(&store, &[Change::AddSession(stored.clone())]).await;
            let found = store.lookups().session(&stored.digest).await.unwrap().unwrap();
            same(&found, &stored);
            assert_eq!(found.digest, stored.digest);
            assert!(store.lookups().session(&session("another").digest).await.unwrap().is_none());
        });
    }

    #[test]
    fn codes(stored in any_code()) {
        run(async |store| {
            keep(&store, &[Change::AddCode(stored.clone())]).await;
            let found = store.lookups().code(&stored.digest).await.unwrap().unwrap();
            same(&found, &stored);
            assert_eq!((found.digest, found.spent_proof), (stored.digest, stored.spent_proof));
        });
    }

    #[test]
    fn grants(stored in any_grant(), user in any_user()) {
        run(async |store| {
            keep(&store, &[Change::AddGrant(stored.clone())]).await;
            let found = store.lookups().grant(&stored.id).await.unwrap().unwrap();
            same(&found, &stored);
            assert_eq!(found.refresh, stored.refresh);
            let (alone, nobody) = store.lookups().grant_and_user(&stored.id).await.unwrap();
            same(&alone.unwrap(), &stored);
            assert!(nobody.is_none());
            let user = User { id: stored.user.clone(), ..user.clone() };
            keep(&store, &[Change::AddUser(user.clone())]).await;
            let (both, found) = store.lookups().grant_and_user(&stored.id).await.unwrap();
            same(&both.unwrap(), &stored);
            same(&found.unwrap(), &user);
        });
    }
}
