//! Requests to a provider that the operator has named, at which people sign in.
//!
//! Nobody else chose the address, so it may be in a private network; http is for this machine alone, and only where the
//! provider itself is without TLS. Everything else is as in the rest of the room: no redirect, no proxy, bounded size and time.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use reqwest::header::ACCEPT;
use reqwest::{Method, RequestBuilder};
use sayso_authority::wire::provider::is_plain_loopback;
use tokio::sync::Semaphore;
use url::Url;

use super::{AT_ONCE, Answer, BadOutgoing, FetchFailed, LONGEST_URL, Outgoing, WAITED_FOR, bounded, builder};

/// Sends them. Clones share connections and bounds.
#[derive(Clone, Debug)]
pub(crate) struct ProviderServer {
    client: reqwest::Client,
    places: Arc<Semaphore>,
}

impl ProviderServer {
    /// Sets it up. Servers are believed by the public authorities' certificates and these (PEM).
    pub(crate) fn new(extra_ca: Option<Vec<u8>>) -> Result<Self, BadOutgoing> {
        let settings = Outgoing { extra_ca, loopback: true };
        // A name that may be spoken to without TLS must not lead elsewhere.
        let here = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        let client = builder(&settings)?.https_only(false).timeout(WAITED_FOR).resolve_to_addrs("localhost", &here);
        let client = client.build().map_err(|error| BadOutgoing::Tls(error.to_string()))?;
        Ok(Self { client, places: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// A request for JSON; `plain` allows http to this machine.
    pub(crate) fn request(&self, method: Method, url: &str, plain: bool) -> Result<RequestBuilder, FetchFailed> {
        let parsed = Url::parse(url).map_err(|_| FetchFailed::Address)?;
        let speaks = parsed.scheme() == "https" || plain && is_plain_loopback(url);
        let clean = parsed.username().is_empty() && parsed.password().is_none() && parsed.fragment().is_none();
        if !speaks || !clean || !parsed.has_host() || url.len() > LONGEST_URL {
            return Err(FetchFailed::Address);
        }
        Ok(self.client.request(method, parsed).header(ACCEPT, "application/json"))
    }

    /// What is answered, whatever the status, but for redirects.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, FetchFailed> {
        bounded(request, &self.places).await
    }
}
