//! The dry run of the admin API.

use serde_json::json;

use super::*;
use crate::house::look::claims_of;

fn asked() -> serde_json::Value {
    json!({ "authority": "wear", "client": WEAR_CLIENT, "user": "Ada", "audience": WEAR_AUDIENCE, "scope": "read:whattowear openid" })
}

#[tokio::test]
async fn a_dry_run_says_what_a_real_request_would_get() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let answer = root.send(Method::POST, "/preview", None, &asked()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let played = &answer.json()["preview"];
    assert_eq!((&played["allowed"], &played["audience"]), (&json!(true), &json!(WEAR_AUDIENCE)));
    let linked = house.link(&Ask::wear().set("scope", "read:whattowear openid")).await;
    for (real, dry) in
        [(linked.access.as_str(), "access_token"), (linked.answer["id_token"].as_str().unwrap(), "id_token")]
    {
        let dry = played[dry]["payload"].as_object().unwrap();
        for name in ["iss", "aud", "scope", "acr"] {
            assert_eq!(dry.get(name), claims_of(real).get(name), "{name} in {dry:?}");
        }
    }
    for (name, value, reason) in [
        ("user", "nobody", "user_unknown"),
        ("user", "a\u{0}", "user_unknown"),
        ("client", "nobody", "client_unknown"),
        ("scope", "read:everything", "unknown_scope"),
        ("audience", "https://nowhere.test", "unknown_api"),
    ] {
        let mut body = asked();
        body[name] = json!(value);
        let refused = root.send(Method::POST, "/preview", None, &body).await;
        assert_eq!(refused.json()["preview"]["refused"]["reason"], reason, "{}", refused.body);
        assert!(!refused.json()["preview"]["refused"]["nearest_change"].as_str().unwrap().is_empty());
    }
    let mut elsewhere = asked();
    elsewhere["authority"] = json!("nowhere");
    root.send(Method::POST, "/preview", None, &elsewhere).await.is_problem(404, "authority_unknown");
    let foreign =
        [("expression", json!("user.id")), ("claims", json!([])), ("user", json!(7)), ("grant", json!("password"))];
    for (name, value) in foreign {
        let mut body = asked();
        body[name] = value;
        root.send(Method::POST, "/preview", None, &body).await.is_problem(400, "body_malformed");
    }
}

/// EXP-005: to look takes a right of its own; what is played is the configuration in force, never an expression of the
/// caller's, and nothing is written or issued.
#[tokio::test]
async fn exp_005_a_dry_run_takes_its_own_right_and_plays_what_is_in_force() {
    let house = House::with(administered).await;
    let rows = house.store.lookups().audit(1000).await.unwrap().len();
    let others: Vec<_> = ADMIN_SCOPES.iter().filter(|scope| **scope != "admin:preview").copied().collect();
    for scopes in ["admin:configuration:read", "admin:users:read", &others.join(" ")] {
        let viewer = Caller::new(&house, ROOT, scopes).await;
        viewer.send(Method::POST, "/preview", None, &asked()).await.is_problem(403, "admin_scope");
    }
    // Rights at another authority, of the same names, are none here.
    let elsewhere = house
        .post_as(QUIZ_CLIENT, Side::Quiz.token(), &[("grant_type", "client_credentials"), ("scope", "admin:preview")])
        .await;
    assert_ne!(elsewhere.status, 200, "{}", elsewhere.body);
    let mut caller = Caller::new(&house, ROOT, "admin:preview").await;
    let seen = caller.send(Method::POST, "/preview", None, &asked()).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    caller.token = seen.json()["preview"]["access_token"].to_string();
    caller.send(Method::POST, "/preview", None, &asked()).await.is_problem(401, "admin_token");
    assert_eq!(house.store.lookups().audit(1000).await.unwrap().len(), rows, "nothing is remembered");
}
