use super::*;
use crate::testing::{Memory, ada, disabled, grant, now, session};

fn schema() -> Vec<Attribute> {
    vec![Attribute::text("firstName", false, 10), Attribute::text("email", false, 40)]
}

fn edit(attributes: &[(&str, Option<&str>)], disabled: Option<bool>) -> Edit {
    let owned = |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map(AttributeValue::from));
    Edit { attributes: attributes.iter().map(owned).collect(), disabled }
}

#[test]
fn attributes_are_edited_by_the_schema_whoever_may_edit_them() {
    let cases = [
        (&[("firstName", Some("Augusta"))][..], Ok(Some("Augusta"))),
        (&[("firstName", None)], Ok(None)),
        (&[("firstName", Some(""))], Ok(None)),
        (&[], Ok(Some("Ada"))),
        (&[("firstName", Some("Augusta Ada"))], Err("value_too_long")),
        (&[("email", Some("a\nb"))], Err("value_control_character")),
        (&[("is_admin", Some("true"))], Err("attribute_not_editable")),
        (&[("password_hash", Some("x"))], Err("attribute_not_editable")),
    ];
    for (edits, expected) in cases {
        let mut memory = Memory { users: vec![ada()], ..Memory::default() };
        let decision = edit_user(&schema(), (&ada(), &[]), &edit(edits, None), now());
        let reason = decision.reply.as_ref().map_err(Refused::reason);
        memory.carry_out(&decision.changes).unwrap();
        let found = reason.map(|()| memory.users[0].text("firstName"));
        assert_eq!(found, expected, "{edits:?}");
    }
}

#[test]
fn an_edit_writes_and_tells_what_differs_and_nothing_else() {
    let kinds = |user: &User, edit: &Edit| {
        let decision = edit_user(&schema(), (user, &[]), edit, now());
        decision.audit.iter().map(|event| event.kind).collect::<Vec<_>>()
    };
    let name = [("firstName", Some("Augusta"))];
    assert_eq!(kinds(&ada(), &edit(&name, Some(true))), ["profile_set", "user_disabled"]);
    assert_eq!(kinds(&ada(), &edit(&[("firstName", Some("Ada"))], Some(false))), [""; 0]);
    assert_eq!(kinds(&disabled(ada()), &edit(&[], Some(false))), ["user_enabled"]);
    assert_eq!(kinds(&disabled(ada()), &edit(&[], Some(true))), [""; 0]);
}

#[test]
fn a_removed_account_leaves_no_session_and_no_living_link() {
    let mut memory = Memory { users: vec![ada()], grants: vec![grant()], ..Memory::default() };
    memory.sessions.push(session(1));
    let decision = set_password((&ada(), &[]), &Secret::new("$argon2id$new"), now());
    memory.carry_out(&decision.changes).unwrap();
    assert_eq!(memory.user(&ada().id).unwrap().password_hash.expose(), "$argon2id$new");
    assert!(memory.sessions.is_empty() && memory.grants[0].revoked_at.is_none());
    assert!(!format!("{:?}", decision.audit).contains("argon2id"));
    memory.carry_out(&decision.changes).unwrap_err();

    let user = memory.user(&ada().id).unwrap().clone();
    memory.sessions.push(session(1));
    memory.carry_out(&remove_user((&ada(), &[]), now()).changes).unwrap_err();
    memory.carry_out(&remove_user((&user, &[]), now()).changes).unwrap();
    assert!(memory.users.is_empty() && memory.sessions.is_empty());
    assert_eq!(memory.grants[0].revoked_at, Some(now()));
}

/// Back-Channel Logout: whoever ends sessions, clients in them are told.
#[test]
fn what_ends_sessions_tells_their_clients() {
    let known = [JoinedSession { session: session(1), clients: vec!["alexa".to_owned(), "spa".to_owned()] }];
    let (ada, disable) = (ada(), edit(&[], Some(true)));
    for decision in [
        edit_user(&schema(), (&ada, &known), &disable, now()),
        set_password((&ada, &known), &Secret::new("$argon2id$new"), now()),
        remove_user((&ada, &known), now()),
    ] {
        let mut memory = Memory { users: vec![ada.clone()], sessions: vec![session(1)], ..Memory::default() };
        memory.carry_out(&decision.changes).unwrap();
        assert!(memory.sessions.is_empty());
        let told: Vec<&str> = memory.logout_notices.iter().map(|notice| notice.client.as_str()).collect();
        assert_eq!(told, ["alexa", "spa"]);
    }
    let enable = edit_user(&schema(), (&disabled(ada), &known), &edit(&[], Some(false)), now());
    assert!(
        !enable.changes.iter().any(|change| matches!(change, Change::EndSessions { .. } | Change::AddLogoutNotice(_)))
    );
}
