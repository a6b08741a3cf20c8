use super::*;
use crate::testing::{ada, at, authority, eve, grant, now, other_authority, seconds_later};

fn decide(authority: &Authority, user: &UserId, grant: Option<&Grant>) -> Decision<(), NotTheirs> {
    at(now(), 1, |ambient| unlink(authority, user, grant, ambient))
}

#[test]
fn a_person_ends_their_own_grant() {
    let decision = decide(&authority(), &ada().id, Some(&grant()));
    assert!(decision.reply.is_ok());
    let [Change::RevokeGrant { grant: ended, at }] = &decision.changes[..] else { panic!("{:?}", decision.changes) };
    assert_eq!((ended, *at), (&grant().id, now()));
    let event = &decision.audit[0];
    assert_eq!((event.kind, event.client.as_deref()), ("unlinked_by_person", Some("alexa")));
}

#[test]
fn ending_it_twice_is_no_fault_and_writes_nothing() {
    let ended = Grant { revoked_at: Some(seconds_later(-5)), ..grant() };
    let decision = decide(&authority(), &ada().id, Some(&ended));
    assert!(decision.reply.is_ok() && decision.changes.is_empty() && decision.audit.is_empty());
}

#[test]
fn the_grants_of_others_are_not_theirs() {
    let ended = Grant { revoked_at: Some(now()), ..grant() };
    let cases = [
        ("another person", authority(), eve().id, Some(grant())),
        ("another person, ended", authority(), eve().id, Some(ended)),
        ("another authority", other_authority(), ada().id, Some(grant())),
        ("not there", authority(), ada().id, None),
    ];
    for (name, authority, user, grant) in cases {
        let decision = decide(&authority, &user, grant.as_ref());
        assert_eq!(decision.reply.unwrap_err(), NotTheirs, "{name}");
        assert!(decision.changes.is_empty() && decision.audit.is_empty(), "{name}");
    }
}

#[test]
fn an_administrator_ends_whosever_grant_it_is_once() {
    let decision = revoke_by_admin(&grant(), now());
    let [Change::RevokeGrant { grant: ended, at }] = &decision.changes[..] else { panic!("{:?}", decision.changes) };
    assert_eq!((ended, *at), (&grant().id, now()));
    assert_eq!(
        (decision.audit[0].kind, decision.audit[0].user.as_deref()),
        ("grant_revoked_by_admin", Some("usr_ada"))
    );
    let ended = Grant { revoked_at: Some(now()), ..grant() };
    let again = revoke_by_admin(&ended, now());
    assert!(again.reply == Ok(true) && again.changes.is_empty() && again.audit.is_empty());
}
