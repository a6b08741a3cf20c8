//! Requests that leave this machine because somebody else's metadata says so: a client's keys, a sector identifier, a
//! logout notification.
//!
//! Whoever registers a client chooses the address, so it is distrusted: https only, to public addresses only, where the
//! address that was judged is the one that is connected to; no redirect, no proxy, bounded size and time. RFC 9700
//! section 4.15 and OpenID Connect Dynamic Client Registration section 9 say why.

mod named;
mod provider;
mod public;
mod resolver;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;
use url::{Host, Url};

pub use named::{NamedServer, NotAnswered};
pub(crate) use provider::ProviderServer;
pub use public::is_public;
use resolver::{Judged, NotAllowed};

/// From the first look at a name to the last byte of the answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// The same for a document that somebody waits for: who calls the token endpoint gives up after 4.5 s.
const WAITED_FOR: Duration = Duration::from_secs(3);
/// The most bytes that are read of an answer.
pub const LARGEST_ANSWER: usize = 64 * 1024;
/// The longest address that is fetched.
pub const LONGEST_URL: usize = 2048;
/// How many requests may be under way at once: who waits for others' servers must not use up this one.
const AT_ONCE: usize = 32;

/// What an operator may change about outgoing requests.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// Certificates (PEM) of authorities that are trusted beside the public ones.
    pub extra_ca: Option<Vec<u8>>,
    /// Whether loopback addresses may be fetched from: for test set-ups, where clients run on this machine.
    pub loopback: bool,
}

/// The room cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum BadOutgoing {
    /// The extra certificates cannot be read.
    #[error("the certificates for outgoing requests cannot be used: {0}; give a PEM file with certificates")]
    Certificates(String),
    /// The TLS client could not be set up.
    #[error("the TLS client for outgoing requests cannot be set up: {0}")]
    Tls(String),
}

/// Why nothing usable came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailed {
    /// Not an https address, or one that no request may go to.
    #[error("the address is not one that is fetched from: https, without credentials and fragment")]
    Address,
    /// Too many other requests are under way.
    #[error("too many outgoing requests are under way")]
    Busy,
    /// The name leads to this machine, to a private network or another special address.
    #[error("the address is not a public one")]
    NotPublic,
    /// The server answered with a redirect; none is followed.
    #[error("the server redirects, which is not followed")]
    Redirect,
    /// The server answered with another status than 200.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// More bytes than are read.
    #[error("the answer has more than {LARGEST_ANSWER} bytes")]
    TooLarge,
    /// No whole answer in time.
    #[error("the server took longer than it may")]
    TooSlow,
    /// TLS was refused, by us or by the server.
    #[error(
        "the server's certificate is not trusted; one of its own making, or of an authority of yours, needs outgoing_ca"
    )]
    Untrusted,
    /// No connection, or it broke.
    #[error("the server could not be reached")]
    Unreachable,
}

impl FetchFailed {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Address => "fetch_address",
            Self::Busy => "fetch_busy",
            Self::NotPublic => "fetch_not_public",
            Self::Redirect => "fetch_redirect",
            Self::Status(_) => "fetch_status",
            Self::TooLarge => "fetch_too_large",
            Self::TooSlow => "fetch_too_slow",
            Self::Untrusted => "fetch_untrusted",
            Self::Unreachable => "fetch_unreachable",
        }
    }
}

/// Answers which addresses a host name has.
pub type Names = Arc<dyn Fn(String) -> Looking + Send + Sync>;
/// The look-up of one name under way.
pub type Looking = std::pin::Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Sends them. Clones share connections and bounds.
#[derive(Clone)]
pub struct Fetcher {
    client: reqwest::Client,
    loopback: bool,
    places: Arc<Semaphore>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("loopback", &self.loopback).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// Sets it up, with the system's names.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn new(settings: &Outgoing) -> Result<Self, BadOutgoing> {
        Self::with_names(settings, resolver::system())
    }

    /// Sets it up with these names.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn with_names(settings: &Outgoing, names: Names) -> Result<Self, BadOutgoing> {
        let client = builder(settings)?
            .dns_resolver(Arc::new(Judged { names, loopback: settings.loopback }))
            .timeout(DEADLINE)
            .build()
            .map_err(|error| BadOutgoing::Tls(error.to_string()))?;
        Ok(Self { client, loopback: settings.loopback, places: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// The document at that address; anything but 200 is no document.
    ///
    /// # Errors
    /// [`FetchFailed`]; nothing is told of what came back.
    pub async fn get_json(&self, url: &str) -> Result<Bytes, FetchFailed> {
        let request = self.client.get(self.judged(url)?).header(ACCEPT, "application/json").timeout(WAITED_FOR);
        match self.send(request).await? {
            (200, body) => Ok(body),
            (status, _) => Err(FetchFailed::Status(status)),
        }
    }

    /// Posts a form (`application/x-www-form-urlencoded`, already encoded); any status of the 200s is fine.
    ///
    /// # Errors
    /// [`FetchFailed`]; a form that was posted may have arrived all the same.
    pub async fn post_form(&self, url: &str, form: String) -> Result<(), FetchFailed> {
        let request = self.client.post(self.judged(url)?).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match self.send(request.body(form)).await? {
            (200..=299, _) => Ok(()),
            (status, _) => Err(FetchFailed::Status(status)),
        }
    }

    /// An address that is written as numbers never reaches the resolver: it is judged here.
    fn judged(&self, url: &str) -> Result<Url, FetchFailed> {
        let parsed = Url::parse(url).map_err(|_| FetchFailed::Address)?;
        let plain = parsed.username().is_empty() && parsed.password().is_none() && parsed.fragment().is_none();
        if parsed.scheme() != "https" || !plain || url.len() > LONGEST_URL {
            return Err(FetchFailed::Address);
        }
        let literal = match parsed.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(FetchFailed::Address),
        };
        match literal {
            Some(address) if !resolver::allows(self.loopback, address) => Err(FetchFailed::NotPublic),
            _ => Ok(parsed),
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(u16, Bytes), FetchFailed> {
        let answer = bounded(request, &self.places).await?;
        Ok((answer.status, answer.body))
    }
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Its `Content-Type`, as it was sent.
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

/// Sends a request while there is a place, and reads what comes back within bounds.
async fn bounded(request: reqwest::RequestBuilder, places: &Semaphore) -> Result<Answer, FetchFailed> {
    let _place = places.try_acquire().map_err(|_| FetchFailed::Busy)?;
    let mut answer = request.send().await.map_err(|error| failed(&error))?;
    let status = answer.status();
    if status.is_redirection() || answer.headers().contains_key(LOCATION) && !status.is_success() {
        return Err(FetchFailed::Redirect);
    }
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = BytesMut::new();
    while let Some(part) = answer.chunk().await.map_err(|error| failed(&error))? {
        if body.len() + part.len() > LARGEST_ANSWER {
            return Err(FetchFailed::TooLarge);
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer { status: status.as_u16(), content_type, body: body.freeze() })
}

/// What holds for all requests of the room.
fn builder(settings: &Outgoing) -> Result<reqwest::ClientBuilder, BadOutgoing> {
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| BadOutgoing::Tls(error.to_string()))?
        .with_root_certificates(roots(settings)?)
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).https_only(true).redirect(Policy::none());
    Ok(client.no_proxy().referer(false).user_agent(concat!("sayso/", env!("CARGO_PKG_VERSION"))))
}

fn roots(settings: &Outgoing) -> Result<RootCertStore, BadOutgoing> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(pem) = &settings.extra_ca else { return Ok(roots) };
    let bad = |error: &dyn std::fmt::Display| BadOutgoing::Certificates(error.to_string());
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| bad(&error))?;
        roots.add(certificate).map_err(|error| bad(&error))?;
    }
    if roots.len() == before { Err(bad(&"no certificate stands in it")) } else { Ok(roots) }
}

/// What an error was caused by. An I/O error tells of what is within it only when it is asked for it.
fn within<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a (dyn std::error::Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Only the kind of an error is kept: its text would name the address, and what is at it.
fn failed(error: &reqwest::Error) -> FetchFailed {
    if error.is_timeout() {
        return FetchFailed::TooSlow;
    }
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<NotAllowed>() {
            return FetchFailed::NotPublic;
        }
        if matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return FetchFailed::Untrusted;
        }
        source = within(cause);
    }
    FetchFailed::Unreachable
}
