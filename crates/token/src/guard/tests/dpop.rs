//! Proofs of possession: what each fault is called.

use serde_json::{Map, Value, json};

use super::judge_claims;
use crate::algorithm::Algorithm;
use crate::digest::Digest;
use crate::guard::dpop::{BadProof, Proof, ProofAddress, Proven, check_binding, check_proof, only_proof};
use crate::guard::{Check, Reason};
use crate::jwk::Jwk;
use crate::keyring::SigningKey;
use crate::testing::{NOW, good_claims, key, now, object, signed, strangers_key, with};
use crate::time::Timestamp;

const TOKEN: &str = "the.access.token";
const ADDRESS: &str = "https://api.example/color";

fn header(key: &SigningKey) -> Map<String, Value> {
    let mut jwk = object(key.public().to_json());
    // As a browser writes it.
    jwk.retain(|name, _| ["kty", "crv", "x", "y", "n", "e"].contains(&name.as_str()));
    object(json!({"alg": key.algorithm().name(), "typ": "dpop+jwt", "jwk": jwk}))
}

fn claims() -> Map<String, Value> {
    let ath = Digest::of(TOKEN.as_bytes()).base64url();
    object(json!({"htm": "GET", "htu": ADDRESS, "iat": NOW, "jti": "-BwC3ESc6acc2lTc", "ath": ath}))
}

fn proof(header: &Map<String, Value>, claims: &Map<String, Value>) -> String {
    signed(&json!(header).to_string(), &json!(claims).to_string(), key(Algorithm::Es256))
}

fn judge_at(proof: &str, now: Timestamp) -> Result<Proof, BadProof> {
    let address = ProofAddress::parse(ADDRESS).unwrap();
    let request = Proven { method: "GET", address: &address, token: TOKEN };
    check_proof(proof, &request, &[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256], now)
}

fn judge(proof: &str) -> Result<Proof, BadProof> {
    judge_at(proof, now())
}

/// The good proof with one claim changed.
fn judge_with(name: &str, value: Option<Value>) -> Result<Proof, BadProof> {
    judge(&proof(&header(key(Algorithm::Es256)), &with(claims(), name, value)))
}

/// The good proof with one header parameter changed.
fn judge_header(name: &str, value: Option<Value>) -> Result<Proof, BadProof> {
    judge(&proof(&with(header(key(Algorithm::Es256)), name, value), &claims()))
}

#[test]
fn a_good_proof_tells_its_key_and_how_long_to_remember_it() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256] {
        let key = key(algorithm);
        let signed = signed(&json!(header(key)).to_string(), &json!(claims()).to_string(), key);
        let proof = judge(&signed).unwrap();
        assert_eq!(proof.thumbprint, key.public().thumbprint(), "{algorithm}");
        assert_eq!(proof.forget_after, Timestamp::from_seconds(NOW + 61));
    }
    let same = judge(&proof(&header(key(Algorithm::Es256)), &claims())).unwrap();
    assert_eq!(judge_with("iat", Some(json!(NOW - 5))).unwrap().id, same.id, "an id is of key and jti alone");
    assert_ne!(judge_with("jti", Some(json!("another"))).unwrap().id, same.id);
    assert!(judge_with("jti", Some(json!("x".repeat(256)))).is_ok());
}

/// RFC 7638 section 3.1.
#[test]
fn the_thumbprint_is_the_rfc_s() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
             tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n\
             91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let key = object(json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}));
    let thumbprint = Jwk::from_members(&key).unwrap().thumbprint();
    assert_eq!(thumbprint.base64url(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn every_fault_of_a_claim_has_its_name() {
    use BadProof::*;
    for (name, value, fault) in [
        ("htm", None, Malformed),
        ("htm", Some(json!("POST")), Method),
        ("htm", Some(json!("get")), Method),
        ("htm", Some(json!(["GET"])), Malformed),
        ("htu", None, Malformed),
        ("htu", Some(json!("https://api.example/other")), Address),
        ("htu", Some(json!("https://evil.example/color")), Address),
        ("htu", Some(json!("http://api.example/color")), Address),
        ("htu", Some(json!("https://api.example:8443/color")), Address),
        ("htu", Some(json!("/color")), Address),
        ("htu", Some(json!("https://api.example/color/")), Address),
        ("htu", Some(json!("https://ada@api.example/color")), Address),
        ("htu", Some(json!(1)), Malformed),
        ("iat", None, Malformed),
        ("iat", Some(json!(NOW.to_string())), Malformed),
        ("iat", Some(json!(NOW as f64 + 0.5)), Malformed),
        ("jti", None, Malformed),
        ("jti", Some(json!("")), Malformed),
        ("jti", Some(json!(7)), Malformed),
        ("jti", Some(json!("x".repeat(257))), Malformed),
        ("jti", Some(Value::Null), Malformed),
        ("ath", None, Malformed),
        ("ath", Some(json!(Digest::of(b"another.token").base64url())), Token),
        ("ath", Some(json!("")), Token),
    ] {
        assert_eq!(judge_with(name, value.clone()), Err(fault), "{name} {value:?}");
    }
}

#[test]
fn the_time_holds_to_the_second_both_ways() {
    for (iat, holds) in [(-60, true), (-61, false), (0, true), (60, true), (61, false)] {
        let found = judge_with("iat", Some(json!(NOW + iat)));
        assert_eq!(found.map(|_| ()), if holds { Ok(()) } else { Err(BadProof::Time) }, "{iat}");
    }
    // As long as it could pass, it is remembered.
    let good = proof(&header(key(Algorithm::Es256)), &claims());
    let forget_after = judge(&good).unwrap().forget_after;
    assert!(judge_at(&good, Timestamp::from_millis(forget_after.millis() - 1)).is_ok());
    assert_eq!(judge_at(&good, forget_after), Err(BadProof::Time));
}

#[test]
fn every_fault_of_the_header_has_its_name() {
    use BadProof::{Algorithm as Unaccepted, Key, Malformed, PrivateKey, Signature};
    let es = key(Algorithm::Es256);
    let own = header(es)["jwk"].clone();
    let secret = |name: &str| json!(with(object(own.clone()), name, Some(json!("c2VjcmV0"))));
    for (name, value, fault) in [
        ("typ", None, Malformed),
        ("typ", Some(json!("JWT")), Malformed),
        ("typ", Some(json!("at+jwt")), Malformed),
        ("crit", Some(json!(["exp"])), Malformed),
        ("alg", None, Unaccepted),
        ("alg", Some(json!("none")), Unaccepted),
        ("alg", Some(json!("HS256")), Unaccepted),
        // Known, but not among those that this API accepts.
        ("alg", Some(json!("RS256")), Unaccepted),
        // Accepted, but not what this key is for.
        ("alg", Some(json!("EdDSA")), Signature),
        ("jwk", None, Key),
        ("jwk", Some(json!("x")), Key),
        ("jwk", Some(json!({"kty": "oct"})), Key),
        ("jwk", Some(json!({"kty": "oct", "k": "c2VjcmV0"})), PrivateKey),
        ("jwk", Some(secret("d")), PrivateKey),
        ("jwk", Some(secret("p")), PrivateKey),
        ("jwk", Some(secret("oth")), PrivateKey),
        ("jwk", Some(header(strangers_key())["jwk"].clone()), Signature),
        ("jwk", Some(header(key(Algorithm::Rs256))["jwk"].clone()), Signature),
    ] {
        assert_eq!(judge_header(name, value.clone()), Err(fault), "{name} {value:?}");
    }
}

#[test]
fn what_is_no_signed_token_is_no_proof() {
    let good = proof(&header(key(Algorithm::Es256)), &claims());
    let (body, signature) = good.rsplit_once('.').unwrap();
    let zeros = "A".repeat(signature.len());
    for (bad, fault) in [
        (String::new(), BadProof::Malformed),
        ("x.y.z".to_owned(), BadProof::Malformed),
        (body.to_owned(), BadProof::Malformed),
        (format!("{good},{good}"), BadProof::Malformed),
        (format!("{body}."), BadProof::Signature),
        (format!("{body}.{zeros}"), BadProof::Signature),
    ] {
        assert_eq!(judge(&bad), Err(fault), "{bad}");
    }
    for (values, expected) in [
        (vec![], Err(BadProof::Missing)),
        (vec![&b"a.b.c"[..]], Ok("a.b.c")),
        (vec![&b"a.b.c"[..], b"a.b.c"], Err(BadProof::Repeated)),
        (vec![&b"a\xff"[..]], Err(BadProof::Malformed)),
    ] {
        assert_eq!(only_proof(values.iter().copied()), expected);
    }
}

#[test]
fn one_address_in_any_spelling() {
    let parsed = |text: &str| ProofAddress::parse(text);
    let one = parsed("https://api.example/a%2Fb/~c");
    assert_eq!(one.as_ref().map(ProofAddress::as_str), Some("https://api.example/a%2Fb/~c"));
    for same in [
        "HTTPS://API.example/a%2Fb/~c",
        "https://api.example:443/a%2fb/%7ec",
        "https://api.example/x/../a%2Fb/./~c",
        "https://api.example/a%2Fb/~c?q=1#f",
        "https://api.example/%61%2Fb/%7Ec",
    ] {
        assert_eq!(parsed(same), one, "{same}");
    }
    for other in ["https://api.example/a/b/~c", "https://api.example/A%2Fb/~c", "https://api.example/a%252Fb/~c"] {
        assert!(parsed(other).is_some() && parsed(other) != one, "{other}");
    }
    for none in [
        "",
        "color",
        "https:api.example/color",
        r"https:\\api.example\color",
        "https://api.example/co lor",
        "https://api.example/cölor",
        "https://ada:x@api.example/color",
        "ftp://api.example/color",
        "https://api.example/%",
        "https://api.example/%2",
        "https://api.example/%+1",
        "https://api.example/%zz",
    ] {
        assert_eq!(parsed(none), None, "{none}");
    }
}

#[test]
fn a_bound_token_goes_with_its_key_and_with_nothing_else() {
    let own = key(Algorithm::Es256).public().thumbprint();
    let other = strangers_key().public().thumbprint();
    let bound = json!({"jkt": own.base64url()});
    for (cnf, kind, proven, holds) in [
        (None, None, None, true),
        (None, Some("Bearer"), None, true),
        (None, Some("DPoP"), None, false),
        (None, None, Some(&own), false),
        (Some(bound.clone()), None, Some(&own), true),
        (Some(bound.clone()), Some("DPoP"), Some(&own), true),
        (Some(bound.clone()), None, Some(&other), false),
        (Some(bound.clone()), None, None, false),
        (Some(json!({"jkt": own.base64url(), "x5t#S256": "x"})), None, Some(&own), false),
        (Some(json!({"x5t#S256": own.base64url()})), None, Some(&own), false),
        (Some(json!({"jkt": [own.base64url()]})), None, Some(&own), false),
        (Some(json!(own.base64url())), None, Some(&own), false),
        (Some(json!({})), None, Some(&own), false),
        (Some(json!({})), None, None, false),
        (Some(Value::Null), None, None, false),
    ] {
        let claims = with(with(good_claims(), "cnf", cnf.clone()), "token_type", kind.map(|kind| json!(kind)));
        let token = judge_claims(&claims).result.unwrap();
        let found = check_binding(&token, proven).map_err(|denied| (denied.check, denied.reason));
        let expected = if holds { Ok(()) } else { Err((Check::MeantForThisApi, Reason::Binding)) };
        assert_eq!(found, expected, "{cnf:?} {kind:?} {}", proven.is_some());
    }
}

#[test]
fn every_fault_has_a_code_of_its_own() {
    use BadProof::*;
    let all =
        [Missing, Repeated, Malformed, Algorithm, Key, PrivateKey, Signature, Method, Address, Time, Token, Replayed];
    let codes: std::collections::BTreeSet<_> = all.iter().map(|fault| fault.reason()).collect();
    assert_eq!(codes.len(), all.len());
    assert!(codes.iter().all(|code| code.starts_with("dpop_")));
}
