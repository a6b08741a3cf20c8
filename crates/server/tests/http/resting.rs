//! When the store does not answer: 503, nothing half done.

use axum::body::Body;
use http::Request;

use crate::house::*;

#[tokio::test]
async fn a_store_that_does_not_answer_is_503_everywhere() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear().set("scope", "openid")).await;
    let code = house.code(&Ask::wear()).await;
    let mut browser = house.browser();
    let login = browser.open(&Ask::wear().path()).await;
    let mut signed_in = house.browser();
    let consent = signed_in.consent_page(&Ask::wear(), "ada").await;
    house.store.close().await;

    let bearer = Request::get(Side::Wear.userinfo()).header("authorization", format!("Bearer {}", linked.access));
    for answer in [
        house.redeem(&Ask::wear(), &code).await,
        house.refresh(&Ask::wear(), &linked.refresh).await,
        house.post_as(WEAR_CLIENT, Side::Wear.revoke(), &[("token", &linked.refresh)]).await,
        house.post_as(WEAR_CLIENT, Side::Wear.introspect(), &[("token", &linked.access)]).await,
        house.send(bearer.body(Body::empty()).unwrap()).await,
    ] {
        answer.is_error(503, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "2");
    }
    for answer in [
        browser.log_in(&login, "ada", PASSWORD).await,
        signed_in.press(&consent, "allow").await,
        signed_in.press(&consent, "switch").await,
        signed_in.get("/account").await,
        signed_in.get("/logout").await,
        signed_in.get("/").await,
        signed_in.get(&Ask::wear().path()).await,
    ] {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(answer.location(), None);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert_eq!(answer.header("retry-after"), "2");
        assert!(answer.cookies().is_empty(), "{:?}", answer.cookies());
        assert!(!answer.body.contains("sqlite") && !answer.body.contains("database"), "{}", answer.body);
    }
    assert_eq!(house.get(Side::Wear.keys()).await.status, 200, "what needs no store still answers");
    let form = [("grant_type", "client_credentials"), ("audience", WEAR_AUDIENCE)];
    assert_eq!(house.post_as(MACHINE_CLIENT, Side::Wear.token(), &form).await.status, 200);
}
