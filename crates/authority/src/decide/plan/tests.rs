use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::record::authority::Authority;
use crate::testing::{authority, client_mut, other_authority};

fn configuration(change: impl FnOnce(&mut Authority)) -> Configuration {
    let mut first = authority();
    change(&mut first);
    Configuration { attributes: Vec::new(), authorities: vec![first, other_authority()] }
}

/// The differences, a line each: action, place, fields.
fn lines(from: &Configuration, to: &Configuration) -> Vec<String> {
    let place = |place: &[Thing]| {
        place.iter().map(|thing| format!("{} {}", thing.kind, thing.name)).collect::<Vec<_>>().join(" / ")
    };
    let line = |one: &Difference| {
        let fields: Vec<_> = one.fields.iter().map(|field| field.name.as_str()).collect();
        format!("{:?} {} [{}]", one.action, place(&one.place), fields.join(", "))
    };
    plan(Some(from), to).iter().map(line).collect()
}

#[test]
fn each_difference_is_told_at_its_thing() {
    let base = configuration(|_| {});
    type Edit = fn(&mut Authority);
    let cases: [(Edit, &[&str]); 9] = [
        (|_| {}, &[]),
        (|one| one.name = "Other".to_owned(), &["Changed authority wear [name]"]),
        (|one| one.key_rotation_days = Some(90), &["Changed authority wear [key_rotation_days]"]),
        (|one| client_mut(one, "spa").disabled = true, &["Changed authority wear / client spa [disabled]"]),
        (|one| client_mut(one, "spa").refresh.idle = None, &["Changed authority wear / client spa [refresh.idle]"]),
        (|one| client_mut(one, "alexa").secrets.clear(), &["Changed authority wear / client alexa [secrets]"]),
        (
            |one| one.apis[0].scopes[0].text = "look".to_owned(),
            &["Changed authority wear / api https://whatshouldiwear / scope read:whattowear [text]"],
        ),
        (|one| one.clients.swap(0, 1), &["Changed authority wear [order of clients]"]),
        (
            |one| "renamed".clone_into(&mut client_mut(one, "machine").id),
            &[
                "Removed authority wear / client machine [id, name, authentication, secrets, redirect_uris, native, \
                 grants, scopes, pkce_required, refresh.rotation, refresh.overlap, refresh.idle, introspects, disabled]",
                "Added authority wear / client renamed [id, name, authentication, secrets, redirect_uris, native, \
                 grants, scopes, pkce_required, refresh.rotation, refresh.overlap, refresh.idle, introspects, disabled]",
            ],
        ),
    ];
    for (edit, expected) in cases {
        let found = lines(&base, &configuration(edit));
        if expected.len() == 2 {
            // Fields that others add to a client are of no concern here.
            let beginnings = found.iter().zip(expected).all(|(found, expected)| found[..40] == expected[..40]);
            assert!(found.len() == 2 && beginnings, "{found:?}");
        } else {
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn against_nothing_all_is_added_and_inner_things_follow() {
    let found = plan(None, &configuration(|_| {}));
    assert!(found.iter().all(|one| one.action == Action::Added || one.place.is_empty()), "{found:?}");
    let kinds =
        |kind: &str| found.iter().filter(|one| one.place.last().is_some_and(|thing| thing.kind == kind)).count();
    assert_eq!((kinds("authority"), kinds("client"), kinds("policy"), kinds("rule")), (2, 10, 2, 2));
}

#[test]
fn of_secrets_it_is_only_told_that_they_changed() {
    let base = configuration(|_| {});
    let changed = configuration(|one| client_mut(one, "alexa").secrets.truncate(1));
    let added = configuration(|one| one.clients.clear());
    for (from, to) in [(&base, &changed), (&changed, &base), (&base, &added), (&added, &base)] {
        let told = serde_json::to_string(&plan(Some(from), to)).unwrap();
        assert!(told.contains(r#"{"name":"secrets","secret":true}"#), "{told}");
        for secret in &authority().clients[0].secrets {
            assert!(!told.contains(&secret.base64url()), "{told}");
        }
    }
}

#[test]
fn values_are_told_as_they_are_kept() {
    let changed = configuration(|one| client_mut(one, "spa").scopes = vec!["openid".to_owned()]);
    let found = plan(Some(&configuration(|_| {})), &changed);
    let field = &found[0].fields[0];
    assert_eq!((field.to.as_ref(), field.from.as_ref().map(Value::is_array)), (Some(&json!(["openid"])), Some(true)));
}

proptest! {
    /// No difference exactly if both are the same.
    #[test]
    fn a_plan_is_empty_exactly_when_nothing_differs(left in edits(), right in edits()) {
        let (from, to) = (configuration(|one| apply(one, &left)), configuration(|one| apply(one, &right)));
        let same = serde_json::to_value(&from).unwrap() == serde_json::to_value(&to).unwrap();
        prop_assert_eq!(plan(Some(&from), &to).is_empty(), same);
        prop_assert!(plan(Some(&from), &from).is_empty());
        prop_assert_eq!(plan(Some(&from), &to).len(), plan(Some(&to), &from).len());
    }
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize)>> {
    proptest::collection::vec((0usize..8, 0usize..4), 0..4)
}

/// Some edits; which of them meets which thing is up to chance.
fn apply(authority: &mut Authority, edits: &[(usize, usize)]) {
    for (edit, at) in edits {
        match edit {
            0 => authority.clients[*at].disabled ^= true,
            1 => authority.clients.rotate_left(*at),
            2 => authority.clients[*at].secrets.clear(),
            3 => authority.default_audience = at.is_multiple_of(2).then(|| "x".to_owned()),
            4 => authority.apis[at % 2].scopes.truncate(*at),
            5 => authority.claims.truncate(*at),
            6 => authority.clients[*at].redirect_uris.push("https://more.test/cb".to_owned()),
            _ => authority.policies[0].rules[0].scopes = crate::record::policy::Covers::Only(vec!["openid".to_owned()]),
        }
    }
}
