//! Pages, grants, keys and the audit log.

use http::Method;
use serde_json::{Value, json};

use super::*;

/// All entries of a list, page by page, and how many pages there were.
async fn all(root: &Caller<'_>, path: &str, list: &str) -> (Vec<Value>, usize) {
    let (mut found, mut pages, mut next) = (Vec::new(), 0, String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let cursor = if next.is_empty() { String::new() } else { format!("{sign}cursor={next}") };
        let page = root.get(&format!("{path}{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        found.extend(page.json()[list].as_array().unwrap().clone());
        pages += 1;
        match page.json()["next"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => return (found, pages),
        }
    }
}

#[tokio::test]
async fn accounts_come_page_by_page_and_can_be_searched() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        for name in ["paul", "PAULA", "petra", "quentin"] {
            let new = json!({ "username": name, "attributes": { "favoriteColor": "Teal" } });
            assert_eq!(root.send(Method::POST, "/users", None, &new).await.status, 201);
        }
        let names = |found: &[Value]| {
            found.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (found, pages) = all(&root, "/users?limit=2", "users").await;
        assert_eq!(names(&found), ["ada", "bob", "mallory", "paul", "paula", "petra", "quentin"]);
        assert_eq!(pages, 4);
        assert_eq!(names(&all(&root, "/users?search=PAUL", "users").await.0), ["paul", "paula"]);
        assert_eq!(all(&root, "/users?search=teal&limit=1", "users").await.0.len(), 5, "Ada's as well");
        assert!(all(&root, "/users?search=%25", "users").await.0.is_empty(), "a sign of SQL is only a sign");
        for wrong in [
            "limit=0",
            "limit=201",
            "limit=x",
            "limit=-1",
            "cursor=x",
            "sort=username",
            "limit=1&limit=2",
            "search=%zz",
        ] {
            assert_eq!(root.get(&format!("/users?{wrong}")).await.status, 400, "{wrong}");
        }
    }
}

#[tokio::test]
async fn grants_are_listed_by_person_and_client_and_ended() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let linked = house.link(&Ask::wear()).await;
        house.link(&Ask::quiz()).await;
        let (grants, _) = all(&root, "/grants?limit=1", "grants").await;
        assert_eq!(grants.len(), 2);
        let user = grants[0]["user"].as_str().unwrap();
        assert_eq!(all(&root, &format!("/grants?user={user}"), "grants").await.0.len(), 2);
        assert!(all(&root, "/grants?user=nobody", "grants").await.0.is_empty());
        let (found, _) = all(&root, &format!("/grants?client={WEAR_CLIENT}&authority=wear"), "grants").await;
        assert_eq!((found.len(), &found[0]["scopes"]), (1, &json!(["read:whattowear"])));
        assert_eq!(found[0].as_object().unwrap().len(), 9, "nothing of its tokens: {found:?}");

        let at = format!("/grants/{}", found[0]["id"].as_str().unwrap());
        for _ in 0..2 {
            assert_eq!(root.send(Method::DELETE, &at, None, &json!(null)).await.status, 204);
        }
        assert!(root.get(&at).await.json()["revoked_at"].is_string());
        assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
        house.refresh(&Ask::wear(), &linked.refresh).await.is_error(400, "invalid_grant");
        let ended = house.audit("grant_revoked_by_admin").await;
        assert_eq!((ended.len(), &ended[0].details["by"]), (1, &"root".into()));
        root.send(Method::DELETE, "/grants/none", None, &json!(null)).await.is_problem(404, "grant_unknown");
    }
}

/// ADM-008: no key can be rotated or revoked away without another.
#[tokio::test]
async fn adm_008_keys_are_rotated_and_revoked_and_one_always_signs() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let keys = root.get("/keys?authority=wear").await.json();
    let signing: Vec<_> = keys["keys"].as_array().unwrap().iter().filter(|key| key["state"] == "signing").collect();
    assert!(!signing.is_empty() && !keys.to_string().contains("sealed"), "{keys}");
    let rotated = root.send(Method::POST, "/keys/rotate", None, &json!({ "authority": "wear" })).await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    assert!(rotated.json()["keys"].as_array().unwrap().iter().all(|key| key["state"] == "next"));
    for key in &signing {
        let at = format!("/keys/wear/{}/revoke", key["kid"].as_str().unwrap());
        let revoked = root.send(Method::POST, &at, None, &json!(null)).await;
        let found = revoked.json()["keys"].clone();
        assert_eq!((&found[0]["state"], &found[1]["state"]), (&"revoked".into(), &"signing".into()), "{found}");
    }
    assert!(house.server.catch_up().await.unwrap());
    root.get("/keys").await.is_problem(401, "admin_token");
    Caller::root(&house).await.get("/keys").await;
    for (kind, at_least) in [("signing_key_added", 1), ("signing_key_revoked", signing.len())] {
        let by: Vec<_> = house
            .audit(kind)
            .await
            .into_iter()
            .filter(|event| event.details.get("by") == Some(&"root".into()))
            .collect();
        assert!(by.len() >= at_least, "{kind}");
    }
    let again = Caller::root(&house).await;
    for (body, reason) in
        [(json!({ "authority": "none" }), "authority_unknown"), (json!({ "algorithm": "HS256" }), "algorithm_unknown")]
    {
        again.send(Method::POST, "/keys/rotate", None, &body).await.is_problem(404, reason);
    }
    again.send(Method::POST, "/keys/wear/none/revoke", None, &json!(null)).await.is_problem(404, "key_unknown");
}

#[tokio::test]
async fn the_audit_log_is_searched_and_read_out() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let begun = sayso_server::audit::rfc3339(sayso_token::time::Clock::now(&house.clock));
        house.wait(60);
        let after = sayso_server::audit::rfc3339(sayso_token::time::Clock::now(&house.clock));
        house.link(&Ask::wear()).await;
        let login = house.browser().open("/login").await;
        house.browser().log_in(&login, "ada", "wrong").await;
        let kinds = async |query: &str| {
            let (events, _) = all(&root, &format!("/audit?{query}"), "events").await;
            events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let linked = kinds(&format!("client={WEAR_CLIENT}&limit=1")).await;
        assert_eq!(linked, ["account_linked", "consent_given"]);
        assert_eq!(kinds("kind=account_linked&authority=wear").await.len(), 1);
        assert!(kinds("kind=account_linked&authority=quiz").await.is_empty());
        let (events, _) = all(&root, "/audit?kind=account_linked", "events").await;
        let grant = events[0]["grant"].as_str().unwrap();
        assert_eq!(kinds(&format!("grant={grant}")).await, ["account_linked"]);
        assert_eq!(kinds(&format!("since={after}&user={}", events[0]["user"].as_str().unwrap())).await.len(), 3);
        assert!(kinds(&format!("until={begun}&kind=account_linked")).await.is_empty());
        assert_eq!(kinds(&format!("since={begun}&kind=account_linked")).await.len(), 1);
        assert_eq!(root.get("/audit?since=yesterday").await.status, 400);

        // Line by line, as far as `Link` leads.
        let (mut lines, mut path) = (Vec::new(), format!("{BASE}/audit/lines?limit=2"));
        loop {
            let page = root.get(path.strip_prefix(BASE).unwrap()).await;
            assert_eq!(page.header("content-type"), "application/x-ndjson");
            lines.extend(page.body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            match page.header("link").strip_suffix("; rel=\"next\"") {
                Some(link) => path = link.trim_matches(['<', '>']).to_owned(),
                None => break,
            }
        }
        assert_eq!(lines.len(), house.store.lookups().audit(1000).await.unwrap().len());
        let times: Vec<_> = lines.iter().map(|line| line["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|earlier, later| earlier >= later), "{times:?}");
    }
}
