//! The database goes away and comes back.

use sayso_testkit::PostgresServer;

use crate::house::*;

/// INT-008: a revocation that was not written is not said to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_postgresql_is_away_the_answer_is_to_try_again_and_then_all_goes_on() {
    let Some(mut server) = PostgresServer::start() else { return };
    let house = House::on(&server).await;
    let linked = house.link(&Ask::wear()).await;
    for _ in 0..2 {
        server.stop();
        let refused = house.refresh(&Ask::wear(), &linked.refresh).await;
        refused.is_error(503, "temporarily_unavailable");
        assert_eq!(refused.header("retry-after"), "2");
        let revoked = house.post_as(WEAR_CLIENT, Side::Wear.revoke(), &[("token", &linked.refresh)]).await;
        revoked.is_error(503, "temporarily_unavailable");
        assert_eq!(house.get(Side::Wear.keys()).await.status, 200, "what needs no memory is answered");
        server.start_again();
        assert_eq!(house.refresh(&Ask::wear(), &linked.refresh).await.status, 200);
        assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
    }
    assert!(house.audit("refresh_reuse").await.is_empty(), "a try that was not answered is no theft");
}
