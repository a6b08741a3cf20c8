//! Addresses of a provider: where people and secrets are sent.

use url::{Host, Url};

/// The longest address that is used.
const LONGEST: usize = 2048;

/// Whether an address is on this machine and without TLS. Where an issuer is, its endpoints may be so, too: for test set-ups.
pub fn is_plain_loopback(url: &str) -> bool {
    read(url).is_some_and(|url| url.scheme() == "http" && is_loopback(&url))
}

/// An issuer identifier has neither query nor fragment (OpenID Connect Discovery section 3).
pub(super) fn is_issuer(issuer: &str) -> bool {
    read(issuer).is_some_and(|url| url.query().is_none() && (url.scheme() == "https" || is_loopback(&url)))
}

/// Whether it is https; `plain` allows http on this machine beside it.
pub(super) fn is_endpoint(url: &str, plain: bool) -> bool {
    read(url).is_some_and(|url| url.scheme() == "https" || plain && is_loopback(&url))
}

/// An address that every reader takes apart alike. The parser would repair it: drop line breaks, turn backslashes round, add
/// slashes, forget an empty user.
fn read(text: &str) -> Option<Url> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let strange = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'#');
    if text.len() > LONGEST || text.bytes().any(strange) || authority.is_empty() || authority.contains(['@', '%']) {
        return None;
    }
    Url::parse(text).ok().filter(|url| url.host().is_some())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
