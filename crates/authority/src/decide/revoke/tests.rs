use std::sync::Arc;

use super::*;
use crate::decide::identify_token::IssuedAccessToken;
use crate::decide::refresh_token::{mint, recognise};
use crate::record::grant::RefreshChain;
use crate::testing::{AUDIENCE, Memory, Seeded, at, authority, grant, now, other_authority, sealer, seconds_later};

fn refresh(generation: i64) -> Identified {
    let (token, _) = mint("wear", &grant().id, generation, &sealer(), &mut Seeded(1));
    Identified::Refresh(recognise("wear", &token, &sealer()).unwrap())
}

fn access(grant: Option<(crate::record::grant::GrantId, i64)>) -> Identified {
    Identified::Access(Arc::new(IssuedAccessToken {
        claims: serde_json::Map::new(),
        client: "alexa".to_owned(),
        audience: AUDIENCE.to_owned(),
        scopes: Vec::new(),
        expires_at: seconds_later(60),
        grant,
    }))
}

fn decide(authority: &Authority, caller: &str, token: &Identified, grant: Option<&Grant>) -> Decision<(), Refused> {
    at(now(), 1, |ambient| revoke(authority, authority.client(caller).unwrap(), token, grant, ambient))
}

fn linked() -> Grant {
    let (_, live) = mint("wear", &grant().id, 0, &sealer(), &mut Seeded(1));
    Grant { refresh: Some(RefreshChain { generation: 0, live, steps: Vec::new() }), ..grant() }
}

#[test]
fn a_refresh_token_of_any_generation_ends_its_grant() {
    for generation in [0, 3] {
        let decision = decide(&authority(), "alexa", &refresh(generation), Some(&linked()));
        assert_eq!(decision.audit[0].kind, "grant_revoked_by_client");
        let mut memory = Memory { grants: vec![linked()], ..Memory::default() };
        memory.carry_out(&decision.changes).unwrap();
        let ended = memory.grants.remove(0);
        assert_eq!(ended.revoked_at, Some(now()));
        assert!(!carried_by(&(ended.id.clone(), 0), Some(&ended), &authority()), "its access tokens end with it");
    }
}

#[test]
fn an_access_token_ends_those_of_its_epoch_and_the_link_lives() {
    let decision = decide(&authority(), "alexa", &access(Some((grant().id, 0))), Some(&linked()));
    assert_eq!(decision.audit[0].kind, "access_tokens_revoked");
    let mut memory = Memory { grants: vec![linked()], ..Memory::default() };
    memory.carry_out(&decision.changes).unwrap();
    let grant = memory.grants[0].clone();
    assert_eq!((grant.epoch, grant.revoked_at), (1, None));
    let again = decide(&authority(), "alexa", &access(Some((grant.id.clone(), 0))), Some(&grant));
    assert!(again.changes.is_empty() && again.audit.is_empty(), "a dead token ends nothing more");
    memory.carry_out(&decision.changes).unwrap_err();
}

#[test]
fn an_access_token_ends_its_grant_for_who_asks_for_that() {
    let end = |caller: &str, token: &Identified, grant: Option<&Grant>| {
        at(now(), 1, |ambient| end_grant(&authority(), authority().client(caller).unwrap(), token, grant, ambient))
    };
    let shown = access(Some((grant().id, 0)));
    let decision = end("alexa", &shown, Some(&linked()));
    assert_eq!(decision.audit[0].kind, "grant_revoked_by_client");
    let mut memory = Memory { grants: vec![linked()], ..Memory::default() };
    memory.carry_out(&decision.changes).unwrap();
    let ended = memory.grants[0].clone();
    assert_eq!(ended.revoked_at, Some(now()));
    assert!(end("alexa", &shown, Some(&ended)).changes.is_empty(), "twice is fine");
    for (why, token, grant) in [
        ("of an earlier epoch", access(Some((grant().id, 0))), Grant { epoch: 1, ..linked() }),
        ("another client's", shown.clone(), Grant { client: "other".to_owned(), ..linked() }),
        ("another authority's", shown, Grant { authority: "other".to_owned(), ..linked() }),
        ("unknown", Identified::Unknown, linked()),
    ] {
        assert!(end("alexa", &token, Some(&grant)).changes.is_empty(), "{why}");
    }
    assert_eq!(end("alexa", &refresh(0), Some(&linked())).audit[0].kind, "grant_revoked_by_client");
}

/// INT-007: the answer is the same, and nothing happens.
#[test]
fn a_token_of_others_is_answered_and_left_alone() {
    let ended = Grant { revoked_at: Some(seconds_later(-5)), ..linked() };
    let mut foreign = linked();
    foreign.id.0.push('x');
    let (here, there) = (authority(), other_authority());
    let cases = [
        ("another client", &here, "desktop", refresh(0), Some(linked())),
        ("another client's access token", &here, "spa", access(Some((grant().id, 0))), Some(linked())),
        ("another authority", &there, "alexa", refresh(0), Some(linked())),
        ("unknown", &here, "alexa", Identified::Unknown, None),
        ("unknown with a grant", &here, "alexa", Identified::Unknown, Some(linked())),
        ("grant forgotten", &here, "alexa", refresh(0), None),
        ("ended before", &here, "alexa", refresh(0), Some(ended.clone())),
        ("ended before, access token", &here, "alexa", access(Some((grant().id, 0))), Some(ended)),
        ("another grant", &here, "alexa", refresh(0), Some(foreign.clone())),
        ("another grant, access token", &here, "alexa", access(Some((grant().id, 0))), Some(foreign)),
        ("another client's own token", &here, "spa", access(None), None),
    ];
    for (name, authority, caller, token, grant) in cases {
        let decision = decide(authority, caller, &token, grant.as_ref());
        assert!(decision.reply.is_ok() && decision.changes.is_empty() && decision.audit.is_empty(), "{name}");
    }
}

/// RFC 7009 section 2.2.1: 200 would say that it is dead.
#[test]
fn a_clients_own_token_is_not_said_to_be_revoked() {
    let decision = decide(&authority(), "alexa", &access(None), None);
    assert_eq!(decision.reply.unwrap_err().error(), ErrorCode::UnsupportedTokenType);
    assert!(decision.changes.is_empty() && decision.audit.is_empty());
    let later = at(seconds_later(60), 1, |ambient| {
        revoke(&authority(), authority().client("alexa").unwrap(), &access(None), None, ambient)
    });
    assert_eq!(later.reply, Ok(()), "an expired one is dead");
}
