//! The configuration in force, through the admin API.

use http::Method;
use serde_json::Value;

use super::*;

const TOML: &str = "application/toml";

async fn put(caller: &Caller<'_>, tag: Option<&str>, wanted: &Configuration) -> Answer {
    let text = serde_json::to_string(wanted).unwrap();
    caller.send_as(Method::PUT, "/configuration", (tag, TOML), text).await
}

#[tokio::test]
async fn it_is_compared_replaced_and_followed() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let wanted =
            house.configuration(|wardrobe, _| "Wardrobe & Co".clone_into(&mut find(wardrobe, WEAR_CLIENT).name));
        let text = serde_json::to_string(&wanted).unwrap();
        let plan = root.send_as(Method::POST, "/configuration/plan", (None, TOML), text.clone()).await;
        assert_eq!(
            (plan.status.as_u16(), &plan.json()["differences"][0]["fields"][0]["name"]),
            (200, &"name".into()),
            "{}",
            plan.body
        );

        put(&root, None, &wanted).await.is_problem(428, "if_match_missing");
        let before = root.get("/configuration").await;
        let tag = before.header("etag").to_owned();
        let applied = put(&root, Some(&tag), &wanted).await;
        assert_eq!((applied.status.as_u16(), &applied.json()["number"]), (200, &1.into()), "{}", applied.body);
        put(&root, Some(&tag), &wanted).await.is_problem(412, "changed_meanwhile");
        let again = put(&root, Some(applied.header("etag")), &wanted).await;
        assert_eq!((&again.json()["number"], &again.json()["differences"]), (&1.into(), &serde_json::json!([])));
        assert_eq!(root.get("/configuration").await.header("etag"), applied.header("etag"));
        let event = &house.audit("configuration_applied").await[0];
        assert_eq!((&event.details["by"], &event.details["number"]), (&"root".into(), &1.into()));

        assert!(house.server.catch_up().await.unwrap());
        let page = house.browser().consent_page(&Ask::wear(), "ada").await;
        assert!(page.body.contains("Wardrobe &amp; Co"), "{}", page.body);
    }
}

#[tokio::test]
async fn of_two_that_replace_the_same_one_wins() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let tag = root.get("/configuration").await.header("etag").to_owned();
        let named = |name: &'static str| house.configuration(|wardrobe, _| name.clone_into(&mut wardrobe.name));
        // The issuer's name is about who administers; root may do everything.
        let (one, other) = (named("One"), named("Other"));
        let answers = tokio::join!(put(&root, Some(&tag), &one), put(&root, Some(&tag), &other));
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(house.audit("configuration_applied").await.len(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_told_with_its_findings() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let tag = root.get("/configuration").await.header("etag").to_owned();
    let unfit = root.send_as(Method::PUT, "/configuration", (Some(&tag), TOML), "{}".to_owned()).await;
    unfit.is_problem(422, "configuration_unfit");
    assert_eq!(unfit.json()["findings"].as_array().unwrap().len(), 1);
    let typed = root.send_as(Method::PUT, "/configuration", (Some(&tag), "application/json"), "{}".to_owned()).await;
    typed.is_problem(415, "media_type");
    assert!(house.audit("configuration_applied").await.is_empty());
}

/// ADM-002: whoever may write the configuration makes no administrator of anybody.
#[tokio::test]
async fn adm_002_nobody_gives_rights_that_they_do_not_have() {
    let house = House::with(administered).await;
    let (clerk, editor) = (Caller::new(&house, CLERK, "").await, Caller::new(&house, EDITOR, "").await);
    let tag = editor.get("/configuration").await.header("etag").to_owned();
    let harmless = house.configuration(|wardrobe, _| "Wear".clone_into(&mut find(wardrobe, WEAR_CLIENT).name));
    put(&clerk, Some(&tag), &harmless).await.is_problem(403, "admin_scope");
    for wanted in [
        house.configuration(|wardrobe, _| {
            let mine = Client { id: "mine".into(), ..find(wardrobe, ROOT).clone() };
            wardrobe.clients.push(mine);
        }),
        house.configuration(|wardrobe, _| find(wardrobe, EDITOR).scopes.push("admin:keys:write".into())),
        house.configuration(|wardrobe, _| find(wardrobe, MACHINE_CLIENT).scopes.push("admin:users:write".into())),
        house.configuration(|wardrobe, _| find(wardrobe, ROOT).secrets.clear()),
        house.configuration(|wardrobe, _| find(wardrobe, CLERK).disabled = true),
    ] {
        put(&editor, Some(&tag), &wanted).await.is_problem(403, "beyond_actor");
    }
    assert!(house.audit("configuration_applied").await.is_empty());
    assert_eq!(put(&editor, Some(&tag), &harmless).await.status, 200);

    // A token's scopes count, not the client's: root with less is less.
    let less = Caller::new(&house, ROOT, "admin:configuration:write").await;
    let wanted = house.configuration(|wardrobe, _| find(wardrobe, CLERK).disabled = true);
    put(&less, Some("*"), &wanted).await.is_problem(403, "beyond_actor");
}

/// ADM-008: the last who may write the configuration stays.
#[tokio::test]
async fn adm_008_nobody_locks_everybody_out() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let tag = root.get("/configuration").await.header("etag").to_owned();
    for wanted in [
        house.configuration(|wardrobe, _| {
            wardrobe.clients.retain(|client| ![ROOT, EDITOR].contains(&client.id.as_str()))
        }),
        house.configuration(|wardrobe, _| drop(wardrobe.apis.pop())),
        house.configuration(|wardrobe, _| "renamed".clone_into(&mut wardrobe.id)),
    ] {
        put(&root, Some(&tag), &wanted).await.is_problem(409, "last_admin");
    }
    assert!(house.audit("configuration_applied").await.is_empty());
}

/// ADM-005: secrets are written and never read.
#[tokio::test]
async fn adm_005_no_answer_holds_a_secret() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    house.link(&Ask::wear()).await;
    let digest = sayso_token::digest::Digest::of(sayso_testkit::tutorials::CLIENT_SECRET.as_bytes()).base64url();
    let read = root.get("/configuration").await;
    assert_eq!(read.json()["configuration"]["authorities"][0]["clients"][0]["secrets"], 1);
    let changed = house.configuration(|wardrobe, _| find(wardrobe, WEAR_CLIENT).secrets.clear());
    let plan =
        root.send_as(Method::POST, "/configuration/plan", (None, TOML), serde_json::to_string(&changed).unwrap()).await;
    assert!(plan.body.contains("\"secret\":true"), "{}", plan.body);
    for answer in [
        &read,
        &plan,
        &root.get("/users").await,
        &root.get("/grants").await,
        &root.get("/keys").await,
        &root.get("/audit?limit=200").await,
    ] {
        for secret in
            [digest.as_str(), sayso_testkit::tutorials::CLIENT_SECRET, "argon2", PASSWORD, "sealed", "PRIVATE"]
        {
            assert!(!answer.body.contains(secret), "{secret}: {}", answer.body);
        }
    }
    // The file that can be taken back has digests, and needs the right to replace it.
    let file = root.get("/configuration/file").await;
    assert!(file.body.contains(&digest) && !file.body.contains(sayso_testkit::tutorials::CLIENT_SECRET));
    let reader = Caller::new(&house, ROOT, "admin:configuration:read").await;
    reader.get("/configuration/file").await.is_problem(403, "admin_scope");
    let shown: Value = reader.get("/configuration").await.json();
    assert!(!shown.to_string().contains(&digest));
}
