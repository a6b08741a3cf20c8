use sayso_token::algorithm::Algorithm;
use serde_json::Value;

use super::*;
use crate::record::claim::{Claim, Says};
use crate::record::terms::{RequestedClaims, Terms};
use crate::testing::{AUDIENCE, ISSUER, OTHER_AUDIENCE, ada, at, authority, grant, now};

fn issue(authority: &Authority, audience: &str, holder: Holder<'_>, scopes: &[&str]) -> Map<String, Value> {
    let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    let about = AccessTokenFor {
        authority,
        api: authority.api(audience).unwrap(),
        client: authority.client("alexa").unwrap(),
        holder,
        scopes: &scopes,
        lifetime: Lifetime::from_seconds(3600),
    };
    let token = at(now(), 1, |ambient| access_token(about, ambient));
    assert_eq!(token.typ, ACCESS_TOKEN_TYPE);
    token.claims
}

fn for_ada(authority: &Authority, audience: &str, scopes: &[&str]) -> Map<String, Value> {
    issue(authority, audience, Holder::Person(&ada(), &grant()), scopes)
}

#[test]
fn each_profile_names_its_claims_its_own_way() {
    let mut authority = authority();
    let names = |claims: &Map<String, Value>| {
        let mut names: Vec<_> = claims.keys().filter(|name| !name.ends_with("Claim")).cloned().collect();
        names.sort();
        names.join(" ")
    };
    let claims = for_ada(&authority, AUDIENCE, &["read:whattowear", "openid"]);
    assert_eq!(names(&claims), "aud client_id exp iat iss jti scope sub");
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(ISSUER), Some("usr_ada")));
    assert_eq!((claims["aud"].as_str(), claims["scope"].as_str()), (Some(AUDIENCE), Some("read:whattowear openid")));
    assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now().seconds()), Some(now().seconds() + 3600)));
    let cid = for_ada(&authority, OTHER_AUDIENCE, &["read:quiz"]);
    assert_eq!(names(&cid), "aud cid exp iat iss jti scp sub uid ver");
    assert_eq!((&cid["scp"], cid["uid"].as_str()), (&json!(["read:quiz"]), Some("usr_ada")));
    let own = issue(&authority, OTHER_AUDIENCE, Holder::Client, &["read:quiz"]);
    assert_eq!((own["sub"].as_str(), own.get("uid")), (Some("client|alexa"), None));
    authority.apis[0].profile = TokenProfile::Azp;
    let azp = for_ada(&authority, AUDIENCE, &["read:whattowear"]);
    assert_eq!((names(&azp).as_str(), azp["azp"].as_str()), ("aud azp exp iat iss jti scope sub", Some("alexa")));
}

#[test]
fn custom_claims_come_from_the_profile_and_may_need_a_scope() {
    let authority = authority();
    let claims = for_ada(&authority, AUDIENCE, &["read:whattowear"]);
    assert_eq!((claims["FirstNameClaim"].as_str(), claims["FavoriteColorClaim"].as_str()), (Some("Ada"), Some("teal")));
    assert!(!claims.contains_key("color"), "an ID token's claim");
    assert!(!for_ada(&authority, AUDIENCE, &["openid"]).contains_key("FavoriteColorClaim"), "scope not granted");
    let mut user = ada();
    user.attributes.insert("firstName".to_owned(), "".into());
    user.attributes.remove("favoriteColor");
    let claims = issue(&authority, AUDIENCE, Holder::Person(&user, &grant()), &["read:whattowear"]);
    assert!(!claims.contains_key("FirstNameClaim") && !claims.contains_key("FavoriteColorClaim"));
}

/// CVE-2024-29892: what people write into their profile never becomes the authority's own word.
#[test]
fn a_custom_claim_cannot_pose_as_one_of_the_protocol() {
    for audience in [AUDIENCE, OTHER_AUDIENCE] {
        let plain = for_ada(&authority(), audience, &["read:whattowear"]);
        for name in PROTOCOL_CLAIMS {
            let mut authority = authority();
            authority.claims.push(Claim {
                name: name.to_owned(),
                carriers: Carrier::ALL.to_vec(),
                says: Says::Attribute("favoriteColor".to_owned()),
                scopes: Vec::new(),
                on_request: false,
            });
            assert_eq!(for_ada(&authority, audience, &["read:whattowear"]), plain, "{name}");
            let id_token = id_token(&authority, &grant(), &ada(), None, now());
            assert!(id_token.claims.get(name).is_none_or(|value| value != "teal"), "{name}");
        }
    }
}

#[test]
fn every_claim_that_is_issued_is_protected() {
    for audience in [AUDIENCE, OTHER_AUDIENCE] {
        for name in for_ada(&authority(), audience, &["x"]).keys().filter(|name| !name.ends_with("Claim")) {
            assert!(PROTOCOL_CLAIMS.contains(&name.as_str()), "{name}");
        }
    }
    assert!(PROTOCOL_CLAIMS.is_sorted());
}

#[test]
fn an_id_token_is_for_its_client() {
    let grant = grant();
    let token = id_token(&authority(), &grant, &ada(), Some("n"), now());
    assert_eq!((token.typ, token.protection), ("JWT", Protection::Signed(Algorithm::Rs256)));
    assert_eq!((token.claims["aud"].as_str(), token.claims["nonce"].as_str()), (Some("alexa"), Some("n")));
    assert_eq!(token.claims["auth_time"], grant.signed_in_at.seconds());
    assert_eq!(token.claims["exp"], now().seconds() + 600);
    assert_eq!((&token.claims["acr"], &token.claims["amr"]), (&json!("1"), &json!(["pwd"])));
    assert!(!token.claims.contains_key("color"), "profile was not granted");
    assert!(!token.claims.contains_key("email"), "not asked for by name");
    let by_provider = Grant { terms: Terms { connection: Some("corp".into()), ..Terms::default() }, ..grant.clone() };
    let by = id_token(&authority(), &by_provider, &ada(), None, now());
    assert_eq!((&by.claims["acr"], by.claims.get("amr")), (&json!("1"), None));
    assert!(!id_token(&authority(), &grant, &ada(), None, now()).claims.contains_key("nonce"));
}

/// OpenID Connect Core section 5.4: scopes tell at userinfo, names where they were asked for.
#[test]
fn an_id_token_tells_what_was_asked_for_by_name() {
    let claims =
        RequestedClaims { id_token: vec!["email".into(), "gender".into(), "sub".into()], ..Default::default() };
    let grant = Grant { terms: Terms { claims, ..Terms::default() }, ..grant() };
    let token = id_token(&authority(), &grant, &ada(), None, now());
    assert_eq!(token.claims["email"], "ada@a.test");
    assert_eq!((token.claims["sub"].as_str(), token.claims.contains_key("gender")), (Some("usr_ada"), false));
}

/// One grant knows a person under one subject, in each of its tokens.
#[test]
fn a_pairwise_grant_never_names_the_id() {
    let terms = Terms { subject: Some("pw_x".to_owned()), ..Terms::default() };
    let (grant, user) = (Grant { terms, ..grant() }, ada());
    let authority = authority();
    for audience in [AUDIENCE, OTHER_AUDIENCE] {
        let about = AccessTokenFor {
            authority: &authority,
            api: authority.api(audience).unwrap(),
            client: authority.client("alexa").unwrap(),
            holder: Holder::Person(&user, &grant),
            scopes: &grant.scopes,
            lifetime: Lifetime::from_seconds(3600),
        };
        let access = at(now(), 1, |ambient| access_token(about, ambient)).claims;
        assert_eq!(access["sub"], "pw_x");
        assert!(!format!("{access:?}").contains("usr_ada"), "{access:?}");
    }
    let told = id_token(&authority, &grant, &user, None, now()).claims;
    assert_eq!(told["sub"], "pw_x");
    assert!(!format!("{told:?}").contains("usr_ada"), "{told:?}");
}

/// OID-002: `at_hash` is the left half of the SHA-256 of the access token (the example of OpenID Connect Core A.3).
#[test]
fn oid_002_at_hash_fits_the_access_token() {
    let plain = id_token(&authority(), &grant(), &ada(), None, now());
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let token = Unsigned { protection: Protection::Signed(algorithm), ..plain.clone() };
        let token = with_access_token_hash(token, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(token.claims["at_hash"], "77QmUPtjPfzWtF2AnpK9RQ");
        assert!(!token.claims.contains_key("c_hash"), "no code comes beside a token here");
    }
}

#[test]
fn a_jti_names_grant_and_epoch_or_nothing() {
    let named = |grant: &str, epoch| Some((GrantId(grant.to_owned()), epoch));
    let cases = [
        ("g.0.r", named("g", 0)),
        ("g.12.r", named("g", 12)),
        ("g.0.r.more", named("g", 0)),
        ("random", None),
        ("g.0", None),
        ("g.x.r", None),
        ("g..r", None),
        ("g.99999999999999999999.r", None),
        ("", None),
    ];
    for (jti, expected) in cases {
        assert_eq!(grant_of(jti), expected, "{jti:?}");
    }
}
