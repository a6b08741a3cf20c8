use proptest::prelude::*;
use sayso_token::jws::sign;
use sayso_token::keyring::Keyring;
use serde_json::json;

use super::*;
use crate::decide::access_token::{AccessTokenFor, Holder, access_token, id_token};
use crate::decide::refresh_token::mint;
use crate::testing::{
    AUDIENCE, OTHER_AUDIENCE, Seeded, ada, at, authority, grant, key, make_key, now, other_authority, sealer,
};

fn keys() -> JwkSet {
    Keyring::new(vec![key().clone()]).public()
}

fn claims(audience: &str) -> Map<String, Value> {
    let authority = authority();
    let (user, grant) = (ada(), grant());
    let about = AccessTokenFor {
        authority: &authority,
        api: authority.api(audience).unwrap(),
        client: authority.client("alexa").unwrap(),
        holder: Holder::Person(&user, &grant),
        scopes: &grant.scopes,
        lifetime: sayso_token::time::Lifetime::from_seconds(3600),
    };
    at(now(), 1, |ambient| access_token(about, ambient)).claims
}

fn identify(token: &str) -> Identified {
    identify_token(&authority(), &Secret::new(token), &keys(), &sealer())
}

fn is_unknown(token: &str) -> bool {
    matches!(identify(token), Identified::Unknown)
}

#[test]
fn an_access_token_of_either_profile_is_read_back() {
    for audience in [AUDIENCE, OTHER_AUDIENCE] {
        let token = sign(ACCESS_TOKEN_TYPE, &claims(audience), key()).unwrap();
        let Identified::Access(access) = identify(&token) else { panic!("{audience}") };
        assert_eq!((access.client.as_str(), access.audience.as_str()), ("alexa", audience));
        assert_eq!(access.scopes, grant().scopes);
        assert_eq!(access.grant, Some((grant().id, 0)));
        assert_eq!(access.expires_at.seconds(), now().seconds() + 3600);
        assert_eq!(Identified::Access(access).grant(), Some(&grant().id));
    }
}

#[test]
fn a_refresh_token_is_one_whatever_the_caller_thinks() {
    let (token, digest) = mint("wear", &grant().id, 4, &sealer(), &mut Seeded(1));
    let Identified::Refresh(found) = identify(token.expose()) else { panic!("refresh token") };
    assert_eq!((found.generation, found.digest), (4, digest));
    let (foreign, _) = mint("quiz", &grant().id, 4, &sealer(), &mut Seeded(1));
    assert!(is_unknown(foreign.expose()));
}

/// I6: nothing of another kind, another authority or another key.
#[test]
fn everything_else_is_unknown() {
    let good = claims(AUDIENCE);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims.insert(name.to_owned(), value);
        sign(ACCESS_TOKEN_TYPE, &claims, key()).unwrap()
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.shift_remove(name);
        sign(ACCESS_TOKEN_TYPE, &claims, key()).unwrap()
    };
    let id_token = id_token(&authority(), &grant(), &ada(), None, now());
    let token = sign(ACCESS_TOKEN_TYPE, &good, key()).unwrap();
    let cases = [
        ("another key", sign(ACCESS_TOKEN_TYPE, &good, &make_key()).unwrap()),
        ("ID token", sign(id_token.typ, &id_token.claims, key()).unwrap()),
        ("typ JWT", sign("JWT", &good, key()).unwrap()),
        ("logout token", sign("logout+jwt", &good, key()).unwrap()),
        ("signed introspection", sign("token-introspection+jwt", &good, key()).unwrap()),
        ("another issuer", with("iss", json!(other_authority().issuer))),
        ("issuer with slash", with("iss", json!("https://authority.test/"))),
        ("issuer unreadable", with("iss", json!(["https://authority.test"]))),
        ("audience list", with("aud", json!([AUDIENCE]))),
        ("exp as text", with("exp", json!("9999999999"))),
        ("scope unreadable", with("scope", json!(["x"]))),
        ("scope with a line break", with("scope", json!("a\nb"))),
        ("no iss", without("iss")),
        ("no aud", without("aud")),
        ("no exp", without("exp")),
        ("no jti", without("jti")),
        ("no client", without("client_id")),
        ("cut", token[..token.len() - 1].to_owned()),
        ("empty", String::new()),
        ("code", "sac_x".to_owned()),
    ];
    for (name, token) in cases {
        assert!(is_unknown(&token), "{name}");
    }
    let foreign = identify_token(&other_authority(), &Secret::new(token), &keys(), &sealer());
    assert!(matches!(foreign, Identified::Unknown));
    assert!(foreign.grant().is_none());
}

#[test]
fn a_grant_carries_only_tokens_of_its_epoch_while_it_lives() {
    let named = (grant().id, 0);
    let authority = authority();
    let cases = [
        ("as it is", Some(grant()), true),
        ("gone", None, false),
        ("later epoch", Some(Grant { epoch: 1, ..grant() }), false),
        ("earlier epoch", Some(Grant { epoch: -1, ..grant() }), false),
        ("revoked", Some(Grant { revoked_at: Some(now()), ..grant() }), false),
        ("another grant", Some(Grant { id: GrantId("grant2".to_owned()), ..grant() }), false),
        ("another authority's", Some(Grant { authority: "quiz".to_owned(), ..grant() }), false),
    ];
    for (name, grant, carried) in cases {
        assert_eq!(carried_by(&named, grant.as_ref(), &authority), carried, "{name}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_is_unknown(text: String) {
        prop_assert!(is_unknown(&text));
    }
}
