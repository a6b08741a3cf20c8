//! Signing keys, parsed once and kept: signing with a kept RSA key is twice as fast as with one parsed per call.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};

use crate::algorithm::Algorithm;
use crate::digest::Digest;
use crate::jwk::{Jwk, JwkSet};

/// Why a private key cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadKey {
    /// Not PKCS#8 of the kind the algorithm asks for.
    #[error("the private key is not PKCS#8 of an {0} key")]
    NotOfThisKind(Algorithm),
    /// An RSA key below 2048 bits.
    #[error("the RSA key has fewer than 2048 bits")]
    TooShort,
}

enum Pair {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// A private key with its public half.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    pair: Arc<Pair>,
    public: Jwk,
}

impl SigningKey {
    /// Reads a PKCS#8 document. The key id is the start of the public key's digest, so it never has to be kept.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, BadKey> {
        let other = || BadKey::NotOfThisKind(algorithm);
        let (kid, pair, public) = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| other())?;
                let public = pair.public_key();
                let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
                let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
                let kid = kid_of(&modulus);
                let public = Jwk::rsa(Some(kid.clone()), algorithm, &modulus, &exponent).ok_or(BadKey::TooShort)?;
                (kid, Pair::Rsa(pair), public)
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(|_| other())?;
                let point = pair.public_key().as_ref().to_vec();
                let kid = kid_of(&point);
                let public = Jwk::p256(Some(kid.clone()), &point).ok_or_else(other)?;
                (kid, Pair::Es256(pair), public)
            }
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| other())?;
                let point = pair.public_key().as_ref().to_vec();
                let kid = kid_of(&point);
                let public = Jwk::ed25519(Some(kid.clone()), &point).ok_or_else(other)?;
                (kid, Pair::EdDsa(pair), public)
            }
        };
        Ok(Self { kid, pair: Arc::new(pair), public })
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public half.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Signs `message`; `None` only if the cryptographic library fails.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        // RSA PKCS#1 v1.5 ignores it; ECDSA's nonce and the salt of PSS are the library's own business.
        #[allow(clippy::disallowed_methods, reason = "the library's signing calls demand its own generator")]
        let random = SystemRandom::new();
        match &*self.pair {
            Pair::Rsa(pair) => {
                let padding = if self.algorithm() == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Pair::Es256(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Pair::EdDsa(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

fn kid_of(public: &[u8]) -> String {
    Digest::of(public).base64url().chars().take(22).collect()
}

/// The signing keys of one authority. The first key of an algorithm signs; all are published.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    keys: Vec<SigningKey>,
}

impl Keyring {
    /// A keyring of these keys, the newest of each algorithm first.
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self { keys }
    }

    /// The key that signs with `algorithm` now.
    pub fn signer(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.algorithm() == algorithm)
    }

    /// What is published: public halves only.
    pub fn public(&self) -> JwkSet {
        JwkSet::new(self.keys.iter().map(|key| key.public().clone()).collect())
    }
}

#[cfg(test)]
mod tests;
