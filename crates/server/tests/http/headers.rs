//! What stands on every answer: headers and cookies.

use axum::body::Body;
use http::{Method, Request};
use sayso_testkit::TestClock;

use crate::house::browser::PageForm;
use crate::house::*;

async fn every_sort_of_answer(house: &House) -> Vec<(String, Answer)> {
    let mut browser = house.browser();
    let page = browser.consent_page(&Ask::wear(), "ada").await;
    let mut answers = Vec::new();
    for path in [
        Ask::wear().path(),
        Ask::wear().page("/login"),
        Ask::wear().page("/consent"),
        Ask::wear().set("client_id", "nobody").path(),
        "/account".into(),
        "/logout".into(),
        "/signed-out".into(),
        "/oidc/logout".into(),
        "/oidc/logout?client_id=nobody".into(),
        "/".into(),
        "/oauth2/quiz".into(),
        "/nowhere".into(),
        "/userinfo".into(),
        "/oauth/token".into(),
    ] {
        let answer = browser.get(&path).await;
        answers.push((path, answer));
    }
    let linked = house.link(&Ask::wear()).await;
    for path in [Side::Wear.introspect(), Side::Wear.revoke(), Side::Wear.token()] {
        let form =
            [("token", linked.access.as_str()), ("grant_type", "refresh_token"), ("refresh_token", &linked.refresh)];
        answers.push((path.into(), house.post_as(WEAR_CLIENT, path, &form).await));
        answers.push((path.into(), house.post(path, &form).await));
    }
    answers.push(("deny".into(), browser.press(&page, "deny").await));
    answers.push(("replay".into(), browser.press(&page, "deny").await));
    answers
}

/// WEB-009
#[tokio::test]
async fn every_answer_is_protected_and_stored_by_nobody() {
    let house = House::open().await;
    for (what, answer) in every_sort_of_answer(&house).await {
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
        assert!(!answer.header("x-request-id").is_empty(), "{what}");
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
        assert_ne!(answer.status, 307, "{what}");
        assert_ne!(answer.status, 302, "{what}");
        for third_party in ["src=\"http", "src=\"//", "@import", "<script", "style=\""] {
            assert!(!answer.body.contains(third_party), "{what}: {third_party}");
        }
    }
}

#[tokio::test]
async fn pages_of_a_flow_let_their_forms_end_at_the_client_only() {
    let house = House::open().await;
    let mut browser = house.browser();
    for (ask, source) in [
        (Ask::wear(), "https://pitangui.amazon.com"),
        (Ask::wear().set("redirect_uri", LAYLA), "https://layla.amazon.com"),
        (Ask::native().set("redirect_uri", "http://127.0.0.1:5000/cb"), "http://127.0.0.1:5000"),
    ] {
        for page in [ask.page("/login"), ask.path()] {
            let answer = browser.open(&page).await;
            let policy = answer.header("content-security-policy");
            let targets = policy.split("form-action ").nth(1).unwrap().split(';').next().unwrap();
            assert_eq!(targets, format!("'self' {source}"), "{page}");
        }
    }
    browser.sign_in(Side::Wear, "ada").await;
    for page in ["/account", "/logout", "/login"] {
        let answer = browser.get(page).await;
        assert!(answer.header("content-security-policy").ends_with("form-action 'self'"), "{page}");
    }
}

/// RED-020: 303 after a form.
#[tokio::test]
async fn after_every_post_of_a_form_comes_303() {
    let house = House::open().await;
    let mut browser = house.browser();
    let login = browser.open(&Ask::wear().path()).await;
    let answer = browser.log_in(&login, "ada", PASSWORD).await;
    assert_eq!(answer.status, 303);
    let consent = browser.follow(answer).await;
    assert_eq!(browser.press(&consent, "allow").await.status, 303);
    let consent = browser.consent_page(&Ask::wear(), "ada").await;
    assert_eq!(browser.press(&consent, "deny").await.status, 303);
    let account = browser.open("/account").await;
    assert_eq!(browser.submit(&PageForm::around(&account, "save")).await.status, 303);
    let consent = browser.consent_page(&Ask::wear(), "ada").await;
    assert_eq!(browser.press(&consent, "switch").await.status, 303);
}

#[tokio::test]
async fn cookies_on_loopback_are_plain_and_closed_to_scripts() {
    let house = House::open().await;
    let mut browser = house.browser();
    let page = browser.open(&Ask::wear().path()).await;
    let answer = browser.log_in(&page, "ada", PASSWORD).await;
    let cookies = answer.cookies();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in cookies.into_iter().chain(page.cookies()) {
        assert!(cookie.starts_with("wear.4000."), "{cookie}");
        for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    }
}

/// WEB-008
#[tokio::test]
async fn cookies_behind_https_are_bound_to_the_host() {
    let house = House::with(|wardrobe, quiz| {
        "https://id.example".clone_into(&mut wardrobe.issuer);
        "https://id.example/oauth2/quiz".clone_into(&mut quiz.issuer);
    })
    .await;
    let request = Request::get(Ask::wear().page("/login")).header("host", "id.example").body(Body::empty()).unwrap();
    let page = house.send(request).await;
    assert_eq!(page.status, 200);
    let browser_cookie = page.cookies()[0].split(';').next().unwrap().to_owned();
    let form = PageForm::around(&page, "login").set("username", "ada").set("password", PASSWORD);
    let request = Request::post(&form.action).header("host", "id.example").header("cookie", browser_cookie);
    let answer = house.send(request.header("content-type", FORM).body(Body::from(form.body())).unwrap()).await;
    assert_eq!(answer.status, 303);
    for cookie in answer.cookies().into_iter().chain(page.cookies()) {
        assert!(cookie.starts_with("__Host-wear."), "{cookie}");
        for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test]
async fn an_issuer_whose_sessions_would_travel_in_clear_is_refused() {
    let house = House::open().await;
    let mut authority = wardrobe();
    "http://id.example".clone_into(&mut authority.issuer);
    assert!(open(vec![authority], &house.store, &TestClock::new(), 9).await.is_err());
}

#[tokio::test]
async fn another_host_is_misdirected() {
    let house = House::open().await;
    for host in [
        "evil.test",
        "127.0.0.1",
        "127.0.0.1:4001",
        "localhost",
        "localhost:4001",
        "127.0.0.1:4000.evil.test",
        "127.0.0.1:4000@evil.test",
    ] {
        for (method, path) in [(Method::GET, Ask::wear().path()), (Method::POST, Side::Wear.token().to_owned())] {
            let request = Request::builder().method(method).uri(path).header("host", host);
            let request = request.header("x-forwarded-host", "127.0.0.1:4000").body(Body::empty()).unwrap();
            let answer = house.send(request).await;
            assert_eq!(answer.status, 421, "{host}");
            assert_eq!(answer.location(), None);
            assert!(answer.cookies().is_empty());
        }
    }
    // Another name of this very machine leads to the one name that cookies and forms belong to.
    let local = Request::get("/login?a=b").header("host", "localhost:4000").header("accept", "text/html");
    let answer = house.send(local.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.location(), Some("http://127.0.0.1:4000/login?a=b"));
    assert!(answer.cookies().is_empty());
    let twice = Request::get("/").header("host", "127.0.0.1:4000").header("host", "evil.test");
    assert_eq!(house.send(twice.body(Body::empty()).unwrap()).await.status, 400);
}
