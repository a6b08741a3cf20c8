//! Who the client is when proxies stand in between.
//!
//! What a request says of its own way is believed from named proxies only, and from nobody by default: whoever may write
//! `X-Forwarded-For` may call themselves anything, and slips past every limit by address (RFC 9700 section 4.13).

use std::net::IpAddr;

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// `X-Forwarded-For`, which has no constant in `http`.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// A longer way is no way a request takes.
const MOST_HOPS: usize = 32;

/// The header in which the proxies tell whom they speak for. They are to set or extend this one; the other one may come
/// from anybody, and is not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239)
    Forwarded,
}

/// The proxies that are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    header: ProxyHeader,
}

/// Why an address cannot be that of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoProxy {
    /// It is neither an address nor a network.
    Unreadable,
    /// It is the network of everybody.
    Everybody,
}

impl Proxies {
    /// Believes nobody yet; those that are named with [`trust`](Self::trust) tell in this header.
    pub fn telling_by(header: ProxyHeader) -> Self {
        Self { trusted: Vec::new(), header }
    }

    /// Believes requests that come from this address (`10.0.0.1`) or network (`10.0.0.0/8`) about whom they were made for.
    ///
    /// # Errors
    /// When the text names no address, or all there are.
    pub fn trust(&mut self, address: &str) -> Result<(), NoProxy> {
        let one = || address.parse::<IpAddr>().ok().map(|one| IpNet::from(one.to_canonical()));
        let net = address.parse().ok().or_else(one).ok_or(NoProxy::Unreadable)?;
        if net.prefix_len() == 0 {
            return Err(NoProxy::Everybody);
        }
        self.trusted.push(net);
        Ok(())
    }

    fn trusts(&self, address: &IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(address))
    }

    /// Who made the request that came from `peer`: read from the nearest hop outwards, the first address that is no
    /// trusted proxy. Where the way cannot be read further it ends at the last hop that is known, so that nobody gains an
    /// address of their choice by writing nonsense.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut known = peer.to_canonical();
        if !self.trusts(&known) {
            return known;
        }
        for hop in self.way(headers).into_iter().rev().take(MOST_HOPS) {
            let Some(hop) = hop else { break };
            known = hop;
            if !self.trusts(&known) {
                break;
            }
        }
        known
    }

    /// The hops before us, the outermost first; `None` for one that cannot be read.
    fn way(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let name = match self.header {
            ProxyHeader::XForwardedFor => &X_FORWARDED_FOR,
            ProxyHeader::Forwarded => &FORWARDED,
        };
        let read = |line: &str| match self.header {
            ProxyHeader::XForwardedFor => x_forwarded_for(line),
            ProxyHeader::Forwarded => forwarded(line),
        };
        headers.get_all(name).iter().flat_map(|line| line.to_str().map_or_else(|_| vec![None], read)).collect()
    }
}

fn x_forwarded_for(line: &str) -> Vec<Option<IpAddr>> {
    line.split(',').map(|hop| node(hop.trim())).collect()
}

/// The `for` of each element (RFC 7239 section 4).
fn forwarded(line: &str) -> Vec<Option<IpAddr>> {
    let Some(elements) = split(line, ',') else { return vec![None] };
    elements.into_iter().map(|element| for_of(&element)).collect()
}

fn for_of(element: &str) -> Option<IpAddr> {
    let pairs = split(element, ';')?;
    let mut values = pairs.iter().filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    node(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// Splits at `sign` outside of quotes; `None` when a quote does not end.
fn split(text: &str, sign: char) -> Option<Vec<String>> {
    let (mut parts, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for letter in text.chars() {
        let last = parts.last_mut()?;
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if letter == sign && !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        last.push(letter);
    }
    (!quoted).then_some(parts)
}

/// An address, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let (address, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            (address, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None if text.matches(':').count() == 1 => {
            let (address, port) = text.split_once(':')?;
            (address, Some(port))
        }
        None => (text, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return None;
    }
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client(trusted: &[&str], header: ProxyHeader, peer: &str, lines: &[(&str, &str)]) -> String {
        let mut proxies = Proxies::telling_by(header);
        trusted.iter().for_each(|net| proxies.trust(net).unwrap());
        let headers = lines.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), http::HeaderValue::from_bytes(value.as_bytes()).unwrap())
        });
        let headers = headers.collect();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    /// ISS-002: with no list nothing that a request says about its way is believed, from any peer.
    #[test]
    fn iss_002_nobody_is_believed_by_default() {
        let all = [
            ("x-forwarded-for", "203.0.113.9"),
            ("forwarded", "for=203.0.113.9"),
            ("x-real-ip", "203.0.113.9"),
            ("client-ip", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
        ];
        for peer in ["127.0.0.1", PROXY, "198.51.100.7", "::1"] {
            for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
                assert_eq!(client(&[], header, peer, &all), peer);
            }
        }
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_first_stranger() {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"];
        for (peer, lines, expected) in [
            (PROXY, &["203.0.113.9"][..], "203.0.113.9"),
            // Whoever is no proxy of ours may write what they like: it stands further out.
            (PROXY, &["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
            (PROXY, &["127.0.0.1", "198.51.100.7, 10.9.9.9"], "198.51.100.7"),
            (PROXY, &["10.2.2.2, 10.3.3.3"], "10.2.2.2"),
            (PROXY, &[], PROXY),
            ("::ffff:10.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("2001:db8:1::7", &["[2001:db8:2::1]:4711"], "2001:db8:2::1"),
            (PROXY, &["203.0.113.9:1234"], "203.0.113.9"),
            ("198.51.100.7", &["203.0.113.9"], "198.51.100.7"),
            ("2001:db8:2::7", &["203.0.113.9"], "2001:db8:2::7"),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            assert_eq!(client(&trusted, ProxyHeader::XForwardedFor, peer, &lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn the_registered_header_is_read_by_its_grammar() {
        for (line, expected) in [
            ("for=203.0.113.9", "203.0.113.9"),
            ("For=\"[2001:db8:2::1]:4711\";proto=https", "2001:db8:2::1"),
            ("proto=http;by=10.0.0.1;for=203.0.113.9", "203.0.113.9"),
            ("for=198.51.100.7, for=203.0.113.9", "203.0.113.9"),
            ("for=203.0.113.9;host=\"a,b;for=1.2.3.4\"", "203.0.113.9"),
            ("for=unknown", PROXY),
            ("for=_hidden", PROXY),
            ("for=203.0.113.9;for=1.2.3.4", PROXY),
            ("for=\"203.0.113.9", PROXY),
            ("proto=https", PROXY),
            ("", PROXY),
        ] {
            let found = client(&[PROXY_NET], ProxyHeader::Forwarded, PROXY, &[("forwarded", line)]);
            assert_eq!(found, expected, "{line}");
            let other = client(&[PROXY_NET], ProxyHeader::XForwardedFor, PROXY, &[("forwarded", line)]);
            assert_eq!(other, PROXY, "only the named header counts");
        }
    }

    const PROXY_NET: &str = "10.0.0.1";

    #[test]
    fn everybody_is_no_proxy() {
        for (address, refused) in [
            ("10.0.0.1", None),
            ("10.0.0.0/8", None),
            ("::1", None),
            ("2001:db8::/32", None),
            ("0.0.0.0/0", Some(NoProxy::Everybody)),
            ("::/0", Some(NoProxy::Everybody)),
            ("*", Some(NoProxy::Unreadable)),
            ("proxy.example", Some(NoProxy::Unreadable)),
            ("10.0.0.0/33", Some(NoProxy::Unreadable)),
            ("", Some(NoProxy::Unreadable)),
        ] {
            let found = Proxies::default().trust(address);
            assert_eq!(found.err(), refused, "{address}");
        }
    }

    /// ISS-006: what cannot be read is counted under the nearest hop that is known, never under nobody.
    #[test]
    fn iss_006_what_cannot_be_read_falls_back_to_the_nearest_known_hop() {
        let long = vec!["203.0.113.9"; 10_000].join(", ");
        let proxies = vec![PROXY; 10_000].join(", ");
        for (line, expected) in [
            ("a", PROXY),
            ("::gggg", PROXY),
            ("", PROXY),
            (",", PROXY),
            ("203.0.113.9, nonsense", PROXY),
            ("203.0.113.9:99999", PROXY),
            ("203.0.113.9 ", "203.0.113.9"),
            ("[203.0.113.9", PROXY),
            ("1.2.3.4.5", PROXY),
            ("\u{fffd}", PROXY),
            (&long, "203.0.113.9"),
            (&proxies, PROXY),
        ] {
            let found = client(&[PROXY_NET], ProxyHeader::XForwardedFor, PROXY, &[("x-forwarded-for", line)]);
            assert_eq!(found, expected, "{:.40}", line);
        }
    }
}
