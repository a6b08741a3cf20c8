//! Attacks on the admin API, each with its id.

use std::collections::BTreeSet;

use http::header::{AUTHORIZATION, COOKIE};
use http::{Method, Request};
use serde_json::{Value, json};

use super::*;

/// Every operation of the description: method, path with the names filled in, scope.
async fn operations(house: &House) -> Vec<(Method, String, String)> {
    let described = house.get(&format!("{BASE}/openapi.json")).await;
    assert_eq!(described.status, 200, "{}", described.body);
    let (mut all, mut names) = (Vec::new(), BTreeSet::new());
    for (path, item) in described.json()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path} {method}");
            let filled =
                path.replace("{id}", "x").replace("{user}", "x").replace("{authority}", "wear").replace("{kid}", "x");
            let scopes = operation["security"][0]["admin"].as_array().unwrap();
            assert_eq!(scopes.len(), 1, "{path} {method}: least privilege");
            all.push((method.to_uppercase().parse().unwrap(), filled, scopes[0].as_str().unwrap().to_owned()));
        }
    }
    assert!(all.len() > 15, "{all:?}");
    all
}

async fn knock(house: &House, method: &Method, path: &str, token: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    house.send(request.body(Body::from("{}")).unwrap()).await
}

/// ADM-001: no route without a token of a machine's own with the operation's scope; only the description is open. What is
/// described is enforced.
#[tokio::test]
async fn adm_001_every_route_wants_its_scope() {
    let house = House::with(administered).await;
    let person = house.link(&Ask::wear()).await.access;
    let machine = house
        .post_as(
            MACHINE_CLIENT,
            Side::Wear.token(),
            &[("grant_type", "client_credentials"), ("audience", WEAR_AUDIENCE)],
        )
        .await;
    let machine = machine.json()["access_token"].as_str().unwrap().to_owned();
    let mut scopes = BTreeSet::new();
    for (method, path, scope) in operations(&house).await {
        knock(&house, &method, &path, None).await.is_problem(401, "admin_token_missing");
        for token in [person.as_str(), machine.as_str(), "x", "eyJhbGciOiJub25lIn0.e30."] {
            knock(&house, &method, &path, Some(token)).await.is_problem(401, "admin_token");
        }
        let others: Vec<_> = ADMIN_SCOPES.iter().filter(|other| **other != scope).copied().collect();
        let wrong = Caller::new(&house, ROOT, &others.join(" ")).await;
        let refused = knock(&house, &method, &path, Some(&wrong.token)).await;
        refused.is_problem(403, "admin_scope");
        assert!(refused.header("www-authenticate").contains(&scope), "{path}");
        let right = Caller::new(&house, ROOT, &scope).await;
        let status = knock(&house, &method, &path, Some(&right.token)).await.status.as_u16();
        assert!(![401, 403, 405, 500].contains(&status), "{method} {path}: {status}");
        scopes.insert(scope);
    }
    assert_eq!(scopes.len(), ADMIN_SCOPES.len(), "each scope opens something");
    for path in [
        "/admin",
        "/admin/api",
        BASE,
        "/admin/api/v1/",
        "/admin/api/v1/debug",
        "/admin/api/v2/users",
        "/debug",
        "/metrics",
    ] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
}

/// A person's grant opens nothing, even where a client was registered for admin scopes and the person allowed them.
#[tokio::test]
async fn adm_001_a_persons_token_opens_nothing() {
    let house = House::with(|wardrobe, quiz| {
        administered(wardrobe, quiz);
        find(wardrobe, WEAR_CLIENT).scopes.push("admin:users:read".to_owned());
    })
    .await;
    let ask = Ask::wear().set("scope", "admin:users:read").set("audience", AUDIENCE);
    let linked = house.link(&ask).await;
    assert_eq!(linked.answer["scope"], "admin:users:read");
    knock(&house, &Method::GET, &format!("{BASE}/users"), Some(&linked.access))
        .await
        .is_problem(403, "admin_token_of_a_person");
}

/// ADM-003: unknown and protected fields are refused, and nothing changes.
#[tokio::test]
async fn adm_003_mass_assignment() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let ada = sayso_testkit::records::ada().id.0;
    let at = format!("/users/{ada}");
    let before = root.get(&at).await;
    let tag = before.header("etag");
    for field in [
        "id",
        "tenant",
        "is_admin",
        "password_hash",
        "email_verified",
        "created_at",
        "version",
        "disabled_at",
        "user",
        "__proto__",
    ] {
        let mut body = json!({ "attributes": { "firstName": "Eve" } });
        body[field] = json!("x");
        root.send(Method::PATCH, &at, Some(tag), &body).await.is_problem(400, "body_malformed");
        let mut new = json!({ "username": "eve" });
        new[field] = json!("x");
        root.send(Method::POST, "/users", None, &new).await.is_problem(400, "body_malformed");
        let inside = json!({ "attributes": { field: "x" } });
        root.send(Method::PATCH, &at, Some(tag), &inside).await.is_problem(400, "attribute_not_editable");
    }
    let twice = "{\"disabled\":false,\"disabled\":true}".to_owned();
    root.send_as(Method::PATCH, &at, (Some(tag), "application/json"), twice).await.is_problem(400, "body_malformed");
    assert_eq!(root.get(&at).await.body, before.body);
    assert!(root.get("/users?search=eve").await.json()["users"].as_array().unwrap().is_empty());
}

/// ADM-004: what stands in a parameter is a value, on both databases; cursors are sealed and of one list.
#[tokio::test]
async fn adm_004_sql_in_parameters() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        house.link(&Ask::wear()).await;
        let payloads = [
            "' OR '1'='1",
            "1; DROP TABLE users;--",
            "ada' UNION SELECT password_hash FROM users--",
            "\\'",
            "%27",
            "$1",
            "\u{0}",
        ];
        for payload in payloads {
            for (path, name) in [
                ("/users", "search"),
                ("/users", "cursor"),
                ("/users", "limit"),
                ("/users", "sort"),
                ("/groups", "search"),
                ("/groups", "cursor"),
                ("/grants", "user"),
                ("/grants", "client"),
                ("/grants", "cursor"),
                ("/audit", "kind"),
                ("/audit", "since"),
                ("/audit", "reason"),
                ("/keys", "authority"),
            ] {
                let answer = root.get(&sayso_authority::wire::query::with_parameters(path, &[(name, payload)])).await;
                let found = ["users", "groups", "grants", "events"]
                    .iter()
                    .find_map(|list| answer.json()[list].as_array().map(Vec::len));
                let refused = [400, 404].contains(&answer.status.as_u16());
                assert!(
                    refused || (answer.status == 200 && found == Some(0)),
                    "{path} {name}={payload}: {}",
                    answer.body
                );
                assert!(!answer.body.contains("syntax") && !answer.body.contains("argon2"), "{}", answer.body);
            }
            let encoded = sayso_authority::wire::query::with_parameters("/users/", &[("", payload)]).replace("?=", "");
            assert_eq!(root.get(&encoded).await.status, 404, "{encoded}");
        }
        let next = root.get("/users?limit=1").await.json()["next"].as_str().unwrap().to_owned();
        root.get(&format!("/grants?cursor={next}")).await.is_problem(400, "cursor");
        root.get(&format!("/users?cursor={}x", &next[..next.len() - 1])).await.is_problem(400, "cursor");
        assert_eq!(root.get(&format!("/users?cursor={next}")).await.status, 200);
        assert_eq!(root.get("/users").await.json()["users"].as_array().unwrap().len(), 3);
    }
}

/// ADM-006: no cookie opens anything, and no form of another site reaches a change.
#[tokio::test]
async fn adm_006_cross_site_requests() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for method in [Method::GET, Method::POST] {
        let request = Request::builder().method(method).uri(format!("{BASE}/users")).header(COOKIE, cookies.join("; "));
        let request = request.header("content-type", "text/plain").header("origin", "https://evil.test");
        house
            .send(request.body(Body::from("{\"username\":\"eve\"}")).unwrap())
            .await
            .is_problem(401, "admin_token_missing");
    }
    for media_type in ["text/plain", FORM, "multipart/form-data", ""] {
        let body = json!({ "username": "eve" }).to_string();
        root.send_as(Method::POST, "/users", (None, media_type), body).await.is_problem(415, "media_type");
    }
    let in_query = house.get(&format!("{BASE}/users?access_token={}", root.token)).await;
    in_query.is_problem(401, "admin_token_missing");
    let answer = root.get("/users").await;
    assert!(answer.headers.get("access-control-allow-origin").is_none());
}

/// ADM-009: the audit log can only be read; what stands in names stays in its line.
#[tokio::test]
async fn adm_009_the_audit_log_is_only_read() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let before = house.store.lookups().audit(1000).await.unwrap().len();
    for path in ["/audit", "/audit/lines"] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(root.send(method, path, Some("*"), &json!({})).await.status, 405);
        }
    }
    root.send(Method::DELETE, "/audit/1", Some("*"), &json!({})).await;
    assert_eq!(house.store.lookups().audit(1000).await.unwrap().len(), before);
    let hostile = "eve\u{202e}\u{2028}<script>";
    assert_eq!(root.send(Method::POST, "/users", None, &json!({ "username": hostile })).await.status, 201);
    let lines = root.get("/audit/lines?kind=user_added&limit=1").await.body;
    assert_eq!(lines.lines().count(), 1);
    assert!(!lines.contains(['\u{202e}', '\u{2028}']) && lines.contains("\\u202e"), "{lines}");
    let read: Value = serde_json::from_str(&lines).unwrap();
    assert_eq!(read["details"]["username"], hostile);
}

/// ADM-010: what is switched off is off on the server.
#[tokio::test]
async fn adm_010_switched_off_there_is_no_admin_api() {
    let (on, off) = (House::with(administered).await, House::open().await);
    for (method, path, _) in operations(&on).await {
        let answer = knock(&off, &method, &path, Some("x")).await;
        assert_eq!(answer.status, 404, "{method} {path}");
    }
    assert_eq!(off.get(&format!("{BASE}/openapi.json")).await.status, 404);
    for path in ["/register", "/oauth/register", "/device", "/password/reset", "/signup", "/setup"] {
        let answer = off.post(path, &[("username", "eve"), ("password", PASSWORD)]).await;
        assert!([404, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
    assert!(off.audit("user_added").await.len() <= 3, "no row was written");
}

/// ADM-011: no parameter makes a list tell more, and a person's own pages tell nothing of others.
#[tokio::test]
async fn adm_011_nothing_nested_leaks() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    house.link(&Ask::wear()).await;
    for parameter in ["expand=client", "include=secrets", "fields=*", "embed=user", "depth=9", "with_password=true"] {
        for list in ["/users", "/groups", "/grants", "/audit", "/keys"] {
            root.get(&format!("{list}?{parameter}")).await.is_problem(400, "parameter_unknown");
        }
    }
    let mut ada = house.browser();
    ada.sign_in(Side::Wear, "ada").await;
    for query in ["", "?expand=client", "?user=bob", "?include=secrets"] {
        let page = ada.get(&format!("/account{query}")).await;
        assert_eq!(page.status, 200);
        for other in ["bob", "mallory", "argon2", sayso_testkit::tutorials::CLIENT_SECRET] {
            assert!(!page.body.contains(other), "{other}");
        }
    }
}

/// ISS-004: rights, tokens and objects of one authority are none at another: where the admin API is not designated, a token
/// with all of its scopes opens nothing, and an object is found under its own authority only.
#[tokio::test]
async fn iss_004_one_authority_administers_nothing_of_another() {
    let house = House::with(|wardrobe, quiz| {
        administered(wardrobe, quiz);
        // The same API, scopes and client at the authority that is not designated.
        administered(quiz, wardrobe);
        let clients = std::mem::take(&mut wardrobe.clients);
        let mut seen = BTreeSet::new();
        wardrobe.clients = clients.into_iter().filter(|client| seen.insert(client.id.clone())).collect();
        let apis = std::mem::take(&mut wardrobe.apis);
        let mut seen = BTreeSet::new();
        wardrobe.apis = apis.into_iter().filter(|api| seen.insert(api.audience.clone())).collect();
    })
    .await;
    let form = [("grant_type", "client_credentials"), ("audience", AUDIENCE)];
    let foreign = house.post_as(ROOT, Side::Quiz.token(), &form).await;
    assert_eq!(foreign.status, 200, "{}", foreign.body);
    let foreign = foreign.json()["access_token"].as_str().unwrap().to_owned();
    let before = house.store.lookups().audit(1000).await.unwrap().len();
    for (method, path, _) in operations(&house).await {
        knock(&house, &method, &path, Some(&foreign)).await.is_problem(401, "admin_token");
    }
    // A key of one authority under the other's name, in path and in filter.
    let root = Caller::root(&house).await;
    let listed = root.get("/keys?authority=quiz").await.json();
    let kids: Vec<_> = listed["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert!(!kids.is_empty() && listed["keys"].as_array().unwrap().iter().all(|key| key["authority"] == "quiz"));
    for kid in kids {
        let answer = root.send(Method::POST, &format!("/keys/wear/{kid}/revoke"), None, &json!({})).await;
        answer.is_problem(404, "key_unknown");
    }
    for (path, reason) in [("/keys?authority=nobody", "authority_unknown"), ("/grants/x", "grant_unknown")] {
        root.get(path).await.is_problem(404, reason);
    }
    assert_eq!(house.store.lookups().audit(1000).await.unwrap().len(), before, "nothing has changed");
    assert_eq!(house.get(Side::Quiz.keys()).await.json(), house.get(Side::Quiz.keys()).await.json());
}
