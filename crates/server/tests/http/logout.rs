//! RP-initiated logout: the OpenID Foundation's plan for it, module by module, and what an attacker may try.

use axum::body::Body;
use http::Request;
use http::header::CONTENT_TYPE;
use sayso_authority::wire::query::with_parameters;

use crate::house::browser::PageForm;
use crate::house::*;

const BYE: &str = "https://app.test/bye";
const END_SESSION: &str = "/oauth2/quiz/v1/logout";
const STATE: &str = "x &=#ü";

/// Where the skill's client may send people after signing out.
async fn house() -> House {
    House::with(|wardrobe, quiz| {
        find(wardrobe, WEAR_CLIENT).logout.post_logout_redirect_uris = owned(&[BYE]);
        find(quiz, QUIZ_CLIENT).logout.post_logout_redirect_uris = owned(&[BYE, "https://app.test/bye?fixed=1"]);
    })
    .await
}

/// Ada signs in and links; her ID token.
async fn signed_in<'a>(house: &'a House, browser: &mut Browser<'a>) -> String {
    let code = browser.allow(&Ask::quiz(), "ada").await.parameter("code").unwrap();
    let linked = Linked::of(&house.redeem(&Ask::quiz(), &code).await);
    linked.answer["id_token"].as_str().unwrap().to_owned()
}

fn at(parameters: &[(&str, &str)]) -> String {
    with_parameters(END_SESSION, parameters)
}

async fn is_signed_in(browser: &Browser<'_>) -> bool {
    let answer = browser.clone().get(&Ask::quiz().set("prompt", "none").path()).await;
    match answer.parameter("error").as_deref() {
        Some("login_required") => false,
        None | Some("consent_required") => true,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_metadata_names_endpoints_that_are_there() {
    let house = house().await;
    for (side, path) in [(Side::Wear, "/oidc/logout"), (Side::Quiz, END_SESSION)] {
        let metadata = house.get(&side.page("/.well-known/openid-configuration")).await.json();
        let endpoint = metadata["end_session_endpoint"].as_str().unwrap();
        assert_eq!(endpoint.strip_prefix("http://127.0.0.1:4000").unwrap(), path);
        for name in ["backchannel_logout_supported", "backchannel_logout_session_supported"] {
            assert_eq!(metadata[name], true, "{name}");
        }
        assert!(metadata["claims_supported"].as_array().unwrap().contains(&"sid".into()));
        assert_eq!(house.get(path).await.status, 303);
        assert_eq!(house.post(path, &[]).await.status, 303);
    }
}

#[tokio::test]
async fn a_person_sent_by_a_client_is_asked_signed_out_and_sent_back() {
    let house = house().await;
    for by_post in [false, true] {
        for (with, uri, back) in [
            ("hint", BYE, "https://app.test/bye?state=x%20%26%3D%23%C3%BC"),
            ("hint", "https://app.test/bye?fixed=1", "https://app.test/bye?fixed=1&state=x%20%26%3D%23%C3%BC"),
            ("client_id", BYE, "https://app.test/bye?state=x%20%26%3D%23%C3%BC"),
            ("both", BYE, "https://app.test/bye?state=x%20%26%3D%23%C3%BC"),
        ] {
            let mut browser = house.browser();
            let hint = signed_in(&house, &mut browser).await;
            let mut sent = vec![("post_logout_redirect_uri", uri), ("state", STATE), ("ui_locales", "de")];
            sent.extend((with != "client_id").then_some(("id_token_hint", hint.as_str())));
            sent.extend((with != "hint").then_some(("client_id", QUIZ_CLIENT)));
            let answer = match by_post {
                true => browser.post(END_SESSION, encode(&sent)).await,
                false => browser.get(&at(&sent)).await,
            };
            assert!(!answer.location().unwrap().contains(&hint), "no token in an address of ours");
            let page = browser.follow(answer).await;
            assert!(page.body.contains("id=\"logout\"") && page.body.contains("Sample Quiz Game"), "{}", page.body);
            assert!(page.body.contains("lang=\"de\""));
            assert!(page.header("content-security-policy").contains("form-action 'self' https://app.test"));
            assert!(is_signed_in(&browser).await, "nothing happens before the answer");
            let answer = browser.press(&page, "logout").await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, Some(back)), "{with}");
            assert!(!is_signed_in(&browser).await);
        }
    }
}

#[tokio::test]
async fn without_an_address_that_counts_people_stay_here() {
    let house = house().await;
    let hinted = |hint: &str| vec![("id_token_hint".to_owned(), hint.to_owned())];
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut browser = house.browser();
    let hint = signed_in(&house, &mut browser).await;
    for parameters in [
        vec![],
        vec![pair("state", STATE)],
        hinted(&hint),
        [hinted(&hint), vec![pair("state", STATE)]].concat(),
        vec![pair("post_logout_redirect_uri", BYE)],
        vec![pair("post_logout_redirect_uri", "https://evil.test"), pair("state", STATE)],
        vec![pair("logout_hint", "ada")],
    ] {
        let mut browser = house.browser();
        browser.sign_in(Side::Quiz, "ada").await;
        let sent: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = browser.open(&at(&sent)).await;
        let answer = browser.press(&page, "logout").await;
        assert_eq!(answer.location(), Some("/oauth2/quiz/signed-out"), "{sent:?}");
        let page = browser.follow(answer).await;
        assert!(page.status == 200 && page.body.contains("You are signed out"), "{}", page.body);
        assert!(!is_signed_in(&browser).await);
    }
}

#[tokio::test]
async fn what_cannot_be_believed_is_an_error_page_and_nobody_is_signed_out() {
    let house = house().await;
    let mut browser = house.browser();
    let hint = signed_in(&house, &mut browser).await;
    let foreign = {
        let mut other = house.browser();
        let code = other.allow(&Ask::wear().set("scope", "openid"), "ada").await.parameter("code").unwrap();
        let linked = Linked::of(&house.redeem(&Ask::wear(), &code).await);
        linked.answer["id_token"].as_str().unwrap().to_owned()
    };
    let (body, _) = hint.rsplit_once('.').unwrap();
    let (unsigned, cut) = (format!("{body}."), format!("{body}.AAAA"));
    let access = house.link(&Ask::quiz()).await.access;
    let hints = [unsigned.as_str(), &cut, "nonsense", &foreign, &access];
    for sent in hints.map(|hint| vec![("id_token_hint", hint), ("post_logout_redirect_uri", BYE)]) {
        let answer = browser.open(&at(&sent)).await;
        answer.is_error_page(400, "logout_hint_invalid");
        assert!(!answer.body.contains(sent[0].1) || sent[0].1 == "nonsense", "no token on a page");
    }
    let with = |more: &[(&'static str, &'static str)]| {
        let mut sent = vec![("id_token_hint", hint.as_str())];
        sent.extend(more);
        at(&sent)
    };
    for (path, reason) in [
        (with(&[("post_logout_redirect_uri", "https://app.test/other")]), "post_logout_redirect_uri_unknown"),
        (with(&[("post_logout_redirect_uri", "https://app.test/bye?foo=bar")]), "post_logout_redirect_uri_unknown"),
        (with(&[("post_logout_redirect_uri", "https://app.test/bye/../x")]), "post_logout_redirect_uri_unknown"),
        (with(&[("client_id", "nobody")]), "client_unknown"),
        (with(&[("client_id", WEAR_CLIENT)]), "logout_hint_of_another_client"),
        (with(&[("state", "1"), ("state", "2")]), "parameter_repeated"),
        (format!("{END_SESSION}?state=%zz"), "request_malformed"),
    ] {
        let answer = browser.get(&path).await;
        answer.is_error_page(400, reason);
        assert_eq!(answer.location(), None);
        let (_, query) = path.split_once('?').unwrap();
        browser.post(END_SESSION, query.to_owned()).await.is_error_page(400, reason);
    }
    browser.post(END_SESSION, "state=\u{0}".to_owned()).await.is_error_page(400, "request_malformed");
    assert!(is_signed_in(&browser).await);
}

#[tokio::test]
async fn an_id_token_that_ended_is_still_a_hint() {
    let house = house().await;
    let mut browser = house.browser();
    let hint = signed_in(&house, &mut browser).await;
    house.wait(2 * 3600);
    let page = browser.open(&at(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)])).await;
    assert_eq!(browser.press(&page, "logout").await.location(), Some(BYE));
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_on_at_once() {
    let house = house().await;
    let hint = signed_in(&house, &mut house.browser()).await;
    let back = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "s")];
    for (sent, target) in [
        (&back[..], "https://app.test/bye?state=s"),
        (&back[..1], "/oauth2/quiz/signed-out"),
        (&[], "/oauth2/quiz/signed-out"),
    ] {
        let mut stranger = house.browser();
        let asked = stranger.get(&at(sent)).await;
        let answer = stranger.get(asked.location().unwrap()).await;
        assert_eq!(answer.location(), Some(target), "{sent:?}");
    }
}

/// A form that another site posts comes without cookies (`SameSite=Lax`); the page it leads to has them, and asks: OID-013.
#[tokio::test]
async fn a_form_from_another_site_signs_nobody_out() {
    let house = house().await;
    let mut browser = house.browser();
    let hint = signed_in(&house, &mut browser).await;
    let request = Request::post(END_SESSION).header(CONTENT_TYPE, FORM).header("origin", "https://app.test");
    let request = request.header("sec-fetch-site", "cross-site");
    let body = encode(&[("id_token_hint", &hint), ("client_id", QUIZ_CLIENT), ("post_logout_redirect_uri", BYE)]);
    let answer = house.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.cookies().len()), (303, 0));
    let page = browser.follow(answer).await;
    let form = PageForm::around(&page, "logout");
    for forged in [form.clone().without("csrf"), form.clone().set("csrf", "x")] {
        assert_eq!(browser.clone().submit(&forged).await.status, 400);
    }
    assert!(is_signed_in(&browser).await);
    assert_eq!(browser.submit(&form).await.location(), Some(BYE));
}

#[tokio::test]
async fn what_travels_to_the_page_is_sealed_and_judged_again() {
    let house = house().await;
    let mut browser = house.browser();
    signed_in(&house, &mut browser).await;
    let sent = [("client_id", QUIZ_CLIENT), ("post_logout_redirect_uri", BYE)];
    let page = browser.open(&at(&sent)).await;
    let flow = PageForm::around(&page, "logout").value("flow").to_owned();
    assert!(!flow.is_empty() && !flow.contains("app.test"));
    for tampered in [flow.replace('A', "B") + "x", String::new(), "e30".into()] {
        let page = browser.clone().get(&with_parameters("/oauth2/quiz/logout", &[("flow", &tampered)])).await;
        assert!(!page.header("content-security-policy").contains("app.test"));
        let answer = browser.clone().press(&page, "logout").await;
        assert_eq!(answer.location(), Some("/oauth2/quiz/signed-out"), "{tampered}");
        browser.sign_in(Side::Quiz, "ada").await;
    }
    // At another authority it opens nothing.
    let mut elsewhere = house.browser();
    let answer = elsewhere.get(&with_parameters("/logout", &[("flow", &flow)])).await;
    assert_eq!(answer.location(), Some("/signed-out"));
    // The address was taken back meanwhile.
    let stricter = house.reconfigured(|_, quiz| find(quiz, QUIZ_CLIENT).logout.post_logout_redirect_uris.clear()).await;
    let answer = browser.at(&stricter).submit(&PageForm::around(&page, "logout")).await;
    assert_eq!(answer.status, 400, "the form is of a session that is over");
    let mut again = stricter.browser();
    let answer = again.get(&with_parameters("/oauth2/quiz/logout", &[("flow", &flow)])).await;
    assert_eq!(answer.location(), Some("/oauth2/quiz/signed-out"));
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_that_person() {
    for house in House::on_both_databases().await {
        let (mut phone, mut desk, mut bob) = (house.browser(), house.browser(), house.browser());
        phone.sign_in(Side::Quiz, "ada").await;
        desk.sign_in(Side::Wear, "ada").await;
        bob.sign_in(Side::Quiz, "bob").await;
        let page = phone.open("/oauth2/quiz/logout").await;
        let answer = phone.press(&page, "logout-everywhere").await;
        assert_eq!(answer.location(), Some("/oauth2/quiz/signed-out"));
        assert_eq!(phone.get("/oauth2/quiz/account").await.status, 303);
        assert_eq!(desk.get("/account").await.status, 303);
        assert_eq!(bob.get("/oauth2/quiz/account").await.status, 200);
        let [event] = &house.audit("signed_out_everywhere").await[..] else { panic!("one event") };
        assert_eq!((event.user.as_deref(), &event.details["sessions"]), (Some("usr_ada"), &2.into()));
    }
}
