//! A consent is remembered as long as its link lives, and asked again where it must be.

use crate::house::browser::PageForm;
use crate::house::*;

/// The first page of a request, and whether it already leads back with a code.
async fn goes_through(browser: &mut Browser<'_>, ask: &Ask) -> bool {
    let answer = browser.open(&ask.path()).await;
    if answer.parameter("code").is_some() {
        return true;
    }
    assert!(answer.body.contains("id=\"allow\""), "{} {}", answer.status, answer.body);
    false
}

#[tokio::test]
async fn what_was_allowed_is_not_asked_again_until_it_is_unlinked() {
    for house in House::on_both_databases().await {
        let ask = Ask::wear().set("scope", "read:whattowear openid");
        let mut browser = house.browser();
        let code = browser.allow(&ask, "ada").await.parameter("code").unwrap();
        assert!(!goes_through(&mut browser, &ask).await, "a code that nobody redeemed is no link");
        let first = Linked::of(&house.redeem(&ask, &code).await);

        let answer = browser.get(&ask.path()).await;
        assert_eq!(answer.parameter("state").as_deref(), ask.value("state"));
        let again = Linked::of(&house.redeem(&ask, &answer.parameter("code").unwrap()).await);
        assert_eq!(again.answer["scope"], first.answer["scope"]);
        assert_eq!(house.audit("consent_remembered").await.len(), 1);
        assert_eq!(house.audit("consent_given").await.len(), 1);

        // Something was added; somebody wants to ask; another person.
        assert!(!goes_through(&mut browser, &ask.clone().set("scope", "read:whattowear openid email")).await);
        assert!(!goes_through(&mut browser, &ask.clone().add("prompt", "consent")).await);
        assert!(goes_through(&mut browser, &ask.clone().add("prompt", "none")).await);
        let mut bob = house.browser();
        bob.sign_in(Side::Wear, "bob").await;
        assert!(!goes_through(&mut bob, &ask).await);

        // Two links, one app: the page shows what it is about, and once is enough.
        let page = browser.get("/account").await;
        assert!(page.body.contains("unlink-1") && !page.body.contains("unlink-2"), "{}", page.body);
        assert_eq!(browser.submit(&PageForm::around(&page, "unlink-1")).await.status, 303);
        assert!(!goes_through(&mut browser, &ask).await, "unlinking takes the consent back");
        for linked in [&first, &again] {
            assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
        }
        let answer = browser.get(&ask.clone().add("prompt", "none").path()).await;
        answer.is_redirected_error(REDIRECT_URI, "consent_required", WEAR);
    }
}

#[tokio::test]
async fn whoever_signs_in_on_the_way_is_not_asked_again_either() {
    let house = House::open().await;
    house.link(&Ask::wear()).await;
    let mut browser = house.browser();
    let login = browser.open(&Ask::wear().path()).await;
    let answer = browser.log_in(&login, "ada", PASSWORD).await;
    let answer = browser.follow(answer).await;
    assert!(answer.parameter("code").is_some(), "{answer:?}");
}

/// RFC 8252 section 8.6.
#[tokio::test]
async fn a_public_client_is_asked_about_each_time() {
    let house = House::open().await;
    let ask = Ask::spa();
    let mut browser = house.browser();
    let code = browser.allow(&ask, "ada").await.parameter("code").unwrap();
    Linked::of(&house.redeem(&ask, &code).await);
    assert!(!goes_through(&mut browser, &ask).await);
    let silent = browser.get(&ask.clone().add("prompt", "none").path()).await;
    silent.is_redirected_error(SPA_URI, "consent_required", ask.side.issuer());
}

#[tokio::test]
async fn implicit_scopes_and_clients_that_always_ask() {
    let house = House::with(|wardrobe, _| {
        for scope in &mut wardrobe.apis[0].scopes {
            scope.consent = sayso_authority::record::api::ScopeConsent::Implicit;
        }
        find(wardrobe, OTHER_CLIENT).consent = sayso_authority::record::client::ConsentMemory::Always;
    })
    .await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let ask = Ask::wear().set("scope", "read:whattowear");
    assert!(goes_through(&mut browser, &ask).await);
    assert!(!goes_through(&mut browser, &ask.clone().set("client_id", OTHER_CLIENT)).await);
}
