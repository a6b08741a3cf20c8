//! A skill as a server of its own, with TLS.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::skill::Skill;

/// How long answers that are under way may take when the server ends; Alexa waits 8 s.
const FINISH_WITHIN: Duration = Duration::from_secs(9);

/// The server cannot start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServerDown {
    /// The certificate or its key cannot be used.
    #[error("the certificate or its key: {0}")]
    Certificate(String),
    /// Not a path that a skill can have.
    #[error("the skill's path begins with a slash and holds letters, digits, slashes, hyphens and dots: {0}")]
    Path(String),
    /// The address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
}

impl Skill {
    /// Serves the skill over HTTPS at `path` until `end` is over; answers that are under way are finished.
    ///
    /// Alexa wants port 443, a certificate of an authority that Amazon trusts with the host among its names, and the whole chain:
    /// the server's certificate first, in the PEM file `certificates`; `key` is its private key in PKCS #8, PKCS #1 or SEC 1.
    /// A renewed certificate is taken at the next start; a proxy in front does it without one.
    ///
    /// ```no_run
    /// use std::net::TcpListener;
    /// use std::path::Path;
    ///
    /// # async fn main_of_a_skill(skill: sayso_skill::Skill) -> Result<(), Box<dyn std::error::Error>> {
    /// let files = (Path::new("fullchain.pem"), Path::new("privkey.pem"));
    /// let end = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    /// // The endpoint in the manifest: https://skill.example/alexa
    /// skill.serve_tls(TcpListener::bind("0.0.0.0:443")?, "/alexa", files, end).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The files cannot be used, or the address is taken.
    pub async fn serve_tls(
        self,
        listener: TcpListener,
        path: &str,
        (certificates, key): (&Path, &Path),
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerDown> {
        let router = at(path, self.into_router())?;
        let config = RustlsConfig::from_config(Arc::new(server_config(certificates, key)?));
        listener.set_nonblocking(true)?;
        let handle: Handle<SocketAddr> = Handle::new();
        let ending = handle.clone();
        tokio::spawn(async move {
            end.await;
            ending.graceful_shutdown(Some(FINISH_WITHIN));
        });
        axum_server::from_tcp_rustls(listener, config)?.handle(handle).serve(router.into_make_service()).await?;
        Ok(())
    }
}

/// The router below a path. What the library takes for a pattern, or panics at, is no path.
fn at(path: &str, router: Router) -> Result<Router, ServerDown> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    if !path.starts_with('/') || !path.bytes().all(is_plain) || path.contains("//") {
        return Err(ServerDown::Path(path.to_owned()));
    }
    Ok(if path == "/" { router } else { Router::new().nest(path, router) })
}

fn server_config(certificates: &Path, key: &Path) -> Result<ServerConfig, ServerDown> {
    let bad = |file: &Path| {
        let file = file.display().to_string();
        move |error: rustls_pki_types::pem::Error| ServerDown::Certificate(format!("{file}: {error}"))
    };
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(|chain| chain.collect::<Result<Vec<_>, _>>())
        .map_err(bad(certificates))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(bad(key))?;
    let unusable = |error: rustls::Error| ServerDown::Certificate(error.to_string());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
