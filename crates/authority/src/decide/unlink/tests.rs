use super::*;
use crate::record::grant::GrantId;
use crate::testing::{ada, at, authority, eve, grant, now, other_authority, seconds_later};

fn decide(authority: &Authority, user: &UserId, grant: Option<&Grant>) -> Decision<(), NotTheirs> {
    let living: Vec<Grant> = grant.cloned().into_iter().collect();
    at(now(), 1, |ambient| unlink(authority, user, (grant, &living), ambient))
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

/// Signed in three times, an app has three links; whoever unlinks it ends what it may do, not the third of it.
#[test]
fn all_links_of_the_app_end_and_no_others() {
    let of = |id: &str, client: &str| Grant { id: GrantId(id.to_owned()), client: client.to_owned(), ..grant() };
    let ended = Grant { revoked_at: Some(seconds_later(-5)), ..of("ended", "alexa") };
    let eves = Grant { user: eve().id, ..of("eves", "alexa") };
    let elsewhere = Grant { authority: other_authority().id, ..of("elsewhere", "alexa") };
    let living = [grant(), of("second", "alexa"), of("other", "display"), ended.clone(), eves, elsewhere];
    for named in [grant(), of("second", "alexa"), ended] {
        let decision = at(now(), 1, |ambient| unlink(&authority(), &ada().id, (Some(&named), &living), ambient));
        assert!(decision.reply.is_ok());
        let ids = decision.changes.iter().map(|change| match change {
            Change::RevokeGrant { grant, .. } => grant.0.clone(),
            other => panic!("{other:?}"),
        });
        assert_eq!(ids.collect::<Vec<_>>(), [grant().id.0, "second".to_owned()]);
        assert_eq!(decision.audit.len(), 2);
    }
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
