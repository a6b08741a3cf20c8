//! Userinfo: what the granted scopes allow, to whoever holds a live token.

use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use sayso_testkit::{NOW, records};
use serde_json::json;

use crate::house::*;

async fn ask_for(house: &House, side: Side, authorization: &str) -> Answer {
    let request = Request::get(side.userinfo()).header(AUTHORIZATION, authorization);
    house.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn each_scope_tells_its_part() {
    let house = House::open().await;
    let sub = records::ada().id.0;
    for (scope, expected) in [
        ("openid", json!({ "sub": sub })),
        ("openid email", json!({ "sub": sub, "email": "ada@example.com", "email_verified": false })),
        (
            "openid profile",
            json!({
                "sub": sub, "preferred_username": "ada", "given_name": "Ada", "name": "Ada", "favorite_color": "teal",
                "updated_at": NOW.seconds(),
            }),
        ),
    ] {
        let linked = house.link(&Ask::wear().set("scope", scope)).await;
        let answer = ask_for(&house, Side::Wear, &format!("Bearer {}", linked.access)).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, expected), "{scope}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_token_comes_by_header_or_form_not_both() {
    let house = House::open().await;
    let token = house.link(&Ask::quiz()).await.access;
    let path = Side::Quiz.userinfo();
    let bearer = format!("bearer {token}");
    assert_eq!(ask_for(&house, Side::Quiz, &bearer).await.status, 200, "the scheme has no case");
    assert_eq!(house.post(path, &[("access_token", &token)]).await.status, 200);
    assert_eq!(house.post_body(path, Some(&bearer), String::new()).await.status, 200);
    let both = house.post_body(path, Some(&bearer), encode(&[("access_token", &token)])).await;
    both.is_error(400, "invalid_request");
    house.post(path, &[("access_token", "a"), ("access_token", "b")]).await.is_error(400, "invalid_request");
    let twice = Request::get(path).header(AUTHORIZATION, &bearer).header(AUTHORIZATION, &bearer);
    let twice = house.send(twice.body(Body::empty()).unwrap()).await;
    twice.is_error(400, "invalid_request");
    assert!(twice.header("www-authenticate").ends_with(", error=\"invalid_request\""));
    let in_query = house.get(&format!("{path}?access_token={token}")).await;
    assert_eq!(
        (in_query.status.as_u16(), in_query.header("www-authenticate")),
        (401, "Bearer realm=\"http://127.0.0.1:4000/oauth2/quiz\""),
        "never by query"
    );
}

#[tokio::test]
async fn other_tokens_are_refused_with_a_challenge() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear().set("scope", "openid")).await;
    let quiz = house.link(&Ask::quiz()).await;
    let form = [("grant_type", "client_credentials"), ("audience", WEAR_AUDIENCE)];
    let machine = Linked::of(&house.post_as(MACHINE_CLIENT, Side::Wear.token(), &form).await).access;
    let id_token = linked.answer["id_token"].as_str().unwrap();
    for token in [id_token, &linked.refresh, &quiz.access, &machine, "x", "", "a.b.c"] {
        let answer = ask_for(&house, Side::Wear, &format!("Bearer {token}")).await;
        answer.is_error(401, "invalid_token");
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"http://127.0.0.1:4000\", error=\"invalid_token\""
        );
    }
    let without_openid = house.link(&Ask::wear()).await;
    let answer = ask_for(&house, Side::Wear, &format!("Bearer {}", without_openid.access)).await;
    answer.is_error(403, "insufficient_scope");
    assert!(answer.header("www-authenticate").ends_with(", error=\"insufficient_scope\", scope=\"openid\""));
    for nothing in ["Basic YTpi", "Bearer", "DPoP x"] {
        let answer = ask_for(&house, Side::Wear, nothing).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("www-authenticate")),
            (401, "Bearer realm=\"http://127.0.0.1:4000\""),
            "{nothing}"
        );
    }
}

#[tokio::test]
async fn an_expired_token_or_a_disabled_user_ends_it() {
    let house = House::open().await;
    let token = house.link(&Ask::quiz()).await.access;
    let bearer = format!("Bearer {token}");
    let ada = records::ada().id;
    house.store.disable_user(&ada, NOW).await.unwrap();
    ask_for(&house, Side::Quiz, &bearer).await.is_error(401, "invalid_token");
    house.store.enable_user(&ada, NOW).await.unwrap();
    assert_eq!(ask_for(&house, Side::Quiz, &bearer).await.status, 200);
    house.wait(3600);
    ask_for(&house, Side::Quiz, &bearer).await.is_error(401, "invalid_token");
}
