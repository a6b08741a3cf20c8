//! Why there is no certificate, told to whoever runs the server.

use instant_acme::{Error, Problem};

use crate::keep::KeepError;

/// The longest text of somebody else's that is repeated in the log.
const LONGEST_TEXT: usize = 400;

/// Why an order came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The directory cannot be reached, or what is there does not speak ACME.
    #[error("the directory cannot be asked: {0}")]
    Unreachable(String),
    /// The directory wants no more requests for a while.
    #[error("the directory asks to wait: {0}")]
    RateLimited(String),
    /// The directory has not made an account, or does not know it any more.
    #[error("the directory refuses the account: {0}")]
    Account(String),
    /// The directory could not see by TLS-ALPN-01 that a name is this server's.
    #[error("the directory could not see that the name is this server's: {0}")]
    Validation(String),
    /// The directory has no TLS-ALPN-01 challenge for a name.
    #[error("the directory has no tls-alpn-01 challenge for {0}")]
    NoChallenge(String),
    /// The directory does not issue for these names, by its rules or those of the domain (CAA).
    #[error("the directory refuses the order: {0}")]
    Refused(String),
    /// What was issued cannot be used.
    #[error("the certificate that was issued cannot be used: {0}")]
    Certificate(String),
    /// Account, certificate or answer could not be kept.
    #[error("it cannot be kept: {0}")]
    Keep(String),
    /// The directory took longer than five minutes.
    #[error("the order took too long")]
    TooSlow,
}

impl Failure {
    /// The stable reason code.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Account(_) => "acme_account",
            Self::Certificate(_) => "acme_certificate",
            Self::Keep(_) => "acme_keep",
            Self::NoChallenge(_) => "acme_no_challenge",
            Self::RateLimited(_) => "acme_rate_limited",
            Self::Refused(_) => "acme_refused",
            Self::TooSlow => "acme_too_slow",
            Self::Unreachable(_) => "acme_unreachable",
            Self::Validation(_) => "acme_validation",
        }
    }

    /// What to do about it.
    pub const fn description(&self) -> &'static str {
        match self {
            Self::Account(_) => "agree to the directory's terms, and give it an `external_account` if it wants one",
            Self::Certificate(_) => "look at this machine's clock, and at the directory's own log",
            Self::Keep(_) => "let Sayso write its `folder`, and see that the disk is not full",
            Self::NoChallenge(_) => "take a directory that offers tls-alpn-01, or certificates from files",
            Self::RateLimited(_) => "wait; try things out with the directory's staging service instead",
            Self::Refused(_) => "look at the names, and at the CAA records of their domain",
            Self::TooSlow => "look at the directory's status; it is tried again",
            Self::Unreachable(_) => {
                "see that this machine reaches the directory by https; a private one's root goes into `directory_ca`"
            }
            Self::Validation(_) => {
                "let each name lead to this machine, and port 443 there to `listen`, with nothing between that ends TLS"
            }
        }
    }

    /// By what the directory said, or did not say.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Api(problem) => Self::of_problem(problem),
            Error::Timeout(_) => Self::TooSlow,
            other => Self::Unreachable(shown(&other.to_string())),
        }
    }

    /// By the type of the problem (RFC 8555 section 6.7).
    pub(crate) fn of_problem(problem: &Problem) -> Self {
        let text = shown(&problem.to_string());
        match short_type(problem) {
            "rateLimited" => Self::RateLimited(text),
            "accountDoesNotExist"
            | "externalAccountRequired"
            | "invalidContact"
            | "unsupportedContact"
            | "userActionRequired" => Self::Account(text),
            "connection" | "dns" | "incorrectResponse" | "tls" | "unauthorized" => Self::Validation(text),
            // Neither says anything of the order.
            "badNonce" | "serverInternal" => Self::Unreachable(text),
            _ => Self::Refused(text),
        }
    }
}

impl From<KeepError> for Failure {
    fn from(error: KeepError) -> Self {
        Self::Keep(error.0)
    }
}

/// The last part of a problem's type, without what all of ACME have in common.
pub(crate) fn short_type(problem: &Problem) -> &str {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    kind.strip_prefix("urn:ietf:params:acme:error:").unwrap_or(kind)
}

/// Somebody else's text, fit for one line of a log.
pub(crate) fn shown(text: &str) -> String {
    let plain = |sign: char| if sign.is_control() { ' ' } else { sign };
    let mut kept: String = text.chars().take(LONGEST_TEXT).map(plain).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn problem(kind: &str, detail: &str) -> Error {
        let text = format!(r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"{detail}","status":403}}"#);
        Error::Api(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn each_problem_says_what_to_do() {
        for (kind, reason) in [
            ("rateLimited", "acme_rate_limited"),
            ("externalAccountRequired", "acme_account"),
            ("accountDoesNotExist", "acme_account"),
            ("userActionRequired", "acme_account"),
            ("connection", "acme_validation"),
            ("unauthorized", "acme_validation"),
            ("caa", "acme_refused"),
            ("rejectedIdentifier", "acme_refused"),
            ("somethingNew", "acme_refused"),
            ("serverInternal", "acme_unreachable"),
            ("badNonce", "acme_unreachable"),
        ] {
            let failure = Failure::of(&problem(kind, "so it is"));
            assert_eq!(failure.reason(), reason, "{kind}");
            assert!(failure.to_string().contains("so it is") && !failure.description().is_empty());
        }
        assert_eq!(Failure::of(&Error::Timeout(None)).reason(), "acme_too_slow");
        assert_eq!(Failure::of(&Error::Str("no nonce")).reason(), "acme_unreachable");
    }

    #[test]
    fn what_others_say_stays_on_one_line() {
        assert_eq!(shown("one\nline\r\u{1b}[31m"), "one line  [31m");
        assert_eq!(shown(&"ä".repeat(1000)).chars().count(), LONGEST_TEXT + 1);
    }
}
