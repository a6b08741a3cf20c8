//! Is somebody's address in a domain that the connection is for?
//!
//! An address is read as narrowly as mail servers could read it, so that no two readers see different domains in it.

use crate::record::connection::Connection;
use crate::record::identity::UpstreamIdentity;

use super::Refused;

/// Signs of ASCII that a local part may not have: those that would need quoting (RFC 5321 section 4.1.2), and the two by
/// which mail was once routed on to elsewhere (`%` and `!`).
const REFUSED_SIGNS: &str = "\"(),:;<>@[\\]%!";

/// Decides it. A connection without domains is for everybody.
///
/// # Errors
/// There is no verified address, or it is not in one of the domains.
pub fn may_come_in(connection: &Connection, identity: &UpstreamIdentity) -> Result<(), Refused> {
    if connection.email_domains.is_empty() {
        return Ok(());
    }
    let address = identity.email.as_deref().filter(|_| identity.email_verified).ok_or(Refused::EmailUnverified)?;
    let domain = domain(address).ok_or(Refused::EmailDomain)?;
    if connection.email_domains.contains(&domain) { Ok(()) } else { Err(Refused::EmailDomain) }
}

/// The domain of an address, in lower case and as A-labels; `None` where it is not plainly one.
fn domain(address: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    // A second `@` is among the refused signs of either part.
    if local.is_empty() || !local.chars().all(is_plain) || domain.contains('@') {
        return None;
    }
    // The parser takes such a dot, and signs that it reads as dots, for what they are in DNS; in mail they are not.
    if domain.split('.').any(str::is_empty) {
        return None;
    }
    domain.split('.').map(label).collect::<Option<Vec<_>>>().map(|labels| labels.join("."))
}

/// Letters of other scripts may stand there; what only looks like a sign of ASCII, such as a wide `@`, may not.
fn is_plain(sign: char) -> bool {
    if sign.is_ascii() { sign.is_ascii_graphic() && !REFUSED_SIGNS.contains(sign) } else { sign.is_alphanumeric() }
}

/// One label in lower case, as A-label. One that is written with other signs than it means is refused: wide letters, signs that
/// nobody sees, letters whose lower case is ASCII.
fn label(label: &str) -> Option<String> {
    if label.is_ascii() {
        return Some(label.to_ascii_lowercase());
    }
    let lower = label.chars().map(lower).collect::<Option<String>>()?;
    let ascii = idna::domain_to_ascii_strict(&lower).ok().filter(|ascii| ascii.starts_with("xn--"))?;
    let (back, valid) = idna::domain_to_unicode(&ascii);
    (valid.is_ok() && back == lower).then_some(ascii)
}

fn lower(sign: char) -> Option<String> {
    let lower = if sign.is_ascii() { sign.to_ascii_lowercase().to_string() } else { sign.to_lowercase().to_string() };
    (sign.is_ascii() || !lower.chars().any(|sign| sign.is_ascii())).then_some(lower)
}

#[cfg(test)]
mod tests;
