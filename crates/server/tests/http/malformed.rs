//! Bodies that cannot be read, methods that are not offered: the right status, no panic.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use sayso_testkit::tutorials::CLIENT_SECRET;

use crate::house::*;

const MACHINE_ENDPOINTS: [Side; 2] = [Side::Wear, Side::Quiz];

fn client(side: Side) -> &'static str {
    match side {
        Side::Wear => WEAR_CLIENT,
        Side::Quiz => QUIZ_CLIENT,
    }
}

async fn post_raw(house: &House, side: Side, path: &str, (content_type, body): (&str, &[u8])) -> Answer {
    let mut request = Request::post(path).header(AUTHORIZATION, basic(client(side), CLIENT_SECRET));
    if !content_type.is_empty() {
        request = request.header(CONTENT_TYPE, content_type);
    }
    house.send(request.body(Body::from(body.to_vec())).unwrap()).await
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_400() {
    let house = House::open().await;
    let many = "a=1&".repeat(100);
    let bodies: [(&str, &[u8]); 12] = [
        ("application/json", b"{\"grant_type\":\"refresh_token\",\"token\":\"x\"}"),
        ("text/plain", b"grant_type=refresh_token&token=x"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("", b"grant_type=refresh_token&token=x"),
        ("application/x-www-form-urlencoded-no", b"token=x"),
        (FORM, b"grant_type=%"),
        (FORM, b"grant_type=%zz&token=%zz"),
        (FORM, b"grant_type=%ff%fe&token=%ff"),
        (FORM, b"\xff\xfe=1"),
        (FORM, b"grant_type=refresh_token&refresh_token=%00&token=%00"),
        (FORM, b"grant_type=authorization_code&code=a%0d%0ab&token=a%0ab"),
        (FORM, many.as_bytes()),
    ];
    for side in MACHINE_ENDPOINTS {
        for body in bodies {
            for path in [side.token(), side.introspect(), side.revoke()] {
                post_raw(&house, side, path, body).await.is_error(400, "invalid_request");
            }
        }
        let spelled =
            post_raw(&house, side, side.revoke(), ("Application/X-WWW-Form-UrlEncoded; charset=UTF-8", b"token=x"));
        assert_eq!(spelled.await.status, 200);
    }
}

#[tokio::test]
async fn parameters_that_are_missing_or_stand_twice_are_400() {
    let house = House::open().await;
    for (body, error) in [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request"),
        ("grant_type=authorization_code", "invalid_request"),
        ("grant_type=authorization_code&grant_type=refresh_token&code=x", "invalid_request"),
        ("grant_type=authorization_code&code=x&code=y", "invalid_request"),
        ("grant_type=authorization_code&code=x&redirect_uri=a&redirect_uri=b", "invalid_request"),
        ("grant_type=authorization_code&code=x&code_verifier=a&code_verifier=b", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=x&refresh_token=x", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=x&scope=a&scope=b", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=x&resource=a&resource=b", "invalid_target"),
        ("grant_type=refresh_token&refresh_token=x&audience=a&audience=b", "invalid_request"),
        ("grant_type=password&username=ada&password=x", "unsupported_grant_type"),
        ("grant_type=implicit", "unsupported_grant_type"),
        ("grant_type=AUTHORIZATION_CODE&code=x", "unsupported_grant_type"),
        ("grant_type=urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"),
    ] {
        let answer = post_raw(&house, Side::Wear, Side::Wear.token(), (FORM, body.as_bytes())).await;
        answer.is_error(400, error);
    }
}

/// CLI-009
#[tokio::test]
async fn nothing_is_read_from_the_query_of_the_token_endpoint() {
    let house = House::open().await;
    let code = house.code(&Ask::wear()).await;
    let authorization = Ask::wear().authorization().unwrap();
    let secret = encode(&[("client_id", WEAR_CLIENT), ("client_secret", CLIENT_SECRET)]);
    let whole = Ask::wear().redemption(&code);
    for (query, header, body) in [
        (whole.clone(), Some(authorization.as_str()), String::new()),
        (secret, None, whole.clone()),
        (format!("code={code}"), Some(&authorization), whole.clone()),
        ("x=y".to_owned(), Some(&authorization), whole.clone()),
    ] {
        let path = format!("{}?{query}", Side::Wear.token());
        house.post_body(&path, header, body).await.is_error(400, "invalid_request");
    }
    assert_eq!(house.redeem(&Ask::wear(), &code).await.status, 200, "nothing was spent");
}

/// CLI-009
#[tokio::test]
async fn other_methods_are_405() {
    let house = House::open().await;
    let code = house.code(&Ask::wear()).await;
    for side in MACHINE_ENDPOINTS {
        for path in [side.token(), side.introspect(), side.revoke()] {
            for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
                let uri = format!("{path}?grant_type=authorization_code&code={code}&token=x");
                let answer = house.send(Request::builder().method(&method).uri(uri).body(Body::empty()).unwrap()).await;
                assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"), "{method} {path}");
            }
        }
    }
    for (method, path) in
        [("DELETE", "/userinfo"), ("PUT", "/account"), ("PUT", "/authorize"), ("GET", "/account/unlink"), ("POST", "/")]
    {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, FORM);
        assert_eq!(house.send(request.body(Body::empty()).unwrap()).await.status, 405, "{method} {path}");
    }
    assert_eq!(house.redeem(&Ask::wear(), &code).await.status, 200);
}

#[tokio::test]
async fn an_oversized_body_is_413_everywhere() {
    let house = House::open().await;
    let body = "x".repeat(300 * 1024);
    let consent = Ask::wear().page("/consent");
    for path in
        ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/userinfo", "/login", &consent, "/account", "/logout"]
    {
        let answer = house.post_body(path, None, body.clone()).await;
        assert_eq!(answer.status, 413, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn unreadable_forms_of_pages_are_400() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let consent = Ask::wear().page("/consent");
    for path in ["/login", &consent, "/account", "/account/unlink"] {
        for body in ["a=%zz", "%ff=%ff", &"a&".repeat(100)] {
            browser.post(path, body.to_owned()).await.is_error_page(400, "form_unreadable");
        }
    }
    assert_eq!(browser.post("/logout", "a=%zz".to_owned()).await.status, 400);
    assert_eq!(browser.get("/account").await.status, 200, "still signed in");
}

#[tokio::test]
async fn odd_cookies_are_no_session() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let (name, value) = browser.cookies.iter().find(|(name, _)| name.ends_with("session")).unwrap();
    let twice = format!("{name}={value}; {name}={value}");
    for cookie in [twice.as_str(), "wear.4000.session=", "wear.4000.session=é", "=;=;;", &"a=b; ".repeat(2000)] {
        let request = Request::get("/account").header("cookie", cookie.as_bytes()).body(Body::empty()).unwrap();
        assert_eq!(house.send(request).await.location(), Some("/login"), "{cookie}");
    }
}
