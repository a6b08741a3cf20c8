//! Accounts, through the admin API.

use http::Method;
use serde_json::json;

use super::*;

#[tokio::test]
async fn an_account_is_made_edited_disabled_and_removed() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let new = json!({ "username": " Zoe ", "password": PASSWORD, "attributes": { "firstName": "Zoe" } });
        let made = root.send(Method::POST, "/users", None, &new).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!((&made.json()["username"], made.json().get("password")), (&"zoe".into(), None));
        let at = made.location().unwrap().strip_prefix(BASE).unwrap().to_owned();
        root.send(Method::POST, "/users", None, &new).await.is_problem(409, "username_taken");

        // Nothing is changed by whoever has not seen what it rests on.
        let name = json!({ "attributes": { "firstName": "Zo\u{eb}", "email": "zoe@a.test" } });
        root.send(Method::PATCH, &at, None, &name).await.is_problem(428, "if_match_missing");
        root.send(Method::PATCH, &at, Some("\"other\""), &name).await.is_problem(412, "changed_meanwhile");
        root.send(Method::PATCH, &at, Some(&format!("W/{}", made.header("etag"))), &name)
            .await
            .is_problem(412, "changed_meanwhile");
        let edited = root.send(Method::PATCH, &at, Some(made.header("etag")), &name).await;
        assert_eq!((edited.status.as_u16(), &edited.json()["attributes"]["firstName"]), (200, &"Zo\u{eb}".into()));
        let tag = edited.header("etag").to_owned();
        assert_ne!(tag, made.header("etag"));
        root.send(Method::PATCH, &at, Some(made.header("etag")), &name).await.is_problem(412, "changed_meanwhile");
        assert_eq!(root.get(&at).await.header("etag"), tag);

        // Signed in and linked; disabled, it is all at rest.
        let mut browser = house.browser();
        let page = browser.sign_in(Side::Wear, "zoe").await;
        assert!(page.body.contains("Zo\u{eb}"), "{}", page.body);
        let code = browser.allow(&Ask::wear(), "zoe").await.parameter("code").unwrap();
        let linked = Linked::of(&house.redeem(&Ask::wear(), &code).await);
        let disabled = root.send(Method::PATCH, &at, Some(&tag), &json!({ "disabled": true })).await;
        assert_eq!((disabled.status.as_u16(), &disabled.json()["disabled"]), (200, &true.into()));
        assert_eq!(browser.get("/account").await.status, 303);
        house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
        let tag = disabled.header("etag");
        let enabled = root.send(Method::PATCH, &at, Some(tag), &json!({ "disabled": false })).await;
        assert_eq!(browser.get("/account").await.status, 303, "the session has ended, and stays so");
        browser.sign_in(Side::Wear, "zoe").await;
        assert_eq!(browser.get("/account").await.status, 200);

        // Another password: signed out, the link goes on.
        let set = json!({ "password": "another long password" });
        let password = format!("{at}/password");
        assert_eq!(root.send(Method::PUT, &password, Some(enabled.header("etag")), &set).await.status, 200);
        root.send(Method::PUT, &password, Some(enabled.header("etag")), &set)
            .await
            .is_problem(412, "changed_meanwhile");
        assert_eq!(browser.get("/account").await.status, 303);
        let linked = Linked::of(&house.refresh(&Ask::wear(), &linked.refresh).await);
        let made_up = root.send(Method::PUT, &password, Some("*"), &json!({})).await.json();
        let login = house.browser().open("/login").await;
        let answer = house.browser().log_in(&login, "zoe", made_up["password"].as_str().unwrap()).await;
        assert_ne!(answer.status, 401, "a password that was made works");

        let tag = root.get(&at).await.header("etag").to_owned();
        assert_eq!(root.send(Method::DELETE, &at, Some(&tag), &json!(null)).await.status, 204);
        root.get(&at).await.is_problem(404, "user_unknown");
        root.send(Method::DELETE, &at, Some(&tag), &json!(null)).await.is_problem(404, "user_unknown");
        house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
        assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);

        // Each change once, by whom and from where.
        for (kind, times) in [
            ("user_added", 1),
            ("profile_set", 1),
            ("user_disabled", 1),
            ("user_enabled", 1),
            ("password_set", 2),
            ("user_removed", 1),
        ] {
            let events: Vec<_> =
                house.audit(kind).await.into_iter().filter(|event| event.details.contains_key("by")).collect();
            assert_eq!(events.len(), times, "{kind}");
            assert_eq!(
                (&events[0].details["by"], &events[0].details["address"]),
                (&"root".into(), &"127.0.0.1".into())
            );
            assert!(events[0].user.as_ref().is_some_and(|user| at.ends_with(user.as_str())), "{kind}");
        }
        let signed_in = &house.audit("signed_in").await[0];
        assert_eq!(signed_in.details["address"], "127.0.0.1", "what people do is seen from where, too");
    }
}

#[tokio::test]
async fn of_two_changes_that_rest_on_the_same_one_wins() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let at = "/users/usr_bob";
        let at = if root.get(at).await.status == 200 { at.to_owned() } else { format!("/users/{}", bob()) };
        let tag = root.get(&at).await.header("etag").to_owned();
        let edit = |color: &str| json!({ "attributes": { "favoriteColor": color } });
        let (red, blue) = (edit("red"), edit("blue"));
        let answers = tokio::join!(
            root.send(Method::PATCH, &at, Some(&tag), &red),
            root.send(Method::PATCH, &at, Some(&tag), &blue)
        );
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(house.audit("profile_set").await.len(), 1);
    }
}

fn bob() -> String {
    sayso_testkit::records::user("bob").id.0
}

#[tokio::test]
async fn what_cannot_be_is_told_and_changes_nothing() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let long = "x".repeat(600);
    for (body, status, reason) in [
        (json!({ "username": "", "password": PASSWORD }), 400, "username_unfit"),
        (json!({ "username": "a\nb", "password": PASSWORD }), 400, "username_unfit"),
        (json!({ "username": "y", "password": "short" }), 400, "password_unfit"),
        (json!({ "username": "y", "password": long }), 400, "password_unfit"),
        (json!({ "username": "y", "attributes": { "shoeSize": "40" } }), 400, "attribute_not_editable"),
        (json!({ "username": "y", "attributes": { "firstName": "x".repeat(41) } }), 400, "value_too_long"),
        (json!({ "username": "y", "attributes": { "firstName": "a\u{0}b" } }), 400, "value_control_character"),
        (json!({ "username": 7 }), 400, "body_malformed"),
        (json!([]), 400, "body_malformed"),
    ] {
        let answer = root.send(Method::POST, "/users", None, &body).await;
        answer.is_problem(status, reason);
        assert!(!answer.body.contains(PASSWORD) && !answer.body.contains("short"), "{}", answer.body);
    }
    let malformed = root.send_as(Method::POST, "/users", (None, "application/json"), "{\"username\":".to_owned()).await;
    malformed.is_problem(400, "body_malformed");
    for unknown in ["/users/nobody", "/users/%00", "/users/%ff"] {
        assert_eq!(root.get(unknown).await.status, 404, "{unknown}");
    }
    assert!(house.audit("user_added").await.iter().all(|event| !event.details.contains_key("by")));
}
