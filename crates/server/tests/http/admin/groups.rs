//! Groups through the admin API, and what the next token says of them.

use http::Method;
use sayso_authority::expression::Expression;
use sayso_authority::record::claim::{Carrier, Claim, Says};
use sayso_authority::record::policy::Rule;
use sayso_authority::record::user::UserId;
use serde_json::{Value, json};

use super::*;
use crate::house::look::claims_of;

const NOTHING: &Value = &Value::Null;

/// Makes a group; where it is.
async fn make(root: &Caller<'_>, name: &str) -> String {
    let made = root.send(Method::POST, "/groups", None, &json!({ "name": name })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.location().unwrap().strip_prefix(BASE).unwrap().to_owned()
}

async fn join(root: &Caller<'_>, group: &str, user: &str) {
    let answer = root.send(Method::PUT, &format!("{group}/members/{user}"), None, NOTHING).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

async fn leave(root: &Caller<'_>, group: &str, user: &str) {
    let answer = root.send(Method::DELETE, &format!("{group}/members/{user}"), None, NOTHING).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

fn ada() -> String {
    sayso_testkit::records::ada().id.0
}

/// The names in a list.
fn names(answer: &Answer, list: &str, name: &str) -> Vec<String> {
    answer.json()[list].as_array().unwrap().iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_group_is_made_renamed_described_and_removed() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let new = json!({ "name": "gold", "description": "who paid" });
        let made = root.send(Method::POST, "/groups", None, &new).await;
        assert_eq!((made.status.as_u16(), &made.json()["description"]), (201, &"who paid".into()), "{}", made.body);
        let at = made.location().unwrap().strip_prefix(BASE).unwrap().to_owned();
        root.send(Method::POST, "/groups", None, &new).await.is_problem(409, "group_name_taken");
        make(&root, "Gold").await;

        let silver = json!({ "name": "silver" });
        root.send(Method::PATCH, &at, None, &silver).await.is_problem(428, "if_match_missing");
        root.send(Method::PATCH, &at, Some("\"other\""), &silver).await.is_problem(412, "changed_meanwhile");
        let tag = made.header("etag");
        root.send(Method::PATCH, &at, Some(tag), &json!({ "name": "Gold" })).await.is_problem(409, "group_name_taken");
        let same = root.send(Method::PATCH, &at, Some(tag), &json!({ "name": "gold" })).await;
        assert_eq!((same.status.as_u16(), same.header("etag")), (200, tag));
        let renamed = root.send(Method::PATCH, &at, Some(tag), &silver).await;
        assert_eq!(
            (&renamed.json()["name"], &renamed.json()["description"], &renamed.json()["id"]),
            (&"silver".into(), &"who paid".into(), &made.json()["id"])
        );
        assert_ne!(renamed.header("etag"), tag);
        assert_eq!(root.get(&at).await.body, renamed.body);
        root.send(Method::DELETE, &at, Some(tag), NOTHING).await.is_problem(412, "changed_meanwhile");
        root.send(Method::DELETE, &at, None, NOTHING).await.is_problem(428, "if_match_missing");
        assert_eq!(root.send(Method::DELETE, &at, Some(renamed.header("etag")), NOTHING).await.status, 204);
        root.get(&at).await.is_problem(404, "group_unknown");
        root.send(Method::DELETE, &at, Some("*"), NOTHING).await.is_problem(404, "group_unknown");
        root.send(Method::PATCH, &at, Some("*"), &silver).await.is_problem(404, "group_unknown");

        // Each change once, by whom and from where; what changed nothing is not told.
        for (kind, times) in [("group_added", 2), ("group_changed", 1), ("group_removed", 1)] {
            let events = house.audit(kind).await;
            assert_eq!(events.len(), times, "{kind}");
            assert!(
                events.iter().all(|event| event.details["by"] == "root" && event.details["address"] == "127.0.0.1")
            );
        }
        assert_eq!(house.audit("group_changed").await[0].details["before"], "gold");
    }
}

#[tokio::test]
async fn of_two_who_change_a_group_one_wins_and_two_never_get_one_name() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let (one, other) = (make(&root, "one").await, make(&root, "other").await);
        let tag = root.get(&one).await.header("etag").to_owned();
        let (red, blue) = (json!({ "description": "red" }), json!({ "description": "blue" }));
        let answers = tokio::join!(
            root.send(Method::PATCH, &one, Some(&tag), &red),
            root.send(Method::PATCH, &one, Some(&tag), &blue)
        );
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        for round in 0..10 {
            let same = json!({ "name": format!("same {round}") });
            let answers = tokio::join!(
                root.send(Method::PATCH, &one, Some("*"), &same),
                root.send(Method::PATCH, &other, Some("*"), &same)
            );
            let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "{} {}", answers.0.body, answers.1.body);
        }
    }
}

#[tokio::test]
async fn members_come_page_by_page_and_are_put_in_and_taken_out() {
    for house in House::on_both_databases_with(administered).await {
        let root = Caller::root(&house).await;
        let (gold, other) = (make(&root, "gold").await, make(&root, "other").await);
        let mut people = Vec::new();
        for number in 0..5 {
            let new = json!({ "username": format!("person{number}") });
            let made = root.send(Method::POST, "/users", None, &new).await.json();
            people.push(made["id"].as_str().unwrap().to_owned());
            join(&root, &gold, &people[number]).await;
        }
        join(&root, &gold, &people[0]).await;
        join(&root, &other, &people[0]).await;
        assert_eq!(house.audit("member_added").await.len(), 6, "who is in it is not put in again");
        let (mut found, mut pages, mut next) = (Vec::new(), 0, String::new());
        loop {
            let page = root.get(&format!("{gold}/members?limit=2{next}")).await;
            found.extend(names(&page, "members", "user"));
            pages += 1;
            let Some(cursor) = page.json()["next"].as_str().map(str::to_owned) else { break };
            root.get(&format!("{other}/members?cursor={cursor}")).await.is_problem(400, "cursor");
            next = format!("&cursor={cursor}");
        }
        found.sort();
        people.sort();
        assert_eq!((found, pages), (people.clone(), 3));
        let first = root.get(&format!("{other}/members")).await.json()["members"][0].clone();
        assert!(first["username"].as_str().unwrap().starts_with("person") && first["since"] == "2026-01-01T00:00:00Z");
        let of_user = format!("/users/{}/groups", first["user"].as_str().unwrap());
        assert_eq!(names(&root.get(&of_user).await, "groups", "name"), ["gold", "other"]);

        leave(&root, &gold, &people[1]).await;
        leave(&root, &gold, &people[1]).await;
        assert_eq!(house.audit("member_removed").await.len(), 1);
        assert_eq!(names(&root.get(&format!("{gold}/members")).await, "members", "user").len(), 4);

        // Whose account is removed is in no group any more, not even as a row.
        let at = format!("/users/{}", people[2]);
        assert_eq!(root.send(Method::DELETE, &at, Some("*"), NOTHING).await.status, 204);
        assert_eq!(names(&root.get(&format!("{gold}/members")).await, "members", "user").len(), 3);
        assert!(house.store.lookups().groups_of(&UserId(people[2].clone())).await.unwrap().is_empty());

        for (method, path, reason) in [
            (Method::GET, format!("/users/{}/groups", people[2]), "user_unknown"),
            (Method::PUT, format!("{gold}/members/{}", people[2]), "user_unknown"),
            (Method::PUT, format!("{gold}/members/%00"), "path_unknown"),
            (Method::DELETE, format!("{gold}/members/nobody"), "user_unknown"),
            (Method::PUT, format!("/groups/none/members/{}", people[0]), "group_unknown"),
            (Method::GET, "/groups/none/members".to_owned(), "group_unknown"),
        ] {
            let answer = if method == Method::GET {
                root.get(&path).await
            } else {
                root.send(method.clone(), &path, None, NOTHING).await
            };
            answer.is_problem(404, reason);
        }
    }
}

#[tokio::test]
async fn what_no_group_can_be_is_told_and_changes_nothing() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let gold = make(&root, "gold").await;
    for (body, reason) in [
        (json!({ "name": "" }), "group_name_invalid"),
        (json!({ "name": " gold" }), "group_name_invalid"),
        (json!({ "name": "a\u{0}" }), "group_name_invalid"),
        (json!({ "name": "x".repeat(81) }), "group_name_invalid"),
        (json!({ "name": "x", "description": "x".repeat(201) }), "group_description_invalid"),
        (json!({ "name": "x", "description": "a\nb" }), "group_description_invalid"),
        (json!({ "name": 7 }), "body_malformed"),
        (json!({ "description": "x" }), "body_malformed"),
        (json!({ "name": "x", "id": "grp_mine" }), "body_malformed"),
        (json!({ "name": "x", "members": [ada()] }), "body_malformed"),
    ] {
        root.send(Method::POST, "/groups", None, &body).await.is_problem(400, reason);
        if body.get("name").is_some() {
            root.send(Method::PATCH, &gold, Some("*"), &body).await.is_problem(400, reason);
        }
    }
    let full: Vec<String> = (0..100).map(|number| format!("group {number:03}")).collect();
    for name in &full {
        join(&root, &make(&root, name).await, &ada()).await;
    }
    root.send(Method::PUT, &format!("{gold}/members/{}", ada()), None, NOTHING)
        .await
        .is_problem(409, "too_many_groups");
    let page = root.get("/groups?search=GROUP&limit=200").await;
    assert_eq!(names(&page, "groups", "name"), full);
}

/// ADM-002: who looks after accounts, or writes the configuration, puts nobody into a group; reading is not writing.
#[tokio::test]
async fn adm_002_no_other_right_changes_groups() {
    let house = House::with(administered).await;
    let root = Caller::root(&house).await;
    let gold = make(&root, "gold").await;
    let others: Vec<_> = ADMIN_SCOPES.iter().filter(|scope| **scope != "admin:groups:write").copied().collect();
    for (client, scopes) in [(CLERK, String::new()), (EDITOR, String::new()), (ROOT, others.join(" "))] {
        let caller = Caller::new(&house, client, &scopes).await;
        for (method, path) in [
            (Method::POST, "/groups".to_owned()),
            (Method::PATCH, gold.clone()),
            (Method::DELETE, gold.clone()),
            (Method::PUT, format!("{gold}/members/{}", ada())),
            (Method::DELETE, format!("{gold}/members/{}", ada())),
        ] {
            caller.send(method, &path, Some("*"), &json!({ "name": "mine" })).await.is_problem(403, "admin_scope");
        }
    }
    let clerk = Caller::new(&house, CLERK, "").await;
    for path in ["/groups", &gold, &format!("{gold}/members"), &format!("/users/{}/groups", ada())] {
        clerk.get(path).await.is_problem(403, "admin_scope");
    }
    assert!(house.audit("member_added").await.is_empty());
}

/// A change of groups counts at the next token: by a rule, and by a claim.
#[tokio::test]
async fn the_next_token_says_what_groups_there_are() {
    for house in House::on_both_databases_with(|wardrobe, quiz| {
        administered(wardrobe, quiz);
        let rules = &mut wardrobe.policies[0].rules;
        rules[0].groups = owned(&["gold"]);
        rules.push(Rule::whatever("machines", &[GrantType::ClientCredentials]));
        let says = |text| Says::Expression(Expression::parse(text).unwrap());
        let claim = |name: &str, text| Claim {
            name: name.into(),
            carriers: vec![Carrier::AccessToken],
            says: says(text),
            scopes: Vec::new(),
            on_request: false,
        };
        wardrobe.claims = vec![claim("teams", "groups"), claim("friend", "'friends' in groups")];
    })
    .await
    {
        let root = Caller::root(&house).await;
        let (gold, friends) = (make(&root, "gold").await, make(&root, "friends").await);
        let ask = Ask::wear();
        let mut browser = house.browser();
        browser.sign_in(Side::Wear, "ada").await;
        browser.get(&ask.path()).await.is_redirected_error(REDIRECT_URI, "access_denied", WEAR);
        join(&root, &gold, &ada()).await;
        let mut linked = house.link(&ask).await;
        let said = |linked: &Linked| {
            let claims = claims_of(&linked.access);
            (claims["teams"].clone(), claims["friend"].clone())
        };
        assert_eq!(said(&linked), (json!(["gold"]), json!(false)));

        join(&root, &friends, &ada()).await;
        linked = Linked::of(&house.refresh(&ask, &linked.refresh).await);
        assert_eq!(said(&linked), (json!(["friends", "gold"]), json!(true)));

        // Renamed: people stay, and what asks for the old name matches nobody.
        let renamed = root.send(Method::PATCH, &friends, Some("*"), &json!({ "name": "pals" })).await;
        assert_eq!(renamed.status, 200, "{}", renamed.body);
        linked = Linked::of(&house.refresh(&ask, &linked.refresh).await);
        assert_eq!(said(&linked), (json!(["gold", "pals"]), json!(false)));
        let (pals, enemies) = (friends, make(&root, "friends").await);
        linked = Linked::of(&house.refresh(&ask, &linked.refresh).await);
        assert_eq!(said(&linked).0, json!(["gold", "pals"]), "the name made again has none of its people");
        join(&root, &enemies, &ada()).await;
        leave(&root, &pals, &ada()).await;
        linked = Linked::of(&house.refresh(&ask, &linked.refresh).await);
        assert_eq!(said(&linked), (json!(["friends", "gold"]), json!(true)));

        // The rule asks for gold: without it, no further token; with it again, the link goes on.
        leave(&root, &gold, &ada()).await;
        house.refresh(&ask, &linked.refresh).await.is_error(400, "invalid_grant");
        join(&root, &gold, &ada()).await;
        linked = Linked::of(&house.refresh(&ask, &linked.refresh).await);
        assert_eq!(root.send(Method::DELETE, &gold, Some("*"), NOTHING).await.status, 204);
        house.refresh(&ask, &linked.refresh).await.is_error(400, "invalid_grant");
        join(&root, &make(&root, "gold").await, &ada()).await;
        house.refresh(&ask, &linked.refresh).await;
    }
}
