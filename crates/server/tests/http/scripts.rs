//! Pages in a browser that are clients: their scripts may read what they are answered, everybody else's may not.

use axum::body::Body;
use http::{Method, Request};
use sayso_authority::record::client::ClientAuthentication;

use crate::house::*;

/// The origin of [`SPA_URI`].
const ORIGIN: &str = "https://display.test";

/// Asked by a script of `origin` whether it may send `method` with an `Authorization` header.
async fn asked_beforehand(house: &House, path: &str, origin: &str) -> Answer {
    let request = Request::builder().method(Method::OPTIONS).uri(path).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let request = request.header("access-control-request-headers", "authorization");
    house.send(request.body(Body::empty()).unwrap()).await
}

/// WEB-010: all of a page's life: its code redeemed, its user read, its token refreshed and revoked.
#[tokio::test]
async fn a_page_in_a_browser_redeems_reads_refreshes_and_revokes() {
    let house = House::with(|wardrobe, _| find(wardrobe, SPA_CLIENT).scopes.push("openid".to_owned())).await;
    let ask = Ask::spa().set("scope", "openid read:whattowear");
    let code = house.code(&ask).await;
    let post = |path: &'static str, form: String| {
        Request::post(path).header("origin", ORIGIN).header("content-type", FORM).body(Body::from(form)).unwrap()
    };
    let may_read = |answer: &Answer| {
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{} {}", answer.status, answer.body);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("vary"), "origin");
    };
    let answer = house.send(post(Side::Wear.token(), ask.redemption(&code))).await;
    may_read(&answer);
    let linked = Linked::of(&answer);

    let userinfo = Request::get(Side::Wear.userinfo()).header("origin", ORIGIN);
    let userinfo = userinfo.header("authorization", format!("Bearer {}", linked.access));
    let answer = house.send(userinfo.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    may_read(&answer);

    for (token, status) in [(linked.refresh.as_str(), 200), ("made-up", 400)] {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", SPA_CLIENT)];
        let answer = house.send(post(Side::Wear.token(), encode(&form))).await;
        assert_eq!(answer.status, status, "what is wrong is read as well: {}", answer.body);
        may_read(&answer);
    }
    let form = [("token", linked.refresh.as_str()), ("client_id", SPA_CLIENT)];
    let answer = house.send(post(Side::Wear.revoke(), encode(&form))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    may_read(&answer);
}

/// WEB-010: a browser asks beforehand, and hears yes for the origin of a page that is a client, and only there.
#[tokio::test]
async fn a_browser_that_asks_beforehand_hears_yes_for_the_clients_own_origin_only() {
    let house = House::with(|wardrobe, _| {
        let with = |id: &str, uri: &str, of: &str| {
            let like = find(&mut wardrobe.clone(), of).clone();
            sayso_authority::record::client::Client { id: id.to_owned(), redirect_uris: vec![uri.to_owned()], ..like }
        };
        let more = [
            with("with-a-port", "https://page.test:8443/cb?x=1", SPA_CLIENT),
            sayso_authority::record::client::Client {
                disabled: true,
                ..with("off", "https://off.test/cb", SPA_CLIENT)
            },
            with("confidential", "https://confidential.test/cb", WEAR_CLIENT),
        ];
        wardrobe.clients.extend(more);
        assert_eq!(find(wardrobe, SPA_CLIENT).authentication, ClientAuthentication::None);
    })
    .await;
    let endpoints = [Side::Wear.token(), Side::Wear.userinfo(), Side::Wear.revoke(), "/oauth/par"];
    for origin in [ORIGIN, "https://page.test:8443"] {
        for path in endpoints {
            let answer = asked_beforehand(&house, path, origin).await;
            assert_eq!(answer.status, 204, "{path}: {}", answer.body);
            assert_eq!(answer.header("access-control-allow-origin"), origin);
            assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-type");
            assert_eq!(answer.header("access-control-allow-methods"), "GET, POST");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
        for path in [Side::Wear.introspect(), "/authorize", "/login", "/account"] {
            let answer = asked_beforehand(&house, path, origin).await;
            assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (405, ""), "{path}");
        }
        let elsewhere = asked_beforehand(&house, Side::Quiz.token(), origin).await;
        assert_eq!(elsewhere.header("access-control-allow-origin"), "", "another authority");
    }
    for origin in [
        "null",
        "*",
        "",
        "https://evil.test",
        "https://page.test",
        "http://display.test",
        "https://sub.display.test",
        "https://display.test.evil.test",
        "https://DISPLAY.test",
        "https://off.test",
        "https://confidential.test",
        // Where a native app listens, anybody's program may.
        "http://127.0.0.1",
    ] {
        for path in endpoints {
            let answer = asked_beforehand(&house, path, origin).await;
            assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (405, ""), "{origin}");
        }
    }
    for path in [Side::Wear.keys(), "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = asked_beforehand(&house, path, "https://anyone.test").await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (204, "*"), "{path}");
    }
}
