//! Base64url without padding (RFC 7515 section 2), decoded strictly.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Encodes as base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding; any other sign, padding or loose trailing bit is refused.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes ordinary padded base64 (HTTP Basic, RFC 7617).
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Encodes as ordinary padded base64 (HTTP Basic, RFC 7617).
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_one_value() {
        for (bytes, url, standard) in
            [(&b""[..], "", ""), (b"f", "Zg", "Zg=="), (b"fo", "Zm8", "Zm8="), (&[0xFB, 0xFF], "-_8", "+/8=")]
        {
            assert_eq!((base64url(bytes).as_str(), base64(bytes).as_str()), (url, standard));
            assert_eq!((from_base64url(url).as_deref(), from_base64(standard).as_deref()), (Some(bytes), Some(bytes)));
        }
        for bad in ["Zg==", "Zg=", "Zh", "Z", "+/8", "Z g", "Zg\n", " Zg", "Zg.", "ä", "\0"] {
            assert_eq!(from_base64url(bad), None, "{bad:?}");
        }
        for bad in ["Zg", "Zg=", "Zh==", "-_8=", "Zg==\n", "Zg== ", "Zg==Zg=="] {
            assert_eq!(from_base64(bad), None, "{bad:?}");
        }
    }
}
