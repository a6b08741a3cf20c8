use serde_json::json;

use super::*;
use crate::jws;
use crate::testing::{es_pkcs8, good_claims, key, make_es, object, pkcs8, rsa_pkcs8, strangers_key};

#[test]
fn a_key_is_what_the_algorithm_asks_for_or_nothing() {
    for algorithm in Algorithm::ALL {
        for other in Algorithm::ALL {
            let is_rsa = |one| matches!(one, Algorithm::Rs256 | Algorithm::Ps256);
            let read = SigningKey::from_pkcs8(algorithm, pkcs8(other));
            match algorithm == other || (is_rsa(algorithm) && is_rsa(other)) {
                true => assert_eq!(read.unwrap().algorithm(), algorithm),
                false => assert_eq!(read.unwrap_err(), BadKey::NotOfThisKind(algorithm), "{other}"),
            }
        }
    }
    for algorithm in Algorithm::ALL {
        for garbage in [&b""[..], b"x", &[0x30, 0x82, 0xFF, 0xFF], &rsa_pkcs8()[..100], &es_pkcs8()[1..]] {
            let refused = SigningKey::from_pkcs8(algorithm, garbage).unwrap_err();
            assert_eq!(refused, BadKey::NotOfThisKind(algorithm), "{} bytes", garbage.len());
        }
    }
}

#[test]
fn the_same_key_has_the_same_id_and_another_key_another() {
    let again = SigningKey::from_pkcs8(Algorithm::Es256, es_pkcs8()).unwrap();
    assert_eq!(again.kid(), key(Algorithm::Es256).kid());
    assert_ne!(again.kid(), strangers_key().kid());
    assert_ne!(again.kid(), key(Algorithm::Rs256).kid());
    assert_eq!(again.public().kid(), Some(again.kid()));
}

#[test]
fn the_first_key_of_an_algorithm_signs_and_all_are_published() {
    let newer = SigningKey::from_pkcs8(Algorithm::Es256, &make_es()).unwrap();
    let (older, rsa) = (key(Algorithm::Es256).clone(), key(Algorithm::Rs256).clone());
    let ring = Keyring::new(vec![newer.clone(), rsa.clone(), older.clone()]);
    assert_eq!(ring.signer(Algorithm::Es256).unwrap().kid(), newer.kid());
    assert_eq!(ring.signer(Algorithm::Rs256).unwrap().kid(), rsa.kid());
    assert_eq!(ring.public().len(), 3);
    for key in [&newer, &rsa, &older] {
        let signature = key.sign(b"message").unwrap();
        assert!(ring.public().find(key.kid()).unwrap().verifies(b"message", &signature));
        assert!(!ring.public().find(key.kid()).unwrap().verifies(b"massage", &signature));
    }
    assert!(Keyring::new(vec![older]).signer(Algorithm::Rs256).is_none());
    assert!(Keyring::default().signer(Algorithm::Es256).is_none());
}

#[test]
fn no_private_member_is_printed_or_published() {
    for algorithm in Algorithm::ALL {
        let ring = Keyring::new(vec![key(algorithm).clone()]);
        let published = object(ring.public().to_json()["keys"][0].clone());
        let mut names: Vec<_> = published.keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected: &[&str] = match algorithm {
            Algorithm::Es256 => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            Algorithm::EdDsa => &["alg", "crv", "kid", "kty", "use", "x"],
            Algorithm::Ps256 | Algorithm::Rs256 => &["alg", "e", "kid", "kty", "n", "use"],
        };
        assert_eq!(names, expected);
        let printed = format!("{:?}", ring);
        assert!(printed.contains(key(algorithm).kid()) && printed.len() < 300, "{printed}");
    }
}

/// A second opinion on what is signed here.
#[test]
fn jsonwebtoken_accepts_what_is_signed_here() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let token = jws::sign("at+jwt", &good_claims(), key).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.public().to_json()).unwrap();
        let theirs = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        let mut validation = jsonwebtoken::Validation::new(match algorithm {
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        });
        validation.set_audience(&[crate::testing::AUDIENCE]);
        validation.set_issuer(&[crate::testing::ISSUER]);
        let read = jsonwebtoken::decode::<serde_json::Value>(&token, &theirs, &validation).unwrap();
        assert_eq!(read.claims, json!(good_claims()));
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(read.header.kid.as_deref(), Some(key.kid()));
        let cut = &token[..token.len() - 4];
        assert!(jsonwebtoken::decode::<serde_json::Value>(cut, &theirs, &validation).is_err());
    }
}
