use proptest::prelude::*;

use super::*;
use crate::testing::{key, object, with};

fn public(algorithm: Algorithm) -> Map<String, Value> {
    object(key(algorithm).public().to_json())
}

fn parsed(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

#[test]
fn published_keys_read_back_and_verify() {
    for algorithm in Algorithm::ALL {
        let signer = key(algorithm);
        let set = parsed(&[json!(public(algorithm))]);
        let read = set.find(signer.kid()).unwrap();
        assert_eq!(read.algorithm(), algorithm);
        assert!(read.verifies(b"m", &signer.sign(b"m").unwrap()));
        assert_eq!(read.to_json(), signer.public().to_json());
        assert_eq!(JwkSet::parse(set.to_json().to_string().as_bytes()).unwrap().to_json(), set.to_json());
    }
}

#[test]
fn private_members_are_neither_kept_nor_printed() {
    for algorithm in Algorithm::ALL {
        let mut members = public(algorithm);
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "x5u"] {
            members.insert(name.to_owned(), json!("c2VjcmV0"));
        }
        let set = parsed(&[json!(members)]);
        assert_eq!(set.len(), 1);
        assert_eq!(set.to_json()["keys"][0], json!(public(algorithm)));
        assert!(!format!("{set:?}").contains("c2VjcmV0"));
    }
}

#[test]
fn keys_that_cannot_be_trusted_are_left_out() {
    let (rsa, es) = (public(Algorithm::Rs256), public(Algorithm::Es256));
    let rsa_of = |bytes: usize, e: &[u8]| {
        let n = base64url(&[&[0xC5], &vec![0xA7; bytes - 1][..]].concat());
        with(with(rsa.clone(), "n", Some(json!(n))), "e", Some(json!(base64url(e))))
    };
    let set = |base: &Map<String, Value>, name: &str, value: Value| with(base.clone(), name, Some(value));
    let without = |base: &Map<String, Value>, name: &str| with(base.clone(), name, None);
    let x = es["x"].as_str().unwrap();
    let moved = |x: &[u8], y: &[u8]| set(&set(&es, "x", json!(base64url(x))), "y", json!(base64url(y)));
    let point =
        [from_base64url(es["x"].as_str().unwrap()).unwrap(), from_base64url(es["y"].as_str().unwrap()).unwrap()]
            .concat();
    let cases = [
        ("symmetric", object(json!({"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"}))),
        ("oct posing as RSA", set(&rsa, "kty", json!("oct"))),
        ("no type", without(&rsa, "kty")),
        ("type of another case", set(&rsa, "kty", json!("rsa"))),
        ("X25519", object(json!({"kty": "OKP", "crv": "X25519", "x": x}))),
        ("OKP without curve", object(json!({"kty": "OKP", "x": x}))),
        ("short Ed25519", object(json!({"kty": "OKP", "crv": "Ed25519", "x": "c2VjcmV0"}))),
        ("Ed25519 for ES256", object(json!({"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "ES256"}))),
        ("P-384", set(&es, "crv", json!("P-384"))),
        ("no curve", without(&es, "crv")),
        ("for encryption", set(&rsa, "use", json!("enc"))),
        ("use unreadable", set(&rsa, "use", json!(["sig"]))),
        ("key_ops without verify", set(&rsa, "key_ops", json!(["encrypt"]))),
        ("key_ops unreadable", set(&rsa, "key_ops", json!("verify"))),
        ("RSA for ES256", set(&rsa, "alg", json!("ES256"))),
        ("RSA for EdDSA", set(&rsa, "alg", json!("EdDSA"))),
        ("RSA for PS384", set(&rsa, "alg", json!("PS384"))),
        ("RSA for HS256", set(&rsa, "alg", json!("HS256"))),
        ("RSA for none", set(&rsa, "alg", json!("none"))),
        ("alg unreadable", set(&rsa, "alg", json!(256))),
        ("kid unreadable", set(&rsa, "kid", json!(1))),
        ("EC for RS256", set(&es, "alg", json!("RS256"))),
        ("RSA 512", rsa_of(64, &[1, 0, 1])),
        ("RSA 1024", rsa_of(128, &[1, 0, 1])),
        ("RSA 2040", rsa_of(255, &[1, 0, 1])),
        ("RSA 16384", rsa_of(2048, &[1, 0, 1])),
        ("no modulus", without(&rsa, "n")),
        ("empty modulus", set(&rsa, "n", json!(""))),
        ("padded modulus", set(&rsa, "n", json!(format!("{}=", rsa["n"].as_str().unwrap())))),
        ("empty exponent", set(&rsa, "e", json!(""))),
        ("exponent zero", set(&rsa, "e", json!("AA"))),
        ("exponent one", set(&rsa, "e", json!("AQ"))),
        ("exponent two", set(&rsa, "e", json!("Ag"))),
        ("point at zero", moved(&[0; 32], &[0; 32])),
        ("point off the curve", moved(&[1; 32], &[2; 32])),
        ("coordinates shifted by a byte", moved(&point[..31], &point[31..])),
        ("short coordinate", moved(&point[1..32], &point[32..])),
        ("no y", without(&es, "y")),
    ];
    for (name, members) in cases {
        assert!(parsed(&[json!(members)]).is_empty(), "{name}");
    }
    assert_eq!(parsed(&[json!(rsa), json!(1), json!("x"), json!({}), json!(es)]).len(), 2);
}

#[test]
fn optional_members_may_be_absent() {
    for algorithm in Algorithm::ALL {
        let bare = ["use", "alg", "kid"].into_iter().fold(public(algorithm), |all, name| with(all, name, None));
        let set = parsed(&[json!(bare)]);
        let read = set.only().unwrap();
        assert!(read.suits(algorithm) && read.kid().is_none());
        let signature = key(algorithm).sign(b"m").unwrap();
        assert!(read.verifies_as(algorithm, b"m", &signature));
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert!(!read.verifies_as(other, b"m", &signature), "{algorithm} as {other}");
        }
        let with_ops = with(public(algorithm), "key_ops", Some(json!(["verify"])));
        assert_eq!(parsed(&[json!(with_ops)]).len(), 1);
    }
}

#[test]
fn a_set_finds_by_exact_id_and_only_when_alone() {
    let set = parsed(&[json!(public(Algorithm::Es256)), json!(public(Algorithm::Rs256))]);
    let kid = key(Algorithm::Es256).kid();
    assert!(set.find(kid).is_some());
    for other in ["", &kid[1..], &format!("{kid} "), "*"] {
        assert!(set.find(other).is_none(), "{other:?}");
    }
    assert!(set.only().is_none());
    assert!(JwkSet::default().only().is_none());
}

#[test]
fn a_key_set_that_is_none_is_refused() {
    for bad in
        ["", "<html>", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"keys":[],"keys":[]}"#, "\u{feff}{}"]
    {
        assert_eq!(JwkSet::parse(bad.as_bytes()).unwrap_err(), BadKeySet::NotAKeySet, "{bad:?}");
    }
    let padded = format!("{{\"keys\":[]{}}}", " ".repeat(MAX_KEY_SET_BYTES));
    assert_eq!(JwkSet::parse(padded.as_bytes()).unwrap_err(), BadKeySet::TooLarge);
    let many = json!({ "keys": vec![json!({}); MAX_KEYS + 1] }).to_string();
    assert_eq!(JwkSet::parse(many.as_bytes()).unwrap_err(), BadKeySet::TooLarge);
    let deep = format!("{{\"keys\":{}", "[".repeat(10_000));
    assert_eq!(JwkSet::parse(deep.as_bytes()).unwrap_err(), BadKeySet::NotAKeySet);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        let _ = JwkSet::parse(&bytes);
    }

    #[test]
    fn arbitrary_members_never_panic(name in "kty|crv|x|y|n|e|kid|alg|use|key_ops", text: String, number: i64) {
        for base in [public(Algorithm::Es256), public(Algorithm::Rs256)] {
            for value in [json!(text), json!(number), json!([text]), Value::Null] {
                let set = parsed(&[json!(with(base.clone(), &name, Some(value)))]);
                prop_assert!(set.len() <= 1);
            }
        }
    }
}
