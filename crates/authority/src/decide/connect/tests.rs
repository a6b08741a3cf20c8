use super::*;
use crate::decide::sign_in_upstream::ANSWER;
use crate::record::identity::UpstreamIdentity;
use crate::testing::{Memory, ada, authority, corp, eve, now, seconds_later, session};
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;

const ISSUER: &str = "https://login.corp.test";

fn decided(memory: &Memory, subject: &str, user: &User) -> Decision<(), Refused> {
    let connection = corp();
    let identity = UpstreamIdentity {
        issuer: ISSUER.into(),
        subject: subject.into(),
        session: None,
        authenticated_at: None,
        email: None,
        email_verified: false,
        name: Some("x".repeat(500)),
        given_name: None,
        family_name: None,
    };
    let state = Digest::of(format!("state of {subject} for {}", user.username).as_bytes());
    let answer = Answer {
        authority: &authority(),
        connection: &connection,
        identity: &identity,
        state,
        state_expires_at: seconds_later(600),
        answered_before: memory.is_spent(ANSWER, &state),
    };
    let owner = memory.identity(ISSUER, subject).map(|known| known.user.clone());
    let connected = memory.identities.iter().filter(|known| known.user == user.id).count();
    connect(&answer, owner.as_ref(), (&user.id, connected), now())
}

fn people() -> Memory {
    Memory { users: vec![ada(), eve()], ..Memory::default() }
}

#[test]
fn an_account_elsewhere_is_connected_once_and_to_one() {
    let mut memory = people();
    let first = decided(&memory, "1", &ada());
    assert_eq!((first.reply, first.audit[0].kind), (Ok(()), "identity_connected"));
    memory.carry_out(&first.changes).unwrap();
    assert_eq!((&memory.identities[0].user, memory.identities[0].shown_as.len()), (&ada().id, 120));
    assert_eq!(decided(&memory, "1", &ada()).reply, Err(Refused::AnsweredBefore));
    let anothers = decided(&memory, "1", &eve());
    assert_eq!(anothers.reply, Err(Refused::AnothersAlready));
    memory.carry_out(&anothers.changes).unwrap();
    assert_eq!(memory.identities.len(), 1);
    // Nobody collects them.
    let mut memory = people();
    for subject in 0..MOST {
        let changes = decided(&memory, &subject.to_string(), &ada()).changes;
        memory.carry_out(&changes).unwrap();
    }
    assert_eq!(decided(&memory, "one more", &ada()).reply, Err(Refused::Enough));
    assert_eq!(decided(&memory, "one more", &eve()).reply, Ok(()));
    // Two at the same time, who both saw it free: one gets it.
    let memory = people();
    let (a, e) = (decided(&memory, "2", &ada()), decided(&memory, "2", &eve()));
    let mut after = memory.clone();
    after.carry_out(&a.changes).unwrap();
    after.carry_out(&e.changes).unwrap_err();
}

#[test]
fn an_administrator_takes_even_the_last_away() {
    let without = User { password_hash: Secret::new(""), ..ada() };
    let mut memory = Memory { users: vec![without.clone()], sessions: vec![session(60)], ..Memory::default() };
    let changes = decided(&memory, "1", &without).changes;
    memory.carry_out(&changes).unwrap();
    let sessions = [JoinedSession { session: session(60), clients: vec!["alexa".into()] }];
    let decision = disconnect_by_admin::<()>((&without, &sessions), &memory.identities[0], now());
    assert_eq!((decision.reply, decision.audit[0].kind), (Ok(true), "identity_disconnected"));
    memory.carry_out(&decision.changes).unwrap();
    assert!(memory.identities.is_empty() && memory.sessions.is_empty());
    assert_eq!(memory.logout_notices.len(), 1);
}

#[test]
fn one_way_to_sign_in_stays() {
    let without = User { password_hash: Secret::new(""), ..ada() };
    let connected = |user: &User, subjects: &[&str]| {
        let mut memory = Memory { users: vec![user.clone(), eve()], ..Memory::default() };
        for subject in subjects {
            let changes = decided(&memory, subject, user).changes;
            memory.carry_out(&changes).unwrap();
        }
        memory
    };
    let cases = [
        (ada(), &["1"][..], "1", Ok(())),
        (ada(), &["1"], "2", Err(Refused::NotTheirs)),
        (without.clone(), &["1"], "1", Err(Refused::LastWay)),
        (without.clone(), &["1", "2"], "1", Ok(())),
    ];
    for (user, subjects, which, expected) in cases {
        let mut memory = connected(&user, subjects);
        let decision = disconnect(&user, (ISSUER, which), &memory.identities);
        assert_eq!(decision.reply, expected, "{subjects:?}");
        memory.carry_out(&decision.changes).unwrap();
        assert_eq!(memory.identities.len(), subjects.len() - usize::from(expected.is_ok()));
        assert_eq!(decision.audit.len(), usize::from(expected.is_ok()));
    }
    let memory = connected(&ada(), &["1"]);
    assert_eq!(disconnect(&eve(), (ISSUER, "1"), &memory.identities).reply, Err(Refused::NotTheirs));
    // Both of two at the same time: one of them stays.
    let mut memory = connected(&without, &["1", "2"]);
    let both = ["1", "2"].map(|which| disconnect(&without, (ISSUER, which), &memory.identities));
    memory.carry_out(&both[0].changes).unwrap();
    memory.carry_out(&both[1].changes).unwrap_err();
    assert_eq!(memory.identities.len(), 1);
}
