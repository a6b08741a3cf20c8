//! What the tests of this crate share: keys made once, counted chance, tokens built piece by piece.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::encoding::base64url;
use crate::entropy::Entropy;
use crate::jwk::JwkSet;
use crate::keyring::SigningKey;
use crate::time::Timestamp;

pub(crate) const ISSUER: &str = "https://authority.test";
pub(crate) const AUDIENCE: &str = "https://whatshouldiwear";
/// The time of most tests, in seconds.
pub(crate) const NOW: i64 = 1_800_000_000;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

/// Chance that repeats itself (SplitMix64), so that a failing test fails again.
pub(crate) struct Seeded(pub(crate) u64);

impl Entropy for Seeded {
    fn fill(&mut self, dest: &mut [u8]) {
        for chunk in dest.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bytes = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// A fresh RSA key of 2048 bits, PKCS#8.
pub(crate) fn make_rsa() -> Vec<u8> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
    der.as_ref().to_vec()
}

/// A fresh P-256 key, PKCS#8.
pub(crate) fn make_es() -> Vec<u8> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    pair.to_pkcs8v1().unwrap().as_ref().to_vec()
}

/// A fresh Ed25519 key, PKCS#8.
pub(crate) fn make_ed() -> Vec<u8> {
    Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap().as_ref().to_vec()
}

/// The authority's key of this algorithm, PKCS#8; made once.
pub(crate) fn pkcs8(algorithm: Algorithm) -> &'static [u8] {
    static ED: OnceLock<Vec<u8>> = OnceLock::new();
    static PSS: OnceLock<Vec<u8>> = OnceLock::new();
    match algorithm {
        Algorithm::EdDsa => ED.get_or_init(make_ed),
        Algorithm::Es256 => es_pkcs8(),
        // Of its own: two keys of one set never share an id.
        Algorithm::Ps256 => PSS.get_or_init(make_rsa),
        Algorithm::Rs256 => rsa_pkcs8(),
    }
}

/// The authority's RSA key, PKCS#8; made once, for making one is slow.
pub(crate) fn rsa_pkcs8() -> &'static [u8] {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    KEY.get_or_init(make_rsa)
}

/// The authority's P-256 key, PKCS#8.
pub(crate) fn es_pkcs8() -> &'static [u8] {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    KEY.get_or_init(make_es)
}

fn kept(cell: &'static OnceLock<SigningKey>, algorithm: Algorithm, pkcs8: &[u8]) -> &'static SigningKey {
    cell.get_or_init(|| SigningKey::from_pkcs8(algorithm, pkcs8).unwrap())
}

/// The authority's signing key of this algorithm.
pub(crate) fn key(algorithm: Algorithm) -> &'static SigningKey {
    static KEYS: [OnceLock<SigningKey>; 4] = [const { OnceLock::new() }; 4];
    kept(&KEYS[algorithm as usize], algorithm, pkcs8(algorithm))
}

/// A stranger's signing key.
pub(crate) fn strangers_key() -> &'static SigningKey {
    static ES: OnceLock<SigningKey> = OnceLock::new();
    kept(&ES, Algorithm::Es256, &make_es())
}

/// The authority's public keys.
pub(crate) fn keys() -> JwkSet {
    JwkSet::new(Algorithm::ALL.map(|algorithm| key(algorithm).public().clone()).to_vec())
}

/// The claims of a token that passes.
pub(crate) fn good_claims() -> Map<String, Value> {
    object(json!({
        "iss": ISSUER, "sub": "usr_ada", "aud": AUDIENCE, "client_id": "alexa", "scope": "read:whattowear openid",
        "iat": NOW - 10, "exp": NOW + 300, "jti": "g.0.r",
    }))
}

/// The header of a token that passes.
pub(crate) fn good_header(key: &SigningKey) -> Map<String, Value> {
    object(json!({ "alg": key.algorithm().name(), "typ": "at+jwt", "kid": key.kid() }))
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// `base` with one member replaced, or removed where `value` is `None`.
pub(crate) fn with(mut base: Map<String, Value>, name: &str, value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(value) => base.insert(name.to_owned(), value),
        None => base.remove(name),
    };
    base
}

/// Signs header and payload as they stand, whatever they say.
pub(crate) fn signed(header: &str, payload: &str, key: &SigningKey) -> String {
    let body = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
    let signature = key.sign(body.as_bytes()).unwrap();
    format!("{body}.{}", base64url(&signature))
}

/// A token of these claims, signed as an access token.
pub(crate) fn token(claims: &Map<String, Value>, key: &SigningKey) -> String {
    signed(&json!(good_header(key)).to_string(), &json!(claims).to_string(), key)
}
