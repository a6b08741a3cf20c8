use proptest::prelude::*;

use super::*;
use crate::testing::{ada, authority, now};

fn schema() -> Vec<Attribute> {
    let attribute = |name: &str, self_editable, max_chars| Attribute {
        name: name.to_owned(),
        label: name.to_owned(),
        self_editable,
        max_chars,
    };
    vec![attribute("favoriteColor", true, 10), attribute("firstName", true, 40), attribute("role", false, 40)]
}

fn edit(edits: &[(&str, &str)]) -> Decision<BTreeMap<String, String>, Refused> {
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
        assert_eq!(profile.get("favoriteColor").map(String::as_str), stored, "{value:?}");
        assert_eq!(profile["firstName"], "Ada");
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
    let name = |attribute: &str| attribute.to_owned();
    let cases = [
        (("role", "admin"), Refused::NotEditable { attribute: name("role") }),
        (("role", ""), Refused::NotEditable { attribute: name("role") }),
        (("nope", "x"), Refused::NotEditable { attribute: name("nope") }),
        (("FavoriteColor", "x"), Refused::NotEditable { attribute: name("FavoriteColor") }),
        (("", "x"), Refused::NotEditable { attribute: name("") }),
        (("firstName", "a\nb"), Refused::ControlCharacter { attribute: name("firstName") }),
        (("firstName", "a\0b"), Refused::ControlCharacter { attribute: name("firstName") }),
        (("firstName", "a\u{85}b"), Refused::ControlCharacter { attribute: name("firstName") }),
        (("favoriteColor", "eleven char"), Refused::TooLong { attribute: name("favoriteColor"), max_chars: 10 }),
        (("favoriteColor", "äöüäöüäöüäö"), Refused::TooLong { attribute: name("favoriteColor"), max_chars: 10 }),
    ];
    for (edited, refused) in cases {
        let decision = edit(&[("favoriteColor", "plum"), edited]);
        assert_eq!(decision.reply.unwrap_err(), refused, "{edited:?}");
        assert!(decision.changes.is_empty() && decision.audit.is_empty());
    }
}

proptest! {
    #[test]
    fn what_is_kept_is_within_the_schema(name in "favoriteColor|firstName|role|x", value: String) {
        if let Ok(profile) = edit(&[(&name, &value)]).reply {
            prop_assert!(profile.get("favoriteColor").is_none_or(|value| value.chars().count() <= 10));
            prop_assert!(profile.values().all(|value| !value.is_empty() && !value.chars().any(char::is_control)));
            prop_assert!(!profile.contains_key("role") && !profile.contains_key("x"));
        }
    }
}
