use super::*;
use crate::decide::upstream::testing::{connection, provider};
use crate::testing::{at, now, seconds_later};
use crate::wire::form::Form;

fn wish() -> Wish {
    Wish {
        redirect_uri: "https://authority.test/connections/corp/callback".to_owned(),
        login_hint: None,
        ui_locales: None,
        afresh: None,
        return_to: "/authorize?client_id=alexa&state=s3cret".to_owned(),
    }
}

fn begun(wish: &Wish, seed: u64) -> (Outward, Form) {
    let (outward, url) = at(now(), seed, |ambient| begin(&connection(), &provider(), wish, ambient));
    let (place, query) = url.split_once('?').unwrap();
    assert_eq!(place, "https://idp.test/authorize");
    (outward, Form::parse(query).unwrap())
}

#[test]
fn the_address_carries_what_the_answer_is_checked_against() {
    let (outward, form) = begun(&wish(), 1);
    let names: Vec<_> = form.pairs().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method"
        ]
    );
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "sayso"),
        ("redirect_uri", wish().redirect_uri.as_str()),
        ("scope", "openid email profile"),
        ("nonce", outward.nonce.expose()),
        ("code_challenge", &Digest::of(outward.verifier.expose().as_bytes()).base64url()),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(form.one(name).unwrap(), Some(value), "{name}");
    }
    let state = form.first("state").unwrap();
    assert!(Digest::of(state.as_bytes()).matches(&outward.state));
    for random in [state, outward.nonce.expose(), outward.verifier.expose()] {
        assert_eq!(sayso_token::encoding::from_base64url(random).unwrap().len(), 32, "256 bits, 43 signs");
    }
    assert_ne!(state, outward.nonce.expose());
    let (other, again) = begun(&wish(), 2);
    assert!(again.first("state") != Some(state) && !other.nonce.matches(&outward.nonce));
    assert!(!other.verifier.matches(&outward.verifier));
}

#[test]
fn wishes_are_passed_on() {
    for (afresh, prompt, max_age) in [
        (None, None, None),
        (Some(Afresh::Login), Some("login"), Some("0")),
        (Some(Afresh::MaxAge(Lifetime::from_seconds(300))), None, Some("300")),
    ] {
        let (login_hint, ui_locales) = (Some("ada@a.test&x=1".to_owned()), Some("de en".to_owned()));
        let (outward, form) = begun(&Wish { afresh, login_hint, ui_locales, ..wish() }, 1);
        assert_eq!((form.first("prompt"), form.first("max_age")), (prompt, max_age));
        assert_eq!((form.first("login_hint"), form.first("ui_locales")), (Some("ada@a.test&x=1"), Some("de en")));
        assert_eq!(outward.afresh, afresh);
    }
}

#[test]
fn an_endpoint_keeps_its_own_query() {
    let mut provider = provider();
    provider.authorization_endpoint.push_str("?tenant=a%20b");
    let (_, url) = at(now(), 1, |ambient| begin(&connection(), &provider, &wish(), ambient));
    assert!(url.starts_with("https://idp.test/authorize?tenant=a%20b&response_type=code&"), "{url}");
}

#[test]
fn it_survives_the_journey_for_ten_minutes() {
    let wish = Wish { afresh: Some(Afresh::MaxAge(Lifetime::from_seconds(7))), ..wish() };
    let (outward, _) = begun(&wish, 1);
    let bytes = outward.to_bytes();
    for later in [-30, 0, 599] {
        let back = Outward::from_bytes(&bytes, seconds_later(later)).unwrap();
        assert_eq!(
            [&back.connection, &back.issuer, &back.redirect_uri],
            ["corp", "https://idp.test", &wish.redirect_uri]
        );
        assert!(back.nonce.matches(&outward.nonce) && back.verifier.matches(&outward.verifier));
        assert!(back.state == outward.state && back.return_to == wish.return_to && back.afresh == wish.afresh);
        assert_eq!(back.begun_at, now());
    }
    for later in [-31, 600, 100_000] {
        assert!(Outward::from_bytes(&bytes, seconds_later(later)).is_none(), "{later}");
    }
    for nonsense in [&b""[..], b"{}", b"null", b"[]", &bytes[..bytes.len() - 1], b"\xff"] {
        assert!(Outward::from_bytes(nonsense, now()).is_none());
    }
}

#[test]
fn it_prints_no_secret() {
    let (outward, form) = begun(&wish(), 1);
    let printed = format!("{outward:?}");
    let state = form.first("state").unwrap();
    for secret in [outward.nonce.expose(), outward.verifier.expose(), state, "s3cret", &outward.state.short()] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("corp"));
}
