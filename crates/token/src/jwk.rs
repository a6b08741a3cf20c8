//! Public keys as JSON Web Keys (RFC 7517), parsed once and kept ready to verify.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
};
use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::claims::text as read_text;
use crate::digest::Digest;
use crate::encoding::{base64url, from_base64url};
use crate::json::parse_strict_object;

/// The largest key set that is read, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;
/// The most keys one set may hold.
pub const MAX_KEYS: usize = 64;

/// Why a key set cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadKeySet {
    /// Not JSON, or not an object with an array `keys`.
    #[error("not a JSON Web Key Set")]
    NotAKeySet,
    /// More bytes or keys than are read.
    #[error("the key set is too large")]
    TooLarge,
}

/// One public verification key.
#[derive(Clone)]
pub struct Jwk {
    kid: Option<String>,
    algorithm: Algorithm,
    verifier: ParsedPublicKey,
    /// An RSA key that names no algorithm verifies PS256 as well (RFC 7517 section 4.4: `alg` is optional).
    pss: Option<ParsedPublicKey>,
    members: Map<String, Value>,
}

impl Jwk {
    /// An RSA key for RS256 or PS256 from modulus and exponent, big endian without leading zeros. `None` for another
    /// algorithm, below 2048 and above 8192 bits, and for exponents that are even, below 3 or longer than 32 bits.
    pub fn rsa(kid: Option<String>, algorithm: Algorithm, modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        // The library looks at the size only when it verifies; a key that can verify nothing must not be in a set.
        let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        let small = exponent.len() <= 4 && exponent != [1];
        if !(2048..=8192).contains(&bits) || !odd(modulus) || !odd(exponent) || !small {
            return None;
        }
        let parameters = match algorithm {
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Algorithm::Es256 | Algorithm::EdDsa => return None,
        };
        let components = PublicKeyComponents { n: modulus, e: exponent };
        let verifier = components.to_parsed_public_key(parameters).ok()?;
        let mut members = Map::new();
        members.insert("kty".into(), json!("RSA"));
        members.insert("n".into(), json!(base64url(modulus)));
        members.insert("e".into(), json!(base64url(exponent)));
        Some(Self::assemble(kid, algorithm, verifier, members))
    }

    /// An Ed25519 key from its 32 bytes (RFC 8037 section 2).
    pub fn ed25519(kid: Option<String>, point: &[u8]) -> Option<Self> {
        let verifier = ParsedPublicKey::new(&ED25519, point).ok().filter(|_| point.len() == 32)?;
        let mut members = Map::new();
        members.insert("kty".into(), json!("OKP"));
        members.insert("crv".into(), json!("Ed25519"));
        members.insert("x".into(), json!(base64url(point)));
        Some(Self::assemble(kid, Algorithm::EdDsa, verifier, members))
    }

    /// A P-256 key from its uncompressed point (65 bytes, beginning with 4).
    pub fn p256(kid: Option<String>, point: &[u8]) -> Option<Self> {
        let (x, y) = match point {
            [4, rest @ ..] if rest.len() == 64 => rest.split_at(32),
            _ => return None,
        };
        let verifier = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?;
        let mut members = Map::new();
        members.insert("kty".into(), json!("EC"));
        members.insert("crv".into(), json!("P-256"));
        members.insert("x".into(), json!(base64url(x)));
        members.insert("y".into(), json!(base64url(y)));
        Some(Self::assemble(kid, Algorithm::Es256, verifier, members))
    }

    fn assemble(
        kid: Option<String>,
        algorithm: Algorithm,
        verifier: ParsedPublicKey,
        mut members: Map<String, Value>,
    ) -> Self {
        members.insert("use".into(), json!("sig"));
        members.insert("alg".into(), json!(algorithm.name()));
        if let Some(kid) = &kid {
            members.insert("kid".into(), json!(kid));
        }
        Self { kid, algorithm, verifier, pss: None, members }
    }

    /// Reads one key. `None` for keys that cannot verify what Sayso accepts: symmetric, for
    /// encryption, of another type or curve, or too short. A member that cannot be read is not taken for absent.
    pub fn from_members(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        if members.get("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        if let Some(operations) = members.get("key_ops")
            && !operations.as_array()?.iter().any(|op| op == "verify")
        {
            return None;
        }
        let kid = read_text(members, "kid").ok()?.map(str::to_owned);
        let named = read_text(members, "alg").ok()?;
        let key = match text("kty")? {
            "RSA" => {
                let (modulus, exponent) = (from_base64url(text("n")?)?, from_base64url(text("e")?)?);
                let rsa = |algorithm| Self::rsa(kid.clone(), algorithm, &modulus, &exponent);
                match named {
                    Some(alg) => rsa(Algorithm::named(alg)?)?,
                    None => Self { pss: Some(rsa(Algorithm::Ps256)?.verifier), ..rsa(Algorithm::Rs256)? },
                }
            }
            "EC" if text("crv")? == "P-256" => {
                let (x, y) = (from_base64url(text("x")?)?, from_base64url(text("y")?)?);
                // Each on its own: 31 and 33 bytes would be another point.
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Self::p256(kid, &[&[4], &x[..], &y[..]].concat())?
            }
            "OKP" if text("crv")? == "Ed25519" => Self::ed25519(kid, &from_base64url(text("x")?)?)?,
            _ => return None,
        };
        named.is_none_or(|alg| alg == key.algorithm.name()).then_some(key)
    }

    /// The SHA-256 thumbprint (RFC 7638): of the members that make the key, and of nothing that was written beside them.
    pub fn thumbprint(&self) -> Digest {
        // In the order of their names, as section 3.2 demands, without blanks.
        let required = ["crv", "e", "kty", "n", "x", "y"];
        let members: Vec<_> = required.iter().filter_map(|name| Some((name, self.members.get(*name)?))).collect();
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Digest::of(format!("{{{}}}", members.join(",")).as_bytes())
    }

    /// The key id, if the set gives one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that this key is for: a property of the key, never of the token.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether it can verify that algorithm: its own, and PS256 for an RSA key that came without a name for one.
    pub fn suits(&self, algorithm: Algorithm) -> bool {
        self.algorithm == algorithm || (algorithm == Algorithm::Ps256 && self.pss.is_some())
    }

    /// Whether `signature` is this key's over `message`, made with its own algorithm.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify_sig(message, signature).is_ok()
    }

    /// Whether `signature` is this key's over `message`, made with that algorithm.
    pub fn verifies_as(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (&self.pss, algorithm) {
            (Some(pss), Algorithm::Ps256) => pss.verify_sig(message, signature).is_ok(),
            _ => self.algorithm == algorithm && self.verifies(message, signature),
        }
    }

    /// The public members, for printing.
    pub fn to_json(&self) -> Value {
        Value::Object(self.members.clone())
    }
}

impl std::fmt::Debug for Jwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jwk").field("kid", &self.kid).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// The public keys of one issuer.
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    /// A set of these keys.
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self { keys }
    }

    /// Reads a JWK Set document; keys that cannot be used are left out (RFC 7517 section 5).
    pub fn parse(bytes: &[u8]) -> Result<Self, BadKeySet> {
        if bytes.len() > MAX_KEY_SET_BYTES {
            return Err(BadKeySet::TooLarge);
        }
        let document = parse_strict_object(bytes).map_err(|_| BadKeySet::NotAKeySet)?;
        let members = document.get("keys").and_then(Value::as_array).ok_or(BadKeySet::NotAKeySet)?;
        if members.len() > MAX_KEYS {
            return Err(BadKeySet::TooLarge);
        }
        Ok(Self { keys: members.iter().filter_map(Value::as_object).filter_map(Jwk::from_members).collect() })
    }

    /// Those of its keys that suit the algorithm, for documents whose keys may lack an id.
    pub fn suiting(&self, algorithm: Algorithm) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().filter(move |key| key.suits(algorithm))
    }

    /// The key of that id.
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }

    /// The only key of the set, for issuers that name none in their tokens.
    pub fn only(&self) -> Option<&Jwk> {
        match self.keys.as_slice() {
            [key] => Some(key),
            _ => None,
        }
    }

    /// How many usable keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no usable key is there.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The document to publish.
    pub fn to_json(&self) -> Value {
        json!({ "keys": self.keys.iter().map(Jwk::to_json).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests;
