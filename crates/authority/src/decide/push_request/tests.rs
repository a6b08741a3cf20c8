use super::*;
use crate::testing::{LAYLA, at, authority, client_mut, now, other_authority, seconds_later};

const GOOD: &str = "response_type=code&redirect_uri=https%3A%2F%2Flayla.amazon.com%2Fapi%2Fskill%2Flink%2FM1\
                    &scope=read%3Awhattowear&state=a%2Bb";

fn push_to(authority: &Authority, body: &str, pending: i64) -> Decision<Secret, Refused> {
    let form = Form::parse(body).unwrap();
    let push = Push { authority, client: authority.client("alexa").unwrap(), form: &form, pending };
    at(now(), 1, |ambient| push_request(&push, ambient))
}

fn pushed() -> (Secret, PushedRequest) {
    let decision = push_to(&authority(), &format!("{GOOD}&client_id=alexa&client_secret=hush"), 0);
    let [Change::AddPushedRequest(request)] = &decision.changes[..] else { panic!("{:?}", decision.changes) };
    (decision.reply.unwrap(), request.clone())
}

#[test]
fn a_pushed_request_is_kept_under_the_digest_of_its_reference() {
    let (reference, request) = pushed();
    assert!(reference.expose().starts_with(REFERENCE_PREFIX));
    assert_eq!(request.digest, Digest::of(reference.expose().as_bytes()));
    assert_eq!((request.authority.as_str(), request.client.as_str()), ("wear", "alexa"));
    assert_eq!((request.pushed_at, request.expires_at), (now(), seconds_later(90)));
    assert!(!request.parameters.contains("hush"), "credentials are no part of it: {}", request.parameters);
}

#[test]
fn what_would_never_be_answered_is_told_at_once() {
    let mut authority = authority();
    client_mut(&mut authority, "alexa").authorization.pushed_only = true;
    let long = format!("{GOOD}&x={}", "y".repeat(MAX_PUSHED_BYTES));
    for (body, reason, error) in [
        (format!("{GOOD}&client_id=spa"), "pushed_for_another_client", "invalid_request"),
        (format!("{GOOD}&client_id=alexa&client_id=alexa"), "parameter_repeated", "invalid_request"),
        (format!("{GOOD}&request_uri=urn:x"), "request_uri", "invalid_request"),
        (format!("{GOOD}&request=e30.e30."), "request_object", "request_not_supported"),
        (format!("{GOOD}&scope=x"), "parameter_repeated", "invalid_request"),
        (GOOD.replace("layla", "evil"), "redirect_uri_unknown", "invalid_request"),
        (GOOD.replace("redirect_uri=", "x="), "redirect_uri_missing", "invalid_request"),
        (GOOD.replace("code", "token"), "response_type", "unsupported_response_type"),
        (GOOD.replace("whattowear", "secrets"), "unknown_scope", "invalid_scope"),
        (format!("{GOOD}&resource=https://nowhere"), "unknown_api", "invalid_target"),
        (format!("{GOOD}&prompt=none+login"), "prompt_none", "invalid_request"),
        (format!("{GOOD}&claims=x"), "claims", "invalid_request"),
        (long, "pushed_request_too_large", "invalid_request"),
    ] {
        let decision = push_to(&authority, &body, 0);
        let refused = decision.reply.unwrap_err();
        assert_eq!((refused.reason(), refused.error().code()), (reason, error), "{body}");
        assert!(!refused.description().is_empty() && decision.changes.is_empty());
    }
    assert!(push_to(&authority, GOOD, MAX_PENDING - 1).reply.is_ok(), "one that must push may");
    assert_eq!(push_to(&authority, GOOD, MAX_PENDING).reply.unwrap_err(), Refused::TooManyPending);
}

/// OID-007: a reference is worth something to its client, at its authority, in time; what stands beside it counts for
/// nothing.
#[test]
fn oid_007_a_reference_means_what_was_pushed_and_nothing_else() {
    let (reference, request) = pushed();
    let sent = |client: &str| AuthorizeRequest {
        client_id: Some(client.to_owned()),
        request_uri: Some(reference.expose().to_owned()),
        scope: Some("openid".to_owned()),
        state: Some("other".to_owned()),
        prompt: Some("none".to_owned()),
        ..AuthorizeRequest::default()
    };
    assert_eq!(named(&sent("alexa")), Some(request.digest));
    for foreign in ["https://evil.test/r", "urn:ietf:params:oauth:request-uri:x", "file:///etc/passwd"] {
        let request = AuthorizeRequest { request_uri: Some(foreign.to_owned()), ..sent("alexa") };
        assert_eq!(named(&request), None, "{foreign}");
    }
    let arrived = |seconds| Progress::arriving(seconds_later(seconds));
    let found = meant(&authority(), &sent("alexa"), Some(&request), arrived(89)).unwrap();
    assert_eq!((found.state.as_deref(), found.scope.as_deref()), (Some("a+b"), Some("read:whattowear")));
    assert_eq!(
        (found.redirect_uri.as_deref(), &found.prompt, found.pushed),
        (Some(LAYLA), &None, Some(request.digest))
    );
    let unknown = PageRefusal::PushedRequestUnknown;
    for (name, authority, client, pushed, seconds) in [
        ("expired", authority(), "alexa", Some(&request), 90),
        ("of another client", authority(), "spa", Some(&request), 0),
        ("of another authority", other_authority(), "alexa", Some(&request), 0),
        ("answered, or never pushed", authority(), "alexa", None, 0),
    ] {
        let refused = meant(&authority, &sent(client), pushed, arrived(seconds)).unwrap_err();
        assert_eq!(refused, unknown, "{name}");
    }
    let nobody = AuthorizeRequest { client_id: None, ..sent("alexa") };
    assert_eq!(meant(&authority(), &nobody, Some(&request), arrived(0)).unwrap_err(), PageRefusal::ClientMissing);
}
