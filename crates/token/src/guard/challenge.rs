//! Tokens in the `Authorization` header, and what an API answers about them: RFC 6750 section 3, RFC 9470 section 3 and RFC 9449
//! section 7.1.

use std::fmt::Write as _;

use super::dpop::BadProof;
use super::{Denied, Reason};
use crate::algorithm::Algorithm;
use crate::time::Lifetime;

/// What is wrong with how a token was sent; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCredentials {
    /// The header is there twice: one party might read the first, another the last.
    #[error("the Authorization header is there more than once")]
    Repeated,
    /// `Bearer` without a token, or with signs that no token has (RFC 6750 section 2.1).
    #[error("the Authorization header holds no bearer token")]
    Malformed,
    /// A token in the address, where it ends in logs and histories (RFC 9700 section 4.3.2).
    #[error("a token must not be sent in the address")]
    InAddress,
}

/// How a token is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// With a proof that its key is held (RFC 9449).
    Dpop,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

/// The bearer token among all values of `Authorization`; `None` when no credentials of this scheme were sent.
///
/// # Errors
/// The header is repeated, or there is no readable token after `Bearer`.
pub fn bearer<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a str>, BadCredentials> {
    let Some(value) = only(values)? else { return Ok(None) };
    token_after(Scheme::Bearer, value).transpose()
}

/// The token among all values of `Authorization`, and how it is shown; `None` when it is shown in neither way.
///
/// # Errors
/// The header is repeated, or there is no readable token after `Bearer` or `DPoP`.
pub fn credentials<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<(Scheme, &'a str)>, BadCredentials> {
    let Some(value) = only(values)? else { return Ok(None) };
    let shown = |scheme| token_after(scheme, value).map(|token| token.map(|token| (scheme, token)));
    shown(Scheme::Bearer).or_else(|| shown(Scheme::Dpop)).transpose()
}

fn only<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a str>, BadCredentials> {
    let mut values = values.into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(BadCredentials::Repeated);
    }
    std::str::from_utf8(value).map(Some).map_err(|_| BadCredentials::Malformed)
}

/// What follows the name of this scheme; `None` after another name.
fn token_after(scheme: Scheme, value: &str) -> Option<Result<&str, BadCredentials>> {
    let (name, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim_matches(' ');
    let is_token = is_token68(token);
    name.eq_ignore_ascii_case(scheme.name()).then(|| is_token.then_some(token).ok_or(BadCredentials::Malformed))
}

/// Whether a query names a token, which RFC 6750 section 2.3 discourages and this guard refuses.
pub fn is_in_query(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some("access_token"))
}

/// `token68` of RFC 9110 section 11.2.
fn is_token68(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    !body.is_empty() && body.bytes().all(is_sign)
}

/// What an API says beside a refusal.
#[derive(Clone, Debug, Default)]
pub struct Challenge {
    /// `realm` (RFC 9110 section 11.5).
    pub realm: Option<String>,
    /// `resource_metadata`: where the API describes itself (RFC 9728 section 5.1).
    pub resource_metadata: Option<String>,
    /// The scopes that the route demands.
    pub scopes: Vec<String>,
    /// The ways of signing in that the route demands.
    pub acr_values: Vec<String>,
    /// How long ago the person may have signed in.
    pub max_age: Option<Lifetime>,
    /// The algorithms that a proof of possession may be signed with; empty where none is looked at.
    pub proof_algorithms: Vec<Algorithm>,
}

/// A refusal over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The value of `WWW-Authenticate`, where one helps.
    pub www_authenticate: Option<String>,
    /// Seconds for `Retry-After`, when the fault is not the caller's.
    pub retry_after: Option<u32>,
}

impl Challenge {
    /// No token was sent: 401 without an error code (RFC 6750 section 3.1).
    pub fn missing(&self) -> Refusal {
        self.refusal(Scheme::Bearer, 401, None)
    }

    /// The token was sent in a wrong way: 400.
    pub fn malformed(&self, why: BadCredentials) -> Refusal {
        self.refusal(Scheme::Bearer, 400, Some(("invalid_request", &why.to_string())))
    }

    /// The proof beside the token does not hold: 401 (RFC 9449 section 7.1).
    pub fn unproven(&self, why: BadProof) -> Refusal {
        self.refusal(Scheme::Dpop, 401, Some(("invalid_dpop_proof", &why.to_string())))
    }

    /// The token does not suffice. Why exactly stays in the log, beyond what the caller can do something about.
    pub fn denied(&self, denied: Denied) -> Refusal {
        self.denied_as(Scheme::Bearer, denied)
    }

    /// The same, of a token that was shown in this way.
    pub fn denied_as(&self, scheme: Scheme, denied: Denied) -> Refusal {
        let refusal = |status, code, text| self.refusal(scheme, status, Some((code, text)));
        match denied.reason {
            Reason::IntrospectionFailed | Reason::KeysUnavailable => Refusal::unavailable(),
            Reason::Scope => refusal(403, "insufficient_scope", "the token lacks a scope that this needs"),
            // More scope would not help: no challenge.
            Reason::User | Reason::Client => Refusal { status: 403, www_authenticate: None, retry_after: None },
            Reason::Authentication => {
                let text = "the person must sign in again, or in a stronger way";
                refusal(401, "insufficient_user_authentication", text)
            }
            Reason::Binding => {
                refusal(401, "invalid_token", "the token is not bound to the key that was shown, if any was")
            }
            _ => refusal(401, "invalid_token", "the token is not valid here, or not any more"),
        }
    }

    fn refusal(&self, scheme: Scheme, status: u16, error: Option<(&str, &str)>) -> Refusal {
        let mut value = with_parameters(scheme.name(), &self.parameters(scheme, error));
        // Whoever came as a bearer is told of the other way too.
        if scheme == Scheme::Bearer && !self.proof_algorithms.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(value, ", {}", with_parameters(Scheme::Dpop.name(), &[self.algs()]));
        }
        Refusal { status, www_authenticate: Some(value), retry_after: None }
    }

    fn parameters(&self, scheme: Scheme, error: Option<(&str, &str)>) -> Vec<String> {
        let mut parameters = Vec::new();
        let mut add = |name: &str, value: &str| parameters.push(parameter(name, value));
        if let Some(realm) = &self.realm {
            add("realm", realm);
        }
        if let Some((code, text)) = error {
            add("error", code);
            add("error_description", text);
        }
        let code = error.map(|(code, _)| code);
        if matches!(code, None | Some("insufficient_scope")) && !self.scopes.is_empty() {
            add("scope", &self.scopes.join(" "));
        }
        if code == Some("insufficient_user_authentication") {
            if !self.acr_values.is_empty() {
                add("acr_values", &self.acr_values.join(" "));
            }
            if let Some(age) = self.max_age {
                add("max_age", &age.seconds().to_string());
            }
        }
        if let Some(address) = &self.resource_metadata {
            add("resource_metadata", address);
        }
        if scheme == Scheme::Dpop {
            parameters.push(self.algs());
        }
        parameters
    }

    /// `algs` (RFC 9449 section 7.1).
    fn algs(&self) -> String {
        let names: Vec<_> = self.proof_algorithms.iter().map(|algorithm| algorithm.name()).collect();
        parameter("algs", &names.join(" "))
    }
}

impl Refusal {
    /// Something that is needed to judge the token cannot be had: 503.
    pub fn unavailable() -> Self {
        Self { status: 503, www_authenticate: None, retry_after: Some(10) }
    }
}

fn parameter(name: &str, value: &str) -> String {
    format!("{name}={}", quoted(value))
}

fn with_parameters(scheme: &str, parameters: &[String]) -> String {
    if parameters.is_empty() { scheme.to_owned() } else { format!("{scheme} {}", parameters.join(", ")) }
}

/// A quoted string of RFC 9110 section 5.6.4; what may not stand in a header becomes a question mark.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for sign in value.chars() {
        match sign {
            '"' | '\\' => quoted.extend(['\\', sign]),
            ' '..='~' => quoted.push(sign),
            _ => quoted.push('?'),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Check;

    #[test]
    fn one_header_with_one_token() {
        use BadCredentials::*;
        type Found = Result<Option<&'static str>, BadCredentials>;
        let cases: [(&[&[u8]], Found); 13] = [
            (&[], Ok(None)),
            (&[b"Bearer abc.def-_~+/=="], Ok(Some("abc.def-_~+/=="))),
            (&[b"bEARER  x"], Ok(Some("x"))),
            (&[b"Basic YTpi"], Ok(None)),
            (&[b"DPoP abc"], Ok(None)),
            (&[b"Bearer"], Err(Malformed)),
            (&[b"Bearer "], Err(Malformed)),
            (&[b"Bearer a b"], Err(Malformed)),
            (&[b"Bearer a,b"], Err(Malformed)),
            (&[b"Bearer =="], Err(Malformed)),
            (&[b"Bearer a\xff"], Err(Malformed)),
            (&[b"Bearer a", b"Bearer a"], Err(Repeated)),
            (&[b"Basic YTpi", b"Bearer a"], Err(Repeated)),
        ];
        for (values, expected) in cases {
            assert_eq!(bearer(values.iter().copied()), expected, "{values:?}");
        }
    }

    #[test]
    fn a_token_in_the_address_is_seen() {
        for (query, expected) in [
            ("access_token=x", true),
            ("a=1&access_token=", true),
            ("access_token", true),
            ("a=access_token", false),
            ("", false),
        ] {
            assert_eq!(is_in_query(query), expected, "{query}");
        }
    }

    #[test]
    fn each_reason_has_its_answer() {
        let challenge = Challenge {
            realm: Some("color \"x\"\n".to_owned()),
            resource_metadata: Some("https://api.example/.well-known/oauth-protected-resource".to_owned()),
            scopes: vec!["read:color".to_owned(), "openid".to_owned()],
            acr_values: vec!["urn:example:2fa".to_owned()],
            max_age: Some(Lifetime::from_seconds(300)),
            proof_algorithms: Vec::new(),
        };
        let of = |reason| challenge.denied(Denied { check: Check::UserAllowed, reason });
        let head = r#"Bearer realm="color \"x\"?""#;
        let tail = r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource""#;
        assert_eq!(
            challenge.missing().www_authenticate.unwrap(),
            format!(r#"{head}, scope="read:color openid", {tail}"#)
        );
        let text = |refusal: &Refusal| refusal.www_authenticate.clone().unwrap_or_default();
        for (reason, status, holds) in [
            (Reason::Format, 401, r#"error="invalid_token""#),
            (Reason::Signature, 401, r#"error="invalid_token""#),
            (Reason::Expired, 401, r#"error="invalid_token""#),
            (Reason::Inactive, 401, r#"error="invalid_token""#),
            (Reason::Scope, 403, r#"error="insufficient_scope""#),
            (Reason::Scope, 403, r#"scope="read:color openid""#),
            (Reason::Authentication, 401, r#"error="insufficient_user_authentication""#),
            (Reason::Authentication, 401, r#"acr_values="urn:example:2fa", max_age="300""#),
        ] {
            let refusal = of(reason);
            assert_eq!(refusal.status, status, "{reason:?}");
            assert!(text(&refusal).contains(holds) && text(&refusal).ends_with(tail), "{reason:?}: {refusal:?}");
        }
        assert!(!text(&of(Reason::Expired)).contains("scope="), "scopes are told only where they help");
        for reason in [Reason::User, Reason::Client] {
            assert_eq!(of(reason), Refusal { status: 403, www_authenticate: None, retry_after: None });
        }
        for reason in [Reason::KeysUnavailable, Reason::IntrospectionFailed] {
            assert_eq!(of(reason), Refusal { status: 503, www_authenticate: None, retry_after: Some(10) });
        }
        let malformed = challenge.malformed(BadCredentials::Repeated);
        assert_eq!(malformed.status, 400);
        assert!(text(&malformed).contains(r#"error="invalid_request""#));
        assert_eq!(Challenge::default().missing().www_authenticate.unwrap(), "Bearer");
    }

    #[test]
    fn both_ways_to_show_a_token_are_told_apart() {
        use BadCredentials::*;
        type Found = Result<Option<(Scheme, &'static str)>, BadCredentials>;
        let cases: [(&[&[u8]], Found); 9] = [
            (&[], Ok(None)),
            (&[b"Bearer abc"], Ok(Some((Scheme::Bearer, "abc")))),
            (&[b"dpop abc"], Ok(Some((Scheme::Dpop, "abc")))),
            (&[b"DPoP  abc "], Ok(Some((Scheme::Dpop, "abc")))),
            (&[b"DPoP"], Err(Malformed)),
            (&[b"DPoP a b"], Err(Malformed)),
            (&[b"DPoPx abc"], Ok(None)),
            (&[b"Basic YTpi"], Ok(None)),
            (&[b"DPoP abc", b"Bearer abc"], Err(Repeated)),
        ];
        for (values, expected) in cases {
            assert_eq!(credentials(values.iter().copied()), expected, "{values:?}");
        }
    }

    #[test]
    fn an_api_that_looks_at_proofs_says_so() {
        let challenge = Challenge {
            realm: Some("color".to_owned()),
            proof_algorithms: vec![Algorithm::Es256, Algorithm::EdDsa],
            ..Challenge::default()
        };
        let text = |refusal: Refusal| refusal.www_authenticate.unwrap_or_default();
        let algs = r#"algs="ES256 EdDSA""#;
        assert_eq!(text(challenge.missing()), format!(r#"Bearer realm="color", DPoP {algs}"#));
        let unproven = challenge.unproven(BadProof::Replayed);
        assert_eq!(unproven.status, 401);
        let error = r#"error="invalid_dpop_proof", error_description="the DPoP proof was used before""#;
        assert_eq!(text(unproven), format!(r#"DPoP realm="color", {error}, {algs}"#));
        let denied = Denied { check: Check::MeantForThisApi, reason: Reason::Binding };
        for (scheme, end) in [(Scheme::Bearer, format!(", DPoP {algs}")), (Scheme::Dpop, format!(", {algs}"))] {
            let refusal = challenge.denied_as(scheme, denied);
            assert_eq!(refusal.status, 401);
            let said = text(refusal);
            assert!(said.starts_with(&format!(r#"{} realm="color", error="invalid_token""#, scheme.name())), "{said}");
            assert!(said.contains("not bound to the key") && said.ends_with(&end), "{said}");
        }
    }
}
