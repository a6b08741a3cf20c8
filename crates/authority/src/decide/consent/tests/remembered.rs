//! When a person is not asked again.

use sayso_token::jwk::JwkSet;
use sayso_token::pairwise::PairwiseKey;
use sayso_token::time::Lifetime;

use super::*;
use crate::decide::authorize::{AuthorizeOutcome, PageRefusal, Progress, Question, Recognition, authorize};
use crate::record::api::ScopeConsent;
use crate::record::grant::Grant;
use crate::testing::{AUDIENCE, OTHER_AUDIENCE, client_mut, eve, grant, other_authority};
use crate::wire::authorize::AuthorizeRequest;

const SCOPE: &str = "read:whattowear";

fn names(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|name| (*name).to_owned()).collect()
}

/// What becomes of a request of `alexa` for these scopes by Ada, who has these grants.
fn asked(authority: &Authority, scopes: &str, grants: &[Grant], more: &str) -> &'static str {
    let (session, user) = (session(30), ada());
    let query = format!(
        "client_id=alexa&response_type=code&redirect_uri={LAYLA}&scope={}&audience={AUDIENCE}{more}",
        scopes.replace(' ', "%20")
    );
    let signed_in = Some(SignedIn { session: &session, user: &user, grants });
    let request = AuthorizeRequest::parse(&query).map_err(PageRefusal::from);
    let by = Recognition { keys: &JwkSet::default(), pairwise: &PairwiseKey::new([7; 32]) };
    let progress = Progress::arriving(now());
    match authorize(authority, &Question { request: &request, progress, signed_in, by, now: now() }) {
        AuthorizeOutcome::Allowed(_) => "allowed",
        AuthorizeOutcome::Consent(_) => "asked",
        AuthorizeOutcome::Redirect { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

/// The grant of the tests allows `read:whattowear` and `openid`.
#[test]
fn what_a_living_link_allows_is_not_asked_again_and_what_was_added_is() {
    let authority = authority();
    let two = [Grant { scopes: names(&["email"]), ..grant() }, grant()];
    for (scopes, grants, expected) in [
        (SCOPE, &[grant()][..], "allowed"),
        ("openid read:whattowear", &[grant()], "allowed"),
        ("openid", &[grant()], "allowed"),
        (SCOPE, &[], "asked"),
        ("openid email", &[grant()], "asked"),
        ("openid email", &two, "allowed"),
    ] {
        assert_eq!(asked(&authority, scopes, grants, ""), expected, "{scopes}");
        assert_eq!(asked(&authority, scopes, grants, "&prompt=consent"), "asked", "{scopes}");
        let silent = if expected == "allowed" { "allowed" } else { "consent_required" };
        assert_eq!(asked(&authority, scopes, grants, "&prompt=none"), silent, "{scopes}");
    }
}

#[test]
fn only_the_same_persons_living_link_to_the_same_client_and_api_counts() {
    let mut authority = authority();
    let idle = Lifetime::from_seconds(60);
    for (name, other) in [
        ("revoked", Grant { revoked_at: Some(now()), ..grant() }),
        ("another client", Grant { client: "spa".to_owned(), ..grant() }),
        ("another person", Grant { user: eve().id, ..grant() }),
        ("another API", Grant { audience: OTHER_AUDIENCE.to_owned(), ..grant() }),
        ("another authority", Grant { authority: other_authority().id, ..grant() }),
    ] {
        assert_eq!(asked(&authority, SCOPE, &[other], ""), "asked", "{name}");
    }
    client_mut(&mut authority, "alexa").refresh.idle = Some(idle);
    assert_eq!(asked(&authority, SCOPE, &[grant()], ""), "asked", "it rested for too long");
    let used = Grant { last_used_at: seconds_later(-60), ..grant() };
    assert_eq!(asked(&authority, SCOPE, &[used], ""), "allowed");
}

#[test]
fn an_implicit_scope_is_not_asked_for() {
    let mut authority = authority();
    authority.apis[0].scopes[0].consent = ScopeConsent::Implicit;
    assert_eq!(asked(&authority, SCOPE, &[], ""), "allowed");
    assert_eq!(asked(&authority, "read:whattowear openid", &[], ""), "asked", "openid is not");
}

/// RFC 8252 section 8.6: a public client may be posed as by anyone.
#[test]
fn a_public_client_and_one_that_asks_always_are_never_answered_for_the_person() {
    let mut authority = authority();
    authority.apis[0].scopes[0].consent = ScopeConsent::Implicit;
    client_mut(&mut authority, "alexa").consent = ConsentMemory::Always;
    assert_eq!(asked(&authority, SCOPE, &[grant()], ""), "asked");
    let public = client_mut(&mut authority, "alexa");
    public.consent = ConsentMemory::Remembered;
    public.authentication = crate::record::client::ClientAuthentication::None;
    assert_eq!(asked(&authority, SCOPE, &[grant()], ""), "asked");
    assert_eq!(asked(&authority, SCOPE, &[grant()], "&prompt=none"), "consent_required");
}

#[test]
fn a_remembered_consent_sends_a_code_like_any_other_and_says_so() {
    let (authority, session, user) = (authority(), session(30), ada());
    let decide = |grants: &[Grant]| {
        let signed_in = SignedIn { session: &session, user: &user, grants };
        at(now(), 1, |ambient| consent_remembered(&wish(&authority), signed_in, ambient))
    };
    let decision = decide(&[grant()]);
    let value = parameters(&decision.reply.unwrap().url()).swap_remove(0).1;
    let [Change::AddCode(code)] = &decision.changes[..] else { panic!("{:?}", decision.changes) };
    assert_eq!((code.digest, code.scopes.join(" ").as_str()), (Digest::of(value.as_bytes()), SCOPE));
    assert_eq!((&code.user, code.expires_at), (&user.id, seconds_later(60)));
    let [event] = &decision.audit[..] else { panic!("one event") };
    assert_eq!((event.kind, event.details["scopes"][0].as_str()), ("consent_remembered", Some(SCOPE)));

    let refused = decide(&[]);
    assert_eq!(refused.reply, Err(MustAsk));
    assert!(refused.changes.is_empty() && refused.audit.is_empty());
}

#[test]
fn a_request_without_scopes_means_the_defaults_of_the_api() {
    let mut authority = authority();
    let allowed = names(&["openid", "read:whattowear", "write:whattowear"]);
    assert_eq!(authority.apis[0].meant_scopes(&allowed), ["read:whattowear", "write:whattowear"]);
    authority.apis[0].scopes[1].default = true;
    assert_eq!(authority.apis[0].meant_scopes(&allowed), ["write:whattowear"]);
    assert!(authority.apis[0].meant_scopes(&names(&["openid", "read:whattowear"])).is_empty());
}
