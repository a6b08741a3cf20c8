//! Is what a browser brings back from a provider the answer to what it was sent there with? (RFC 6749 section 4.1.2, RFC
//! 9207, RFC 9700 section 4.4)
//!
//! No code goes to a token endpoint before this says so: a code of one provider must never reach another.

use std::collections::BTreeSet;

use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use super::Refused;
use super::outward::Outward;
use crate::record::connection::Connection;
use crate::wire::form::Form;
use crate::wire::provider::Provider;

/// The longest code that is passed on, in bytes. Some carry everything that they stand for.
const LONGEST_CODE: usize = 4096;

/// The code to exchange. `outward` is what this browser has kept; `connection` is the one at whose address it came back, and
/// `provider` that connection's.
///
/// # Errors
/// [`Refused`]; nothing may then be sent to the provider.
pub fn came_back(
    outward: Option<&Outward>,
    connection: &Connection,
    provider: &Provider,
    response: &Form,
    now: Timestamp,
) -> Result<Secret, Refused> {
    let mut names = BTreeSet::new();
    if response.has_control_characters() || !response.pairs().all(|(name, _)| names.insert(name)) {
        return Err(Refused::Malformed);
    }
    let outward = outward.ok_or(Refused::NoFlow)?;
    if outward.connection != connection.id {
        return Err(Refused::AnotherConnection);
    }
    if outward.issuer != connection.issuer || outward.issuer != provider.issuer {
        return Err(Refused::AnotherIssuer);
    }
    if outward.is_over(now) {
        return Err(Refused::Expired);
    }
    let state = response.first("state").ok_or(Refused::State)?;
    if !Digest::of(state.as_bytes()).matches(&outward.state) {
        return Err(Refused::State);
    }
    match response.first("iss") {
        Some(issuer) if issuer != outward.issuer => return Err(Refused::AnotherIssuer),
        None if provider.authorization_response_iss_parameter_supported => return Err(Refused::IssuerMissing),
        _ => {}
    }
    match (response.first("error"), response.first("code")) {
        (Some(_), Some(_)) => Err(Refused::Malformed),
        (Some(error), None) => Err(refusal(error)),
        (None, Some(code)) if is_code(code) => Ok(Secret::new(code)),
        (None, _) => Err(Refused::Code),
    }
}

/// Visible ASCII and blanks (RFC 6749 appendix A.11).
fn is_code(code: &str) -> bool {
    (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// RFC 6749 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6, by whose affair it is.
fn refusal(error: &str) -> Refused {
    match error {
        "access_denied"
        | "account_selection_required"
        | "consent_required"
        | "interaction_required"
        | "login_required" => Refused::Denied,
        "server_error" | "temporarily_unavailable" => Refused::Unavailable,
        _ => Refused::ErrorResponse,
    }
}

#[cfg(test)]
mod tests;
