use super::*;
use crate::testing::{ada, at, authority, disabled, eve, now, session};

fn decide(user: Option<&User>, password_fits: bool, previous: Option<Session>) -> Decision<Secret, Refused> {
    let previous = previous.map(|session| JoinedSession { session, clients: vec!["alexa".to_owned()] });
    let authority = authority();
    let request = SignIn { authority: &authority, user, password_fits, previous };
    at(now(), 1, |ambient| finish(&request, ambient))
}

#[test]
fn the_same_work_is_asked_for_whether_the_account_exists_or_not() {
    assert!(begin(None).stored.is_none());
    let ada = ada();
    assert!(begin(Some(&ada)).stored.unwrap().matches(&ada.password_hash));
    let gone = disabled(ada.clone());
    assert!(begin(Some(&gone)).stored.is_some(), "a disabled account takes as long");
}

#[test]
fn a_fitting_password_begins_a_new_session_and_ends_the_old() {
    for previous in [None, Some(session(60))] {
        let digest = previous.as_ref().map(|previous| previous.digest);
        let sid = previous.as_ref().map(|previous| previous.sid.clone());
        let decision = decide(Some(&ada()), true, previous);
        let cookie = decision.reply.unwrap();
        let Change::AddSession(session) = &decision.changes[0] else { panic!("session") };
        assert_eq!(session.digest, Digest::of(cookie.expose().as_bytes()));
        assert_ne!(Some(session.digest), digest);
        assert_eq!(session.sid, sid.unwrap_or_else(|| Session::sid_of(&session.digest)), "clients know it as before");
        assert_eq!((session.authority.as_str(), &session.user), ("wear", &ada().id));
        assert_eq!((session.signed_in_at, session.expires_at), (now(), now() + SESSION_LIFETIME));
        let ended = decision.changes.iter().skip(1).map(|change| match change {
            Change::EndSession { session } => *session,
            other => panic!("{other:?}"),
        });
        assert_eq!(ended.collect::<Vec<_>>(), Vec::from_iter(digest));
        assert_eq!(decision.audit[0].kind, "signed_in");
        assert!(!format!("{:?}{:?}", decision.changes, decision.audit).contains(cookie.expose()));
    }
}

#[test]
fn someone_else_or_another_authority_begins_a_session_of_its_own() {
    let elsewhere = Session { authority: "quiz".into(), ..session(60) };
    let over = Session { expires_at: now(), ..session(60) };
    for (user, previous, ends) in [(eve(), session(60), true), (ada(), elsewhere, false), (ada(), over, true)] {
        let decision = decide(Some(&user), true, Some(previous.clone()));
        let Change::AddSession(begun) = &decision.changes[0] else { panic!("session") };
        assert_eq!(begun.sid, Session::sid_of(&begun.digest));
        assert_eq!(decision.changes.len() > 1, ends);
    }
}

#[test]
fn who_may_not_sign_in_gets_no_session_and_keeps_the_old() {
    let gone = disabled(ada());
    let ada = ada();
    let cases = [
        (None, false, Refused::UnknownUser, "user_unknown"),
        // The dummy hash must never let anyone in.
        (None, true, Refused::UnknownUser, "user_unknown"),
        (Some(&ada), false, Refused::WrongPassword, "password_wrong"),
        (Some(&gone), false, Refused::WrongPassword, "password_wrong"),
        (Some(&gone), true, Refused::Disabled, "user_disabled"),
    ];
    for (user, fits, refused, reason) in cases {
        let decision = decide(user, fits, Some(session(60)));
        assert_eq!(decision.reply.unwrap_err(), refused);
        assert!(decision.changes.is_empty());
        let [event] = &decision.audit[..] else { panic!("one event") };
        assert_eq!((event.kind, event.details["reason"].as_str()), ("sign_in_failed", Some(reason)));
        assert_eq!((event.user.as_deref(), refused.reason()), (user.map(|user| user.id.0.as_str()), reason));
    }
}

#[test]
fn one_account_has_one_name() {
    for (typed, canonical) in
        [("Ada", "ada"), (" ada ", "ada"), ("ADA\n", "ada"), ("ada@A.test", "ada@a.test"), ("ÅSA", "åsa")]
    {
        assert_eq!(User::canonical(typed), canonical);
        assert_eq!(User::canonical(canonical), canonical);
    }
}
