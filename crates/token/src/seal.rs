//! Sealing: what must be kept or carried, but not read or changed, by whoever holds it (AES-256-GCM).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

use crate::digest::Digest;
use crate::encoding::{base64url, from_base64url};
use crate::entropy::Entropy;

const SALT: &[u8] = b"sayso";

/// Seals and opens under one root key. Each purpose has a key of its own, so a value sealed for one purpose does not
/// open for another.
pub struct Sealer {
    root: [u8; 32],
}

impl Sealer {
    /// A sealer under this root key.
    pub fn new(root: [u8; 32]) -> Self {
        Self { root }
    }

    /// A sealer under a key drawn from a bearer value of at least 160 bits: only its holder can open what it seals.
    pub fn from_bearer(bearer: &str) -> Self {
        Self { root: hkdf(SALT, bearer.as_bytes(), b"sayso bearer seal") }
    }

    fn key(&self, purpose: &str) -> Option<LessSafeKey> {
        let key = hkdf(SALT, &self.root, purpose.as_bytes());
        UnboundKey::new(&AES_256_GCM, &key).ok().map(LessSafeKey::new)
    }

    /// Seals `plain` for `purpose`; the result is base64url.
    pub fn seal(&self, purpose: &str, plain: &[u8], entropy: &mut dyn Entropy) -> String {
        let nonce: [u8; NONCE_LEN] = entropy.bytes();
        let mut body = plain.to_vec();
        let sealed = self.key(purpose).and_then(|key| {
            let aad = Aad::from(purpose.as_bytes());
            key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut body).ok()
        });
        // Sealing fails only on inputs of more than 64 GiB; an empty text then opens nowhere.
        match sealed {
            Some(()) => base64url(&[&nonce[..], &body[..]].concat()),
            None => String::new(),
        }
    }

    /// Opens what [`Self::seal`] made for the same purpose; `None` when it was made otherwise or changed since.
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        let mut bytes = from_base64url(sealed)?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.key(purpose)?.open_in_place(nonce, Aad::from(purpose.as_bytes()), body).ok()?;
        Some(plain.to_vec())
    }

    /// A keyed digest (HMAC-SHA256) of `bytes` for `purpose`: shows that a value was made here.
    pub fn tag(&self, purpose: &str, bytes: &[u8]) -> Digest {
        Digest::from(hmac_sha256(&hkdf(SALT, &self.root, purpose.as_bytes()), bytes))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// HKDF-SHA256 (RFC 5869) to 32 bytes: one block, so two HMACs. Written out because it cannot fail this way; a general
/// expansion can, and what it left behind would be a key of zeros.
fn hkdf(salt: &[u8], secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    let extracted = hmac_sha256(salt, secret);
    hmac_sha256(&extracted, &[purpose, &[1]].concat())
}

fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    // The tag of HMAC-SHA256 has 32 bytes; were it otherwise, this would panic, not carry on with zeros.
    out.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref());
    out
}

#[cfg(test)]
mod tests;
