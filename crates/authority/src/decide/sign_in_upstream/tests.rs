use super::*;
use crate::record::attribute::Kind;
use crate::testing::{Memory, ada, at, authority, corp, disabled, eve, now, seconds_later, session};

const ISSUER: &str = "https://login.corp.test";

fn told() -> UpstreamIdentity {
    UpstreamIdentity {
        issuer: ISSUER.into(),
        subject: "248289761001".into(),
        session: Some("s-1".into()),
        authenticated_at: None,
        email: Some("Jane@corp.test".into()),
        email_verified: true,
        name: None,
        given_name: Some("Jane".into()),
        family_name: None,
    }
}

fn schema() -> Vec<Attribute> {
    let verified = Attribute { kind: Kind::Boolean, ..Attribute::text("emailVerified", false, 5) };
    vec![Attribute::text("firstName", true, 4), Attribute::text("email", true, 40), verified]
}

/// What the memory knows of the answer, and what is decided on it.
fn decide(memory: &Memory, connection: &Connection, identity: &UpstreamIdentity) -> Decision<SignedIn, Refused> {
    decide_with(memory, (connection, identity), None)
}

fn decide_with(
    memory: &Memory,
    (connection, identity): (&Connection, &UpstreamIdentity),
    previous: Option<&JoinedSession>,
) -> Decision<SignedIn, Refused> {
    let authority = authority();
    let state = Digest::of(b"state");
    let answer = Answer {
        authority: &authority,
        connection,
        identity,
        state,
        state_expires_at: seconds_later(600),
        answered_before: memory.is_spent(ANSWER, &state),
    };
    let known = memory.identity(&identity.issuer, &identity.subject);
    let username = wanted_username(connection, identity);
    let remembered = Remembered {
        user: known.and_then(|known| memory.user(&known.user)),
        username_taken: memory.users.iter().any(|user| Some(&user.username) == username.as_ref()),
        schema: &schema(),
        previous,
    };
    at(now(), 1, |ambient| sign_in_upstream(&answer, &remembered, ambient))
}

fn with(users: &[User], connected: &[(&User, &UpstreamIdentity)]) -> Memory {
    let mut memory = Memory::default();
    memory.users.extend_from_slice(users);
    for (user, identity) in connected {
        memory.identities.push(Identity {
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            user: user.id.clone(),
            connection: "corp".into(),
            shown_as: "…".into(),
            connected_at: now(),
        });
    }
    memory
}

#[test]
fn who_is_known_is_signed_in_as_themselves() {
    let mut memory = with(&[ada(), eve()], &[(&ada(), &told())]);
    let decision = decide(&memory, &Connection { sign_up: false, ..corp() }, &told());
    let signed_in = decision.reply.unwrap();
    assert_eq!(signed_in.user.id, ada().id);
    assert_eq!(decision.audit.iter().map(|event| event.kind).collect::<Vec<_>>(), ["signed_in"]);
    assert_eq!(decision.audit[0].details["connection"], "corp");
    memory.carry_out(&decision.changes).unwrap();
    let begun = memory.session(&Digest::of(signed_in.cookie.expose().as_bytes())).unwrap();
    let upstream = UpstreamSession { connection: "corp".into(), subject: told().subject, session: Some("s-1".into()) };
    assert_eq!((&begun.user, begun.upstream.as_ref(), begun.signed_in_at), (&ada().id, Some(&upstream), now()));
    assert_eq!((memory.users.len(), memory.identities.len()), (2, 1));
    // The same answer, brought again, is worth nothing.
    assert_eq!(decide(&memory, &corp(), &told()).reply.unwrap_err(), Refused::AnsweredBefore);
    memory.carry_out(&decision.changes).unwrap_err();
}

#[test]
fn when_somebody_signed_in_there_is_when_they_signed_in() {
    for (there, here) in [(None, 0), (Some(-5000), -5000), (Some(60), 0)] {
        let identity = UpstreamIdentity { authenticated_at: there.map(seconds_later), ..told() };
        let decision = decide(&with(&[ada()], &[(&ada(), &identity)]), &corp(), &identity);
        let begun = decision.changes.iter().find_map(|change| match change {
            Change::AddSession(session) => Some(session),
            _ => None,
        });
        let begun = begun.unwrap();
        assert_eq!(
            (begun.signed_in_at, begun.expires_at > seconds_later(3600)),
            (seconds_later(here), true),
            "{there:?}"
        );
    }
}

#[test]
fn the_session_before_ends() {
    let memory = with(&[ada()], &[(&ada(), &told())]);
    let before = JoinedSession { session: session(60), clients: Vec::new() };
    let decision = decide_with(&memory, (&corp(), &told()), Some(&before));
    assert!(
        decision
            .changes
            .iter()
            .any(|change| matches!(change, Change::EndSession { session } if *session == before.session.digest))
    );
}

#[test]
fn who_is_new_gets_an_account_that_says_what_the_provider_told() {
    let mut memory = with(&[ada()], &[]);
    let decision = decide(&memory, &corp(), &told());
    let made = decision.reply.unwrap().user;
    memory.carry_out(&decision.changes).unwrap();
    assert_eq!(memory.identity(ISSUER, "248289761001").unwrap().user, made.id);
    assert_eq!(memory.identities[0].shown_as, "Jane@corp.test");
    let kept = memory.user(&made.id).unwrap();
    assert!(!kept.has_password() && made.id.0.starts_with("usr_"));
    let attributes: Vec<_> = kept.attributes.iter().map(|(name, value)| (name.as_str(), value.typed())).collect();
    assert_eq!(
        attributes,
        [("email", "Jane@corp.test".into()), ("emailVerified", "true".into()), ("firstName", "Jane".into())]
    );
    let kinds: Vec<_> = decision.audit.iter().map(|event| (event.kind, event.authority.as_str())).collect();
    assert_eq!(kinds, [("user_added", ""), ("signed_in", "wear")]);
    // What the schema does not take is left out, and nobody is kept outside for it.
    let long = UpstreamIdentity { given_name: Some("Maximilian".into()), ..told() };
    let made = decide(&Memory::default(), &corp(), &long).reply.unwrap().user;
    assert!(!made.attributes.contains_key("firstName"));
}

#[test]
fn a_username_is_an_address_only_where_the_provider_speaks_for_its_domain() {
    let only = Connection { email_domains: vec!["corp.test".into()], ..corp() };
    let unverified = UpstreamIdentity { email_verified: false, ..told() };
    assert_eq!(wanted_username(&only, &told()).as_deref(), Some("jane@corp.test"));
    assert_eq!(wanted_username(&only, &unverified), None);
    assert_eq!(wanted_username(&corp(), &told()), None);
    let made = decide(&Memory::default(), &corp(), &told()).reply.unwrap().user.username;
    assert!(made.starts_with("corp:") && made.len() == 25 && made == User::canonical(&made), "{made}");
}

#[test]
fn oid_010_an_address_that_is_the_same_links_nobody() {
    let mut alice = ada();
    alice.username = "jane@corp.test".into();
    alice.attributes.insert("email".into(), "jane@corp.test".into());
    let only = Connection { email_domains: vec!["corp.test".into()], ..corp() };
    for (connection, verified) in [(corp(), false), (corp(), true), (only.clone(), false), (only.clone(), true)] {
        let mut memory = with(&[alice.clone()], &[]);
        let decision = decide(&memory, &connection, &UpstreamIdentity { email_verified: verified, ..told() });
        memory.carry_out(&decision.changes).unwrap();
        match decision.reply {
            // The username would be hers: nobody comes in.
            Err(refused) => {
                assert_eq!((refused, verified && !connection.email_domains.is_empty()), (Refused::UsernameTaken, true))
            }
            Ok(signed_in) => assert_ne!(signed_in.user.id, alice.id),
        }
        assert!(memory.identities.iter().all(|identity| identity.user != alice.id));
        assert!(memory.sessions.iter().all(|session| session.user != alice.id));
    }
    // Nor does an unverified address stand in the new profile, from where it would get into tokens.
    let made =
        decide(&Memory::default(), &corp(), &UpstreamIdentity { email_verified: false, ..told() }).reply.unwrap().user;
    assert!(!made.attributes.contains_key("email") && !made.attributes.contains_key("emailVerified"));
}

#[test]
fn oid_010_a_subject_is_nobody_at_another_provider() {
    let elsewhere = UpstreamIdentity { issuer: "https://evil.test".into(), ..told() };
    let memory = with(&[ada()], &[(&ada(), &told())]);
    let closed = Connection { issuer: "https://evil.test".into(), sign_up: false, ..corp() };
    assert_eq!(decide(&memory, &closed, &elsewhere).reply.unwrap_err(), Refused::NotConnected);
    let open = Connection { sign_up: true, ..closed };
    assert_ne!(decide(&memory, &open, &elsewhere).reply.unwrap().user.id, ada().id);
}

#[test]
fn who_may_not_come_in_gets_no_session() {
    let gone = disabled(ada());
    let closed = Connection { sign_up: false, ..corp() };
    let cases = [
        (with(std::slice::from_ref(&gone), &[(&gone, &told())]), corp(), Refused::Disabled, "user_disabled"),
        (with(&[ada()], &[]), closed.clone(), Refused::NotConnected, "upstream_not_connected"),
        // Its owner was removed: whoever comes is nobody again.
        (with(&[], &[(&ada(), &told())]), closed, Refused::NotConnected, "upstream_not_connected"),
    ];
    for (mut memory, connection, refused, reason) in cases {
        let decision = decide(&memory, &connection, &told());
        assert_eq!((decision.reply.unwrap_err(), refused.reason()), (refused, reason));
        assert_eq!((decision.audit[0].kind, &decision.audit[0].details["reason"]), ("sign_in_failed", &reason.into()));
        memory.carry_out(&decision.changes).unwrap();
        assert!(memory.sessions.is_empty() && memory.is_spent(ANSWER, &Digest::of(b"state")));
    }
}
