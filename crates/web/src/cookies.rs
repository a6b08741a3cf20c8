//! Cookies by one rule.
//!
//! Behind `https` every cookie is `__Host-…; Secure; HttpOnly; SameSite=Lax; Path=/` without `Domain`, so neither a
//! subdomain nor plain HTTP can set or read it. On a plain-HTTP loopback address there is no `__Host-` and no
//! `Secure`: browsers drop such cookies there (and simple clients never send them back), and nothing leaves the
//! machine. Cookies do not know ports, so the name carries the port there: two servers on one machine keep apart.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use sayso_token::time::Lifetime;

/// How cookies of one authority are named and marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieRule {
    prefix: String,
    secure: bool,
}

/// Why an address cannot carry a session.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnsafeAddress {
    /// Plain HTTP to another machine: anyone between could read the session.
    #[error("{0} is plain http and not a loopback address; sign-in needs https there")]
    PlainHttp(String),
    /// Neither an `https://` nor an `http://` URL.
    #[error("{0} is not an http or https URL")]
    NotHttp(String),
}

impl CookieRule {
    /// The rule for the pages under `url` (the issuer). `label` keeps authorities on one host apart; letters, digits
    /// and `-` of it are used.
    ///
    /// # Errors
    /// When a session would travel in clear text.
    pub fn for_url(url: &str, label: &str) -> Result<Self, UnsafeAddress> {
        let label: String = label.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').collect();
        let (scheme, rest) = url.split_once("://").ok_or_else(|| UnsafeAddress::NotHttp(url.to_owned()))?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match scheme {
            "https" => Ok(Self { prefix: format!("__Host-{label}."), secure: true }),
            "http" if is_loopback(authority) => {
                let port = authority.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok()).unwrap_or("80");
                Ok(Self { prefix: format!("{label}.{port}."), secure: false })
            }
            "http" => Err(UnsafeAddress::PlainHttp(url.to_owned())),
            _ => Err(UnsafeAddress::NotHttp(url.to_owned())),
        }
    }

    /// The name on the wire of the cookie called `name` here.
    pub fn wire_name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A `Set-Cookie` value. `value` must be of base64url signs and the like (RFC 6265 cookie-octet); anything else
    /// yields `None`. Without `lifetime` the browser forgets it when it is closed.
    pub fn set(&self, name: &str, value: &str, lifetime: Option<Lifetime>) -> Option<HeaderValue> {
        if !value.bytes().all(is_cookie_octet) {
            return None;
        }
        let age = lifetime.map(|span| format!("; Max-Age={}", span.seconds())).unwrap_or_default();
        self.header(name, value, &age)
    }

    /// A `Set-Cookie` value that makes the browser forget `name`.
    pub fn clear(&self, name: &str) -> Option<HeaderValue> {
        self.header(name, "", "; Max-Age=0")
    }

    fn header(&self, name: &str, value: &str, age: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.wire_name(name));
        HeaderValue::try_from(text).ok()
    }

    /// The value of the cookie `name`. Absent, empty and ambiguous (sent more than once, which only someone who could
    /// plant a second one achieves) are all `None`.
    pub fn read(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        let wanted = self.wire_name(name);
        let mut values = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(found, _)| *found == wanted)
            .map(|(_, value)| value);
        let value = values.next()?;
        let sound = values.next().is_none() && !value.is_empty() && value.bytes().all(is_cookie_octet);
        sound.then(|| value.to_owned())
    }
}

/// Whether the host of this URL authority (`host[:port]`) is this very machine.
pub(crate) fn is_loopback(authority: &str) -> bool {
    let host = authority.strip_prefix('[').map_or_else(
        || authority.split(':').next().unwrap_or_default(),
        |rest| rest.split(']').next().unwrap_or_default(),
    );
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// RFC 6265 section 4.1.1.
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn cookies(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (COOKIE, HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn https_cookies_are_bound_to_the_host() {
        let rule = CookieRule::for_url("https://id.example/oauth2/quiz", "quiz").unwrap();
        let cookie = rule.set("session", "abc-_1", Some(Lifetime::from_seconds(60))).unwrap();
        assert_eq!(cookie, "__Host-quiz.session=abc-_1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
        assert_eq!(
            rule.clear("session").unwrap(),
            "__Host-quiz.session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        );
    }

    #[test]
    fn loopback_cookies_work_without_tls_and_know_their_port() {
        for url in ["http://127.0.0.1:4000", "http://localhost:4000/x", "http://[::1]:4000"] {
            let rule = CookieRule::for_url(url, "main").unwrap();
            assert_eq!(
                rule.set("session", "v", None).unwrap(),
                "main.4000.session=v; Path=/; HttpOnly; SameSite=Lax",
                "{url}"
            );
        }
        assert_eq!(CookieRule::for_url("http://localhost", "main").unwrap().wire_name("s"), "main.80.s");
    }

    #[test]
    fn no_session_over_plain_http_elsewhere() {
        for url in
            ["http://id.example", "http://192.168.1.5:4000", "http://localhost.evil.example", "ftp://x", "id.example"]
        {
            assert!(CookieRule::for_url(url, "main").is_err(), "{url}");
        }
    }

    #[test]
    fn a_value_is_read_once_or_not_at_all() {
        let rule = CookieRule::for_url("https://id.example", "main").unwrap();
        for (sent, read) in [
            (&["__Host-main.session=one"][..], Some("one")),
            (&["a=b; __Host-main.session=one; c=d"], Some("one")),
            (&["a=b", "__Host-main.session=one"], Some("one")),
            (&["__Host-main.session=one; __Host-main.session=two"], None),
            (&["__Host-main.session=one", "__Host-main.session=one"], None),
            (&["__Host-main.session="], None),
            (&["__Host-main.session=\"one\""], None),
            (&["main.session=one"], None),
            (&["__Host-other.session=one"], None),
            (&["__host-main.session=one"], None),
            (&[], None),
        ] {
            assert_eq!(rule.read(&cookies(sent), "session").as_deref(), read, "{sent:?}");
        }
    }

    #[test]
    fn a_value_cannot_smuggle_attributes() {
        let rule = CookieRule::for_url("https://id.example", "main").unwrap();
        for value in ["a;b", "a b", "a\r\nSet-Cookie: x=y", "a,b", "\"a\"", "ä"] {
            assert_eq!(rule.set("session", value, None), None, "{value:?}");
        }
    }
}
