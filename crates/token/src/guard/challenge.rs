//! Tokens in the `Authorization` header, and what an API answers about them: RFC 6750 section 3 and RFC 9470 section 3.

use std::fmt::Write as _;

use super::{Denied, Reason};
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

/// The bearer token among all values of `Authorization`; `None` when no credentials of this scheme were sent.
///
/// # Errors
/// The header is repeated, or there is no readable token after `Bearer`.
pub fn bearer<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a str>, BadCredentials> {
    let mut values = values.into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(BadCredentials::Repeated);
    }
    let value = std::str::from_utf8(value).map_err(|_| BadCredentials::Malformed)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim_matches(' ');
    if is_token68(token) { Ok(Some(token)) } else { Err(BadCredentials::Malformed) }
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
        self.refusal(401, None)
    }

    /// The token was sent in a wrong way: 400.
    pub fn malformed(&self, why: BadCredentials) -> Refusal {
        self.refusal(400, Some(("invalid_request", &why.to_string())))
    }

    /// The token does not suffice. Why exactly stays in the log, beyond what the caller can do something about.
    pub fn denied(&self, denied: Denied) -> Refusal {
        match denied.reason {
            Reason::IntrospectionFailed | Reason::KeysUnavailable => {
                Refusal { status: 503, www_authenticate: None, retry_after: Some(10) }
            }
            Reason::Scope => self.refusal(403, Some(("insufficient_scope", "the token lacks a scope that this needs"))),
            // More scope would not help: no challenge.
            Reason::User | Reason::Client => Refusal { status: 403, www_authenticate: None, retry_after: None },
            Reason::Authentication => {
                let text = "the person must sign in again, or in a stronger way";
                self.refusal(401, Some(("insufficient_user_authentication", text)))
            }
            _ => self.refusal(401, Some(("invalid_token", "the token is not valid here, or not any more"))),
        }
    }

    fn refusal(&self, status: u16, error: Option<(&str, &str)>) -> Refusal {
        let mut parameters = Vec::new();
        let mut add = |name: &str, value: &str| parameters.push(format!("{name}={}", quoted(value)));
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
        let mut value = "Bearer".to_owned();
        if !parameters.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(value, " {}", parameters.join(", "));
        }
        Refusal { status, www_authenticate: Some(value), retry_after: None }
    }
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
}
