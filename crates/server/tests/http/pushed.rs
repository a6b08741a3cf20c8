//! Pushed authorization requests (RFC 9126).

use sayso_authority::record::pushed_request::MAX_PENDING;
use sayso_testkit::records;

use crate::house::*;

const REQUEST: [(&str, &str); 6] = [
    ("response_type", "code"),
    ("redirect_uri", REDIRECT_URI),
    ("scope", "openid"),
    ("state", "pushed"),
    ("audience", WEAR_AUDIENCE),
    ("nonce", "n"),
];

async fn push(house: &House, client: &str) -> Answer {
    house.post_as(client, "/oauth/par", &REQUEST).await
}

async fn pushed(house: &House) -> String {
    let answer = push(house, WEAR_CLIENT).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!((answer.header("cache-control"), &answer.json()["expires_in"]), ("no-store", &90.into()));
    answer.json()["request_uri"].as_str().unwrap().to_owned()
}

fn by_reference(reference: &str) -> String {
    format!("/authorize?{}", encode(&[("client_id", WEAR_CLIENT), ("request_uri", reference)]))
}

/// OID-007: through the browser goes the reference alone; what stands beside it counts for nothing; once.
#[tokio::test]
async fn oid_007_a_pushed_request_is_answered_once() {
    for house in House::on_both_databases().await {
        let reference = pushed(&house).await;
        let path = format!("{}&scope=email&state=mine&redirect_uri=https://evil.test/", by_reference(&reference));
        let mut browser = house.browser();
        let page = browser.open(&path).await;
        let answer = browser.log_in(&page, "ada", PASSWORD).await;
        // Signing in may take longer than the reference lasts.
        house.wait(600);
        let page = browser.follow(answer).await;
        assert!(page.body.contains("data-scope=\"openid\"") && !page.body.contains("data-scope=\"email\""));
        let answer = browser.press(&page, "allow").await;
        assert_eq!(answer.parameter("state").as_deref(), Some("pushed"));
        assert!(answer.location().unwrap().starts_with(REDIRECT_URI));
        let ask = Ask::wear().set("scope", "openid");
        assert_eq!(house.redeem(&ask, &answer.parameter("code").unwrap()).await.status, 200);
        for again in [by_reference(&reference), path] {
            browser.open(&again).await.is_error_page(400, "invalid_request_uri");
        }
        browser.press(&page, "allow").await.is_error_page(400, "invalid_request_uri");
        // What was allowed before is answered at once, and spends the reference too.
        let reference = pushed(&house).await;
        assert!(browser.get(&by_reference(&reference)).await.parameter("code").is_some());
        browser.get(&by_reference(&reference)).await.is_error_page(400, "invalid_request_uri");
    }
}

/// OID-007: expired, of another client, from another authority, made up.
#[tokio::test]
async fn oid_007_a_reference_is_its_clients_and_does_not_last() {
    let house = House::open().await;
    let reference = pushed(&house).await;
    let of = |path: &str, client: &str, reference: &str| {
        format!("{path}?{}", encode(&[("client_id", client), ("request_uri", reference)]))
    };
    for path in [
        of("/authorize", OTHER_CLIENT, &reference),
        of("/oauth2/quiz/v1/authorize", WEAR_CLIENT, &reference),
        of("/authorize", WEAR_CLIENT, &format!("{reference}x")),
        of("/authorize", WEAR_CLIENT, "urn:ietf:params:oauth:request_uri:"),
    ] {
        house.get(&path).await.is_error_page(400, "invalid_request_uri");
    }
    house
        .get(&format!("/authorize?{}", encode(&[("request_uri", &reference)])))
        .await
        .is_error_page(400, "client_id_missing");
    assert!(house.get(&by_reference(&reference)).await.location().unwrap().starts_with("/login?"));
    house.wait(90);
    house.get(&by_reference(&reference)).await.is_error_page(400, "invalid_request_uri");
}

#[tokio::test]
async fn whoever_pushes_proves_to_be_the_client() {
    let house = House::open().await;
    house.post("/oauth/par", &REQUEST).await.is_error(401, "invalid_client");
    house
        .post_body("/oauth/par", Some(&basic(WEAR_CLIENT, "wrong")), encode(&REQUEST))
        .await
        .is_error(401, "invalid_client");
    let foreign = [&REQUEST[..], &[("client_id", OTHER_CLIENT)]].concat();
    house
        .post_body("/oauth/par", Some(&basic(WEAR_CLIENT, sayso_testkit::tutorials::CLIENT_SECRET)), encode(&foreign))
        .await
        .is_error(400, "invalid_request");
    let inside = [&REQUEST[..], &[("request_uri", "urn:ietf:params:oauth:request_uri:x")]].concat();
    house.post_as(WEAR_CLIENT, "/oauth/par", &inside).await.is_error(400, "invalid_request");
    house.post_as(WEAR_CLIENT, "/oauth/par?x=1", &REQUEST).await.is_error(400, "invalid_request");
    let mut elsewhere = REQUEST;
    elsewhere[1].1 = "https://evil.test/";
    house.post_as(WEAR_CLIENT, "/oauth/par", &elsewhere).await.is_error(400, "invalid_request");
    assert_eq!(house.get("/oauth/par").await.status, 405);
}

#[tokio::test]
async fn a_client_that_must_push_is_answered_by_reference_only() {
    let house = House::with(|wardrobe, _| find(wardrobe, WEAR_CLIENT).authorization.pushed_only = true).await;
    let ask = Ask::wear().set("scope", "openid");
    house.get(&ask.path()).await.is_redirected_error(REDIRECT_URI, "invalid_request", WEAR);
    let reference = pushed(&house).await;
    let page = house.browser().open(&by_reference(&reference)).await;
    assert!(page.body.contains("id=\"login\""), "{}", page.body);
}

/// One client's flood is its own: others go on.
#[tokio::test]
async fn a_client_has_so_many_requests_waiting_and_no_more() {
    let house = House::open().await;
    let waiting = (0..MAX_PENDING).map(|number| {
        let mut request = records::pushed_request(&format!("waiting {number}"));
        request.authority = "wear".to_owned();
        request.client = WEAR_CLIENT.to_owned();
        sayso_authority::record::change::Change::AddPushedRequest(request)
    });
    let waiting: Vec<_> = waiting.collect();
    let waiting = &waiting;
    let kept: Result<Result<(), ()>, _> = house
        .store
        .settle(&house.clock, |_, _| async move {
            Ok(waiting.iter().fold(sayso_authority::Decision::reply(()), |all, one| all.change(one.clone())))
        })
        .await;
    kept.unwrap().unwrap();
    let refused = push(&house, WEAR_CLIENT).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "90"), "{}", refused.body);
    assert_eq!(push(&house, OTHER_CLIENT).await.status, 201);
    house.wait(90);
    assert_eq!(push(&house, WEAR_CLIENT).await.status, 201, "they have expired");
}
