use super::*;
use crate::record::session::{Session, UpstreamSession};
use crate::testing::{ada, authority, corp, eve, now, session};

fn house() -> Authority {
    let mut authority = authority();
    for client in &mut authority.clients {
        let listens = client.id == "alexa";
        client.logout.backchannel_logout_uri = listens.then(|| "https://app.test/logout".to_owned());
    }
    authority
}

fn joined(session: Session, clients: &[&str]) -> JoinedSession {
    JoinedSession { session, clients: clients.iter().map(|id| (*id).to_owned()).collect() }
}

fn told(changes: &[Change]) -> Vec<(&str, &str)> {
    let notice = |change: &Change| matches!(change, Change::AddLogoutNotice(_));
    let told = changes.iter().filter(|change| notice(change)).map(|change| match change {
        Change::AddLogoutNotice(notice) => (notice.client.as_str(), notice.sid.as_str()),
        _ => ("", ""),
    });
    told.collect()
}

#[test]
fn clients_that_want_to_know_are_told_of_the_session_they_were_in() {
    let ended = joined(session(5), &["alexa", "spa", "gone"]);
    let decision = sign_out(&house(), &ended, now());
    assert!(matches!(decision.changes[0], Change::EndSession { session } if session == ended.session.digest));
    assert_eq!(told(&decision.changes), [("alexa", ended.session.sid.as_str())]);
    let [event] = &decision.audit[..] else { panic!("one event") };
    assert_eq!((event.kind, event.user.as_deref()), ("signed_out", Some("usr_ada")));
    let notices = decision.reply.unwrap_or_default();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].attempts, notices[0].due_at), (0, now()));
    let alone = sign_out(&house(), &joined(session(5), &[]), now());
    assert_eq!((alone.changes.len(), alone.reply.unwrap_or_default().len()), (1, 0));
}

#[test]
fn everywhere_is_every_session_of_that_person_and_no_other() {
    let other = Session { authority: "quiz".into(), sid: "q".into(), ..session(9) };
    let eves = Session { user: eve().id, ..session(9) };
    let all = [joined(session(5), &["alexa"]), joined(other, &["game"]), joined(eves, &["alexa"])];
    let decision = sign_out_everywhere(&ada().id, &all, now());
    let ended = decision.changes.iter().filter(|change| matches!(change, Change::EndSession { .. })).count();
    assert_eq!((ended, told(&decision.changes).len()), (2, 2));
    assert_eq!(told(&decision.changes)[1], ("game", "q"));
    assert_eq!(decision.audit[0].kind, "signed_out_everywhere");
}

#[test]
fn signing_in_anew_goes_on_with_the_session_unless_it_is_someone_else() {
    let before = joined(session(5), &["alexa"]);
    for (by, expected) in [(ada().id, 0), (eve().id, 1)] {
        let changes = replaced(&house(), &before, &by, now());
        assert!(matches!(changes[0], Change::EndSession { .. }));
        assert_eq!(told(&changes).len(), expected, "{by:?}");
    }
}

#[test]
fn what_a_provider_says_is_over_ends_where_it_began() {
    let from = |connection: &str, authority: &str, (subject, there): (&str, Option<&str>)| {
        let (connection, subject, there) = (connection.into(), subject.into(), there.map(Into::into));
        let upstream = Some(UpstreamSession { connection, subject, session: there });
        let digest = sayso_token::digest::Digest::of(format!("{upstream:?} {authority}").as_bytes());
        joined(Session { digest, authority: authority.into(), upstream, ..session(60) }, &[])
    };
    let sessions = [
        from("corp", "wear", ("jane", Some("s1"))),
        from("corp", "wear", ("jane", Some("s2"))),
        from("corp", "wear", ("jane", None)),
        from("corp", "wear", ("joe", Some("s1"))),
        from("other", "wear", ("jane", Some("s1"))),
        from("corp", "quiz", ("jane", Some("s1"))),
        joined(session(60), &[]),
    ];
    for (subject, named, expected) in [
        (Some("jane"), None, &[0usize, 1, 2][..]),
        (Some("jane"), Some("s1"), &[0, 2]),
        (None, Some("s1"), &[0, 3]),
        (Some("jane"), Some("s9"), &[2]),
        (Some("nobody"), None, &[]),
        (Some("nobody"), Some("s1"), &[]),
    ] {
        let spend = Change::SpendOnce { kind: "k", value: sessions[0].session.digest, expires_at: now() };
        let (value, session) = (sessions[0].session.digest, named.map(Into::into));
        let told = ToldToEnd { subject: subject.map(Into::into), session, spend, value };
        let decision = sign_out_by_provider((&authority(), &corp()), &sessions, (&told, false), now());
        assert!(matches!(decision.changes[0], Change::SpendOnce { .. }), "also where no session is left");
        let ended: Vec<_> = decision.changes[1..].iter().map(|change| format!("{change:?}")).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|at| format!("{:?}", Change::EndSession { session: sessions[*at].session.digest }))
            .collect();
        assert_eq!(ended, expected, "{subject:?} {named:?}");
        assert_eq!(decision.audit.len(), usize::from(!ended.is_empty()), "all are one person's here");
    }
    let (value, subject) = (sessions[0].session.digest, Some("jane".to_owned()));
    let spend = Change::SpendOnce { kind: "k", value, expires_at: now() };
    let told = ToldToEnd { subject, session: None, spend, value };
    let again = sign_out_by_provider((&authority(), &corp()), &sessions, (&told, true), now());
    assert_eq!((again.reply, again.changes.len(), again.audit.len()), (Err(Refused::ToldBefore), 0, 0));
}
