//! Policies over HTTP: who is in a group, what a rule sets, and claims by expression.

use sayso_authority::expression::Expression;
use sayso_authority::record::change::Change;
use sayso_authority::record::claim::{Carrier, Claim, Says};
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::policy::{Lifetimes, Rule};
use sayso_testkit::{NOW, records};
use sayso_token::time::Lifetime;

use crate::house::look::claims_of;
use crate::house::*;

/// The group `gold`, with Ada in it or not.
async fn gold(house: &House, joined: bool) {
    let group = Group { id: GroupId("grp_1".into()), name: "gold".into(), description: String::new(), created_at: NOW };
    house.store.seed_group(&group).await.unwrap();
    let (group, user) = (group.id, records::ada().id);
    let settled = house.store.settle(&house.clock, |_, now| {
        let (group, user) = (group.clone(), user.clone());
        let change =
            if joined { Change::AddMember { group, user, at: now } } else { Change::RemoveMember { group, user } };
        std::future::ready(Ok(sayso_authority::Decision::<(), ()>::reply(()).change(change)))
    });
    settled.await.unwrap().unwrap();
}

#[tokio::test]
async fn who_leaves_a_group_gets_no_further_tokens() {
    let seconds = |seconds| Some(Lifetime::from_seconds(seconds));
    let house = House::with(|wardrobe, _| {
        let rule = &mut wardrobe.policies[0].rules[0];
        rule.groups = owned(&["gold"]);
        rule.lifetimes = Lifetimes { access_token: seconds(600), refresh_idle: None, refresh_total: seconds(200_000) };
    })
    .await;
    let ask = Ask::wear();
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    browser.get(&ask.path()).await.is_redirected_error(REDIRECT_URI, "access_denied", WEAR);
    gold(&house, true).await;
    let linked = house.link(&ask).await;
    let claims = claims_of(&linked.access);
    let lives = |claims: &serde_json::Value| claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!((lives(&claims), linked.answer["expires_in"].as_i64()), (600, Some(600)));
    let event = house.audit("account_linked").await.remove(0);
    assert_eq!(event.details["rule"], "everything");
    let code = house.code(&ask).await;
    gold(&house, false).await;
    house.redeem(&ask, &code).await.is_error(400, "invalid_grant");
    house.refresh(&ask, &linked.refresh).await.is_error(400, "invalid_grant");
    gold(&house, true).await;
    let again = Linked::of(&house.refresh(&ask, &linked.refresh).await);
    house.wait(200_001);
    house.refresh(&ask, &again.refresh).await.is_error(400, "invalid_grant");
    let log = log::written();
    for reason in ["no_matching_policy", "grant_over"] {
        assert!(log.contains(reason), "{reason}");
    }
}

#[tokio::test]
async fn a_claim_by_expression_is_in_what_carries_it() {
    let house = House::with(|wardrobe, _| {
        let says = |text| Says::Expression(Expression::parse(text).unwrap());
        let claim = |name: &str, text, carriers: &[Carrier]| Claim {
            name: name.into(),
            carriers: carriers.to_vec(),
            says: says(text),
            scopes: Vec::new(),
            on_request: false,
        };
        wardrobe.claims = vec![
            claim("greeting", "'Hello ' + user.firstName", &Carrier::ALL),
            claim("access only", "size(scope)", &[Carrier::AccessToken]),
            claim("asked only", "client.id", &[Carrier::Introspection]),
            claim("signed only", "'gold' in groups", &[Carrier::IdToken]),
            claim("info only", "{'api': api.audience}", &[Carrier::Userinfo]),
            claim("nothing", "user.shoeSize", &Carrier::ALL),
        ];
        wardrobe.policies[0].rules.push(Rule::whatever("spare", &[]));
    })
    .await;
    let ask = Ask::wear().set("scope", "openid read:whattowear");
    let linked = house.link(&ask).await;
    let access = claims_of(&linked.access);
    let id_token = claims_of(linked.answer["id_token"].as_str().unwrap());
    let introspected = house.introspect(Side::Wear, WEAR_CLIENT, &linked.access).await;
    let bearer = format!("Bearer {}", linked.access);
    let userinfo = house.post_body(Side::Wear.userinfo(), Some(&bearer), String::new()).await.json();
    let all =
        [("access only", &access), ("asked only", &introspected), ("signed only", &id_token), ("info only", &userinfo)];
    for (own, claims) in all {
        assert_eq!(claims["greeting"], "Hello Ada", "{own}: {claims}");
        assert!(claims.get("nothing").is_none(), "{own}");
        for (name, _) in all {
            assert_eq!(claims.get(name).is_some(), name == own, "{name} beside {own}: {claims}");
        }
    }
    assert_eq!((&access["access only"], &id_token["signed only"]), (&serde_json::json!(2), &serde_json::json!(false)));
}
