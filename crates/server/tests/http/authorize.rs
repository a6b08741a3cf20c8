//! The authorization endpoint: who may be answered, and where.

use axum::body::Body;
use http::Request;
use sayso_authority::record::client::GrantType;

use crate::house::*;

/// Redirect URIs that are almost, or not at all, a registered one.
fn strange_uris() -> Vec<String> {
    let changed = [
        "/../evil",
        "/..;/evil",
        "/%2e%2e/evil",
        "/%252e%252e/evil",
        "%2f..",
        "#",
        "#x",
        "?",
        "?x=1",
        "&x=1",
        "/",
        "//",
        "%00",
        "%0d%0a",
        " ",
        "@evil.test",
        ".evil.test",
    ];
    let mut values: Vec<String> = changed.iter().map(|end| format!("{REDIRECT_URI}{end}")).collect();
    values.extend(owned(&[
        "https://app.test/Cb",
        "HTTPS://App.Test/Cb",
        "https://App.Test/cb",
        "https://App.Test/Cb/",
        "https://App.Test:443/Cb",
        "https://app.test/cb?x=1&y=2",
        "https://app.test/cb?x=2",
        "https://app.test/cb",
        "https://app.test/cb?y=2&x=1",
        "https://app.test/cb?x=1&x=1",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "about:blank",
        "//evil.test",
        "/\\evil.test",
        "https:evil.test",
        "http://127.0.0.1:8080/cb",
        "http://127.0.0.1/cb",
        "https://user@App.Test/Cb",
        "https://xn--pitangui.amazon.com/",
        "https://evil.test/ü",
    ]));
    values
}

#[tokio::test]
async fn a_redirect_uri_is_compared_byte_for_byte() {
    let house = House::open().await;
    for uri in strange_uris() {
        for more in [None, Some(("response_mode", "form_post")), Some(("prompt", "none"))] {
            let mut ask = Ask::wear().set("redirect_uri", &uri);
            if let Some((name, value)) = more {
                ask = ask.set(name, value);
            }
            for path in [ask.path(), ask.page("/login"), ask.page("/consent")] {
                let answer = house.get(&path).await;
                answer.is_error_page(400, "redirect_uri_unknown");
                for active in [format!("href=\"{uri}"), format!("action=\"{uri}"), format!("src=\"{uri}")] {
                    assert!(!answer.body.contains(&active), "{uri}: {}", answer.body);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_registered_redirect_uri_works() {
    let house = House::open().await;
    let mut browser = house.browser();
    for uri in [REDIRECT_URI, LAYLA, MIXED_CASE, WITH_QUERY] {
        let ask = Ask::wear().set("redirect_uri", uri);
        let answer = browser.allow(&ask, "ada").await;
        assert!(answer.location().unwrap().starts_with(uri));
        let code = answer.parameter("code").unwrap();
        assert_eq!(house.redeem(&ask, &code).await.status, 200);
    }
    let with_query = browser.allow(&Ask::wear().set("redirect_uri", WITH_QUERY), "ada").await;
    assert!(with_query.location().unwrap().starts_with("https://app.test/cb?x=1&code="));
}

#[tokio::test]
async fn a_native_loopback_uri_may_differ_in_its_port_only() {
    let house = House::open().await;
    for (uri, accepted) in [
        ("http://127.0.0.1/cb", true),
        ("http://127.0.0.1:49152/cb", true),
        ("http://127.0.0.1:1/cb", true),
        ("http://127.0.0.1:/cb", false),
        ("http://127.0.0.1:99999/cb", false),
        ("http://127.0.0.1:+80/cb", false),
        ("http://127.0.0.1:80@evil.test/cb", false),
        ("http://127.0.0.1:49152/cb?x=1", false),
        ("http://127.0.0.1:49152/cb#", false),
        ("http://127.0.0.1:49152/other", false),
        ("http://127.0.0.1:49152/cb/../other", false),
        ("http://127.0.0.1.evil.test:49152/cb", false),
        ("http://localhost:49152/cb", false),
        ("http://[::1]:49152/cb", false),
        ("http://127.0.0.2:49152/cb", false),
        ("https://127.0.0.1:49152/cb", false),
        ("http://user@127.0.0.1:49152/cb", false),
    ] {
        let answer = house.get(&Ask::native().set("redirect_uri", uri).path()).await;
        if accepted {
            assert_eq!((answer.status.as_u16(), answer.location().is_some()), (303, true), "{uri}");
            let ask = Ask::native().set("redirect_uri", uri);
            let code = house.code(&ask).await;
            assert_eq!(house.redeem(&ask, &code).await.status, 200, "{uri}");
        } else {
            answer.is_error_page(400, "redirect_uri_unknown");
        }
    }
}

/// RED-013: an unknown client never redirects.
#[tokio::test]
async fn whoever_cannot_be_trusted_ends_on_our_own_page() {
    let house = House::open().await;
    let evil = Ask::wear().set("redirect_uri", "https://evil.test/");
    for (ask, reason) in [
        (evil.clone().set("client_id", "nope"), "client_unknown"),
        (evil.clone().set("client_id", "ada"), "client_unknown"),
        (evil.clone().without("client_id"), "client_id_missing"),
        (evil.clone().set("client_id", ""), "client_id_missing"),
        (evil, "redirect_uri_unknown"),
        (Ask::wear().without("redirect_uri"), "redirect_uri_missing"),
        (Ask::wear().set("client_id", RETIRED_CLIENT), "client_disabled"),
        (Ask::wear().set("client_id", QUIZ_CLIENT), "client_unknown"),
        (Ask::wear().add("client_id", OTHER_CLIENT), "parameter_repeated"),
        (Ask::wear().add("redirect_uri", LAYLA), "parameter_repeated"),
        (Ask::wear().add("redirect_uri", REDIRECT_URI), "parameter_repeated"),
    ] {
        for path in [ask.path(), ask.page("/login"), ask.page("/consent")] {
            let answer = house.get(&path).await;
            answer.is_error_page(400, reason);
            assert!(!answer.body.contains("href=\"https://evil.test"), "{}", answer.body);
            assert!(!answer.header("content-security-policy").contains("evil.test"));
        }
    }
}

/// RED-015: duplicate parameters.
#[tokio::test]
async fn a_parameter_that_stands_twice_is_refused() {
    let house = House::open().await;
    for (name, value) in [
        ("scope", "openid"),
        ("response_type", "token"),
        ("code_challenge", "x"),
        ("code_challenge_method", "plain"),
        ("nonce", "x"),
        ("audience", SHOES_AUDIENCE),
        ("prompt", "none"),
        ("max_age", "1"),
        ("response_mode", "query"),
    ] {
        let ask = Ask::wear().pkce().set("nonce", "n").set("prompt", "login").set("max_age", "5");
        let answer = house.get(&ask.set("response_mode", "query").add(name, value).path()).await;
        answer.is_redirected_error(REDIRECT_URI, "invalid_request", WEAR);
    }
    let answer = house.get(&Ask::wear().add("state", "other").path()).await;
    assert_eq!((answer.status.as_u16(), answer.parameter("error").unwrap().as_str()), (303, "invalid_request"));
}

/// COD-013: public clients must use PKCE. RED-019: every error carries `iss`.
#[tokio::test]
async fn faults_of_the_request_travel_to_the_redirect_uri() {
    let house =
        House::with(|wardrobe, _| find(wardrobe, OTHER_CLIENT).grants = vec![GrantType::ClientCredentials]).await;
    let wear = Ask::wear;
    let challenge = |value: &str| wear().set("code_challenge", value).set("code_challenge_method", "S256");
    for (ask, error) in [
        (wear().set("response_type", "token"), "unsupported_response_type"),
        (wear().set("response_type", "code token"), "unsupported_response_type"),
        (wear().set("response_type", "id_token"), "unsupported_response_type"),
        (wear().without("response_type"), "invalid_request"),
        (wear().set("response_mode", "fragment"), "invalid_request"),
        (wear().set("response_mode", "form_post.jwt"), "invalid_request"),
        (wear().set("claims", "{"), "invalid_request"),
        (wear().set("id_token_hint", "x"), "invalid_request"),
        (wear().set("request", "ey.J.x"), "request_not_supported"),
        (wear().set("request_uri", "https://evil.test/r"), "request_uri_not_supported"),
        (wear().set("prompt", "create"), "invalid_request"),
        (wear().set("prompt", "none login"), "invalid_request"),
        (wear().set("max_age", "-1"), "invalid_request"),
        (wear().set("max_age", "99999999999"), "invalid_request"),
        (wear().pkce().set("code_challenge_method", "plain"), "invalid_request"),
        (wear().pkce().without("code_challenge_method"), "invalid_request"),
        (wear().pkce().without("code_challenge"), "invalid_request"),
        (challenge("short"), "invalid_request"),
        (challenge(&"=".repeat(43)), "invalid_request"),
        (challenge(&"a".repeat(44)), "invalid_request"),
        (Ask::spa().without("code_challenge").without("code_challenge_method"), "invalid_request"),
        (Ask::native().without("code_challenge").without("code_challenge_method"), "invalid_request"),
        (wear().set("client_id", OTHER_CLIENT), "unauthorized_client"),
        (wear().set("prompt", "none"), "login_required"),
    ] {
        let answer = house.get(&ask.path()).await;
        answer.is_redirected_error(ask.redirect_uri(), error, WEAR);
    }
    let answer = house.get(&Ask::quiz().set("response_type", "token").path()).await;
    answer.is_redirected_error(REDIRECT_URI, "unsupported_response_type", QUIZ);
}

/// RED-014: no open redirector for errors raised before sign-in.
#[tokio::test]
async fn a_wrong_wish_is_told_only_once_a_person_is_signed_in() {
    let house = House::open().await;
    let wear = Ask::wear;
    let mut known = house.browser();
    known.sign_in(Side::Wear, "ada").await;
    for (ask, error) in [
        (wear().set("scope", "does-not-exist"), "invalid_scope"),
        (wear().set("scope", "read:whattowear read:shoes"), "invalid_scope"),
        (wear().set("scope", "read:whattowear write:shoes"), "invalid_scope"),
        (wear().set("scope", " "), "invalid_scope"),
        (wear().set("scope", "\"quoted\""), "invalid_scope"),
        (wear().set("audience", SHOES_AUDIENCE).set("scope", "write:shoes"), "invalid_scope"),
        (
            wear().set("client_id", SPA_CLIENT).set("redirect_uri", SPA_URI).pkce().set("scope", "openid"),
            "invalid_scope",
        ),
        (wear().without("audience"), "invalid_target"),
        (wear().set("audience", QUIZ_AUDIENCE), "invalid_target"),
        (wear().set("audience", "https://whatshouldiwear/"), "invalid_target"),
        (wear().set("resource", SHOES_AUDIENCE), "invalid_target"),
    ] {
        let stranger = house.get(&ask.path()).await;
        assert_eq!(stranger.status, 303);
        assert!(stranger.location().unwrap().starts_with("/login?"), "{:?}", stranger.location());
        known.get(&ask.path()).await.is_redirected_error(ask.redirect_uri(), error, WEAR);
        known.get(&ask.page("/consent")).await.is_redirected_error(ask.redirect_uri(), error, WEAR);
    }
    let by_resource = wear().without("audience").set("resource", WEAR_AUDIENCE);
    assert!(known.open(&by_resource.path()).await.body.contains("id=\"allow\""));

    let lawless = house.reconfigured(|wardrobe, _| wardrobe.policies[0].rules.clear()).await;
    let answer = known.at(&lawless).get(&wear().path()).await;
    answer.is_redirected_error(REDIRECT_URI, "access_denied", WEAR);
}

#[tokio::test]
async fn prompts_and_max_age_are_heeded() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let silent = Ask::wear().set("prompt", "none");
    browser.get(&silent.path()).await.is_redirected_error(REDIRECT_URI, "consent_required", WEAR);
    assert!(browser.open(&Ask::wear().path()).await.body.contains("id=\"allow\""));
    assert!(browser.open(&Ask::wear().set("prompt", "login").path()).await.body.contains("id=\"login\""));
    house.wait(100);
    assert!(browser.open(&Ask::wear().set("max_age", "99").path()).await.body.contains("id=\"login\""));
    assert!(browser.open(&Ask::wear().set("max_age", "100").path()).await.body.contains("id=\"allow\""));
    for again in [Ask::wear().set("prompt", "login"), Ask::wear().set("max_age", "0")] {
        house.wait(1000);
        let page = browser.open(&again.path()).await;
        let answer = browser.log_in(&page, "ada", PASSWORD).await;
        let page = browser.follow(answer).await;
        house.wait(30);
        let answer = browser.press(&page, "allow").await;
        assert!(answer.parameter("code").is_some(), "a person may read the page for half a minute: {answer:?}");
    }
}

/// RED-016: NUL, CR, LF, tab and invalid UTF-8.
#[tokio::test]
async fn control_characters_and_broken_encodings_are_refused() {
    let house = House::open().await;
    for (name, raw) in [
        ("state", "%00"),
        ("state", "%0d%0aSet-Cookie:x=1"),
        ("state", "%ff%fe"),
        ("state", "%09"),
        ("state", "%zz"),
        ("state", "%"),
        ("state", "%c2%85"),
        ("nonce", "%0a"),
        ("redirect_uri", "https://evil.test/%0d%0aSet-Cookie:x=1"),
        ("scope", "openid%0d%0a"),
    ] {
        let ask = Ask::wear().without(name);
        for path in [ask.path(), ask.page("/login"), ask.page("/consent")] {
            let answer = house.get(&format!("{path}&{name}={raw}")).await;
            answer.is_error_page(400, "request_malformed");
            assert!(answer.cookies().is_empty(), "{:?}", answer.cookies());
        }
    }
    let flood = format!("{}{}", Ask::wear().path(), "&a=1".repeat(100));
    house.get(&flood).await.is_error_page(400, "request_malformed");
}

/// RED-019: every code carries `iss`, at each authority its own.
#[tokio::test]
async fn a_state_of_8_kib_comes_back_as_it_went() {
    let house = House::open().await;
    let state: String = "aZ9-._~+/=&?% ü\"".chars().cycle().take(8192).collect();
    for ask in [Ask::wear(), Ask::quiz()] {
        let mut browser = house.browser();
        let answer = browser.allow(&ask.clone().set("state", &state), "ada").await;
        assert_eq!(answer.parameter("state").unwrap(), state);
        assert_eq!(answer.parameter("iss").unwrap(), ask.side.issuer());
        let stateless = browser.allow(&ask.without("state"), "ada").await;
        assert_eq!(stateless.parameter("state"), None);
    }
}

/// RED-021: no CORS at the authorization endpoint.
#[tokio::test]
async fn nobody_elses_script_may_ask() {
    let house = House::open().await;
    for method in ["OPTIONS", "GET", "POST"] {
        for path in [Ask::wear().path(), Ask::quiz().path(), "/login".into(), Side::Wear.token().into()] {
            let request = Request::builder().method(method).uri(&path).header("origin", "https://evil.test");
            let request = request.header("access-control-request-method", "POST").body(Body::empty()).unwrap();
            let answer = house.send(request).await;
            let shared = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(shared, None, "{method} {path}");
        }
    }
}

/// DOS-005
#[tokio::test]
async fn an_anonymous_get_writes_nothing() {
    let house = House::open().await;
    let before = house.disk();
    let mut browser = house.browser();
    for path in [Ask::wear().path(), Ask::quiz().path(), "/".into(), "/account".into(), "/logout".into()] {
        browser.open(&path).await;
        house.get(&path).await;
    }
    assert!(before == house.disk());
}
