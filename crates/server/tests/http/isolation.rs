//! Two authorities in one installation: nothing of one is accepted by the other.

use axum::body::Body;
use http::Request;

use crate::house::browser::PageForm;
use crate::house::look::header_of;
use crate::house::*;

/// ISS-003: nothing of one authority counts at another.
#[tokio::test]
async fn codes_stay_at_home() {
    let house = House::open().await;
    // The second authority has a client of the same id, secret and redirect URI.
    let namesake = Ask::quiz().set("client_id", WEAR_CLIENT);
    for (here, there) in [(Ask::wear(), namesake.clone()), (namesake, Ask::wear())] {
        let code = house.code(&here).await;
        house.redeem(&there, &code).await.is_error(400, "invalid_grant");
        assert_eq!(house.redeem(&here, &code).await.status, 200, "and are not spent elsewhere");
    }
}

/// ISS-003: nothing of one authority counts at another.
#[tokio::test]
async fn tokens_stay_at_home() {
    let house = House::open().await;
    let namesake = Ask::quiz().set("client_id", WEAR_CLIENT);
    let wear = Ask::wear().set("scope", "openid");
    for (here, there) in [(wear.clone(), namesake.clone()), (namesake, wear)] {
        let linked = house.link(&here).await;
        for token in [&linked.access, &linked.refresh] {
            assert!(!house.is_active(there.side, WEAR_CLIENT, token).await);
            let answer = house.post_as(WEAR_CLIENT, there.side.revoke(), &[("token", token)]).await;
            assert_eq!(answer.status, 200);
            assert!(house.is_active(here.side, WEAR_CLIENT, token).await, "revoking elsewhere changes nothing");
        }
        house.refresh(&there, &linked.refresh).await.is_error(400, "invalid_grant");
        let bearer = format!("Bearer {}", linked.access);
        let request = Request::get(there.side.userinfo()).header("authorization", &bearer);
        house.send(request.body(Body::empty()).unwrap()).await.is_error(401, "invalid_token");
        assert_eq!(house.refresh(&here, &linked.refresh).await.status, 200);
    }
    assert!(house.audit("refresh_reuse").await.is_empty());
}

#[tokio::test]
async fn keys_differ() {
    let house = House::open().await;
    let (wear, quiz) = (house.link(&Ask::wear()).await, house.link(&Ask::quiz()).await);
    assert_ne!(header_of(&wear.access)["kid"], header_of(&quiz.access)["kid"]);
}

/// ISS-003: nothing of one authority counts at another.
#[tokio::test]
async fn sessions_and_forms_stay_at_home() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    assert_eq!(browser.get("/oauth2/quiz/account").await.location(), Some("/oauth2/quiz/login"));
    assert!(browser.open(&Ask::quiz().path()).await.body.contains("id=\"login\""));

    // Even with the cookie renamed.
    let moved: Vec<_> = browser.cookies.iter().map(|(n, v)| (n.replacen("wear.", "quiz.", 1), v.clone())).collect();
    browser.cookies.extend(moved);
    assert_eq!(browser.get("/oauth2/quiz/account").await.location(), Some("/oauth2/quiz/login"));

    let login = browser.open("/login").await;
    let form = PageForm::around(&login, "login").set("username", "ada").set("password", PASSWORD);
    let moved = PageForm { action: "/oauth2/quiz/login".to_owned(), ..form };
    assert_eq!(browser.submit(&moved).await.status, 400, "the same browser value, another purpose");
}

#[tokio::test]
async fn clients_stay_at_home() {
    let house = House::open().await;
    for (side, stranger) in [(Side::Wear, QUIZ_CLIENT), (Side::Quiz, OTHER_CLIENT)] {
        let answer = house.post_as(stranger, side.introspect(), &[("token", "x")]).await;
        answer.is_error(401, "invalid_client");
    }
}

/// WEB-008
#[tokio::test]
async fn cookies_of_the_two_have_names_of_their_own() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let wear: Vec<_> = browser.cookies.keys().cloned().collect();
    browser.sign_in(Side::Quiz, "ada").await;
    let both: Vec<_> = browser.cookies.keys().cloned().collect();
    assert_eq!((wear.len(), both.len()), (3, 6), "{both:?}");
    assert!(browser.get("/account").await.body.contains("Ada"));
    assert!(browser.get("/oauth2/quiz/account").await.body.contains("Ada"));
}

#[tokio::test]
async fn links_are_listed_and_ended_at_their_own_authority() {
    let house = House::open().await;
    let linked = house.link(&Ask::quiz()).await;
    let mut browser = house.browser();
    let at_wear = browser.sign_in(Side::Wear, "ada").await;
    assert!(!at_wear.body.contains("Sample Quiz Game"));
    let at_quiz = browser.sign_in(Side::Quiz, "ada").await;
    let unlink = PageForm::around(&at_quiz, "unlink-1");
    let csrf = PageForm::around(&at_wear, "save").value("csrf").to_owned();
    let moved = PageForm { action: "/account/unlink".to_owned(), ..unlink.clone() }.set("csrf", &csrf);
    browser.submit(&moved).await.is_error_page(404, "link_unknown");
    assert!(house.is_active(Side::Quiz, QUIZ_CLIENT, &linked.access).await);
    assert_eq!(browser.submit(&unlink).await.status, 303);
    assert!(!house.is_active(Side::Quiz, QUIZ_CLIENT, &linked.access).await);
}
