//! A batch that is broken off in its midst leaves nothing.

use sayso_authority::record::event::Event;
use sayso_testkit::PostgresServer;
use sayso_token::time::Lifetime;

use super::*;
use crate::lookups::audit;

const AT: Timestamp = Timestamp::from_seconds(1_767_225_600);

#[tokio::test]
async fn what_is_broken_off_between_seal_and_commit_was_never_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let file = Address::File(folder.path().join("sayso.db"));
    let server = PostgresServer::shared().map(|server| Address::parse(&server.new_schema()).unwrap());
    for address in std::iter::once(file).chain(server) {
        let sealer = Arc::new(Sealer::new([7; 32]));
        let store = Store::open(&address).await.unwrap();
        store.prove_audit_with(sealer.clone());
        for number in 0..5 {
            let event = Event::new("something", "quiz").detail("number", number);
            store.write(vec![store.event(&event, AT)]).await.unwrap();
        }
        let now = AT + Lifetime::from_seconds(600);
        let waiting = store.lookups().many(WAITING, &[], read_record).await.unwrap();
        let broken = seal(None, &waiting, now, &sealer).unwrap();
        let never = "UPDATE audit_seals SET records = records WHERE number = -1 RETURNING number";
        for cut in 0..=waiting.len() {
            let marks = waiting.iter().take(cut).map(|record| mark(record, broken.number));
            let batch = std::iter::once(add(&broken)).chain(marks).chain([Statement::guarded(never, [])]).collect();
            assert!(matches!(store.write(batch).await.unwrap(), Written::GuardLost), "{address}");
            let verified = verify_audit(&address, &sealer, (now, None)).await.unwrap();
            assert!(verified.is_whole() && verified.waiting == 5 && verified.head.is_none(), "{address}: {verified:?}");
        }
        // One of the records is gone meanwhile, or under another seal: the whole batch is lost.
        store.write(vec![mark(&waiting[2], 9)]).await.unwrap();
        let batch = std::iter::once(add(&broken)).chain(waiting.iter().map(|record| mark(record, 1))).collect();
        assert!(matches!(store.write(batch).await.unwrap(), Written::GuardLost), "{address}");
        assert_eq!(store.lookups().last_audit_seal().await.unwrap(), None);
        let freed = "UPDATE audit_events SET seal = NULL WHERE seal = 9";
        store.write(vec![Statement::plain(freed, [])]).await.unwrap();
        assert_eq!(store.seal_audit(now).await.unwrap().records, 5, "{address}");
        let verified = verify_audit(&address, &sealer, (now, None)).await.unwrap();
        assert!(verified.is_whole() && verified.sealed == 5, "{address}: {verified:?}");
        store.close().await;
    }
}

/// What is looked for by whom it concerns, and what waits to be sealed, is found by an index and comes in its order.
#[tokio::test]
async fn the_audit_is_searched_by_indexes() {
    let cases = [
        (WAITING, &["audit_events_unsealed"][..]),
        (audit::BEFORE, &["audit_events"]),
        (audit::OF_USER, &["audit_events_by_user"]),
        (audit::OF_GRANT, &["audit_events_by_grant"]),
        (audit::OF_CLIENT, &["audit_events_by_client", "audit_events_by_actor"]),
    ];
    let with_values = |sql: &str| {
        let sql = sql.replace("$6", "'x'");
        (1..=5).fold(sql, |sql, number| sql.replace(&format!("${number}"), "5"))
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sayso.db");
    Store::open(&file).await.unwrap().close().await;
    let connection = rusqlite::Connection::open(&file).unwrap();
    for (sql, indexes) in cases {
        let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", with_values(sql))).unwrap();
        let plan: Vec<String> = query.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        for index in indexes {
            assert!(plan.iter().any(|step| step.contains(index)), "{sql}: {plan:?}");
        }
        // Of a client, two small results are put together; nothing else is sorted.
        let sorted = plan.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER"));
        assert!(!sorted || indexes.len() == 2, "{sql}: {plan:?}");
    }
    let Some(server) = PostgresServer::shared() else { return };
    let address = Address::parse(&server.new_schema()).unwrap();
    Store::open(&address).await.unwrap().close().await;
    let Address::Postgres(address) = &address else { panic!("{address}") };
    let schema = address.options().unwrap().replace("-c search_path=", "");
    for (sql, indexes) in cases {
        let asked = "SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN";
        let plan = server.execute(&format!("SET search_path = {schema}; {asked} {}", with_values(sql)));
        assert!(indexes.iter().all(|index| plan.contains(index)), "{sql}: {plan}");
    }
}
