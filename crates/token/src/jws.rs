//! Compact JWS (RFC 7515), as narrow as access tokens need: one signature, no detached payload, no key in the header.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::encoding::{base64url, from_base64url};
use crate::json::parse_strict_object;
use crate::keyring::SigningKey;

/// The longest token that is read, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// `typ` of an access token (RFC 9068 section 2.1).
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// A token taken apart, nothing verified yet. `Debug` shows the header only: the rest is the token.
pub struct Unverified<'a> {
    /// The protected header.
    pub header: Map<String, Value>,
    /// The payload, still to be distrusted.
    pub payload: Map<String, Value>,
    /// What was signed: header and payload as they stood.
    pub signed: &'a str,
    /// The signature; may be empty.
    pub signature: Vec<u8>,
}

impl std::fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unverified").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Takes a token apart. `None` when it is not three base64url parts of strict JSON objects, is too long, or carries
/// header parameters that change how it must be read (`crit`, `b64`, `zip`, `enc`).
pub fn parse(token: &str) -> Option<Unverified<'_>> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    if payload.contains('.') {
        return None;
    }
    let header = parse_strict_object(&from_base64url(header)?).ok()?;
    if ["crit", "b64", "zip", "enc"].iter().any(|name| header.contains_key(*name)) {
        return None;
    }
    let payload = parse_strict_object(&from_base64url(payload)?).ok()?;
    Some(Unverified { header, payload, signed, signature: from_base64url(signature)? })
}

/// The header of what is signed here (RFC 7515 section 4.1).
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'a str,
    kid: &'a str,
}

/// Signs `claims` as a compact JWS with `typ` and the key's `kid` in the header.
pub fn sign(typ: &str, claims: &Map<String, Value>, key: &SigningKey) -> Option<String> {
    let header = serde_json::to_vec(&Header { alg: key.algorithm().name(), typ, kid: key.kid() }).ok()?;
    let payload = serde_json::to_vec(claims).ok()?;
    let mut token = format!("{}.{}", base64url(&header), base64url(&payload));
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&base64url(&signature));
    Some(token)
}
