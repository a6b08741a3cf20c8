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
    let from = |connection: &str, authority: &str, name: &[u8]| {
        let upstream = UpstreamSession { connection: connection.into(), subject: "1".into(), session: None };
        let digest = sayso_token::digest::Digest::of(name);
        let session = Session { digest, authority: authority.into(), upstream: Some(upstream), ..session(60) };
        JoinedSession { session, clients: Vec::new() }
    };
    let by_password = JoinedSession { session: session(60), clients: Vec::new() };
    let sessions = [from("corp", "wear", b"1"), from("other", "wear", b"2"), from("corp", "quiz", b"3"), by_password];
    let spend = Change::SpendOnce { kind: "k", value: sessions[0].session.digest, expires_at: now() };
    let decision = sign_out_by_provider((&authority(), &corp()), &sessions, spend, now());
    assert!(matches!(decision.changes[0], Change::SpendOnce { .. }), "also where no session is left");
    let ended: Vec<_> = decision.changes[1..].iter().map(|change| format!("{change:?}")).collect();
    let expected = Change::EndSession { session: sessions[0].session.digest };
    assert_eq!(ended, [format!("{expected:?}")]);
    assert_eq!(decision.audit.iter().map(|event| event.kind).collect::<Vec<_>>(), ["signed_out_by_provider"]);
}
