//! Who must answer a request, how lately they must have signed in, and what else OpenID Connect lets a client demand.

use sayso_token::jws;
use serde_json::json;

use super::*;
use crate::record::authorization_rule::{AuthorizationRule, SubjectType};
use crate::record::grant::Grant;
use crate::testing::grant;

/// An ID token for `alexa` about this subject, expired long ago.
fn hint(subject: &str) -> String {
    let claims = json!({ "iss": ISSUER, "aud": "alexa", "sub": subject, "exp": 1 });
    jws::sign("JWT", claims.as_object().unwrap(), key()).unwrap()
}

fn name_of(outcome: &AuthorizeOutcome<'_>) -> &'static str {
    match outcome {
        AuthorizeOutcome::SignIn { .. } => "sign in",
        AuthorizeOutcome::Allowed(_) => "allowed",
        AuthorizeOutcome::Consent(_) => "consent",
        AuthorizeOutcome::Redirect { reason, .. } => reason,
        AuthorizeOutcome::ErrorPage(refusal) => refusal.reason(),
    }
}

/// Ada's living link to `alexa`, for all that these tests ask.
fn linked() -> Vec<Grant> {
    vec![Grant { scopes: ["read:whattowear", "openid"].map(str::to_owned).to_vec(), ..grant() }]
}

/// Whoever was asked for by `id_token_hint` or by the claim `sub`, and nobody else, is answered for.
#[test]
fn the_one_who_is_asked_for_answers() {
    let (ada, eve) = (hint("usr_ada"), hint("usr_eve"));
    let (sub_ada, sub_eve) =
        (r#"{"id_token":{"sub":{"value":"usr_ada"}}}"#, r#"{"userinfo":{"sub":{"values":["usr_eve"]}}}"#);
    let cases: [(Vec<Pair<'_>>, Step, &str); 11] = [
        (vec![("id_token_hint", &ada)], Step::Arrival, "consent"),
        (vec![("id_token_hint", &ada), ("prompt", "none")], Step::Arrival, "consent_required"),
        (vec![("id_token_hint", &eve)], Step::Arrival, "sign in"),
        (vec![("id_token_hint", &eve), ("prompt", "none")], Step::Arrival, "login_required"),
        (vec![("id_token_hint", &eve)], Step::AfterLogin, "another_person"),
        (vec![("claims", sub_ada)], Step::Arrival, "consent"),
        (vec![("claims", sub_eve)], Step::Arrival, "sign in"),
        (vec![("claims", sub_eve), ("prompt", "none")], Step::Arrival, "login_required"),
        (vec![("claims", sub_eve)], Step::AfterLogin, "another_person"),
        (vec![("claims", sub_ada), ("id_token_hint", &eve)], Step::Arrival, "sign in"),
        (vec![("claims", sub_ada), ("id_token_hint", &ada), ("prompt", "login")], Step::AfterLogin, "consent"),
    ];
    for (changes, step, expected) in cases {
        let authority = authority();
        let outcome = ask(&authority, &good_with(&changes), Some(10), step);
        assert_eq!(name_of(&outcome), expected, "{changes:?} {step:?}");
        if expected == "another_person" {
            assert_eq!(value(&answered(&outcome).1, "error"), ["login_required"]);
        }
    }
}

#[test]
fn a_pairwise_client_hints_by_its_own_subject() {
    let mut authority = authority();
    client_mut(&mut authority, "alexa").authorization =
        AuthorizationRule { subject_type: SubjectType::Pairwise, ..AuthorizationRule::default() };
    let AuthorizeOutcome::Consent(wish) = ask_signed_in(&authority, &good_with(&[])) else { panic!("consent") };
    let subject = wish.terms.subject.unwrap();
    assert_eq!(subject, PairwiseKey::new([7; 32]).subject("wear", "layla.amazon.com", "usr_ada"));
    let asked = |hint: &str| {
        let outcome = ask_signed_in(&authority, &good_with(&[("id_token_hint", hint)]));
        name_of(&outcome)
    };
    assert_eq!((asked(&hint(&subject)), asked(&hint("usr_ada"))), ("consent", "sign in"));
    client_mut(&mut authority, "alexa").authorization.sector_identifier = Some("skills.test".to_owned());
    let AuthorizeOutcome::Consent(wish) = ask_signed_in(&authority, &good_with(&[])) else { panic!("consent") };
    assert_ne!(wish.terms.subject.unwrap(), subject, "another sector, another subject");
}

/// OID-003: `prompt=none` never shows a page and never makes a consent.
#[test]
fn oid_003_prompt_none_shows_nothing() {
    let authority = authority();
    let (session, user, grants) = (session(100), ada(), linked());
    let cases: [(&[Pair<'_>], bool, &[Grant], &str); 7] = [
        (&[], false, &grants, "login_required"),
        (&[], true, &[], "consent_required"),
        (&[], true, &grants, "allowed"),
        (&[("max_age", "99")], true, &grants, "login_required"),
        (&[("max_age", "100")], true, &grants, "allowed"),
        (&[("scope", "read:whattowear email")], true, &grants, "consent_required"),
        (&[("claims", r#"{"userinfo":{"email":null}}"#)], true, &grants, "consent_required"),
    ];
    for (changes, signed_in, grants, expected) in cases {
        let signed_in = signed_in.then_some(SignedIn { session: &session, user: &user, grants });
        let query = format!("{}&prompt=none", good_with(changes));
        let outcome = asked_at(&authority, &query, signed_in, Progress::arriving(now()), now());
        assert_eq!(name_of(&outcome), expected, "{changes:?}");
    }
}

/// What was allowed before is not asked again, unless the client wants the person to see it.
#[test]
fn a_client_may_have_the_person_see_it_again() {
    let (authority, session, user, grants) = (authority(), session(100), ada(), linked());
    let signed_in = Some(SignedIn { session: &session, user: &user, grants: &grants });
    for (prompt, expected) in [("", "allowed"), ("consent", "consent"), ("select_account", "consent")] {
        let query = format!("{}&prompt={prompt}", good_with(&[]));
        let outcome = asked_at(&authority, &query, signed_in, Progress::arriving(now()), now());
        assert_eq!(name_of(&outcome), expected, "{prompt}");
    }
}

/// OID-004: what counts as fresh is a sign-in for this request, not one that happens to be young.
#[test]
fn oid_004_only_a_sign_in_for_this_request_is_fresh() {
    let (authority, session, user) = (authority(), session(0), ada());
    let signed_in = Some(SignedIn { session: &session, user: &user, grants: &[] });
    let arrived = Progress::arriving(now());
    for (changes, progress, asked, expected) in [
        ([("prompt", "login")], arrived, now(), "sign in"),
        ([("prompt", "login")], arrived.with_sign_in(Digest::of(b"another session")), now(), "sign in"),
        ([("prompt", "login")], arrived.with_sign_in(session.digest), seconds_later(3000), "consent"),
        // `max_age` counts back from the arrival, however long the person reads.
        ([("max_age", "0")], arrived, seconds_later(3000), "consent"),
        ([("max_age", "0")], Progress::arriving(seconds_later(1)), seconds_later(1), "sign in"),
        ([("max_age", "1")], Progress::arriving(seconds_later(1)), seconds_later(3000), "consent"),
        ([("max_age", "1")], Progress::arriving(seconds_later(2)), seconds_later(2), "sign in"),
    ] {
        let outcome = asked_at(&authority, &good_with(&changes), signed_in, progress, asked);
        assert_eq!(name_of(&outcome), expected, "{changes:?} {progress:?}");
    }
}

/// OID-005: an `acr` is earned; an essential one that no sign-in is worth ends the request.
#[test]
fn oid_005_an_essential_acr_is_earned_or_refused() {
    let authority = authority();
    let essential = |values: &str| format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":[{values}]}}}}}}"#);
    for (claims, expected) in [
        (essential(r#""mfa""#), "acr"),
        (essential(r#""2","phr""#), "acr"),
        (essential(r#""2","1""#), "consent"),
        (essential(""), "consent"),
        (r#"{"id_token":{"acr":{"values":["mfa"]}}}"#.to_owned(), "consent"),
    ] {
        let query = good_with(&[("claims", &claims)]);
        let outcome = ask_signed_in(&authority, &query);
        assert_eq!(name_of(&outcome), expected, "{claims}");
        if expected == "acr" {
            assert_eq!(value(&answered(&outcome).1, "error"), ["unmet_authentication_requirements"]);
            assert_eq!(name_of(&ask(&authority, &query, None, Step::Arrival)), "sign in");
        }
    }
    let voluntary = ask_signed_in(&authority, &good_with(&[("acr_values", "mfa")]));
    assert_eq!(name_of(&voluntary), "consent", "voluntary: the token says what was done");
}

#[test]
fn claims_by_name_are_those_the_client_may_have() {
    let mut authority = authority();
    let claims = r#"{"userinfo":{"name":{"essential":true},"phone_number":null,"color":null,"x":null},
        "id_token":{"email":null,"sub":null,"auth_time":{"essential":true}}}"#;
    let wish = |authority: &Authority| match ask_signed_in(authority, &good_with(&[("claims", claims)])) {
        AuthorizeOutcome::Consent(wish) => (wish.terms.claims.clone(), wish.told_scopes().join(" ")),
        other => panic!("{other:?}"),
    };
    let (asked, told) = wish(&authority);
    assert_eq!((asked.userinfo.join(" "), asked.id_token.join(" ")), ("name color".to_owned(), "email".to_owned()));
    assert_eq!(told, "read:whattowear email profile", "the person is told in the words of the scopes");
    client_mut(&mut authority, "alexa").scopes.retain(|scope| scope != "email" && scope != "profile");
    assert_eq!(wish(&authority).1, "read:whattowear");
}

#[test]
fn a_client_that_must_push_is_told_so() {
    let mut authority = authority();
    client_mut(&mut authority, "alexa").authorization.pushed_only = true;
    let (reason, parameters) = answered(&ask_signed_in(&authority, &good_with(&[])));
    assert_eq!((reason.as_str(), value(&parameters, "error")), ("pushed_request_required", vec!["invalid_request"]));
}

/// RFC 8707: `resource` may stand more than once, and a token of ours is for one API.
#[test]
fn several_resources_are_one_or_none() {
    let authority = authority();
    let twice = |first: &str, second: &str| format!("{}&resource={first}&resource={second}", good_with(&[]));
    assert_eq!(name_of(&ask_signed_in(&authority, &twice(AUDIENCE, AUDIENCE))), "consent");
    let (reason, parameters) = answered(&ask_signed_in(&authority, &twice(AUDIENCE, OTHER_AUDIENCE)));
    assert_eq!((reason.as_str(), value(&parameters, "error")), ("two_apis", vec!["invalid_target"]));
}

#[test]
fn an_answer_travels_as_the_client_asked() {
    let authority = authority();
    for (mode, expected) in
        [("", ResponseMode::Query), ("query", ResponseMode::Query), ("form_post", ResponseMode::FormPost)]
    {
        let changes = [("response_mode", mode), ("prompt", "none")];
        let AuthorizeOutcome::Redirect { answer, .. } = ask(&authority, &good_with(&changes), None, Step::Arrival)
        else {
            panic!("login required")
        };
        assert_eq!((answer.mode, answer.redirect_uri.as_str()), (expected, LAYLA));
        let names: Vec<_> = answer.parameters.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["error", "error_description", "state", "iss"]);
        assert!(!format!("{answer:?}").contains("login_required"));
    }
}
