//! Handshakes in which a certificate authority looks whether a name is ours: TLS-ALPN-01 (RFC 8737).

use std::pin::Pin;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::ClientHello;

/// The protocol that such a handshake asks for, and no other.
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// Whether there is something to show for a name.
pub type Answering = Pin<Box<dyn Future<Output = Option<Arc<ServerConfig>>> + Send>>;

/// Who knows what an authority must be shown.
pub trait Validations: Send + Sync {
    /// What is shown for the name, which is in lower case and may be any; `None`, where nothing was asked for.
    fn answer(&self, name: String) -> Answering;
}

/// The name that is looked at; `None` for a client like any other. Who asks for another protocol as well is none
/// (RFC 8737 section 3: the extension holds this one only).
pub(super) fn name_asked_for(hello: &ClientHello<'_>) -> Option<String> {
    let mut protocols = hello.alpn()?;
    let only = protocols.next() == Some(ACME_TLS) && protocols.next().is_none();
    only.then(|| hello.server_name().unwrap_or_default().to_ascii_lowercase())
}
