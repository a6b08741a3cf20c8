//! Is this an ID token that this authority has issued, however long ago?

use sayso_token::algorithm::Algorithm;
use sayso_token::claims::text;
use sayso_token::jwk::JwkSet;
use sayso_token::jws;
use sayso_token::secret::Secret;
use serde_json::{Map, Value};

use super::access_token::ID_TOKEN_TYPE;
use crate::record::authority::Authority;

/// The claims of an ID token of this authority. Its time is not looked at: as a hint it is good for long, as long as the key
/// that signed it is published. `None` for anything else: an access token, a logout token, signed userinfo, another authority's.
pub fn issued_id_token(authority: &Authority, token: &Secret, keys: &JwkSet) -> Option<Map<String, Value>> {
    let parts = jws::parse(token.expose())?;
    let algorithm = Algorithm::named(parts.header.get("alg")?.as_str()?)?;
    let key = keys.find(parts.header.get("kid")?.as_str()?)?;
    let ours = parts.header.get("typ")?.as_str()? == ID_TOKEN_TYPE
        && key.verifies_as(algorithm, parts.signed.as_bytes(), &parts.signature)
        && parts.payload.contains_key("exp")
        && text(&parts.payload, "iss").ok()?? == authority.issuer;
    ours.then_some(parts.payload)
}
