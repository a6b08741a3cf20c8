//! No statement of purging goes through a table.

use sayso_testkit::PostgresServer;

use super::*;
use crate::Address;

const KINDS: [Kind; 5] = [CODES, SESSIONS, SPENT_ONCE, TRIES, GRANTS];

fn statements() -> Vec<&'static str> {
    let of_kinds = KINDS.iter().flat_map(|kind| [kind.oldest, kind.forget]);
    of_kinds
        .chain([
            TURN,
            unrefreshed::LOOK,
            unrefreshed::FORGET,
            memberships::LOOK,
            memberships::FORGET,
            audit::LOOK,
            audit::FORGET,
        ])
        .collect()
}

/// As a database that never heard of the values, which are all of one type in each statement here.
fn with_values(sql: &str) -> String {
    let sql = sql
        .replace("seal <= $2", "seal <= 5")
        .replace("> ($1, $2)", "> ('a', 'b')")
        .replace("<= ($3, $4)", "<= ('c', 'd')");
    let sql = sql.replace("> $1", "> 'a'").replace("<= $2", "<= 'b'");
    sql.replace("$1", "5").replace("$2", "5").replace("$3", "5")
}

#[test]
fn the_batch_in_the_texts_is_the_batch_that_is_counted() {
    for kind in KINDS {
        assert!(kind.forget.contains(&format!("LIMIT {BATCH})")), "{}", kind.forget);
    }
}

#[tokio::test]
async fn sqlite_finds_all_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sayso.db");
    Store::open(&file).await.unwrap().close().await;
    let connection = rusqlite::Connection::open(&file).unwrap();
    let plan = |sql: &str| -> Vec<String> {
        let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        query.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect()
    };
    for sql in statements() {
        for step in plan(&with_values(sql)) {
            // Small results of a subquery are gone through; a table never is, not even by its index.
            let table = [
                "users",
                "sessions",
                "codes",
                "grants",
                "spent_once",
                "tries",
                "audit_events",
                "counters",
                "memberships",
            ];
            let through = step.starts_with("SCAN") && table.iter().any(|name| step.split(' ').nth(1) == Some(*name));
            assert!(!through && !step.contains("TEMP B-TREE FOR ORDER"), "{sql}: {step}");
        }
    }
    assert!(plan("DELETE FROM codes WHERE spent_at < 5")[0].starts_with("SCAN codes"), "a scan would be seen");
}

#[tokio::test]
async fn postgresql_finds_all_by_an_index() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = Address::parse(&server.new_schema()).unwrap();
    Store::open(&address).await.unwrap().close().await;
    let Address::Postgres(address) = &address else { panic!("{address}") };
    let schema = address.options().unwrap().replace("-c search_path=", "");
    let plan =
        |sql: &str| server.execute(&format!("SET search_path = {schema}; SET enable_seqscan = off; EXPLAIN {sql}"));
    for sql in statements() {
        let plan = plan(&with_values(sql));
        assert!(!plan.contains("Seq Scan"), "{sql}: {plan}");
    }
    assert!(plan("DELETE FROM codes WHERE spent_at < 5").contains("Seq Scan"), "a scan would be seen");
}
