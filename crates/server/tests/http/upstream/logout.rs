//! The provider says that a session there is over.

use sayso_token::jws;
use sayso_token::time::Clock as _;
use serde_json::{Value, json};

use super::provider::{CLIENT, Corp};
use crate::house::*;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn token(corp: &Corp, house: &House, jti: &str, change: &Value) -> String {
    let now = house.clock.now().seconds();
    let mut claims = json!({
        "iss": corp.issuer(), "aud": CLIENT, "iat": now, "exp": now + 120, "jti": jti,
        "sub": "jane-at-corp", "sid": "session-at-corp", "events": { EVENT: {} },
    });
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    let script = corp.script.lock().unwrap();
    jws::sign("logout+jwt", claims.as_object().unwrap(), &script.signs).unwrap()
}

async fn tell(house: &House, token: &str) -> Answer {
    house.post("/connections/corp/logout", &[("logout_token", token)]).await
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/account").await.status == 200
}

#[tokio::test]
async fn oid_012_a_session_ends_when_the_provider_says_so_and_not_otherwise() {
    let corp = Corp::open().await;
    let house = corp.house().await;
    let (mut browser, mut by_password) = (house.browser(), house.browser());
    corp.sign_in(&house, &mut browser).await;
    by_password.sign_in(Side::Wear, "ada").await;
    let now = house.clock.now().seconds();
    for (number, wrong) in [
        json!({ "events": null }),
        json!({ "events": {} }),
        json!({ "events": { "http://schemas.openid.net/event/other": {} } }),
        json!({ "events": { EVENT: true } }),
        json!({ "nonce": "n" }),
        json!({ "nonce": "" }),
        json!({ "iat": now - 3600, "exp": now + 60 }),
        json!({ "iat": now + 3600 }),
        json!({ "iat": null }),
        json!({ "exp": now - 60 }),
        json!({ "aud": "another" }),
        json!({ "iss": "https://evil.test" }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "sub": null, "sid": null }),
        json!({ "sub": 7 }),
    ]
    .iter()
    .enumerate()
    {
        let answer = tell(&house, &token(&corp, &house, &number.to_string(), wrong)).await;
        answer.is_error(400, "invalid_request");
        assert!(is_signed_in(&mut browser).await, "{wrong}");
    }
    let good = token(&corp, &house, "good", &json!({}));
    let unsigned = {
        let payload = good.split('.').nth(1).unwrap();
        format!("{}.{payload}.", sayso_token::encoding::base64url(br#"{"alg":"none","typ":"logout+jwt"}"#))
    };
    let forged = format!("{}x", good.get(..good.len() - 1).unwrap());
    for wrong in [unsigned.as_str(), &forged, "", "x", "a.b.c"] {
        tell(&house, wrong).await.is_error(400, "invalid_request");
    }
    house.post("/connections/corp/logout", &[]).await.is_error(400, "invalid_request");
    let twice = [("logout_token", good.as_str()), ("logout_token", good.as_str())];
    house.post("/connections/corp/logout", &twice).await.is_error(400, "invalid_request");
    assert!(is_signed_in(&mut browser).await);
    let answer = tell(&house, &good).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"), "{}", answer.body);
    assert!(!is_signed_in(&mut browser).await);
    assert!(is_signed_in(&mut by_password).await, "somebody else's session goes on");
    assert_eq!(house.audit("signed_out_by_provider").await.len(), 1);
    // Signed in anew: the same token, brought again, ends nothing.
    let mut browser = house.browser();
    corp.sign_in(&house, &mut browser).await;
    tell(&house, &good).await.is_error(400, "invalid_request");
    assert!(is_signed_in(&mut browser).await);
    // By the session there, or by the person, alone.
    for (jti, change) in [("sid", json!({ "sub": null })), ("sub", json!({ "sid": null }))] {
        let mut browser = house.browser();
        corp.sign_in(&house, &mut browser).await;
        assert!(is_signed_in(&mut browser).await);
        assert_eq!(tell(&house, &token(&corp, &house, jti, &change)).await.status, 200);
        assert!(!is_signed_in(&mut browser).await, "{jti}");
    }
    assert_eq!(tell(&house, &token(&corp, &house, "nobody", &json!({ "sub": "x", "sid": "y" }))).await.status, 200);
}
