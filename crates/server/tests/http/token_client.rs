//! Tokens for a client itself.

use std::collections::BTreeSet;

use sayso_authority::record::client::GrantType;
use sayso_authority::record::policy::Covers;

use crate::house::look::claims_of;
use crate::house::*;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn a_machine_gets_a_token_of_its_own() {
    let house = House::open().await;
    let answer = house.post_as(MACHINE_CLIENT, Side::Wear.token(), &[GRANT, ("audience", WEAR_AUDIENCE)]).await;
    let names: BTreeSet<_> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["access_token", "expires_in", "scope", "token_type"].map(str::to_owned).into());
    let linked = Linked::of(&answer);
    let claims = claims_of(&linked.access);
    assert_eq!(claims["scope"], "read:whattowear");
    assert_eq!(claims["azp"], MACHINE_CLIENT);
    assert!(house.is_active(Side::Wear, MACHINE_CLIENT, &linked.access).await);
    house.wait(86_400);
    assert!(!house.is_active(Side::Wear, MACHINE_CLIENT, &linked.access).await);
}

/// CLI-013
#[tokio::test]
async fn scopes_stay_within_api_and_client() {
    let house = House::open().await;
    for (more, error) in [
        (vec![("audience", WEAR_AUDIENCE), ("scope", "does-not-exist")], "invalid_scope"),
        (vec![("audience", WEAR_AUDIENCE), ("scope", "read:whattowear read:shoes")], "invalid_scope"),
        (vec![("audience", SHOES_AUDIENCE), ("scope", "read:shoes")], "invalid_scope"),
        (vec![("audience", WEAR_AUDIENCE), ("scope", "openid")], "invalid_scope"),
        (vec![("audience", QUIZ_AUDIENCE)], "invalid_target"),
        (vec![("scope", "read:whattowear")], "invalid_target"),
    ] {
        let form = [vec![GRANT], more].concat();
        house.post_as(MACHINE_CLIENT, Side::Wear.token(), &form).await.is_error(400, error);
    }
}

#[tokio::test]
async fn only_clients_registered_for_it_may() {
    let house = House::with(|wardrobe, _| {
        find(wardrobe, SPA_CLIENT).grants.push(GrantType::ClientCredentials);
        let rule = wardrobe.policies[0].rules[0].clone();
        wardrobe.policies[0].clients = Covers::Only(owned(&[WEAR_CLIENT, SPA_CLIENT, MACHINE_CLIENT]));
        wardrobe.policies[0].rules = vec![rule];
    })
    .await;
    let form = [GRANT, ("audience", WEAR_AUDIENCE)];
    for client in [WEAR_CLIENT, OTHER_CLIENT] {
        house.post_as(client, Side::Wear.token(), &form).await.is_error(400, "unauthorized_client");
    }
    let public = [GRANT, ("audience", WEAR_AUDIENCE), ("client_id", SPA_CLIENT)];
    house.post(Side::Wear.token(), &public).await.is_error(400, "unauthorized_client");
    let lawless = house.reconfigured(|wardrobe, _| wardrobe.policies[0].rules[0].grants.clear()).await;
    lawless.post_as(MACHINE_CLIENT, Side::Wear.token(), &form).await.is_error(400, "unauthorized_client");
}

/// CLI-010
#[tokio::test]
async fn a_client_named_like_a_user_is_not_that_user() {
    let house = House::with(|wardrobe, _| {
        for id in ["ada", "usr_ada"] {
            let machine = find(wardrobe, MACHINE_CLIENT).clone();
            wardrobe.clients.push(sayso_authority::record::client::Client { id: id.to_owned(), ..machine });
        }
    })
    .await;
    let ada = claims_of(&house.link(&Ask::wear()).await.access)["sub"].clone();
    for client in ["ada", "usr_ada", MACHINE_CLIENT] {
        let answer = house.post_as(client, Side::Wear.token(), &[GRANT, ("audience", WEAR_AUDIENCE)]).await;
        let subject = claims_of(&Linked::of(&answer).access)["sub"].clone();
        assert_ne!(subject, ada);
        assert!(subject.as_str().unwrap().starts_with("client|"), "{subject}");
    }
}
