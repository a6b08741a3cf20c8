//! Sealing: what must be kept or carried, but not read or changed, by whoever holds it (AES-256-GCM).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

use crate::digest::Digest;
use crate::encoding::{base64url, from_base64url};
use crate::entropy::Entropy;

const SALT: &[u8] = b"sayso";

/// Seals under one root key and opens under it or an older one. Each purpose has a key of its own, so a value sealed for
/// one purpose does not open for another.
pub struct Sealer {
    newest: Root,
    older: Vec<Root>,
}

/// What the keys of the purposes are drawn from: the pseudorandom key of RFC 5869 section 2.2, ready for use.
struct Root(hmac::Key);

impl Sealer {
    /// A sealer under this root key.
    pub fn new(root: [u8; 32]) -> Self {
        Self { newest: Root::of(&root), older: Vec::new() }
    }

    /// A sealer under a key drawn from a bearer value of at least 160 bits: only its holder can open what it seals.
    pub fn from_bearer(bearer: &str) -> Self {
        Self::new(Root::of(bearer.as_bytes()).expand(b"sayso bearer seal"))
    }

    /// Opens what was sealed under these root keys, too, and knows their tags. It seals nothing under them.
    #[must_use]
    pub fn opening(mut self, older: impl IntoIterator<Item = [u8; 32]>) -> Self {
        self.older.extend(older.into_iter().map(|root| Root::of(&root)));
        self
    }

    /// Seals `plain` for `purpose`; the result is base64url.
    pub fn seal(&self, purpose: &str, plain: &[u8], entropy: &mut dyn Entropy) -> String {
        let nonce: [u8; NONCE_LEN] = entropy.bytes();
        let mut body = plain.to_vec();
        let sealed = self.newest.aead(purpose).and_then(|key| {
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
        let bytes = from_base64url(sealed)?;
        self.roots().find_map(|root| root.open(purpose, bytes.clone()))
    }

    /// A keyed digest (HMAC-SHA256) of `bytes` for `purpose`: shows that a value was made here.
    pub fn tag(&self, purpose: &str, bytes: &[u8]) -> Digest {
        self.newest.tag(purpose, bytes)
    }

    /// Whether `tag` is one that [`Self::tag`] makes, or made under an older key. Compares in constant time.
    pub fn knows_tag(&self, purpose: &str, bytes: &[u8], tag: &Digest) -> bool {
        self.roots().any(|root| root.tag(purpose, bytes).matches(tag))
    }

    fn roots(&self) -> impl Iterator<Item = &Root> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}

impl Root {
    fn of(secret: &[u8]) -> Self {
        Self::extract(SALT, secret)
    }

    /// The first half of HKDF-SHA256 (RFC 5869 section 2.2). Written out because it cannot fail this way; a general
    /// expansion can, and what it left behind would be a key of zeros.
    fn extract(salt: &[u8], secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &hmac_sha256(salt, secret)))
    }

    /// The second half (section 2.3), to 32 bytes: one block.
    fn expand(&self, purpose: &[u8]) -> [u8; 32] {
        tag_of(&self.0, &[purpose, &[1]].concat())
    }

    fn aead(&self, purpose: &str) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.expand(purpose.as_bytes())).ok().map(LessSafeKey::new)
    }

    fn open(&self, purpose: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.aead(purpose)?.open_in_place(nonce, Aad::from(purpose.as_bytes()), body).ok()?;
        Some(plain.to_vec())
    }

    fn tag(&self, purpose: &str, bytes: &[u8]) -> Digest {
        Digest::from(hmac_sha256(&self.expand(purpose.as_bytes()), bytes))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// A key for one purpose, drawn from a root key as [`Sealer`] draws its own.
pub(crate) fn draw(root: &[u8; 32], purpose: &str) -> [u8; 32] {
    Root::of(root).expand(purpose.as_bytes())
}

pub(crate) fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    tag_of(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes)
}

fn tag_of(key: &hmac::Key, bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    // The tag of HMAC-SHA256 has 32 bytes; were it otherwise, this would panic, not carry on with zeros.
    out.copy_from_slice(hmac::sign(key, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests;
