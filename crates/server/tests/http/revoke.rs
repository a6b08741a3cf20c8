//! Revocation: by the owner, at once, everywhere.

use serde_json::Value;

use crate::house::look::claims_of;
use crate::house::*;

async fn revoke(house: &House, ask: &Ask, token: &str) -> Answer {
    let mut form = vec![("token", token)];
    form.extend(ask.public_id());
    house.post_body(ask.side.revoke(), ask.authorization().as_deref(), encode(&form)).await
}

async fn userinfo_status(house: &House, side: Side, token: &str) -> u16 {
    let request = http::Request::get(side.userinfo()).header("authorization", format!("Bearer {token}"));
    house.send(request.body(axum::body::Body::empty()).unwrap()).await.status.as_u16()
}

/// INT-009
#[tokio::test]
async fn revoking_a_refresh_token_ends_the_link() {
    for house in House::on_both_databases().await {
        for ask in [Ask::quiz(), Ask::wear().set("scope", "openid")] {
            let first = house.link(&ask).await;
            let second = Linked::of(&house.refresh(&ask, &first.refresh).await);
            let other = house.link(&ask).await;
            assert_eq!(userinfo_status(&house, ask.side, &second.access).await, 200);
            let answer = revoke(&house, &ask, &second.refresh).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
            assert_eq!(answer.header("cache-control"), "no-store");
            for linked in [&first, &second] {
                assert!(!house.is_active(ask.side, ask.client(), &linked.access).await);
                assert!(!house.is_active(ask.side, ask.client(), &linked.refresh).await);
                assert_eq!(userinfo_status(&house, ask.side, &linked.access).await, 401);
                house.refresh(&ask, &linked.refresh).await.is_error(400, "invalid_grant");
            }
            assert!(house.is_active(ask.side, ask.client(), &other.access).await, "another link lives on");
            assert_eq!(revoke(&house, &ask, &second.refresh).await.status, 200, "twice is fine");
        }
        assert_eq!(house.audit("grant_revoked_by_client").await.len(), 2);
        assert!(house.audit("refresh_reuse").await.is_empty());
    }
}

#[tokio::test]
async fn revoking_an_access_token_leaves_the_link() {
    for house in House::on_both_databases().await {
        let ask = Ask::quiz();
        let linked = house.link(&ask).await;
        assert_eq!(revoke(&house, &ask, &linked.access).await.status, 200);
        assert!(!house.is_active(ask.side, ask.client(), &linked.access).await);
        assert_eq!(userinfo_status(&house, ask.side, &linked.access).await, 401);
        assert!(house.is_active(ask.side, ask.client(), &linked.refresh).await);
        let fresh = Linked::of(&house.refresh(&ask, &linked.refresh).await);
        assert!(house.is_active(ask.side, ask.client(), &fresh.access).await);
        assert_eq!(revoke(&house, &ask, &linked.access).await.status, 200, "the dead one again");
        assert!(house.is_active(ask.side, ask.client(), &fresh.access).await, "does not kill its successor");
    }
}

/// INT-007
#[tokio::test]
async fn only_the_owner_may_revoke() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let others = [
        Ask::spa(),
        Ask::native(),
        Ask::wear().set("client_id", OTHER_CLIENT),
        Ask::wear().set("client_id", MACHINE_CLIENT),
    ];
    for ask in others {
        for token in [&linked.access, &linked.refresh] {
            let answer = revoke(&house, &ask, token).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "nothing is told");
        }
    }
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
    assert_eq!(house.refresh(&Ask::wear(), &linked.refresh).await.status, 200);
    revoke(&house, &Ask::wear().set("client_id", "nobody"), &linked.refresh).await.is_error(401, "invalid_client");
    house.post(Side::Wear.revoke(), &[("token", &linked.refresh)]).await.is_error(401, "invalid_client");
}

#[tokio::test]
async fn a_public_client_revokes_its_own() {
    let house = House::open().await;
    let linked = house.link(&Ask::spa()).await;
    assert_eq!(revoke(&house, &Ask::spa(), &linked.refresh).await.status, 200);
    house.refresh(&Ask::spa(), &linked.refresh).await.is_error(400, "invalid_grant");
}

#[tokio::test]
async fn what_is_unknown_counts_as_revoked() {
    let house = House::open().await;
    for token in ["x", "srt_x.0.y.z", "a.b.c", &"A".repeat(60_000)] {
        assert_eq!(revoke(&house, &Ask::wear(), token).await.status, 200);
    }
    let path = Side::Wear.revoke();
    house.post_as(WEAR_CLIENT, path, &[]).await.is_error(400, "invalid_request");
    house.post_as(WEAR_CLIENT, path, &[("token", "")]).await.is_error(400, "invalid_request");
    house.post_as(WEAR_CLIENT, path, &[("token", "a"), ("token", "b")]).await.is_error(400, "invalid_request");
    let in_query = format!("{path}?token=x");
    house.post_as(WEAR_CLIENT, &in_query, &[]).await.is_error(400, "invalid_request");
}

#[tokio::test]
async fn a_machines_token_is_not_said_to_be_revoked_while_it_lives() {
    let house = House::open().await;
    let form = [("grant_type", "client_credentials"), ("audience", WEAR_AUDIENCE)];
    let token = Linked::of(&house.post_as(MACHINE_CLIENT, Side::Wear.token(), &form).await).access;
    let answer = house.post_as(MACHINE_CLIENT, Side::Wear.revoke(), &[("token", &token)]).await;
    let active = house.is_active(Side::Wear, MACHINE_CLIENT, &token).await;
    if answer.status == 200 {
        assert!(!active, "200 says that it is dead");
    } else {
        answer.is_error(400, "unsupported_token_type");
    }
    let stranger = house.post_as(OTHER_CLIENT, Side::Wear.revoke(), &[("token", &token)]).await;
    assert_eq!(stranger.status, 200, "nothing is told to others");
}

#[tokio::test]
async fn an_epoch_is_not_for_the_client_to_choose() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let jti = claims_of(&linked.access)["jti"].as_str().unwrap().to_owned();
    revoke(&house, &Ask::wear(), &linked.access).await;
    let fresh = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
    let fresh_jti: Value = claims_of(&fresh.access)["jti"].clone();
    assert_eq!(jti.split('.').next(), fresh_jti.as_str().unwrap().split('.').next(), "the same grant");
    assert_ne!(jti.split('.').nth(1), fresh_jti.as_str().unwrap().split('.').nth(1), "another epoch");
}

/// What a skill does when it is disabled: it has no refresh token to show.
#[tokio::test]
async fn an_access_token_ends_the_link_for_its_client_when_asked_to() {
    for house in House::on_both_databases().await {
        let (ask, stranger) = (Ask::quiz(), Ask::wear());
        let linked = house.link(&ask).await;
        let end = async |ask: &Ask, token: &str, value: &str| {
            let mut form = vec![("token", token), ("token_type_hint", "access_token"), ("end_grant", value)];
            form.extend(ask.public_id());
            house.post_body(ask.side.revoke(), ask.authorization().as_deref(), encode(&form)).await.status.as_u16()
        };
        assert_eq!(end(&stranger, &linked.access, "true").await, 200);
        assert!(house.is_active(ask.side, ask.client(), &linked.access).await, "another's ends nothing");
        assert_eq!(end(&ask, &linked.access, "false").await, 200);
        assert!(house.is_active(ask.side, ask.client(), &linked.refresh).await, "asked to end the access tokens alone");
        let fresh = Linked::of(&house.refresh(&ask, &linked.refresh).await);
        assert_eq!(end(&ask, &fresh.access, "true").await, 200);
        house.refresh(&ask, &fresh.refresh).await.is_error(400, "invalid_grant");
        assert!(!house.is_active(ask.side, ask.client(), &fresh.access).await);
        assert_eq!(house.audit("grant_revoked_by_client").await.len(), 1);
    }
}
