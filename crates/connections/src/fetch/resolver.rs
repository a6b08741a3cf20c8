//! Names, judged: what this hands on is what the connection is made to, so an answer cannot change in between.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Names, is_public};

/// A name leads to an address that no request may go to.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub(super) struct NotAllowed;

/// Hands on the addresses of a name when every one of them may be connected to. One bad one spoils all: a name that
/// leads to both is a trick.
pub(super) struct Judged {
    pub(super) names: Names,
    pub(super) loopback: bool,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let (looking, loopback) = ((self.names)(name.as_str().to_owned()), self.loopback);
        Box::pin(async move {
            let addresses = looking.await?;
            if addresses.iter().any(|address| !allows(loopback, *address)) {
                return Err(NotAllowed.into());
            }
            // The port is the URL's.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

pub(super) fn allows(loopback: bool, address: IpAddr) -> bool {
    is_public(address) || (loopback && address.to_canonical().is_loopback())
}

/// The names that this machine knows.
pub(super) fn system() -> Names {
    Arc::new(|host| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}
