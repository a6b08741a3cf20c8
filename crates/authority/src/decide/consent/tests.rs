mod remembered;

use sayso_token::encoding::from_base64url;
use url::Url;

use super::*;
use crate::decide::authorize::Target;
use crate::record::authority::Authority;
use crate::record::terms::Terms;
use crate::testing::{CHALLENGE, ISSUER, LAYLA, ada, at, authority, now, seconds_later, session};
use crate::wire::answer::ResponseMode;

fn wish(authority: &Authority) -> Wish<'_> {
    Wish {
        target: Target {
            authority,
            client: authority.client("alexa").unwrap(),
            redirect_uri: LAYLA.to_owned(),
            state: Some("a b&c".to_owned()),
            mode: ResponseMode::Query,
        },
        api: &authority.apis[0],
        scopes: vec!["read:whattowear".to_owned()],
        code_challenge: Some(CHALLENGE.to_owned()),
        nonce: Some("n".to_owned()),
        terms: Terms::default(),
        pushed: None,
    }
}

fn decide(choice: Choice, seed: u64) -> Decision<ClientAnswer, AnsweredBefore> {
    let (authority, session, user) = (authority(), session(30), ada());
    let request = Consent {
        wish: &wish(&authority),
        signed_in: SignedIn { session: &session, user: &user, grants: &[] },
        choice,
        form: Digest::of(b"form"),
        form_expires_at: seconds_later(600),
        answered_before: false,
    };
    at(now(), seed, |ambient| consent(&request, ambient))
}

fn parameters(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[track_caller]
fn assert_spends_form(change: &Change) {
    let Change::SpendOnce { kind, value, expires_at } = change else { panic!("{change:?}") };
    assert_eq!((*kind, *value, *expires_at), ("consent form", Digest::of(b"form"), seconds_later(600)));
}

#[test]
fn allowing_sends_a_code_that_is_remembered_by_digest() {
    let decision = decide(Choice::Allow, 1);
    let url = decision.reply.unwrap().url();
    assert!(url.starts_with(&format!("{LAYLA}?code=sac_")));
    let parameters = parameters(&url);
    let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!((parameters[1].1.as_str(), parameters[2].1.as_str()), ("a b&c", ISSUER));
    let value = &parameters[0].1;
    assert_eq!(from_base64url(value.strip_prefix("sac_").unwrap()).unwrap().len(), 32, "256 bits");
    let [spend, Change::AddCode(code)] = &decision.changes[..] else { panic!("{:?}", decision.changes) };
    assert_spends_form(spend);
    assert_eq!(code.digest, Digest::of(value.as_bytes()));
    assert_eq!((code.authority.as_str(), code.client.as_str(), &code.user), ("wear", "alexa", &ada().id));
    assert_eq!((code.redirect_uri.as_str(), code.scopes.join(" ").as_str()), (LAYLA, "read:whattowear"));
    assert_eq!((code.code_challenge.as_deref(), code.nonce.as_deref()), (Some(CHALLENGE), Some("n")));
    assert_eq!((code.signed_in_at, code.expires_at), (seconds_later(-30), seconds_later(60)));
    assert_eq!((code.wrong_proofs, code.spent_at, &code.grant), (0, None, &None));
    let [event] = &decision.audit[..] else { panic!("one event") };
    assert_eq!((event.kind, event.user.as_deref()), ("consent_given", Some("usr_ada")));
    assert!(!format!("{event:?} {:?}", decision.changes).contains(value), "the code is in the URL only");
}

#[test]
fn denying_sends_an_error_and_no_code() {
    let decision = decide(Choice::Deny, 1);
    let parameters = parameters(&decision.reply.unwrap().url());
    assert_eq!(parameters[0], ("error".to_owned(), "access_denied".to_owned()));
    assert_eq!(parameters.last().unwrap(), &("iss".to_owned(), ISSUER.to_owned()));
    assert!(parameters.iter().any(|pair| *pair == ("state".to_owned(), "a b&c".to_owned())));
    let [spend] = &decision.changes[..] else { panic!("{:?}", decision.changes) };
    assert_spends_form(spend);
    assert_eq!(decision.audit[0].kind, "consent_denied");
}

#[test]
fn every_code_is_another() {
    let codes: std::collections::HashSet<_> =
        (0..1000).map(|seed| decide(Choice::Allow, seed).reply.unwrap().url()).collect();
    assert_eq!(codes.len(), 1000);
}

#[test]
fn a_form_answered_before_changes_nothing() {
    let (authority, session, user) = (authority(), session(30), ada());
    let request = Consent {
        wish: &wish(&authority),
        signed_in: SignedIn { session: &session, user: &user, grants: &[] },
        choice: Choice::Allow,
        form: Digest::of(b"form"),
        form_expires_at: seconds_later(600),
        answered_before: true,
    };
    let decision = at(now(), 1, |ambient| consent(&request, ambient));
    assert_eq!(decision.reply, Err(AnsweredBefore));
    assert!(decision.changes.is_empty() && decision.audit.is_empty());
}
