//! The servers of an address, in the order in which they are asked.

use std::fmt;

use url::{ParseError, Url};

use super::{BadAddress, decoded};

const PORT: u16 = 5432;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name, an IP address, or the folder of a Unix socket.
    pub(crate) name: String,
    pub(crate) port: u16,
}

impl Host {
    fn of(url: &Url) -> Option<Self> {
        let name = url.host_str().map(|host| decoded(host.trim_matches(['[', ']']))).filter(|name| !name.is_empty())?;
        Some(Self { name, port: url.port().unwrap_or(PORT) })
    }

    fn is_here(&self) -> bool {
        let address = self.name.parse::<std::net::IpAddr>();
        self.name.starts_with('/') || self.name == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// One server, or several of which one takes writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hosts(Vec<Host>);

impl Hosts {
    /// Takes the servers out of a URL, whose grammar has one host where libpq has a list (`a:5432,b:5433`; PostgreSQL's
    /// manual, "Connection URIs"). Without any, it is this machine.
    pub(super) fn read(text: &str) -> Result<(Self, Url), BadAddress> {
        let (scheme, rest) = text.split_once("://").ok_or(BadAddress::Scheme)?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user, list) = authority.rsplit_once('@').unwrap_or(("", authority));
        if !list.contains(',') {
            let url = Url::parse(text).map_err(BadAddress::Url)?;
            let host = Host::of(&url).unwrap_or_else(|| {
                let name = "localhost".to_owned();
                Host { name, port: url.port().unwrap_or(PORT) }
            });
            return Ok((Self(vec![host]), url));
        }
        let read = |host: &str| {
            let url = Url::parse(&format!("{scheme}://{host}")).map_err(BadAddress::Url)?;
            Host::of(&url).ok_or(BadAddress::Url(ParseError::EmptyHost))
        };
        let hosts = list.split(',').map(read).collect::<Result<_, _>>()?;
        // What is left of the URL is read without them.
        let url = Url::parse(&format!("{scheme}://{user}@any{tail}")).map_err(BadAddress::Url)?;
        Ok((Self(hosts), url))
    }

    /// Other names, one or several joined by commas, at the port of before.
    pub(super) fn rename(&mut self, names: &str) {
        let port = self.0.first().map_or(PORT, |host| host.port);
        self.0 = names.split(',').map(|name| Host { name: name.to_owned(), port }).collect();
    }

    /// Whether none is on another machine.
    pub(super) fn are_here(&self) -> bool {
        self.0.iter().all(Host::is_here)
    }

    /// Each of them.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Host> {
        self.0.iter()
    }

    /// Their names, joined by commas.
    pub(crate) fn names(&self) -> String {
        self.joined(|host| host.name.clone())
    }

    /// Their ports, in the same order.
    pub(crate) fn ports(&self) -> String {
        self.joined(|host| host.port.to_string())
    }

    fn joined(&self, part: impl Fn(&Host) -> String) -> String {
        self.0.iter().map(part).collect::<Vec<_>>().join(",")
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.joined(|host| format!("{}:{}", host.name, host.port)))
    }
}
