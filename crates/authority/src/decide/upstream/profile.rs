//! What a provider tells of a person, beside who they are. What cannot be used is left out: nobody is kept outside for it.

use sayso_token::visible::is_plain;
use serde_json::{Map, Value};

/// The longest name that is taken over, in bytes.
const LONGEST_NAME: usize = 255;
/// The longest address (RFC 5321 section 4.5.3.1.3).
const LONGEST_ADDRESS: usize = 254;

/// A text that people may be shown.
pub(super) fn shown(claims: &Map<String, Value>, name: &str) -> Option<String> {
    said(claims, name, LONGEST_NAME)
}

/// The address, and whether that very source has verified it: only JSON's `true` says so.
pub(super) fn email(claims: &Map<String, Value>) -> Option<(String, bool)> {
    let address = said(claims, "email", LONGEST_ADDRESS)?;
    Some((address, claims.get("email_verified") == Some(&Value::Bool(true))))
}

fn said(claims: &Map<String, Value>, name: &str, longest: usize) -> Option<String> {
    let text = claims.get(name)?.as_str()?;
    let usable = !text.trim().is_empty() && text.len() <= longest && is_plain(text);
    usable.then(|| text.to_owned())
}
