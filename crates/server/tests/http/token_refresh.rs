//! The refresh rule: a lost answer never unlinks, real reuse ends the grant.

use std::collections::BTreeSet;

use sayso_authority::record::client::{GrantType, RefreshRule, Rotation};
use sayso_testkit::{NOW, records};
use sayso_token::time::Lifetime;
use tokio::task::JoinSet;

use crate::house::look::claims_of;
use crate::house::*;

#[tokio::test]
async fn a_refresh_gives_a_fresh_pair() {
    let house = House::open().await;
    let linked = house.link(&Ask::quiz()).await;
    house.wait(3600);
    assert!(!house.is_active(Side::Quiz, QUIZ_CLIENT, &linked.access).await, "expired");
    let answer = house.refresh(&Ask::quiz(), &linked.refresh).await;
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let fresh = Linked::of(&answer);
    assert_ne!(fresh.refresh, linked.refresh);
    assert_eq!(fresh.answer["expires_in"], 3600);
    assert_eq!(fresh.answer["scope"], "openid profile");
    assert!(house.is_active(Side::Quiz, QUIZ_CLIENT, &fresh.access).await);
    let (old, new) = (claims_of(&linked.access), claims_of(&fresh.access));
    assert_eq!(old["sub"], new["sub"]);
    assert_ne!(old["jti"], new["jti"]);
}

#[tokio::test]
async fn a_household_stays_linked_for_years() {
    let house = House::open().await;
    let mut linked = house.link(&Ask::wear()).await;
    for _ in 0..4 {
        house.wait(365 * 24 * 3600);
        linked = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
    }
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
}

/// Refreshes 64 times at once.
async fn race(house: &House, ask: &Ask, refresh_token: &str) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (house, ask, token) = (house.clone(), ask.clone(), refresh_token.to_owned());
        tasks.spawn(async move { house.refresh(&ask, &token).await });
    }
    tasks.join_all().await
}

/// RFT-001
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_racers_all_get_the_same_successor() {
    for house in House::on_both_databases().await {
        let linked = house.link(&Ask::wear()).await;
        let answers = race(&house, &Ask::wear(), &linked.refresh).await;
        let successors: BTreeSet<_> = answers.iter().map(|answer| Linked::of(answer).refresh).collect();
        assert_eq!(successors.len(), 1);
        assert!(house.audit("refresh_reuse").await.is_empty());
        let successor = successors.first().unwrap();
        assert_eq!(house.refresh(&Ask::wear(), successor).await.status, 200);
    }
}

/// RFT-002, RFT-012: the winner is whom a guarded statement returned the row to, on both databases.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_racers_under_strict_rotation_one_wins() {
    for house in House::on_both_databases().await {
        let linked = house.link(&Ask::spa()).await;
        let answers = race(&house, &Ask::spa(), &linked.refresh).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 63));
        for answer in lost {
            answer.is_error(400, "invalid_grant");
        }
    }
}

/// RFT-003
#[tokio::test]
async fn a_lost_answer_is_given_again() {
    for house in House::on_both_databases().await {
        let linked = house.link(&Ask::wear()).await;
        let lost = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
        for seconds in [600, 3600, 20 * 24 * 3600] {
            house.wait(seconds);
            let again = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
            assert_eq!(again.refresh, lost.refresh, "never a second successor");
            assert!(house.is_active(Side::Wear, WEAR_CLIENT, &again.access).await);
        }
        assert_eq!(house.refresh(&Ask::wear(), &lost.refresh).await.status, 200);
        assert!(house.audit("refresh_reuse").await.is_empty());
    }
}

/// RFT-019
#[tokio::test]
async fn a_straggler_within_the_overlap_gets_the_current_successor() {
    let house = House::open().await;
    let first = house.link(&Ask::wear()).await;
    let second = Linked::of(&house.refresh(&Ask::wear(), &first.refresh).await);
    house.wait(1);
    let third = Linked::of(&house.refresh(&Ask::wear(), &second.refresh).await);
    house.wait(2);
    let straggler = Linked::of(&house.refresh(&Ask::wear(), &first.refresh).await);
    assert_eq!(straggler.refresh, third.refresh);
    house.wait(58);
    house.refresh(&Ask::wear(), &first.refresh).await.is_error(400, "invalid_grant");
    house.refresh(&Ask::wear(), &third.refresh).await.is_error(400, "invalid_grant");
    assert_eq!(house.audit("refresh_reuse").await.len(), 1);
}

/// RFT-004, RFT-018: and no other link of the person.
#[tokio::test]
async fn reuse_ends_the_grant_and_says_so() {
    let house = House::open().await;
    let first = house.link(&Ask::wear()).await;
    let second = Linked::of(&house.refresh(&Ask::wear(), &first.refresh).await);
    let third = Linked::of(&house.refresh(&Ask::wear(), &second.refresh).await);
    let neighbour = house.link(&Ask::wear()).await;
    let quiz = house.link(&Ask::quiz()).await;
    house.wait(61);
    house.refresh(&Ask::wear(), &first.refresh).await.is_error(400, "invalid_grant");
    for linked in [&first, &second, &third] {
        assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
        assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.refresh).await);
        house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
    }
    let events = house.audit("refresh_reuse").await;
    assert_eq!(events.len(), 1, "what comes after the end is no second reuse");
    assert_eq!(events[0].details["verdict"], "two callers");
    assert_eq!(events[0].client.as_deref(), Some(WEAR_CLIENT));
    assert_eq!(events[0].user.as_deref(), Some(records::ada().id.0.as_str()));
    assert_eq!(house.refresh(&Ask::wear(), &neighbour.refresh).await.status, 200, "other links live on");
    assert_eq!(house.refresh(&Ask::quiz(), &quiz.refresh).await.status, 200);
}

/// RFT-005
#[tokio::test]
async fn the_window_does_not_slide() {
    let house = House::open().await;
    let linked = house.link(&Ask::native()).await;
    let successor = Linked::of(&house.refresh(&Ask::native(), &linked.refresh).await).refresh;
    for seconds in [20, 9] {
        house.wait(seconds);
        assert_eq!(Linked::of(&house.refresh(&Ask::native(), &linked.refresh).await).refresh, successor);
    }
    house.wait(2);
    house.refresh(&Ask::native(), &linked.refresh).await.is_error(400, "invalid_grant");
    let events = house.audit("refresh_reuse").await;
    assert_eq!(events[0].details["verdict"], "retry after the window");
    assert_eq!(events[0].details["millis_since_first_use"], 31_000);
}

#[tokio::test]
async fn an_idle_grant_of_a_public_client_ends() {
    let house = House::open().await;
    let linked = house.link(&Ask::native()).await;
    house.wait(24 * 3600 - 1);
    let fresh = Linked::of(&house.refresh(&Ask::native(), &linked.refresh).await);
    house.wait(24 * 3600);
    house.refresh(&Ask::native(), &fresh.refresh).await.is_error(400, "invalid_grant");
}

/// RFT-009
#[tokio::test]
async fn a_refresh_never_widens() {
    let house = House::open().await;
    let ask = Ask::wear().set("scope", "read:whattowear openid");
    let linked = house.link(&ask).await;
    for (name, value, error) in [
        ("resource", SHOES_AUDIENCE, "invalid_target"),
        ("audience", SHOES_AUDIENCE, "invalid_target"),
        ("audience", "https://unknown", "invalid_target"),
        ("scope", "read:whattowear openid email", "invalid_scope"),
        ("scope", "read:shoes", "invalid_scope"),
        ("scope", "\"", "invalid_scope"),
    ] {
        house.refresh_with(&ask, &linked.refresh, &[(name, value)]).await.is_error(400, error);
    }
    let narrow = Linked::of(&house.refresh_with(&ask, &linked.refresh, &[("scope", "openid")]).await);
    assert_eq!(narrow.answer["scope"], "openid");
    assert_eq!(claims_of(&narrow.access)["scope"], "openid");
    let wide = Linked::of(&house.refresh(&ask, &narrow.refresh).await);
    assert_eq!(wide.answer["scope"], "read:whattowear openid", "narrowing one token does not narrow the grant");
    let same = house.refresh_with(&ask, &wide.refresh, &[("resource", WEAR_AUDIENCE)]).await;
    assert_eq!(same.status, 200);
}

/// RFT-010
#[tokio::test]
async fn state_is_judged_anew_each_time() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let ada = records::ada().id;
    house.store.disable_user(&ada, NOW).await.unwrap();
    house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
    house.store.enable_user(&ada, NOW).await.unwrap();

    let lawless = house.reconfigured(|wardrobe, _| wardrobe.policies.clear()).await;
    lawless.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
    let without_api = house.reconfigured(|w, _| w.apis.retain(|api| api.audience != WEAR_AUDIENCE)).await;
    without_api.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
    let off = house.reconfigured(|wardrobe, _| find(wardrobe, WEAR_CLIENT).disabled = true).await;
    off.refresh(&Ask::wear(), &linked.refresh).await.is_error(401, "invalid_client");
    let gone = house.reconfigured(|wardrobe, _| wardrobe.clients.retain(|client| client.id != WEAR_CLIENT)).await;
    gone.refresh(&Ask::wear(), &linked.refresh).await.is_error(401, "invalid_client");
    let narrowed = house.reconfigured(|w, _| find(w, WEAR_CLIENT).grants = vec![GrantType::AuthorizationCode]).await;
    narrowed.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "unauthorized_client");

    assert_eq!(house.refresh(&Ask::wear(), &linked.refresh).await.status, 200, "none of it was reuse");
}

#[tokio::test]
async fn a_scope_taken_from_the_client_is_not_refreshed() {
    let house = House::open().await;
    let ask = Ask::wear().set("scope", "read:whattowear email");
    let linked = house.link(&ask).await;
    let narrowed = house.reconfigured(|w, _| find(w, WEAR_CLIENT).scopes = owned(&["read:whattowear"])).await;
    narrowed.refresh(&ask, &linked.refresh).await.is_error(400, "invalid_grant");
    assert_eq!(house.refresh(&ask, &linked.refresh).await.status, 200, "given back, the link lives on");
}

#[tokio::test]
async fn only_its_own_client_may_use_a_refresh_token() {
    let house = House::open().await;
    let (confidential, public) = (house.link(&Ask::wear()).await, house.link(&Ask::spa()).await);
    for (ask, linked) in [
        (Ask::wear().set("client_id", OTHER_CLIENT), &confidential),
        (Ask::spa(), &confidential),
        (Ask::native(), &public),
        (Ask::wear(), &public),
    ] {
        house.refresh(&ask, &linked.refresh).await.is_error(400, "invalid_grant");
    }
    assert_eq!(house.refresh(&Ask::wear(), &confidential.refresh).await.status, 200);
    assert_eq!(house.refresh(&Ask::spa(), &public.refresh).await.status, 200);
}

#[tokio::test]
async fn what_was_never_a_refresh_token_is_no_reuse() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let code = house.code(&Ask::wear()).await;
    let cut = &linked.refresh[..linked.refresh.len() - 1];
    let changed = linked.refresh.replace("srt_", "srt_x");
    let older = linked.refresh.replacen(".0.", ".-1.", 1);
    let newer = linked.refresh.replacen(".0.", ".7.", 1);
    for token in [cut, &changed, &older, &newer, &linked.access, &code, "x", "srt_", "....", &"A".repeat(50_000)] {
        house.refresh(&Ask::wear(), token).await.is_error(400, "invalid_grant");
    }
    assert!(house.audit("refresh_reuse").await.is_empty());
    assert_eq!(house.refresh(&Ask::wear(), &linked.refresh).await.status, 200);
}

#[tokio::test]
async fn rotation_without_overlap_confirms_all_the_same() {
    let house = House::with(|wardrobe, _| {
        find(wardrobe, WEAR_CLIENT).refresh =
            RefreshRule { rotation: Rotation::SameSuccessor, overlap: Lifetime::from_seconds(0), idle: None };
    })
    .await;
    let linked = house.link(&Ask::wear()).await;
    let lost = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
    house.wait(600);
    assert_eq!(Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await).refresh, lost.refresh);
    house.refresh(&Ask::wear(), &lost.refresh).await;
    house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
    assert_eq!(house.audit("refresh_reuse").await.len(), 1);
}
