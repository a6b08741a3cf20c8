//! Coming in by a provider, and being kept out.

use sayso_authority::record::connection::Connection;
use sayso_testkit::PostgresServer;
use serde_json::{Value, json};

use super::provider::{CLIENT, Corp, with};
use crate::client_assertion::make_key;
use crate::house::look::claims_of;
use crate::house::*;

/// A stranger to this house who comes by their account at the provider, and links a skill.
async fn links(corp: &Corp, house: &House) {
    let mut browser = house.browser();
    let ask = Ask::wear().set("scope", "openid read:whattowear").set("login_hint", "jane@corp.test");
    let page = browser.open(&ask.path()).await;
    assert!(page.body.contains("Continue with") && page.body.contains("Example Corp"), "{}", page.body);
    let sent = corp.leave(house, &mut browser, &page, "with-corp").await;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "http://127.0.0.1:4000/connections/corp/callback"),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("login_hint", "jane@corp.test"),
        ("prompt", ""),
    ] {
        assert_eq!(sent.parameter(name), value, "{name}: {}", sent.url);
    }
    let answer = corp.come_back(&mut browser, &sent).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let consent = browser.follow(answer).await;
    assert!(consent.body.contains("id=\"allow\""), "{} {}", consent.status, consent.body);
    let asked = corp.redemptions().pop().unwrap();
    assert!(asked.head.contains(&format!("authorization: {}", basic(CLIENT, "secret of corp")).to_lowercase()));
    assert!(asked.body.contains("code=c0de") && asked.body.contains("code_verifier="), "{}", asked.body);
    let allowed = browser.press(&consent, "allow").await;
    let code = allowed.parameter("code").unwrap();
    let linked = Linked::of(&house.redeem(&ask, &code).await);
    let id_token = claims_of(linked.answer["id_token"].as_str().unwrap());
    assert_eq!(id_token["amr"], Value::Null, "how they proved themselves there is not known here");
    // They are the same person the next time, in another browser, and are not asked again.
    let mut other = house.browser();
    let page = other.open(&ask.path()).await;
    let sent = corp.leave(house, &mut other, &page, "with-corp").await;
    let answer = corp.come_back(&mut other, &sent).await;
    let code = other.follow(answer).await.parameter("code").unwrap();
    let again = Linked::of(&house.redeem(&ask, &code).await);
    let subject = |linked: &Linked| claims_of(&linked.access)["sub"].clone();
    assert_eq!(subject(&again), subject(&linked));
    assert_eq!(corp.newcomers(house).await.len(), 1);
    let signed_in = house.audit("signed_in").await;
    assert!(signed_in.iter().all(|event| event.details["connection"] == "corp"));
    let account = other.open("/account").await;
    assert!(account.body.contains("value=\"Jane\"") && account.body.contains("jane@corp.test"), "{}", account.body);
    assert!(account.body.contains("only way to sign in") && !account.body.contains("disconnect-1"));
}

#[tokio::test]
async fn a_person_comes_in_by_a_provider_and_links_a_skill() {
    let corp = Corp::open().await;
    links(&corp, &corp.house().await).await;
    if let Some(server) = PostgresServer::shared() {
        let corp = Corp::open().await;
        let house = House::on(server).await;
        links(&corp, &house.trusting(&corp.server, |wardrobe, _| with(wardrobe, corp.connection())).await).await;
    }
}

#[tokio::test]
async fn what_the_id_token_leaves_out_is_asked_of_userinfo() {
    let corp = Corp::open().await;
    corp.says(|script| {
        script.claims = json!({ "email": null, "email_verified": null, "given_name": null });
        script.userinfo =
            json!({ "sub": "jane-at-corp", "given_name": "Jane", "email": "j@corp.test", "email_verified": true });
    });
    let house = corp.house().await;
    let page = corp.sign_in(&house, &mut house.browser()).await;
    assert!(page.body.contains("value=\"Jane\"") && page.body.contains("j@corp.test"), "{}", page.body);
    corp.says(|script| script.userinfo["sub"] = json!("somebody-else"));
    let page = corp.sign_in(&house, &mut house.browser()).await;
    page.is_error_page(400, "upstream_userinfo_subject");
}

/// A way back that is wrong in this way, and what it is refused for.
type Odd = (&'static str, fn(&str, &str, &str) -> String, &'static str);

#[tokio::test]
async fn oid_008_a_response_that_is_not_to_this_question_ends_before_any_token_request() {
    let (corp, other) = (Corp::open().await, Corp::open().await);
    let second = Connection { id: "other".into(), name: "Other".into(), ..other.connection() };
    let house = corp.house().await;
    let house = house.trusting(&corp.server, |wardrobe, _| with(wardrobe, second)).await;
    let ways: [Odd; 9] = [
        (
            "another's iss",
            |state, _, _| format!("corp/callback?code=c&state={state}&iss=https%3A%2F%2Fevil.test"),
            "upstream_issuer",
        ),
        (
            "no iss, though it was announced",
            |state, _, _| format!("corp/callback?code=c&state={state}"),
            "upstream_issuer_missing",
        ),
        ("another state", |_, _, iss| format!("corp/callback?code=c&state=x&iss={iss}"), "upstream_state"),
        ("no state", |_, _, iss| format!("corp/callback?code=c&iss={iss}"), "upstream_state"),
        (
            "state twice",
            |state, _, iss| format!("corp/callback?code=c&state={state}&state={state}&iss={iss}"),
            "upstream_malformed",
        ),
        (
            "iss twice",
            |state, _, iss| format!("corp/callback?code=c&state={state}&iss={iss}&iss=x"),
            "upstream_malformed",
        ),
        (
            "the other's address",
            |state, _, iss| format!("other/callback?code=c&state={state}&iss={iss}"),
            "upstream_connection",
        ),
        ("no code", |state, _, iss| format!("corp/callback?state={state}&iss={iss}"), "upstream_code"),
        ("unreadable", |state, _, _| format!("corp/callback?code=%ff&state={state}"), "upstream_malformed"),
    ];
    for (what, way, reason) in ways {
        let mut browser = house.browser();
        let page = browser.open(&Ask::wear().path()).await;
        let sent = corp.leave(&house, &mut browser, &page, "with-corp").await;
        let issuer = encode(&[("", &corp.issuer())]).split_off(1);
        let path = way(&sent.parameter("state"), "", &issuer);
        // The other provider cannot be reached from here, and need not be: whoever left for one does not come from another.
        let answer = browser.get(&format!("/connections/{path}")).await;
        if !path.starts_with("other") {
            answer.is_error_page(400, reason);
            let again =
                answer.body.split("id=\"again\" href=\"").nth(1).unwrap_or_else(|| panic!("{what}: no way back"));
            assert!(again.starts_with("/login?") || again.starts_with("&#x2f;login?"), "{what}: {again:.60}");
        }
        assert!(answer.status.is_client_error() || answer.status.is_server_error(), "{what}: {}", answer.status);
        assert!(!browser.cookies.keys().any(|name| name.ends_with("session")), "{what}");
        // It counts once: the right answer comes too late.
        corp.come_back(&mut browser, &sent).await.is_error_page(400, "upstream_no_flow");
    }
    assert!(corp.redemptions().is_empty() && other.redemptions().is_empty());
    assert!(house.audit("signed_in").await.is_empty() && corp.newcomers(&house).await.is_empty());
}

#[tokio::test]
async fn oid_008_an_answer_belongs_to_the_browser_that_asked_and_counts_once() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let mut evil = house.browser();
    let page = evil.open("/account").await;
    let sent = corp.leave(&house, &mut evil, &page, "with-corp").await;
    // Slipped into another browser, with and without a flow of its own.
    let mut victim = house.browser();
    victim.get(&corp.way_back(&sent)).await.is_error_page(400, "upstream_no_flow");
    let page = victim.open("/account").await;
    corp.leave(&house, &mut victim, &page, "with-corp").await;
    victim.get(&corp.way_back(&sent)).await.is_error_page(400, "upstream_state");
    assert!(corp.redemptions().is_empty());
    // The same answer twice, from a browser that keeps its cookie.
    let mut keeps = house.browser();
    let page = keeps.open("/account").await;
    let sent = corp.leave(&house, &mut keeps, &page, "with-corp").await;
    let mut twin = keeps.clone();
    assert_eq!(corp.come_back(&mut keeps, &sent).await.status, 303);
    corp.come_back(&mut twin, &sent).await.is_error_page(403, "upstream_answered_before");
    assert_eq!(house.audit("signed_in").await.len(), 1);
    // Away for too long.
    let mut slow = house.browser();
    let page = slow.open("/account").await;
    let sent = corp.leave(&house, &mut slow, &page, "with-corp").await;
    house.wait(600);
    corp.come_back(&mut slow, &sent).await.is_error_page(400, "upstream_no_flow");
}

#[tokio::test]
async fn a_token_that_proves_nothing_signs_nobody_in() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let now = {
        use sayso_token::time::Clock as _;
        house.clock.now().seconds()
    };
    let cases = [
        (json!({ "nonce": "x" }), "upstream_nonce"),
        (json!({ "nonce": null }), "upstream_nonce"),
        (json!({ "aud": "another" }), "upstream_token_audience"),
        (json!({ "aud": [CLIENT, "another"] }), "upstream_token_audience"),
        (json!({ "azp": "another" }), "upstream_token_audience"),
        (json!({ "iss": "https://evil.test" }), "upstream_token_issuer"),
        (json!({ "exp": now - 60 }), "upstream_token_time"),
        (json!({ "sub": null }), "upstream_subject"),
        (json!({ "sub": "" }), "upstream_subject"),
        (json!({ "at_hash": "AAAA" }), "upstream_at_hash"),
    ];
    for (claims, reason) in cases {
        corp.says(|script| script.claims = claims.clone());
        let answer = corp.sign_in(&house, &mut house.browser()).await;
        answer.is_error_page(400, reason);
    }
    corp.says(|script| {
        script.claims = json!({});
        script.signs = std::sync::Arc::new(make_key());
    });
    corp.sign_in(&house, &mut house.browser()).await.is_error_page(400, "upstream_token_signature");
    assert!(house.audit("signed_in").await.is_empty());
}

#[tokio::test]
async fn oid_010_nobody_becomes_somebody_by_an_address() {
    let corp = Corp::open().await;
    corp.says(|script| script.claims = json!({ "email": "ada@example.com", "email_verified": false }));
    let closed = corp.house_with(|connection| connection.sign_up = false).await;
    let mut browser = closed.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let ada = browser.open("/account").await;
    assert!(ada.body.contains("ada@example.com"), "the address is Ada's: {}", ada.body);
    let answer = corp.sign_in(&closed, &mut closed.browser()).await;
    answer.is_error_page(403, "upstream_not_connected");
    assert!(answer.body.contains("connect it on your account page"), "{}", answer.body);
    for verified in [false, true] {
        corp.says(|script| script.claims["email_verified"] = json!(verified));
        let open = corp.house().await;
        let mut stranger = open.browser();
        let page = corp.sign_in(&open, &mut stranger).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(corp.newcomers(&open).await.len(), 1);
        assert!(page.body.contains("Jane") && !page.body.contains("Hello, Ada"), "{}", page.body);
    }
    for nobody in [Value::Null, json!(""), json!(7)] {
        corp.says(|script| script.claims["sub"] = nobody);
        corp.sign_in(&closed, &mut closed.browser()).await.is_error_page(400, "upstream_subject");
    }
}

#[tokio::test]
async fn oid_011_only_people_of_the_domain_come_in() {
    let corp = Corp::open().await;
    let house = corp.house_with(|connection| connection.email_domains = owned(&["corp.test"])).await;
    for (email, verified, reason) in [
        ("a@evil.test@corp.test", true, "upstream_email_domain"),
        ("a@corp.test.evil.test", true, "upstream_email_domain"),
        ("a@\u{441}orp.test", true, "upstream_email_domain"),
        ("jane@corp.test", false, "upstream_email_unverified"),
    ] {
        corp.says(|script| script.claims = json!({ "email": email, "email_verified": verified }));
        let answer = corp.sign_in(&house, &mut house.browser()).await;
        answer.is_error_page(400, reason);
        assert!(answer.body.contains("Choose another account there"), "{}", answer.body);
    }
    corp.says(|script| script.claims = json!({ "email": "Jane@CORP.test" }));
    let page = corp.sign_in(&house, &mut house.browser()).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

#[tokio::test]
async fn a_fresh_sign_in_is_asked_for_there_as_well() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let now = {
        use sayso_token::time::Clock as _;
        house.clock.now().seconds()
    };
    for (ask, prompt, max_age) in
        [(Ask::wear().set("prompt", "login"), "login", "0"), (Ask::wear().set("max_age", "60"), "", "60")]
    {
        for (auth_time, fresh) in [(Value::Null, false), (json!(now - 3600), false), (json!(now), true)] {
            corp.says(|script| script.claims = json!({ "auth_time": auth_time }));
            let mut browser = house.browser();
            let page = browser.open(&ask.path()).await;
            let sent = corp.leave(&house, &mut browser, &page, "with-corp").await;
            assert_eq!((sent.parameter("prompt").as_str(), sent.parameter("max_age").as_str()), (prompt, max_age));
            let answer = corp.come_back(&mut browser, &sent).await;
            if fresh {
                let page = browser.follow(answer).await;
                assert!(page.body.contains("id=\"allow\""), "{prompt} {max_age}: {} {}", page.status, page.body);
            } else {
                answer.is_error_page(400, "upstream_not_fresh");
            }
        }
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_keeps_nobody_from_their_password() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let errors = [
        ("400 Bad Request", r#"{"error":"invalid_grant"}"#, "upstream_invalid_grant"),
        ("401 Unauthorized", r#"{"error":"invalid_client"}"#, "upstream_invalid_client"),
    ];
    for (status, body, reason) in errors {
        corp.says(|script| script.token_error = Some((status, body)));
        let answer = corp.sign_in(&house, &mut house.browser()).await;
        answer.is_error_page(503, reason);
        assert!(answer.body.contains("sign in another way"), "{}", answer.body);
    }
    let mut browser = house.browser();
    let page = browser.open(&Ask::wear().path()).await;
    let sent = corp.leave(&house, &mut browser, &page, "with-corp").await;
    let denied = [("error", "access_denied"), ("state", &sent.parameter("state")), ("iss", &corp.issuer())];
    let answer = browser.get(&format!("/connections/corp/callback?{}", encode(&denied))).await;
    answer.is_error_page(400, "upstream_denied");
    // "Try again" leads back to the sign-in of the same request.
    let again = answer.body.split("id=\"again\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = browser.open(&again.replace("&amp;", "&").replace("&#x2f;", "/")).await;
    let answer = browser.log_in(&page, "ada", PASSWORD).await;
    assert!(browser.follow(answer).await.body.contains("id=\"allow\""));
    // One that is away altogether.
    let house = house.reconfigured(|wardrobe, _| wardrobe.connections[0].issuer = "https://localhost:1".into()).await;
    let mut browser = house.browser();
    let page = browser.open(&Ask::wear().path()).await;
    let answer = browser.press(&page, "with-corp").await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "10"), "{}", answer.body);
    assert!(answer.body.contains("id=\"again\""), "{}", answer.body);
}

#[tokio::test]
async fn junk_at_the_addresses_of_connections_changes_nothing() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let before = house.store.lookups().audit(1000).await.unwrap().len();
    for path in
        ["corp/callback", "corp/callback?code=x&state=y", "corp/callback?error=access_denied", "corp/callback?%"]
    {
        assert_eq!(house.get(&format!("/connections/{path}")).await.status, 400, "{path}");
    }
    for path in ["/connections/nowhere/callback", "/connections/%00/callback", "/connections/corp", "/connections"] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
    assert_eq!(house.get("/connections/corp/begin").await.status, 405);
    for form in [&[][..], &[("csrf", "x")], &[("connect", "1")], &[("connect", "1"), ("csrf", "x")]] {
        let answer = house.post("/connections/corp/begin", form).await;
        assert!(matches!(answer.status.as_u16(), 303 | 400), "{form:?}: {}", answer.status);
    }
    assert_eq!(house.post("/connections/nowhere/begin", &[]).await.status, 404);
    assert_eq!(house.store.lookups().audit(1000).await.unwrap().len(), before);
    assert!(corp.server.asked().is_empty(), "nobody is asked for who has not left from here");
    // Where an authority has no connection there is no such address.
    assert_eq!(house.get("/oauth2/quiz/connections/corp/callback").await.status, 404);
}
