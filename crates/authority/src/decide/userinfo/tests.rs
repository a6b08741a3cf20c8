use std::sync::Arc;

use sayso_token::algorithm::Algorithm;

use super::*;
use crate::decide::identify_token::IssuedAccessToken;
use crate::record::terms::{RequestedClaims, Terms};
use crate::testing::{
    AUDIENCE, NOW, ada, authority, client_mut, disabled, eve, grant, now, other_authority, seconds_later,
};

fn plain(told: Result<Told, Refused>) -> Value {
    match told.unwrap() {
        Told::Plain(claims) => Value::Object(claims),
        Told::Signed(_) => panic!("nobody asked for a signature"),
    }
}

fn token(scopes: &[&str]) -> Identified {
    Identified::Access(Arc::new(IssuedAccessToken {
        claims: Map::new(),
        client: "alexa".to_owned(),
        audience: AUDIENCE.to_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        expires_at: seconds_later(60),
        grant: Some((grant().id, 0)),
    }))
}

#[test]
fn each_scope_tells_its_claims() {
    let cases = [
        (vec!["openid"], json!({"sub": "usr_ada"})),
        (vec!["openid", "email"], json!({"email": "ada@a.test", "email_verified": false, "sub": "usr_ada"})),
        (
            vec!["openid", "profile", "read:whattowear"],
            json!({
                "color": "teal", "preferred_username": "ada", "given_name": "Ada", "family_name": "Lovelace",
                "name": "Ada Lovelace", "sub": "usr_ada", "updated_at": NOW - 10_000,
            }),
        ),
    ];
    for (scopes, expected) in cases {
        let told = userinfo(&authority(), &token(&scopes), Some(&grant()), Some(&ada()), now());
        assert_eq!(plain(told), expected, "{scopes:?}");
    }
    let mut bare = ada();
    bare.attributes.clear();
    let told = userinfo(&authority(), &token(&["openid", "profile", "email"]), Some(&grant()), Some(&bare), now());
    assert_eq!(plain(told), json!({"preferred_username": "ada", "sub": "usr_ada", "updated_at": NOW - 10_000}));
}

#[test]
fn what_was_asked_for_by_name_is_told_and_the_subject_is_the_grants() {
    let claims = RequestedClaims { userinfo: vec!["email".into(), "gender".into()], id_token: vec!["name".into()] };
    let grant = Grant { terms: Terms { subject: Some("pw_x".into()), claims, connection: None }, ..grant() };
    let told = userinfo(&authority(), &token(&["openid"]), Some(&grant), Some(&ada()), now());
    assert_eq!(plain(told), json!({"email": "ada@a.test", "sub": "pw_x"}));
}

#[test]
fn a_token_that_does_not_live_tells_nothing() {
    let good = || (authority(), token(&["openid"]), Some(grant()), Some(ada()), now());
    let refused =
        |(authority, token, grant, user, now): (Authority, Identified, Option<Grant>, Option<User>, Timestamp)| {
            userinfo(&authority, &token, grant.as_ref(), user.as_ref(), now).unwrap_err()
        };
    let of_client = {
        let Identified::Access(access) = token(&["openid"]) else { panic!("access token") };
        Identified::Access(Arc::new(IssuedAccessToken { grant: None, ..(*access).clone() }))
    };
    let mut without_client = authority();
    client_mut(&mut without_client, "alexa").disabled = true;
    let mut no_client = authority();
    no_client.clients.clear();
    let cases = [
        ("unknown", (authority(), Identified::Unknown, Some(grant()), Some(ada()), now())),
        ("a client's own", (authority(), of_client, Some(grant()), Some(ada()), now())),
        ("expired", (authority(), token(&["openid"]), Some(grant()), Some(ada()), seconds_later(60))),
        ("user disabled", (authority(), token(&["openid"]), Some(grant()), Some(disabled(ada())), now())),
        ("user gone", (authority(), token(&["openid"]), Some(grant()), None, now())),
        ("another user", (authority(), token(&["openid"]), Some(grant()), Some(eve()), now())),
        ("grant gone", (authority(), token(&["openid"]), None, Some(ada()), now())),
        (
            "revoked",
            (authority(), token(&["openid"]), Some(Grant { revoked_at: Some(now()), ..grant() }), Some(ada()), now()),
        ),
        ("epoch bumped", (authority(), token(&["openid"]), Some(Grant { epoch: 1, ..grant() }), Some(ada()), now())),
        ("another authority", (other_authority(), token(&["openid"]), Some(grant()), Some(ada()), now())),
        ("client disabled", (without_client, token(&["openid"]), Some(grant()), Some(ada()), now())),
        ("client removed", (no_client, token(&["openid"]), Some(grant()), Some(ada()), now())),
    ];
    for (name, asked) in cases {
        assert_eq!(refused(asked), Refused::InvalidToken, "{name}");
    }
    let (authority, _, grant, user, now) = good();
    for scopes in [vec!["profile"], vec![], vec!["OpenID"], vec!["openid2"]] {
        let token = token(&scopes);
        assert_eq!(refused((authority.clone(), token, grant.clone(), user.clone(), now)), Refused::OpenidNotGranted);
    }
}

#[test]
fn each_refusal_has_its_code() {
    let all = [
        (Refused::InvalidToken, "access_token_invalid", ErrorCode::InvalidToken),
        (Refused::OpenidNotGranted, "openid_not_granted", ErrorCode::InsufficientScope),
    ];
    for (refused, reason, error) in all {
        assert_eq!((refused.reason(), refused.error()), (reason, error));
    }
}

/// OpenID Connect Core section 5.3.2: `iss` and `aud` are there; what would make an ID token of it is not.
#[test]
fn a_client_that_asks_for_it_is_told_in_a_jwt() {
    let mut authority = authority();
    client_mut(&mut authority, "alexa").userinfo_algorithm = Some(Algorithm::Ps256);
    let told = userinfo(&authority, &token(&["openid"]), Some(&grant()), Some(&ada()), now()).unwrap();
    let Told::Signed(jwt) = told else { panic!("{told:?}") };
    assert_eq!(jwt.protection, Protection::Signed(Algorithm::Ps256));
    let expected = json!({ "sub": "usr_ada", "iss": authority.issuer, "aud": "alexa" });
    assert_eq!(Value::Object(jwt.claims), expected);
}
