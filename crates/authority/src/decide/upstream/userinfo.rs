//! What does the userinfo endpoint add to what the ID token says? (OpenID Connect Core section 5.3)

use serde_json::{Map, Value};

use super::{Refused, profile};
use crate::record::identity::UpstreamIdentity;

/// The identity, with what the ID token left out. Address and verification are of one source: what one has verified says
/// nothing of what the other wrote.
///
/// # Errors
/// It speaks of somebody else: then none of it counts, and neither does the sign-in (section 5.3.2).
pub fn completed(identity: UpstreamIdentity, claims: &Map<String, Value>) -> Result<UpstreamIdentity, Refused> {
    if claims.get("sub").and_then(Value::as_str) != Some(identity.subject.as_str()) {
        return Err(Refused::UserinfoSubject);
    }
    let (email, email_verified) = match identity.email {
        Some(email) => (Some(email), identity.email_verified),
        None => profile::email(claims).map_or((None, false), |(email, verified)| (Some(email), verified)),
    };
    let or = |known: Option<String>, name| known.or_else(|| profile::shown(claims, name));
    Ok(UpstreamIdentity {
        email,
        email_verified,
        name: or(identity.name, "name"),
        given_name: or(identity.given_name, "given_name"),
        family_name: or(identity.family_name, "family_name"),
        ..identity
    })
}

#[cfg(test)]
mod tests;
