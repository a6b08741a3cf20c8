//! SHA-256 digests: how bearer values are stored, so that a stolen table holds nothing usable.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, SHA512, digest};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::encoding::{base64url, from_base64url};

/// The SHA-512 of these bytes, where a standard wants that one.
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    out.copy_from_slice(digest(&SHA512, bytes).as_ref());
    out
}

/// The SHA-256 of something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(out)
    }

    /// Takes back 32 stored bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Base64url without padding, 43 characters.
    pub fn base64url(&self) -> String {
        base64url(&self.0)
    }

    /// Equality in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    /// Eight characters to tell values apart on a screen or in a log; no way back to the value.
    pub fn short(&self) -> String {
        self.base64url().chars().take(8).collect()
    }
}

impl From<[u8; 32]> for Digest {
    /// Takes 32 bytes for what they are: a digest or tag computed elsewhere.
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.base64url())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_base64url(&text)
            .and_then(|bytes| Self::from_bytes(&bytes))
            .ok_or_else(|| serde::de::Error::custom("not a SHA-256 digest in base64url"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_and_travels_as_base64url() {
        let empty = Digest::of(b"");
        assert_eq!(empty.base64url(), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
        assert_eq!(format!("{empty:?}"), "Digest(47DEQpj8)");
        let text = serde_json::to_string(&empty).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), empty);
        for bad in ["\"\"", "\"47DEQpj8\"", "1", "\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV\""] {
            assert!(serde_json::from_str::<Digest>(bad).is_err(), "{bad}");
        }
        assert_eq!(Digest::from_bytes(&[0; 31]), None);
        assert_eq!(Digest::from_bytes(&[7; 32]), Some(Digest::from([7; 32])));
        assert!(empty.matches(&Digest::of(b"")) && !empty.matches(&Digest::of(b"x")));
    }
}
