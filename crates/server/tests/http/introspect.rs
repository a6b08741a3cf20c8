//! Introspection: who may ask, what is told, and by which way.

use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use sayso_testkit::tutorials::CLIENT_SECRET;
use sayso_testkit::{NOW, records};
use serde_json::Value;

use crate::house::browser::PageForm;
use crate::house::look::claims_of;
use crate::house::*;

#[tokio::test]
async fn custom_claims_stand_at_top_level_and_follow_the_profile() {
    let house = House::open().await;
    let linked = house.link(&Ask::quiz()).await;
    let told = house.introspect(Side::Quiz, QUIZ_CLIENT, &linked.access).await;
    let ada = records::ada();
    for (name, value) in [
        ("active", Value::from(true)),
        ("FirstNameClaim", "Ada".into()),
        ("FavoriteColorClaim", "teal".into()),
        ("username", "ada".into()),
        ("sub", ada.id.0.clone().into()),
        ("iss", QUIZ.into()),
        ("aud", QUIZ_AUDIENCE.into()),
        ("client_id", QUIZ_CLIENT.into()),
        ("scope", "openid profile".into()),
        ("token_type", "Bearer".into()),
        ("iat", NOW.seconds().into()),
        ("exp", (NOW.seconds() + 3600).into()),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    let mut browser = house.browser();
    let page = browser.sign_in(Side::Quiz, "ada").await;
    let form = PageForm::around(&page, "attribute-favoriteColor").set("attribute.favoriteColor", "crimson");
    assert_eq!(browser.submit(&form).await.status, 303);
    let told = house.introspect(Side::Quiz, QUIZ_CLIENT, &linked.access).await;
    assert_eq!(told["FavoriteColorClaim"], "crimson", "the same token, the profile as it is now");
    assert_eq!(claims_of(&linked.access)["FavoriteColorClaim"], "teal", "what is signed stays");
    let fresh = Linked::of(&house.refresh(&Ask::quiz(), &linked.refresh).await);
    assert_eq!(claims_of(&fresh.access)["FavoriteColorClaim"], "crimson");
}

#[tokio::test]
async fn a_token_is_told_of_to_its_client_and_its_api_only() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    for (client, active) in [(WEAR_CLIENT, true), (MACHINE_CLIENT, true), (OTHER_CLIENT, false)] {
        assert_eq!(house.is_active(Side::Wear, client, &linked.access).await, active, "{client}");
    }
    for (client, active) in [(WEAR_CLIENT, true), (MACHINE_CLIENT, false), (OTHER_CLIENT, false)] {
        assert_eq!(house.is_active(Side::Wear, client, &linked.refresh).await, active, "{client}");
    }
}

#[tokio::test]
async fn public_clients_and_strangers_may_not_ask() {
    let house = House::open().await;
    let linked = house.link(&Ask::spa()).await;
    let path = Side::Wear.introspect();
    house.post(path, &[("token", &linked.access)]).await.is_error(401, "invalid_client");
    house.post(path, &[("token", &linked.access), ("client_id", SPA_CLIENT)]).await.is_error(401, "invalid_client");
    let bearer = format!("Bearer {}", linked.access);
    let body = encode(&[("token", &linked.access)]);
    house.post_body(path, Some(&bearer), body).await.is_error(401, "invalid_client");
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_inactive() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear().set("scope", "openid")).await;
    let id_token = linked.answer["id_token"].as_str().unwrap();
    let cut = &linked.access[..linked.access.len() - 2];
    let parts: Vec<_> = linked.access.split('.').collect();
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", parts[1]);
    let tokens = [id_token, cut, &unsigned, &none, "x", "a.b.c", "é", &"A".repeat(60_000), "undefined", "null"];
    for token in tokens {
        for hint in [None, Some("access_token"), Some("refresh_token"), Some("nonsense")] {
            let mut form = vec![("token", token)];
            form.extend(hint.map(|hint| ("token_type_hint", hint)));
            let answer = house.post_as(WEAR_CLIENT, Side::Wear.introspect(), &form).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "{\"active\":false}"));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    let hinted = [("token", linked.access.as_str()), ("token_type_hint", "refresh_token")];
    let answer = house.post_as(WEAR_CLIENT, Side::Wear.introspect(), &hinted).await;
    assert_eq!(answer.json()["active"], true, "a wrong hint is only a hint");
}

/// INT-010
#[tokio::test]
async fn live_state_is_told() {
    let house = House::open().await;
    let linked = house.link(&Ask::quiz()).await;
    let ada = records::ada().id;
    house.store.disable_user(&ada, NOW).await.unwrap();
    for token in [&linked.access, &linked.refresh] {
        assert!(!house.is_active(Side::Quiz, QUIZ_CLIENT, token).await);
    }
    house.store.enable_user(&ada, NOW).await.unwrap();
    assert!(house.is_active(Side::Quiz, QUIZ_CLIENT, &linked.access).await);
    house.wait(3599);
    assert!(house.is_active(Side::Quiz, QUIZ_CLIENT, &linked.access).await);
    house.wait(1);
    assert!(!house.is_active(Side::Quiz, QUIZ_CLIENT, &linked.access).await);
}

/// The second tutorial's request: an empty body, everything in the query.
async fn ask_by_query(house: &House, side: Side, client: &str, query: &str) -> Answer {
    let request = Request::post(format!("{}?{query}", side.introspect()))
        .header(AUTHORIZATION, basic(client, CLIENT_SECRET))
        .header("content-type", FORM)
        .header("accept", "application/json");
    house.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_second_tutorials_query_works_only_where_it_is_allowed() {
    let house = House::open().await;
    let quiz = house.link(&Ask::quiz()).await;
    let query = format!("token={}&token_type_hint=access_token", quiz.access);
    let answer = ask_by_query(&house, Side::Quiz, QUIZ_CLIENT, &query).await;
    assert_eq!(answer.json()["FavoriteColorClaim"], "teal", "{}", answer.body);
    assert!(log::written().contains("a token came in the query of an introspection request"));

    let wear = house.link(&Ask::wear()).await;
    let query = format!("token={}", wear.access);
    ask_by_query(&house, Side::Wear, WEAR_CLIENT, &query).await.is_error(400, "invalid_request");
    ask_by_query(&house, Side::Wear, WEAR_CLIENT, "token=").await.is_error(400, "invalid_request");
    ask_by_query(&house, Side::Quiz, QUIZ_CLIENT, "token=a&token=b").await.is_error(400, "invalid_request");
    ask_by_query(&house, Side::Quiz, QUIZ_CLIENT, "token=%zz").await.is_error(400, "invalid_request");
    ask_by_query(&house, Side::Quiz, QUIZ_CLIENT, "").await.is_error(400, "invalid_request");
    let strict = house.reconfigured(|_, quiz| quiz.introspection_by_query = false).await;
    let query = format!("token={}", quiz.access);
    ask_by_query(&strict, Side::Quiz, QUIZ_CLIENT, &query).await.is_error(400, "invalid_request");
}

#[tokio::test]
async fn credentials_are_never_read_from_the_query() {
    let house = House::open().await;
    let quiz = house.link(&Ask::quiz()).await;
    let query = encode(&[("token", &quiz.access), ("client_id", QUIZ_CLIENT), ("client_secret", CLIENT_SECRET)]);
    let answer = house.post(&format!("{}?{query}", Side::Quiz.introspect()), &[]).await;
    answer.is_error(401, "invalid_client");
}

/// INT-004
#[tokio::test]
async fn whoever_scans_for_tokens_is_stopped_alone() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let mut stopped = 0;
    for n in 0..600 {
        let answer = house.post_as(OTHER_CLIENT, Side::Wear.introspect(), &[("token", &format!("guess-{n}"))]).await;
        if answer.status == 429 {
            stopped += 1;
            answer.is_error(429, "temporarily_unavailable");
            assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
        }
    }
    assert_eq!(stopped, 100);
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await, "others are not concerned");
}
