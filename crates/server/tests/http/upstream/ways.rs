//! Connecting an account elsewhere on the account page, and taking it away.

use super::provider::Corp;
use crate::house::browser::PageForm;
use crate::house::*;

#[tokio::test]
async fn who_connects_their_account_elsewhere_is_signed_in_by_it() {
    let corp = Corp::open().await;
    let house = corp.house_with(|connection| connection.sign_up = false).await;
    let mut browser = house.browser();
    let page = browser.sign_in(Side::Wear, "ada").await;
    let sent = corp.leave(&house, &mut browser, &page, "connect-1").await;
    let answer = corp.come_back(&mut browser, &sent).await;
    let page = browser.follow(answer).await;
    assert!(
        page.body.contains("You can sign in with it from now on") && page.body.contains("jane@corp.test"),
        "{}",
        page.body
    );
    assert_eq!(house.audit("identity_connected").await.len(), 1);
    let mut other = house.browser();
    let greeted = corp.sign_in(&house, &mut other).await;
    assert!(greeted.body.contains("Hello, Ada"), "{}", greeted.body);
    // Nobody else gets it meanwhile.
    let mut bob = house.browser();
    let page_of_bob = bob.sign_in(Side::Wear, "bob").await;
    let sent = corp.leave(&house, &mut bob, &page_of_bob, "connect-1").await;
    let answer = corp.come_back(&mut bob, &sent).await;
    answer.is_error_page(409, "upstream_anothers_already");
    // Bob cannot take it away either.
    let theirs = PageForm::around(&page, "disconnect-1");
    let forged =
        PageForm::around(&page_of_bob, "connect-1").without("connect").set("identity", theirs.value("identity"));
    let forged = PageForm { action: theirs.action.clone(), ..forged };
    bob.submit(&forged).await.is_error_page(404, "upstream_not_theirs");
    let answer = browser.submit(&theirs).await;
    let page = browser.follow(answer).await;
    assert!(page.body.contains("It signs you in no longer") && page.body.contains("connect-1"), "{}", page.body);
    corp.sign_in(&house, &mut house.browser()).await.is_error_page(403, "upstream_not_connected");
    assert_eq!(house.audit("identity_disconnected").await.len(), 1);
}

#[tokio::test]
async fn an_account_elsewhere_cannot_be_slipped_to_somebody() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let mut victim = house.browser();
    let page = victim.sign_in(Side::Wear, "ada").await;
    // A form from elsewhere, without the token of this session.
    let form = PageForm::around(&page, "connect-1");
    for forged in [form.clone().without("csrf"), form.clone().set("csrf", "x")] {
        assert_eq!(victim.submit(&forged).await.status, 400);
    }
    // An answer that the evil one was given, in the victim's browser: it was not asked there.
    let mut evil = house.browser();
    let own = evil.sign_in(Side::Wear, "bob").await;
    let sent = corp.leave(&house, &mut evil, &own, "connect-1").await;
    victim.get(&corp.way_back(&sent)).await.is_error_page(400, "upstream_no_flow");
    // The evil one's cookie as well, planted: it is another session that pressed the button.
    let outward: Vec<_> = evil.cookies.iter().filter(|(name, _)| name.ends_with("outward")).collect();
    for (name, value) in outward {
        victim.cookies.insert(name.clone(), value.clone());
    }
    victim.get(&corp.way_back(&sent)).await.is_error_page(400, "upstream_other_session");
    assert!(house.audit("identity_connected").await.is_empty());
    // Signed out meanwhile.
    let sent = corp.leave(&house, &mut victim, &page, "connect-1").await;
    victim.cookies.retain(|name, _| !name.ends_with("session"));
    corp.come_back(&mut victim, &sent).await.is_error_page(400, "upstream_other_session");
}

#[tokio::test]
async fn who_has_no_password_keeps_one_way_and_guesses_at_none() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let mut browser = house.browser();
    let page = corp.sign_in(&house, &mut browser).await;
    assert!(page.body.contains("only way to sign in"), "{}", page.body);
    // A form that was not offered.
    let csrf = PageForm::around(&page, "logout").value("csrf").to_owned();
    let user = corp.newcomers(&house).await.pop().unwrap();
    let identities =
        house.store.lookups().identities_of(&sayso_authority::record::user::UserId(user.clone())).await.unwrap();
    let known = format!("{}\n{}", identities[0].issuer, identities[0].subject);
    let id = sayso_token::digest::Digest::of(known.as_bytes()).base64url();
    let body = encode(&[("csrf", &csrf), ("identity", &id)]);
    browser.post("/account/disconnect", body).await.is_error_page(409, "upstream_last_way");
    // No password is theirs, not even none.
    let username =
        house.store.lookups().user(&sayso_authority::record::user::UserId(user)).await.unwrap().unwrap().username;
    for password in ["", " ", PASSWORD] {
        let mut stranger = house.browser();
        let page = stranger.open("/account").await;
        let answer = stranger.log_in(&page, &username, password).await;
        assert_eq!(answer.status, 401, "{password:?}");
    }
}
