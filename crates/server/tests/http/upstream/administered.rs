//! What an administrator sees of accounts elsewhere, and takes away.

use http::Method;
use serde_json::json;

use super::provider::{Corp, with};
use crate::admin::{Caller, administered};
use crate::house::*;

#[tokio::test]
async fn an_account_elsewhere_is_seen_and_taken_away() {
    let corp = Corp::open().await;
    let house = House::open().await;
    let house = house.trusting(&corp.server, |wardrobe, quiz| {
        administered(wardrobe, quiz);
        with(wardrobe, corp.connection());
    });
    let house = house.await;
    let mut browser = house.browser();
    corp.sign_in(&house, &mut browser).await;
    let user = corp.newcomers(&house).await.pop().unwrap();
    let root = Caller::root(&house).await;
    let list = format!("/users/{user}/identities");
    let seen = root.get(&list).await.json();
    let one = &seen["identities"][0];
    assert_eq!((&one["issuer"], &one["subject"]), (&json!(corp.issuer()), &json!("jane-at-corp")), "{seen}");
    assert_eq!((&one["connection"], &one["shown_as"]), (&json!("corp"), &json!("jane@corp.test")));
    let path = format!("{list}/{}", one["id"].as_str().unwrap());
    for (_, status) in [("once", 204), ("again", 204)] {
        assert_eq!(root.send(Method::DELETE, &path, None, &json!(null)).await.status, status);
    }
    assert_eq!(root.get(&list).await.json(), json!({ "identities": [] }));
    assert_eq!(browser.get("/account").await.status, 303, "they are signed out");
    assert_eq!(house.audit("identity_disconnected").await.len(), 1);
    root.get("/users/usr_nobody/identities").await.is_problem(404, "user_unknown");
    root.send(Method::DELETE, "/users/usr_nobody/identities/x", None, &json!(null))
        .await
        .is_problem(404, "user_unknown");
    let only_reads = Caller::new(&house, "root", "admin:users:read").await;
    assert_eq!(only_reads.send(Method::DELETE, &path, None, &json!(null)).await.status, 403);
    // Who is removed is forgotten altogether: whoever comes as they did is somebody new.
    let mut again = house.browser();
    corp.sign_in(&house, &mut again).await;
    let second = corp.newcomers(&house).await.into_iter().find(|id| *id != user).unwrap();
    let tag = root.get(&format!("/users/{second}")).await.header("etag").to_owned();
    assert_eq!(root.send(Method::DELETE, &format!("/users/{second}"), Some(&tag), &json!(null)).await.status, 204);
    corp.sign_in(&house, &mut house.browser()).await;
    let all = corp.newcomers(&house).await;
    assert_eq!(all.len(), 3, "{all:?}");
}
