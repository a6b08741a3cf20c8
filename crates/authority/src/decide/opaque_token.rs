//! Access tokens that say nothing to whoever holds them.
//!
//! An opaque token is the claims that a JWT would carry, sealed under a key of this installation. So it costs no row:
//! whoever may ask hears at introspection and userinfo what it says, and its grant and epoch end it like any other. It
//! opens at the authority that made it only.

use sayso_token::entropy::Entropy;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use serde_json::{Map, Value};

/// How every opaque access token begins, so that one that leaked is found by its looks.
pub const PREFIX: &str = "sat_";

fn purpose(authority: &str) -> String {
    format!("opaque access token of {authority}")
}

/// The token that carries these claims.
pub fn seal(authority: &str, claims: &Map<String, Value>, sealer: &Sealer, entropy: &mut dyn Entropy) -> Secret {
    // Names and values of JSON always serialise.
    let plain = serde_json::to_vec(claims).unwrap_or_default();
    Secret::new(format!("{PREFIX}{}", sealer.seal(&purpose(authority), &plain, entropy)))
}

/// The claims of a token that this authority has sealed; `None` for anything else.
pub fn open(authority: &str, token: &Secret, sealer: &Sealer) -> Option<Map<String, Value>> {
    let sealed = token.expose().strip_prefix(PREFIX)?;
    let plain = sealer.open(&purpose(authority), sealed)?;
    match serde_json::from_slice(&plain) {
        Ok(Value::Object(claims)) => Some(claims),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Seeded, sealer};

    #[test]
    fn it_opens_where_it_was_made_whole_and_nowhere_else() {
        let claims = json!({ "sub": "usr_ada", "exp": 1 }).as_object().unwrap().clone();
        let token = seal("wear", &claims, &sealer(), &mut Seeded(1));
        let again = seal("wear", &claims, &sealer(), &mut Seeded(2));
        let text = token.expose();
        assert!(text.starts_with(PREFIX) && !text.contains("ada") && text != again.expose());
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')), "{text}");
        assert_eq!(open("wear", &token, &sealer()), Some(claims));
        assert_eq!(open("quiz", &token, &sealer()), None);
        assert_eq!(open("wear", &token, &Sealer::new([8; 32])), None);
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = Secret::new(String::from_utf8(changed).unwrap());
            assert_eq!(open("wear", &changed, &sealer()), None, "byte {at}");
            assert_eq!(open("wear", &Secret::new(&text[..at]), &sealer()), None, "cut at {at}");
        }
    }
}
