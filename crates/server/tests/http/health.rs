//! What load balancers ask.

use axum::body::Body;
use http::Request;
use http::header::HOST;
use sayso_testkit::PostgresServer;

use crate::house::*;

/// As a load balancer asks: under a host name that is none of ours.
async fn probe(house: &House, path: &str) -> Answer {
    house.send(Request::get(path).header(HOST, "10.0.0.7:4000").body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn ready_means_that_the_database_reads_and_writes() {
    for house in House::on_both_databases().await {
        let ready = probe(&house, "/health/ready").await;
        assert_eq!((ready.status.as_u16(), ready.json()["status"].as_str()), (200, Some("ready")), "{}", ready.body);
        assert_eq!(ready.header("cache-control"), "no-store");
        house.store.close().await;
        assert_eq!(probe(&house, "/health/ready").await.status, 200, "an answer holds for a second");
        house.wait(1);
        let unready = probe(&house, "/health/ready").await;
        assert_eq!((unready.status.as_u16(), unready.header("retry-after")), (503, "2"));
        assert_eq!(unready.json()["reason"], "database_unavailable");
        assert_eq!(probe(&house, "/health/live").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ready_again_when_the_database_is_back() {
    let Some(mut server) = PostgresServer::start() else { return };
    let house = House::on(&server).await;
    for _ in 0..2 {
        house.wait(1);
        assert_eq!(probe(&house, "/health/ready").await.status, 200);
        server.stop();
        house.wait(1);
        assert_eq!(probe(&house, "/health/ready").await.status, 503);
        server.start_again();
    }
}

#[tokio::test]
async fn a_node_that_does_not_follow_is_not_ready() {
    let house = House::open().await;
    house.wait(6);
    let behind = probe(&house, "/health/ready").await;
    assert_eq!((behind.status.as_u16(), behind.json()["reason"].as_str()), (503, Some("behind_other_nodes")));
    house.server.catch_up().await.unwrap();
    house.wait(1);
    assert_eq!(probe(&house, "/health/ready").await.status, 200);
}
