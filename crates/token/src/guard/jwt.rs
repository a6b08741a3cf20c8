//! The six checks on a JWT, with the authority's published keys.

use serde_json::{Map, Value};

use super::{AccessToken, Check, Denied, Reason, Requirements, Verdict, Watched, deny};
use crate::algorithm::Algorithm;
use crate::claims::{Unreadable, seconds, text, texts};
use crate::jwk::JwkSet;
use crate::jws::{self, ACCESS_TOKEN_TYPE, Unverified};
use crate::scope::parse_scope;
use crate::time::Timestamp;

/// Header parameters by which a token would choose its own key.
const KEY_PARAMETERS: [&str; 6] = ["jku", "jwk", "x5c", "x5t", "x5t#S256", "x5u"];
const MAX_KID_BYTES: usize = 256;
/// Claims of ID tokens and logout tokens only (OpenID Connect Core section 3.3.2.11, Back-Channel Logout section 2.4).
/// They tell these from access tokens where a vendor's `typ` does not.
const OTHER_KINDS: [&str; 3] = ["at_hash", "c_hash", "events"];

/// Checks a JWT access token against the issuer's keys. `allowed` answers whether this user may do this.
pub fn check_jwt(
    token: &str,
    keys: &JwkSet,
    want: &Requirements,
    now: Timestamp,
    allowed: &dyn Fn(&AccessToken) -> bool,
) -> Verdict {
    Watched { allowed, passed: &|_| () }.jwt(token, keys, want, now)
}

/// Whether the token names a key that `keys` does not hold: the one case in which fetching the keys again may help.
pub fn unknown_key(token: &str, keys: &JwkSet) -> bool {
    jws::parse(token).is_some_and(|parts| match kid(&parts) {
        Ok(Some(kid)) => kid.len() <= MAX_KID_BYTES && keys.find(kid).is_none(),
        Ok(None) | Err(Unreadable) => false,
    })
}

/// From the token's text to a token that is read, signed, of this issuer and of the right type.
pub(super) fn judge(
    (token, keys): (&str, &JwkSet),
    want: &Requirements,
    verified: &mut Option<Map<String, Value>>,
    passed: &dyn Fn(Check),
) -> Result<(AccessToken, Option<Timestamp>), Denied> {
    let malformed = || deny(Check::WellFormed, Reason::Format);
    let parts = jws::parse(token).ok_or_else(malformed)?;
    let of_type = is_of_type(&parts, want);
    let (access, not_before) = read(&parts.payload, of_type, want).map_err(|Unreadable| malformed())?;
    passed(Check::WellFormed);
    check_signature(&parts, keys, want)?;
    *verified = Some(parts.payload);
    if access.issuer != want.issuer {
        return Err(deny(Check::TrustedSignature, Reason::Issuer));
    }
    passed(Check::TrustedSignature);
    if !of_type {
        return Err(deny(Check::MeantForThisApi, Reason::Type));
    }
    Ok((access, not_before))
}

fn is_of_type(parts: &Unverified<'_>, want: &Requirements) -> bool {
    let is_other_kind = OTHER_KINDS.iter().any(|name| parts.payload.contains_key(*name));
    let typ = match parts.header.get("typ") {
        None => return want.untyped && !is_other_kind,
        Some(Value::String(typ)) => typ.strip_prefix("application/").unwrap_or(typ),
        Some(_) => return false,
    };
    let is_named = want.types.iter().any(|accepted| accepted.eq_ignore_ascii_case(typ));
    is_named && (typ.eq_ignore_ascii_case(ACCESS_TOKEN_TYPE) || !is_other_kind)
}

/// Reads the claims of any of the three profiles: `client_id`, `azp` or `cid`; `scope` or `scp`. What only an access
/// token has (client and id) is not missed in a token of another kind: that one is refused for what it is.
fn read(
    claims: &Map<String, Value>,
    of_type: bool,
    want: &Requirements,
) -> Result<(AccessToken, Option<Timestamp>), Unreadable> {
    let mut client = None;
    for name in ["cid", "azp", "client_id"] {
        client = text(claims, name)?.or(client);
    }
    let mut scopes = match text(claims, "scope")? {
        Some(scope) => parse_scope(scope).unwrap_or_default(),
        None => Vec::new(),
    };
    if !claims.contains_key("scope") {
        scopes = texts(claims, "scp")?;
    }
    let token = AccessToken {
        issuer: text(claims, "iss")?.ok_or(Unreadable)?.to_owned(),
        subject: text(claims, "sub")?.filter(|sub| !sub.is_empty()).ok_or(Unreadable)?.to_owned(),
        audience: texts(claims, "aud")?,
        client: client.map(str::to_owned),
        scopes,
        expires_at: seconds(claims, "exp")?.ok_or(Unreadable)?,
        issued_at: Some(seconds(claims, "iat")?.ok_or(Unreadable)?),
        id: text(claims, "jti")?.map(str::to_owned),
        claims: claims.clone(),
    };
    let incomplete = token.client.is_none() || (want.token_id && token.id.is_none());
    let names_api = claims.contains_key("aud") || want.client_is_audience;
    if !names_api || (of_type && incomplete) {
        return Err(Unreadable);
    }
    Ok((token, seconds(claims, "nbf")?))
}

fn kid<'a>(parts: &'a Unverified<'_>) -> Result<Option<&'a str>, Unreadable> {
    text(&parts.header, "kid")
}

fn check_signature(parts: &Unverified<'_>, keys: &JwkSet, want: &Requirements) -> Result<(), Denied> {
    let untrusted = || deny(Check::TrustedSignature, Reason::Signature);
    if KEY_PARAMETERS.iter().any(|name| parts.header.contains_key(*name)) {
        return Err(untrusted());
    }
    let algorithm = parts.header.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
    let algorithm = algorithm.filter(|alg| want.algorithms.contains(alg)).ok_or_else(untrusted)?;
    let key = match kid(parts).map_err(|Unreadable| untrusted())? {
        Some(kid) if kid.len() > MAX_KID_BYTES => None,
        Some(kid) => keys.find(kid),
        None => keys.only(),
    };
    let verified = key.is_some_and(|key| key.verifies_as(algorithm, parts.signed.as_bytes(), &parts.signature));
    if verified { Ok(()) } else { Err(untrusted()) }
}
