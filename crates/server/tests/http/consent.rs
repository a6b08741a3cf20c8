//! Consent: what the page says, and that only its own answer counts, once.

use axum::body::Body;
use http::Request;
use http::header::CONTENT_TYPE;
use tokio::task::JoinSet;

use crate::house::browser::PageForm;
use crate::house::*;

#[tokio::test]
async fn the_page_names_skill_account_scopes_and_destination() {
    let house = House::open().await;
    let ask = Ask::wear().set("scope", "read:whattowear openid offline_access");
    let page = house.browser().consent_page(&ask, "ada").await;
    for part in [
        "What Should I Wear",
        "Ada",
        "read what you could wear today",
        "data-scope=\"openid\"",
        "data-scope=\"offline_access\"",
        "pitangui.amazon.com",
        "id=\"allow\"",
        "id=\"deny\"",
        "id=\"switch\"",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("data-scope=\"email\""));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://pitangui.amazon.com;")
            || policy.ends_with("form-action 'self' https://pitangui.amazon.com"),
        "{policy}"
    );
}

#[tokio::test]
async fn denying_tells_the_client() {
    let house = House::open().await;
    for ask in [Ask::wear(), Ask::quiz()] {
        let mut browser = house.browser();
        let page = browser.consent_page(&ask, "ada").await;
        let answer = browser.press(&page, "deny").await;
        answer.is_redirected_error(REDIRECT_URI, "access_denied", ask.side.issuer());
        browser.press(&page, "allow").await.is_error_page(400, "form_answered_before");
    }
    assert_eq!(house.audit("consent_denied").await.len(), 2);
    assert!(house.audit("consent_given").await.is_empty());
}

/// WEB-007
#[tokio::test]
async fn a_form_is_answered_once() {
    let house = House::open().await;
    let mut browser = house.browser();
    let page = browser.consent_page(&Ask::wear(), "ada").await;
    let code = browser.press(&page, "allow").await.parameter("code").unwrap();
    for id in ["allow", "deny"] {
        browser.press(&page, id).await.is_error_page(400, "form_answered_before");
    }
    assert_eq!(house.redeem(&Ask::wear(), &code).await.status, 200, "the replay harms nobody");
    house.wait(1800);
    browser.press(&page, "allow").await.is_error_page(400, "form_answered_before");
    let again = browser.consent_page(&Ask::wear().add("prompt", "consent"), "ada").await;
    assert!(browser.press(&again, "allow").await.parameter("code").is_some(), "a fresh page works");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_form_sent_32_times_at_once_one_counts() {
    for house in House::on_both_databases().await {
        let mut browser = house.browser();
        let page = browser.consent_page(&Ask::wear(), "ada").await;
        let form = PageForm::around(&page, "allow");
        let mut tasks = JoinSet::new();
        for _ in 0..32 {
            let (house, cookies, form) = (house.clone(), browser.cookies.clone(), form.clone());
            tasks.spawn(async move {
                let mut browser = house.browser();
                browser.cookies = cookies;
                browser.submit(&form).await.status.as_u16()
            });
        }
        let mut statuses = tasks.join_all().await;
        statuses.sort_unstable();
        assert_eq!((statuses[0], statuses[1], statuses[31]), (303, 400, 400), "{statuses:?}");
        assert_eq!(house.audit("consent_given").await.len(), 1);
    }
}

/// COD-017, WEB-003: a session that changed its user does not answer with the other's consent.
#[tokio::test]
async fn only_the_session_that_was_asked_may_answer() {
    let house = House::open().await;
    let mut ada = house.browser();
    let page = ada.consent_page(&Ask::wear(), "ada").await;
    let form = PageForm::around(&page, "allow");

    // In a second tab of the same browser somebody else signs in.
    let login = ada.open("/login").await;
    ada.log_in(&login, "bob", PASSWORD).await;
    ada.submit(&form).await.is_error_page(400, "form_not_this_browser");

    let mut bob = house.browser();
    bob.sign_in(Side::Wear, "bob").await;
    bob.submit(&form).await.is_error_page(400, "form_not_this_browser");
    let stranger = house.browser().submit(&form).await;
    assert!(stranger.location().unwrap().starts_with("/login?"), "{stranger:?}");
    assert!(house.audit("consent_given").await.is_empty());
}

/// WEB-007
#[tokio::test]
async fn consent_cannot_be_widened_or_forged() {
    let house = House::open().await;
    let mut browser = house.browser();
    let narrow = Ask::wear().set("scope", "openid");
    let page = browser.consent_page(&narrow, "ada").await;
    let form = PageForm::around(&page, "allow");
    for wider in [
        narrow.clone().set("scope", "openid email"),
        narrow.clone().set("client_id", OTHER_CLIENT),
        narrow.clone().set("redirect_uri", LAYLA),
        narrow.clone().set("audience", SHOES_AUDIENCE),
        narrow.clone().set("state", "another"),
        narrow.clone().pkce(),
    ] {
        let moved = PageForm { action: wider.page("/consent"), ..form.clone() };
        browser.submit(&moved).await.is_error_page(400, "form_not_this_browser");
    }
    let login = PageForm::around(&house.browser().open(&narrow.path()).await, "login");
    let account = PageForm::around(&browser.get("/account").await, "save");
    for forged in [
        form.clone().without("csrf"),
        form.clone().set("csrf", login.value("csrf")),
        form.clone().set("csrf", account.value("csrf")),
    ] {
        browser.submit(&forged).await.is_error_page(400, "form_not_this_browser");
    }
    for unclear in [form.clone().without("decision"), form.clone().set("decision", "ALLOW")] {
        browser.submit(&unclear).await.is_error_page(400, "form_unreadable");
    }
    browser.post(&form.action, "csrf=%zz".to_owned()).await.is_error_page(400, "form_unreadable");
    for (name, value) in [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")] {
        let request = Request::post(&form.action).header(CONTENT_TYPE, FORM).header(name, value);
        let answer = browser.send(request.body(Body::from(form.body())).unwrap()).await;
        answer.is_error_page(400, "form_cross_site");
    }
    // What else a body says is not heard: the grant is what the page said.
    let stuffed =
        form.set("scope", "openid email read:whattowear").set("client_id", OTHER_CLIENT).set("username", "bob");
    let code = browser.submit(&stuffed).await.parameter("code").unwrap();
    let linked = Linked::of(&house.redeem(&narrow, &code).await);
    assert_eq!(linked.answer["scope"], "openid");
}

#[tokio::test]
async fn a_form_lies_open_for_an_hour() {
    let house = House::open().await;
    let mut browser = house.browser();
    let page = browser.consent_page(&Ask::wear(), "ada").await;
    house.wait(3600);
    browser.press(&page, "allow").await.is_error_page(400, "form_expired");
    let again = browser.consent_page(&Ask::wear(), "ada").await;
    house.wait(3599);
    assert!(browser.press(&again, "allow").await.parameter("code").is_some());
}

#[tokio::test]
async fn switching_asks_for_another_account() {
    let house = House::open().await;
    let mut browser = house.browser();
    let page = browser.consent_page(&Ask::wear(), "ada").await;
    let old = browser.clone();
    let answer = browser.press(&page, "switch").await;
    assert_eq!(answer.status, 303);
    let login = browser.follow(answer).await;
    let answer = browser.log_in(&login, "bob", PASSWORD).await;
    let page = browser.follow(answer).await;
    assert!(page.body.contains("bob") && !page.body.contains("Ada"), "{}", page.body);
    let code = browser.press(&page, "allow").await.parameter("code").unwrap();
    let linked = Linked::of(&house.redeem(&Ask::wear(), &code).await);
    let told = house.introspect(Side::Wear, WEAR_CLIENT, &linked.access).await;
    assert_eq!(told["username"], "bob");
    assert_eq!(old.clone().get("/account").await.status, 303, "Ada's session has ended");
}

/// WEB-006
#[tokio::test]
async fn a_hostile_name_is_made_harmless() {
    let house = House::with(|wardrobe, _| {
        find(wardrobe, WEAR_CLIENT).name = format!("Amazon\u{202e} Alexa\u{200b}<script>{}", "x".repeat(10_000));
    })
    .await;
    let page = house.browser().consent_page(&Ask::wear(), "ada").await;
    assert!(!page.body.contains('\u{202e}') && !page.body.contains('\u{200b}'));
    assert!(!page.body.contains("<script>") && page.body.len() < 10_000);
    assert!(page.body.contains("pitangui.amazon.com"), "the destination is always told");
}
