use proptest::prelude::*;

use super::*;
use crate::record::attribute::Kind;
use crate::testing::{ada, authority, now};

fn schema() -> Vec<Attribute> {
    let age = Attribute { kind: Kind::Integer, ..Attribute::text("age", true, 40) };
    let likes = Attribute { kind: Kind::List, ..Attribute::text("likes", true, 10) };
    let mut secret = Attribute::text("secret", false, 40);
    secret.access.admin_writes = false;
    let texts = [("favoriteColor", true, 10), ("firstName", true, 40), ("role", false, 40)];
    let texts = texts.map(|(name, self_editable, max_chars)| Attribute::text(name, self_editable, max_chars));
    [texts.to_vec(), vec![age, likes, secret]].concat()
}

fn edit(edits: &[(&str, &str)]) -> Decision<Profile, Refused> {
    let edits = edits.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    edit_profile(&authority(), &schema(), &ada(), &edits, now())
}

#[test]
fn an_edit_replaces_what_it_names_and_keeps_the_rest() {
    let cases = [
        ("plum", Some("plum")),
        ("  plum ", Some("plum")),
        ("ünïcödé 🟣", Some("ünïcödé 🟣")),
        ("ten chars!", Some("ten chars!")),
        ("<b>&\"'", Some("<b>&\"'")),
        ("", None),
        ("   ", None),
    ];
    for (value, stored) in cases {
        let decision = edit(&[("favoriteColor", value)]);
        let profile = decision.reply.unwrap();
        assert_eq!(profile.get("favoriteColor").and_then(AttributeValue::as_text), stored, "{value:?}");
        assert_eq!(profile["firstName"], "Ada".into());
        let [Change::SetAttributes { user, from_version, attributes, at }] = &decision.changes[..] else {
            panic!("{:?}", decision.changes)
        };
        assert_eq!((user, *from_version, attributes, *at), (&ada().id, 3, &profile, now()));
        let event = format!("{:?}", decision.audit);
        assert!(event.contains("favoriteColor") && (value.trim().is_empty() || !event.contains(value)), "{event}");
    }
}

#[test]
fn the_audit_names_what_changed_and_only_that() {
    let decision = edit(&[("favoriteColor", "plum"), ("firstName", "Ada")]);
    assert_eq!(decision.audit[0].details["attributes"], serde_json::json!(["favoriteColor"]));
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    for edits in [&[][..], &[("favoriteColor", "teal")], &[("favoriteColor", " teal ")]] {
        let decision = edit(edits);
        assert_eq!(decision.reply.unwrap(), ada().attributes);
        assert!(decision.changes.is_empty() && decision.audit.is_empty());
    }
}

#[test]
fn what_may_not_be_edited_refuses_the_whole_edit() {
    let no = Problem::NotEditable;
    let misfit = Problem::Misfit;
    let cases = [
        (("role", "admin"), no),
        (("role", ""), no),
        (("nope", "x"), no),
        (("FavoriteColor", "x"), no),
        (("", "x"), no),
        (("firstName", "a\nb"), misfit(Misfit::ControlCharacter)),
        (("firstName", "a\0b"), misfit(Misfit::ControlCharacter)),
        (("firstName", "a\u{85}b"), misfit(Misfit::ControlCharacter)),
        (("firstName", &"x".repeat(41)), misfit(Misfit::TooLong(40))),
        (("age", "old"), misfit(Misfit::NotANumber)),
        (("likes", "tea\neleven char"), misfit(Misfit::TooLong(10))),
    ];
    for (edited, refused) in cases {
        let decision = edit(&[("favoriteColor", "plum"), edited]);
        assert_eq!(decision.reply.unwrap_err().problems, [(edited.0.to_owned(), refused)], "{edited:?}");
        assert!(decision.changes.is_empty() && decision.audit.is_empty());
    }
}

#[test]
fn all_that_does_not_fit_is_told_at_once() {
    let refused = edit(&[("age", "old"), ("role", "x"), ("favoriteColor", "plum")]).reply.unwrap_err();
    assert_eq!(refused.problems.len(), 2);
    assert_eq!(refused.of("age"), Some(Problem::Misfit(Misfit::NotANumber)));
    assert_eq!((refused.of("role"), refused.of("favoriteColor")), (Some(Problem::NotEditable), None));
}

#[test]
fn each_kind_is_kept_as_what_it_is() {
    let profile = edit(&[("age", " 42 "), ("likes", "tea\r\n\r\n rain ")]).reply.unwrap();
    assert_eq!((&profile["age"], &profile["likes"]), (&42.into(), &vec!["tea".to_owned(), "rain".to_owned()].into()));
}

/// A schema that came later is no reason to refuse an edit of something else.
#[test]
fn what_does_not_fit_any_more_stays_until_it_is_touched() {
    let mut ada = ada();
    ada.attributes.insert("age".to_owned(), "unknown".into());
    ada.attributes.insert("likes".to_owned(), vec!["much too long for it".to_owned(), "tea".to_owned()].into());
    let edits = [("age", "unknown"), ("likes", "much too long for it\r\ntea"), ("favoriteColor", "plum")];
    let edits = edits.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let profile = edit_profile(&authority(), &schema(), &ada, &edits, now()).reply.unwrap();
    assert_eq!((&profile["age"], &profile["favoriteColor"]), (&"unknown".into(), &"plum".into()));
}

#[test]
fn an_administrator_writes_what_people_may_not() {
    let set = |values: &[(&str, Option<AttributeValue>)]| {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        set_profile(&schema(), &ada(), &values, now())
    };
    let decision = set(&[("role", Some("staff".into())), ("age", Some(42.into())), ("favoriteColor", None)]);
    let profile = decision.reply.unwrap();
    assert_eq!((&profile["role"], &profile["age"], profile.get("favoriteColor")), (&"staff".into(), &42.into(), None));
    assert_eq!((decision.changes.len(), decision.audit[0].kind), (1, "profile_set"));
    for (name, value, expected) in [
        ("secret", "x".into(), Problem::NotEditable),
        ("nope", "x".into(), Problem::NotEditable),
        ("age", "42".into(), Problem::Misfit(Misfit::OtherKind)),
        ("role", AttributeValue::from(true), Problem::Misfit(Misfit::OtherKind)),
    ] {
        assert_eq!(set(&[(name, Some(value))]).reply.unwrap_err().of(name), Some(expected), "{name}");
    }
}

proptest! {
    #[test]
    fn what_is_kept_is_within_the_schema(name in "favoriteColor|firstName|role|x", value: String) {
        if let Ok(profile) = edit(&[(&name, &value)]).reply {
            let texts = profile.values().filter_map(AttributeValue::as_text);
            prop_assert!(texts.clone().all(|text| !text.is_empty() && !text.chars().any(char::is_control)));
            let color = profile.get("favoriteColor").and_then(AttributeValue::as_text);
            prop_assert!(color.is_none_or(|color| color.chars().count() <= 10));
            prop_assert!(!profile.contains_key("role") && !profile.contains_key("x"));
        }
    }
}
