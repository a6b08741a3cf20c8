//! Which requests go where, as tables.

mod people;
mod redirects;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::testing::{
    AUDIENCE, CHALLENGE, ISSUER, LAYLA, OTHER_AUDIENCE, PITANGUI, ada, authority, client_mut, disabled, eve, key, now,
    other_authority, seconds_later, session,
};

/// One parameter; a table's row begins with some.
type Pair<'a> = (&'a str, &'a str);

/// A query of these parameters.
fn query(parameters: &[(&str, &str)]) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

/// The parameters of a good request of `alexa`, with some replaced or added; an empty value takes one away.
fn good_with(changes: &[(&str, &str)]) -> String {
    let mut parameters = vec![
        ("client_id", "alexa"),
        ("redirect_uri", LAYLA),
        ("response_type", "code"),
        ("scope", "read:whattowear"),
        ("state", "s1"),
    ];
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        parameters.push((name, value));
    }
    parameters.retain(|(_, value)| !value.is_empty());
    query(&parameters)
}

/// Whether the session began before the request or for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Arrival,
    AfterLogin,
}

/// Asks as a person who signed in so many seconds ago, or as nobody.
fn ask<'a>(authority: &'a Authority, query: &str, signed_in: Option<i64>, step: Step) -> AuthorizeOutcome<'a> {
    let (session, user) = (session(signed_in.unwrap_or_default()), ada());
    let signed_in = signed_in.map(|_| SignedIn { session: &session, user: &user, grants: &[] });
    let progress = match step {
        Step::Arrival => Progress::arriving(now()),
        Step::AfterLogin => Progress::arriving(now()).with_sign_in(session.digest),
    };
    asked_at(authority, query, signed_in, progress, now())
}

fn asked_at<'a>(
    authority: &'a Authority,
    query: &str,
    signed_in: Option<SignedIn<'_>>,
    progress: Progress,
    now: Timestamp,
) -> AuthorizeOutcome<'a> {
    let keys = JwkSet::new(vec![key().public().clone()]);
    let pairwise = PairwiseKey::new([7; 32]);
    let request = AuthorizeRequest::parse(query).map_err(PageRefusal::from);
    let by = Recognition { keys: &keys, pairwise: &pairwise };
    authorize(authority, &Question { request: &request, progress, signed_in, by, now })
}

fn ask_signed_in<'a>(authority: &'a Authority, query: &str) -> AuthorizeOutcome<'a> {
    ask(authority, query, Some(10), Step::Arrival)
}

#[track_caller]
fn assert_page(authority: &Authority, query: &str, expected: &PageRefusal) {
    for signed_in in [None, Some(10)] {
        let outcome = ask(authority, query, signed_in, Step::Arrival);
        assert_eq!(outcome, AuthorizeOutcome::ErrorPage(expected.clone()), "{query}");
    }
}

/// The parameters of the answer at the redirect URI.
#[track_caller]
fn answered(outcome: &AuthorizeOutcome<'_>) -> (String, Vec<(String, String)>) {
    let AuthorizeOutcome::Redirect { answer, reason } = outcome else { panic!("{outcome:?}") };
    let parameters = Url::parse(&answer.url()).unwrap().query_pairs().into_owned().collect();
    ((*reason).to_owned(), parameters)
}

fn value<'a>(parameters: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    parameters.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
}

#[test]
fn without_a_trusted_client_the_answer_is_a_page() {
    let mut authority = authority();
    client_mut(&mut authority, "spa").disabled = true;
    let evil = "https://evil.test/";
    assert_page(&authority, &good_with(&[("client_id", "")]), &PageRefusal::ClientMissing);
    assert_page(&authority, &good_with(&[("redirect_uri", "")]), &PageRefusal::RedirectUriMissing);
    for id in ["nope", "Alexa", "alexa ", " alexa", "usr_ada"] {
        let query = good_with(&[("client_id", id), ("redirect_uri", evil)]);
        assert_page(&authority, &query, &PageRefusal::ClientUnknown);
    }
    let disabled = good_with(&[("client_id", "spa"), ("redirect_uri", "https://App.Test/Cb?x=1")]);
    assert_page(&authority, &disabled, &PageRefusal::ClientDisabled);
    let none = PageRefusal::RedirectUriUnknown { nearest: None };
    assert_page(&authority, &good_with(&[("client_id", "machine")]), &none);
    assert_page(&authority, "", &PageRefusal::ClientMissing);
}

#[test]
fn what_cannot_be_decoded_is_a_page() {
    let good = good_with(&[]);
    let many = format!("{good}&{}", "a=1&".repeat(65));
    let cases =
        ["state=%00", "state=%0d%0aSet-Cookie:x=1", "state=%09", "state=%ff%fe", "state=%zz", "state=%4", "%ff=1"];
    for bad in cases {
        assert_page(&authority(), &format!("{good}&{bad}"), &PageRefusal::Malformed);
    }
    assert_page(&authority(), &many, &PageRefusal::Malformed);
    let split = good_with(&[("redirect_uri", &format!("{LAYLA}\r\nX: y"))]);
    assert_page(&authority(), &split, &PageRefusal::Malformed);
}

#[test]
fn repeated_parameters_are_answered_where_it_is_safe() {
    let authority = authority();
    for name in ["client_id", "redirect_uri"] {
        for twin in ["x", "", "alexa", "https%3A%2F%2Fevil.test%2F"] {
            for query in [format!("{}&{name}={twin}", good_with(&[])), format!("{name}={twin}&{}", good_with(&[]))] {
                assert_page(&authority, &query, &PageRefusal::Repeated(name));
            }
        }
    }
    let once = [
        "state",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "response_type",
        "nonce",
        "audience",
        "prompt",
        "response_mode",
        "max_age",
        "request",
        "request_uri",
        "claims",
        "id_token_hint",
        "registration",
    ];
    for name in once {
        let outcome = ask_signed_in(&authority, &format!("{}&{name}=a&{name}=b", good_with(&[(name, "")])));
        let (reason, parameters) = answered(&outcome);
        assert_eq!(reason, "parameter_repeated", "{name}");
        assert_eq!(value(&parameters, "error"), ["invalid_request"], "{name}");
    }
}

#[test]
fn reasons_are_stable_and_one_each() {
    let pages = [
        (PageRefusal::ClientDisabled, "client_disabled"),
        (PageRefusal::ClientMissing, "client_id_missing"),
        (PageRefusal::ClientUnknown, "client_unknown"),
        (PageRefusal::Malformed, "request_malformed"),
        (PageRefusal::RedirectUriMissing, "redirect_uri_missing"),
        (PageRefusal::RedirectUriUnknown { nearest: None }, "redirect_uri_unknown"),
        (PageRefusal::Repeated("client_id"), "parameter_repeated"),
    ];
    for (page, reason) in pages {
        assert_eq!(page.reason(), reason);
    }
}

/// Faults of the request itself: the client hears of them whoever sits at the browser.
#[test]
fn faults_of_syntax_travel_to_the_client() {
    let mut authority = authority();
    let challenged = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let long = "a".repeat(44);
    let padded = "a".repeat(42) + "=";
    let cases: Vec<(&str, Vec<Pair<'_>>, &str)> = vec![
        ("response_type_missing", vec![("response_type", "")], "invalid_request"),
        ("response_type", vec![("response_type", "token")], "unsupported_response_type"),
        ("response_type", vec![("response_type", "code token")], "unsupported_response_type"),
        ("response_type", vec![("response_type", "Code")], "unsupported_response_type"),
        ("response_mode", vec![("response_mode", "fragment")], "invalid_request"),
        ("response_mode", vec![("response_mode", "Form_Post")], "invalid_request"),
        ("request_object", vec![("request", "e30.e30.")], "request_not_supported"),
        ("request_uri", vec![("request_uri", "https://evil.test/r")], "request_uri_not_supported"),
        ("prompt", vec![("prompt", "create")], "invalid_request"),
        ("prompt", vec![("prompt", "login ")], "invalid_request"),
        ("prompt", vec![("prompt", "Login")], "invalid_request"),
        ("prompt_none", vec![("prompt", "none login")], "invalid_request"),
        ("prompt_none", vec![("prompt", "consent none")], "invalid_request"),
        ("prompt_none", vec![("prompt", "none select_account")], "invalid_request"),
        ("registration", vec![("registration", "{}")], "registration_not_supported"),
        ("claims", vec![("claims", "name")], "invalid_request"),
        ("claims", vec![("claims", "[]")], "invalid_request"),
        ("id_token_hint", vec![("id_token_hint", "e30.e30.")], "invalid_request"),
        ("max_age", vec![("max_age", "-1")], "invalid_request"),
        ("max_age", vec![("max_age", "soon")], "invalid_request"),
        ("max_age", vec![("max_age", "1.5")], "invalid_request"),
        ("max_age", vec![("max_age", "4294967296")], "invalid_request"),
        ("code_challenge_missing", vec![("code_challenge_method", "S256")], "invalid_request"),
        ("code_challenge_method", vec![("code_challenge", CHALLENGE)], "invalid_request"),
        ("code_challenge_method", vec![challenged[0], ("code_challenge_method", "plain")], "invalid_request"),
        ("code_challenge_method", vec![challenged[0], ("code_challenge_method", "s256")], "invalid_request"),
        ("code_challenge", vec![("code_challenge", "short"), challenged[1]], "invalid_request"),
        ("code_challenge", vec![("code_challenge", &long), challenged[1]], "invalid_request"),
        ("code_challenge", vec![("code_challenge", &CHALLENGE[1..]), challenged[1]], "invalid_request"),
        ("code_challenge", vec![("code_challenge", &padded), challenged[1]], "invalid_request"),
    ];
    for (reason, changes, error) in &cases {
        for signed_in in [None, Some(10)] {
            let outcome = ask(&authority, &good_with(changes), signed_in, Step::Arrival);
            let (found, parameters) = answered(&outcome);
            assert_eq!((found.as_str(), value(&parameters, "error")), (*reason, vec![*error]), "{changes:?}");
            assert_eq!(value(&parameters, "state"), ["s1"], "{changes:?}");
            assert_eq!(value(&parameters, "iss"), [ISSUER], "{changes:?}");
            assert!(value(&parameters, "code").is_empty(), "{changes:?}");
        }
    }
    client_mut(&mut authority, "alexa").grants.clear();
    let (reason, parameters) = answered(&ask_signed_in(&authority, &good_with(&[])));
    assert_eq!((reason.as_str(), value(&parameters, "error")), ("grant_not_allowed", vec!["unauthorized_client"]));
}

#[test]
fn a_client_that_must_use_pkce_uses_it() {
    let mut authority = authority();
    client_mut(&mut authority, "alexa").pkce_required = true;
    let (reason, parameters) = answered(&ask(&authority, &good_with(&[]), None, Step::Arrival));
    assert_eq!((reason.as_str(), value(&parameters, "error")), ("pkce_required", vec!["invalid_request"]));
    let challenged = good_with(&[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    let AuthorizeOutcome::Consent(wish) = ask_signed_in(&authority, &challenged) else { panic!("consent") };
    assert_eq!(wish.code_challenge.as_deref(), Some(CHALLENGE));
}

/// What only a signed-in person makes the authority say: before, it would be an open redirector.
#[test]
fn faults_of_scope_and_api_wait_for_a_person() {
    let mut authority = authority();
    let cases: [(&[Pair<'_>], &str, &str); 11] = [
        (&[("scope", "does-not-exist")], "unknown_scope", "invalid_scope"),
        (&[("scope", "read:whattowear2")], "unknown_scope", "invalid_scope"),
        (&[("scope", "write:whattowear")], "unknown_scope", "invalid_scope"),
        (&[("scope", "read:quiz")], "unknown_scope", "invalid_scope"),
        (&[("scope", "read:whattowear read:quiz")], "unknown_scope", "invalid_scope"),
        (&[("scope", "offline_access")], "unknown_scope", "invalid_scope"),
        (&[("scope", "read:\"x\"")], "unknown_scope", "invalid_scope"),
        (&[("scope", " ")], "unknown_scope", "invalid_scope"),
        (&[("audience", "https://nowhere")], "unknown_api", "invalid_target"),
        (&[("resource", "https://whatshouldiwear/")], "unknown_api", "invalid_target"),
        (&[("audience", AUDIENCE), ("resource", OTHER_AUDIENCE)], "two_apis", "invalid_target"),
    ];
    for (changes, reason, error) in cases {
        let query = good_with(changes);
        for prompt in ["", "login"] {
            let query = format!("{query}&prompt={prompt}");
            let outcome = ask(&authority, &query, None, Step::Arrival);
            assert!(matches!(outcome, AuthorizeOutcome::SignIn { .. }), "{changes:?}: {outcome:?}");
        }
        let (found, parameters) = answered(&ask_signed_in(&authority, &query));
        assert_eq!((found.as_str(), value(&parameters, "error")), (reason, vec![error]), "{changes:?}");
        let (found, _) = answered(&ask(&authority, &format!("{query}&prompt=none"), None, Step::Arrival));
        assert_eq!(found, "login_required");
    }
    authority.policies.clear();
    let (reason, parameters) = answered(&ask_signed_in(&authority, &good_with(&[])));
    assert_eq!((reason.as_str(), value(&parameters, "error")), ("no_matching_policy", vec!["access_denied"]));
    authority.default_audience = None;
    let (reason, _) = answered(&ask_signed_in(&authority, &good_with(&[])));
    assert_eq!(reason, "unknown_api");
}

#[test]
fn a_good_request_becomes_a_wish() {
    let authority = authority();
    let wished = |changes: &[(&str, &str)]| match ask_signed_in(&authority, &good_with(changes)) {
        AuthorizeOutcome::Consent(wish) => (wish.api.audience.as_str(), wish.scopes.join(" "), wish.nonce),
        other => panic!("{other:?}"),
    };
    let cases: [(&[Pair<'_>], &str, &str); 6] = [
        (&[], AUDIENCE, "read:whattowear"),
        (&[("scope", "")], AUDIENCE, "read:whattowear"),
        (&[("scope", "openid  read:whattowear openid")], AUDIENCE, "openid read:whattowear"),
        (&[("scope", ""), ("audience", OTHER_AUDIENCE)], OTHER_AUDIENCE, "read:quiz"),
        (&[("scope", "read:quiz"), ("resource", OTHER_AUDIENCE)], OTHER_AUDIENCE, "read:quiz"),
        (&[("audience", AUDIENCE), ("resource", AUDIENCE)], AUDIENCE, "read:whattowear"),
    ];
    for (changes, audience, scopes) in cases {
        assert_eq!(wished(changes), (audience, scopes.to_owned(), None), "{changes:?}");
    }
    assert_eq!(wished(&[("nonce", "n+ &=")]).2.as_deref(), Some("n+ &="));
    let AuthorizeOutcome::Consent(wish) = ask_signed_in(&authority, &good_with(&[("redirect_uri", PITANGUI)])) else {
        panic!("consent")
    };
    assert_eq!((wish.target.redirect_uri.as_str(), wish.target.state.as_deref()), (PITANGUI, Some("s1")));
}

/// Sign-in age, `prompt` and `max_age` against both steps.
#[test]
fn when_a_person_has_to_sign_in() {
    use Step::{AfterLogin, Arrival};
    let cases: [(&[Pair<'_>], Option<i64>, Step, &str); 27] = [
        (&[], None, Arrival, "sign in"),
        (&[], None, AfterLogin, "sign in"),
        (&[], Some(0), Arrival, "consent"),
        (&[], Some(8 * 3600 - 1), Arrival, "consent"),
        (&[], Some(8 * 3600), Arrival, "sign in"),
        (&[("prompt", "consent")], Some(10), Arrival, "consent"),
        (&[("prompt", "login")], Some(0), Arrival, "sign in"),
        (&[("prompt", "login")], Some(10), AfterLogin, "consent"),
        (&[("prompt", "login")], Some(600), AfterLogin, "consent"),
        (&[("prompt", "login")], Some(3500), AfterLogin, "consent"),
        (&[("prompt", "select_account")], None, Arrival, "sign in"),
        (&[("prompt", "select_account")], Some(10), Arrival, "consent"),
        (&[("prompt", "login select_account consent")], Some(10), Arrival, "sign in"),
        (&[("prompt", "login consent")], Some(0), Arrival, "sign in"),
        (&[("prompt", "none")], None, Arrival, "login_required"),
        (&[("prompt", "none")], Some(10), Arrival, "consent_required"),
        (&[("prompt", "none")], Some(8 * 3600), Arrival, "login_required"),
        (&[("prompt", "none"), ("max_age", "5")], Some(10), Arrival, "login_required"),
        (&[("max_age", "10")], Some(10), Arrival, "consent"),
        (&[("max_age", "9")], Some(10), Arrival, "sign in"),
        (&[("max_age", "0")], Some(1), Arrival, "sign in"),
        (&[("max_age", "0")], Some(1), AfterLogin, "consent"),
        // Whoever reads the consent page slowly is not sent around in a circle.
        (&[("max_age", "0")], Some(120), AfterLogin, "consent"),
        (&[("max_age", "0")], Some(601), AfterLogin, "consent"),
        (&[("max_age", "4294967295")], Some(10), Arrival, "consent"),
        (&[("max_age", "100"), ("prompt", "login")], Some(10), Arrival, "sign in"),
        (&[("max_age", "100"), ("prompt", "login")], Some(10), AfterLogin, "consent"),
    ];
    let authority = authority();
    for (changes, signed_in, step, expected) in cases {
        let found = match ask(&authority, &good_with(changes), signed_in, step) {
            AuthorizeOutcome::SignIn { .. } => "sign in",
            AuthorizeOutcome::Allowed(_) => "allowed",
            AuthorizeOutcome::Consent(_) => "consent",
            AuthorizeOutcome::Redirect { reason, .. } => reason,
            AuthorizeOutcome::ErrorPage(refusal) => refusal.reason(),
        };
        assert_eq!(found, expected, "{changes:?} {signed_in:?} {step:?}");
    }
}

#[test]
fn only_a_session_of_this_authority_and_a_living_user_counts() {
    let (authority, other) = (authority(), other_authority());
    let session = session(10);
    let gone = disabled(ada());
    let early = session.expires_at;
    let cases = [
        ("another authority's session", &other, ada(), now()),
        ("another user", &authority, eve(), now()),
        ("disabled", &authority, gone, now()),
        ("over", &authority, ada(), early),
        ("long over", &authority, ada(), seconds_later(1 << 40)),
    ];
    for (name, authority, user, now) in cases {
        let signed_in = Some(SignedIn { session: &session, user: &user, grants: &[] });
        for step in [Step::Arrival, Step::AfterLogin] {
            let progress = match step {
                Step::Arrival => Progress::arriving(now),
                Step::AfterLogin => Progress::arriving(now).with_sign_in(session.digest),
            };
            let outcome = asked_at(authority, &good_with(&[]), signed_in, progress, now);
            assert!(matches!(outcome, AuthorizeOutcome::SignIn { .. }), "{name}: {outcome:?}");
        }
    }
}

/// RFC 9207: `iss` in every answer, at each authority its own; `state` comes back as it was sent.
#[test]
fn every_answer_names_its_issuer_and_returns_the_state() {
    let odd = "a+b%20&c=d#e?f/\\\"<>'ä€😀;,:@! ~";
    let long = odd.chars().cycle().take(8 * 1024).collect::<String>();
    for authority in [authority(), other_authority()] {
        for state in [odd, long.as_str(), "0", "null"] {
            let AuthorizeOutcome::SignIn { target } =
                ask(&authority, &good_with(&[("state", state)]), None, Step::Arrival)
            else {
                panic!("sign in")
            };
            let success = target.answer("code", "sac_x", None).url();
            let error = target.error(ErrorCode::AccessDenied, "the person denied the request").url();
            for (url, name, expected) in [(success, "code", "sac_x"), (error, "error", "access_denied")] {
                assert!(url.starts_with(&format!("{LAYLA}?{name}={expected}&")), "{url}");
                assert!(url.is_ascii() && !url.contains([' ', '"', '<', '\r', '\n', '#']));
                let parameters: Vec<(String, String)> = Url::parse(&url).unwrap().query_pairs().into_owned().collect();
                assert_eq!(value(&parameters, "state"), [state]);
                assert_eq!(value(&parameters, "iss"), [authority.issuer.as_str()]);
            }
        }
    }
    let authority = authority();
    let AuthorizeOutcome::SignIn { target } = ask(&authority, &good_with(&[("state", "")]), None, Step::Arrival) else {
        panic!("sign in")
    };
    assert!(!target.answer("code", "x", None).url().contains("state"), "no state, none made up");
}

#[test]
fn answers_keep_the_query_of_a_registered_uri() {
    let authority = authority();
    let query = query(&[("client_id", "spa"), ("redirect_uri", "https://App.Test/Cb?x=1"), ("response_type", "code")]);
    let AuthorizeOutcome::Redirect { answer, reason } = ask(&authority, &query, None, Step::Arrival) else {
        panic!("fault")
    };
    let url = answer.url();
    assert_eq!(reason, "pkce_required");
    assert!(url.starts_with("https://App.Test/Cb?x=1&error=invalid_request&"), "{url}");
}

proptest! {
    /// Whatever is asked: no panic, and a redirect goes to a registered URI of the named client only (I18).
    #[test]
    fn redirects_go_to_registered_uris_only(
        parts in proptest::collection::vec(
            ("client_id|redirect_uri|response_type|scope|state|prompt|audience|max_age|x", any_value()), 0..8),
        signed_in in proptest::option::of(0i64..40_000),
    ) {
        let parameters: Vec<_> = parts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let authority = authority();
        let target = match ask(&authority, &query(&parameters), signed_in, Step::Arrival) {
            AuthorizeOutcome::ErrorPage(_) => return Ok(()),
            AuthorizeOutcome::SignIn { target }
            | AuthorizeOutcome::Allowed(Wish { target, .. })
            | AuthorizeOutcome::Consent(Wish { target, .. }) => target.redirect_uri,
            AuthorizeOutcome::Redirect { answer, .. } => answer.url(),
        };
        let known = authority.clients.iter().flat_map(|client| &client.redirect_uris);
        prop_assert!(known.into_iter().any(|known| target.starts_with(known.as_str())), "{target}");
    }

    #[test]
    fn arbitrary_queries_never_panic(query: String) {
        let _ = ask(&authority(), &query, None, Step::Arrival);
    }

    #[test]
    fn a_state_comes_back_character_by_character(state in "[^\\pC]{1,200}") {
        let authority = authority();
        let outcome = ask(&authority, &good_with(&[("state", &state)]), None, Step::Arrival);
        let AuthorizeOutcome::SignIn { target } = outcome else { panic!("sign in") };
        let url = Url::parse(&target.error(ErrorCode::AccessDenied, "no").url()).unwrap();
        let found = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
        prop_assert_eq!(found, Some(state));
    }
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(vec![
            "alexa", "spa", "desktop", LAYLA, PITANGUI, "http://127.0.0.1/cb", "https://evil.test/", "code", "openid",
            "read:whattowear", "none", "login", AUDIENCE,
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}
