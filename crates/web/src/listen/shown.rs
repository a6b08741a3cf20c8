//! The certificate that a port shows: it may be replaced while the port is served, and may be missing at first.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The certificate in use. Clones are the same one.
#[derive(Clone, Debug)]
pub struct ShownCertificate(Arc<Slot>);

#[derive(Debug)]
struct Slot {
    provider: Arc<CryptoProvider>,
    current: RwLock<Option<Arc<CertifiedKey>>>,
}

impl ShownCertificate {
    /// No certificate so far: until there is one, handshakes are refused with an alert. Nothing self-signed is shown
    /// meanwhile, for that would teach people to pass over the browser's warning.
    pub fn none_yet() -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Self(Arc::new(Slot { provider, current: RwLock::new(None) }))
    }

    /// Shows this one, on connections from now on.
    pub fn show(&self, certificate: Arc<CertifiedKey>) {
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
    }

    /// The one in use.
    pub fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The cryptography that certificates must be for.
    pub fn provider(&self) -> &Arc<CryptoProvider> {
        &self.0.provider
    }

    /// TLS 1.2 and 1.3 with the certificate as it is at each handshake. The listener speaks HTTP/1.1.
    ///
    /// # Errors
    /// When the cryptography lacks what these versions need.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, rustls::Error> {
        let builder =
            ServerConfig::builder_with_provider(self.0.provider.clone()).with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(self.0.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Slot {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
