use sayso_token::jws;
use serde_json::{Value, json};

use super::*;
use crate::testing::{ISSUER, authority, key, make_key, other_authority};

const AFTER: &str = "https://app.test/bye?x=1";

fn house() -> Authority {
    let mut authority = authority();
    for client in &mut authority.clients {
        client.logout.post_logout_redirect_uris = vec!["https://app.test/bye".to_owned(), AFTER.to_owned()];
    }
    authority
}

fn token(typ: &str, claims: &Value) -> String {
    jws::sign(typ, claims.as_object().unwrap(), key()).unwrap()
}

/// An ID token that ended long ago.
fn hint() -> String {
    token("JWT", &json!({ "iss": ISSUER, "aud": "alexa", "sub": "usr_ada", "sid": "s", "exp": 1 }))
}

fn ask(authority: &Authority, parameters: &[(&str, &str)]) -> Result<(Option<String>, Option<String>), Refused> {
    let query = with_parameters("", parameters);
    let request = LogoutRequest::parse(query.trim_start_matches('?'));
    let keys = JwkSet::new(vec![key().public().clone()]);
    let wish = end_session(authority, &request, &keys)?;
    let state = request.ok().and_then(|request| request.state);
    Ok((wish.client.map(|client| client.id.clone()), wish.target(state.as_deref())))
}

#[test]
fn a_client_that_can_be_believed_gets_the_person_back_at_an_address_of_its_own() {
    let (authority, hint) = (house(), hint());
    let (client, back) = (Some("alexa".to_owned()), Some(format!("{AFTER}&state=a%20%26b")));
    let cases: &[(&[(&str, &str)], _)] = &[
        (&[], (None, None)),
        (&[("state", "s")], (None, None)),
        (&[("post_logout_redirect_uri", AFTER)], (None, None)),
        (&[("post_logout_redirect_uri", "https://evil.test")], (None, None)),
        (&[("id_token_hint", &hint)], (client.clone(), None)),
        (&[("client_id", "alexa"), ("state", "s")], (client.clone(), None)),
        (&[("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER)], (client.clone(), Some(AFTER.to_owned()))),
        (
            &[("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER), ("state", "a &b")],
            (client.clone(), back.clone()),
        ),
        (
            &[("client_id", "alexa"), ("post_logout_redirect_uri", AFTER), ("state", "a &b"), ("logout_hint", "x")],
            (client.clone(), back.clone()),
        ),
        (
            &[("client_id", "alexa"), ("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER), ("state", "a &b")],
            (client.clone(), back.clone()),
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(ask(&authority, parameters).as_ref(), Ok(expected), "{parameters:?}");
    }
}

#[test]
fn addresses_are_compared_byte_for_byte() {
    let (authority, hint) = (house(), hint());
    for uri in [
        "https://app.test/bye/",
        "https://app.test/bye?",
        "https://app.test/bye?x=1&y=2",
        "https://app.test/bye?x=2",
        "https://app.test/bye#x",
        "https://app.test/./bye",
        "https://APP.test/bye",
        "https://app.test:443/bye",
        "https://app.test/bye%00",
        "http://app.test/bye",
        "https://evil.test/bye",
        "//app.test/bye",
        "javascript:alert(1)",
    ] {
        for with in [("id_token_hint", hint.as_str()), ("client_id", "alexa")] {
            let asked = ask(&authority, &[with, ("post_logout_redirect_uri", uri)]);
            let refused = if uri.ends_with("%00") { asked.clone() } else { Err(Refused::RedirectUriUnknown) };
            assert!(asked.is_err() && asked == refused, "{uri}: {asked:?}");
        }
    }
}

#[test]
fn what_is_no_id_token_of_ours_is_no_hint() {
    let authority = house();
    let claims = |changes: Value| {
        let mut claims = json!({ "iss": ISSUER, "aud": "alexa", "sub": "usr_ada", "exp": 1 });
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    };
    let good = token("JWT", &claims(json!({})));
    let (head, signature) = good.rsplit_once('.').unwrap();
    for bad in [
        token("at+jwt", &claims(json!({}))),
        token("logout+jwt", &claims(json!({}))),
        token("JWT", &claims(json!({ "aud": "nobody" }))),
        token("JWT", &claims(json!({ "aud": 7 }))),
        token("JWT", &claims(json!({ "iss": "https://evil.test" }))),
        jws::sign("JWT", claims(json!({})).as_object().unwrap(), &make_key()).unwrap(),
        format!("{head}."),
        format!("{head}.AAAA{}", signature.get(4..).unwrap()),
        "x".to_owned(),
    ] {
        let parameters = [("id_token_hint", bad.as_str()), ("post_logout_redirect_uri", AFTER)];
        assert_eq!(ask(&authority, &parameters), Err(Refused::HintInvalid), "{bad}");
    }
    assert_eq!(ask(&other_authority(), &[("id_token_hint", &good)]), Err(Refused::HintInvalid));
}

#[test]
fn a_client_that_is_not_there_or_not_the_one_is_refused() {
    let mut authority = house();
    let hint = hint();
    for (parameters, refused) in [
        (&[("client_id", "nobody")][..], Refused::ClientUnknown),
        (&[("client_id", "nobody"), ("id_token_hint", &hint)], Refused::ClientUnknown),
        (&[("client_id", "spa"), ("id_token_hint", &hint)], Refused::HintOfAnotherClient),
        (&[("client_id", "alexa"), ("client_id", "alexa")], Refused::Repeated("client_id")),
        (&[("state", "\u{0}")], Refused::Malformed),
    ] {
        assert_eq!(ask(&authority, parameters), Err(refused), "{parameters:?}");
        assert!(!refused.reason().is_empty());
    }
    authority.clients.iter_mut().for_each(|client| client.disabled = true);
    assert_eq!(ask(&authority, &[("client_id", "alexa")]), Err(Refused::ClientDisabled));
    assert_eq!(ask(&authority, &[("id_token_hint", &hint)]), Err(Refused::ClientDisabled));
}
