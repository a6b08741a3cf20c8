//! The certificates of the servers that Amazon calls: judged by what is sent, as somebody who fetches nothing else does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sayso_alexa::account_linking::{AccountLinking, LinkingGrant};
use sayso_alexa::server_chain::{self, ServerChainFault};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use super::trials::CERTIFICATE;
use super::{Checked, sentence};
use crate::endpoint::Endpoint;
use crate::package::Skill;
use crate::simulator::Inner;

const PATIENCE: Duration = Duration::from_secs(8);

/// What a host is there for, by host and port.
type Hosts = BTreeMap<(String, u16), Vec<&'static str>>;

impl Inner {
    /// Looks at the certificate of every host that Amazon calls for this skill by https.
    pub(crate) async fn examine_certificates(&self, skill: &Skill) -> Vec<Checked> {
        let now = self.real_now().millis();
        let looked = join_all(hosts(skill).into_iter().map(|((host, port), uses)| async move {
            let judged = match sent_by(&host, port).await {
                Ok(chain) => judge(&chain, &host, webpki_roots::TLS_SERVER_ROOTS, now),
                Err(why) => vec![why],
            };
            let is_own = is_self_signed_by_will(skill, &uses);
            let what = format!("{host} ({})", uses.join(", "));
            judged.into_iter().map(|found| found.checked(&what, is_own)).collect::<Vec<_>>()
        }));
        looked.await.into_iter().flatten().collect()
    }
}

/// The hosts that Amazon calls by https.
fn hosts(skill: &Skill) -> Hosts {
    let mut named: Vec<(Option<Url>, &'static str)> = Vec::new();
    if let Some(linking) = &skill.linking {
        let AccountLinking { authorization_url, grant, reciprocal_url, .. } = linking;
        named.push((Url::parse(authorization_url).ok(), "login page"));
        if let LinkingGrant::AuthorizationCode { access_token_url, .. } = grant {
            named.push((Url::parse(access_token_url).ok(), "token endpoint"));
        }
        named.push((reciprocal_url.as_deref().and_then(|url| Url::parse(url).ok()), "reciprocal authorization"));
    }
    if let Ok(Endpoint::Web(url)) = skill.endpoint() {
        named.push((Some(url), SKILL));
    }
    let mut hosts = Hosts::new();
    for (url, what) in named {
        let Some(url) = url.filter(|url| url.scheme() == "https") else { continue };
        // In brackets, an address of version 6 is no name.
        let host = url.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']').to_owned());
        if let (Some(host), Some(port)) = (host, url.port_or_known_default()) {
            hosts.entry((host, port)).or_default().push(what);
        }
    }
    hosts
}

const SKILL: &str = "skill";

/// In development a skill may have a certificate of its own, if the manifest says so.
fn is_self_signed_by_will(skill: &Skill, uses: &[&str]) -> bool {
    let custom = skill.manifest.apis.custom.as_ref().and_then(|custom| custom.endpoint.as_ref());
    let kind = custom.and_then(|endpoint| endpoint.rest.get("sslCertificateType")?.as_str());
    uses == [SKILL] && kind == Some("SelfSigned")
}

/// What came of looking at a host.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Good,
    Fault(ServerChainFault),
    /// No handshake, for a reason of the server's.
    NoTls(String),
    /// Nothing could be looked at from here.
    Unseen(String),
}

impl Found {
    fn checked(self, host: &str, is_own: bool) -> Checked {
        match self {
            Self::Good => Checked::good(CERTIFICATE, format!("{host}: the whole chain is sent, and it is good.")),
            Self::Fault(ServerChainFault::SelfSigned) if is_own => {
                let remedy = "For a live skill take a certificate of a public authority.";
                Checked::doubtful(CERTIFICATE, format!("{host}: it is signed by itself, as the manifest says."), remedy)
            }
            Self::Fault(fault) => {
                let (found, fix) = (format!("{host}: {fault}."), sentence(fault.fix()));
                let check = if fault.is_refused() { Checked::bad } else { Checked::doubtful };
                check(CERTIFICATE, found, &fix)
            }
            Self::NoTls(why) => {
                let remedy = "Answer with TLS 1.2 or 1.3 at that port; Amazon calls no other way.";
                Checked::bad(CERTIFICATE, format!("{host}: {why}."), remedy)
            }
            Self::Unseen(why) => {
                Checked::unknown(CERTIFICATE, format!("{host}: {why}."), "See to the checks of its answers first.")
            }
        }
    }
}

fn judge(chain: &[CertificateDer<'_>], host: &str, roots: &[TrustAnchor<'_>], now: i64) -> Vec<Found> {
    let faults = server_chain::judge(chain, host, roots, now);
    if faults.is_empty() { vec![Found::Good] } else { faults.into_iter().map(Found::Fault).collect() }
}

/// The certificates that a server sends. The handshake is broken off then: nothing is said to somebody who is not known.
async fn sent_by(host: &str, port: u16) -> Result<Vec<CertificateDer<'static>>, Found> {
    let noting = Arc::new(Noting::default());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Found::Unseen(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(noting.clone())
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Found::Unseen("it is no name of a host".into()))?;
    let shaken = async {
        let stream = TcpStream::connect((host, port)).await?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(drop)
    };
    let shaken = tokio::time::timeout(PATIENCE, shaken).await;
    let chain = std::mem::take(&mut *noting.0.lock().unwrap_or_else(PoisonError::into_inner));
    if !chain.is_empty() {
        return Ok(chain);
    }
    Err(match shaken {
        Err(_) => Found::Unseen("it did not answer in time".into()),
        Ok(Ok(())) => Found::Fault(ServerChainFault::Unreadable),
        Ok(Err(error)) => broken_off(&error),
    })
}

/// Whose fault it is that there was no handshake.
fn broken_off(error: &std::io::Error) -> Found {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidMessage(_)) => Found::NoTls("what answers there is no TLS".into()),
        Some(Error::PeerIncompatible(_)) => Found::NoTls("it speaks no TLS that is in use today".into()),
        Some(Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure)) => {
            Found::NoTls("it refuses the handshake of TLS 1.2 and 1.3".into())
        }
        Some(Error::AlertReceived(AlertDescription::UnrecognisedName)) => {
            Found::NoTls("it has no certificate for this name".into())
        }
        _ => Found::Unseen(format!("it cannot be reached ({error})")),
    }
}

/// Notes the certificates, and believes none of them.
#[derive(Debug, Default)]
struct Noting(Mutex<Vec<CertificateDer<'static>>>);

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let sent = std::iter::once(end_entity).chain(intermediates).map(|one| one.clone().into_owned());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sent.collect();
        Err(seen())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(seen())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(seen())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn seen() -> Error {
    Error::General("the certificates were to be seen, no more".into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use rustls::ServerConfig;
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// 2027, in which certificates are good that begin and end when the library says.
    const NOW: i64 = 1_800_000_000_000;

    fn authority(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    /// A server on this machine that sends as many certificates of its chain; its port, and the root.
    async fn server(sent: usize) -> (u16, CertificateDer<'static>) {
        let (root_key, between_key, key) =
            (KeyPair::generate().unwrap(), KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root = authority("Root").self_signed(&root_key).unwrap();
        let between = authority("Between").signed_by(&between_key, &Issuer::new(authority("Root"), root_key)).unwrap();
        let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &Issuer::new(authority("Between"), between_key)).unwrap();
        let chain = [leaf.der().clone(), between.der().clone()].into_iter().take(sent).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                let _broken_off = acceptor.accept(stream).await;
            }
        });
        (port, root.der().clone())
    }

    #[tokio::test]
    async fn what_a_server_sends_is_judged_and_nothing_is_fetched() {
        for (sent, good) in [(2, true), (1, false)] {
            let (port, root) = server(sent).await;
            let chain = sent_by("localhost", port).await.unwrap();
            assert_eq!(chain.len(), sent);
            let roots = [webpki_anchor(&root)];
            let found = judge(&chain, "localhost", &roots, NOW);
            if good {
                assert_eq!(found, [Found::Good]);
            } else {
                let [Found::Fault(fault @ ServerChainFault::Incomplete { .. })] = &found[..] else {
                    panic!("{found:?}")
                };
                let checked = Found::Fault(fault.clone()).checked("localhost (login page)", false);
                assert!(checked.health == crate::doctor::Health::Bad && checked.remedy.contains("fullchain.pem"));
            }
        }
    }

    fn webpki_anchor(root: &CertificateDer<'_>) -> TrustAnchor<'static> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(root.clone().into_owned()).unwrap();
        roots.roots.remove(0)
    }

    #[tokio::test]
    async fn what_is_no_tls_is_told_from_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            }
        });
        assert_eq!(sent_by("localhost", port).await.unwrap_err(), Found::NoTls("what answers there is no TLS".into()));
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(matches!(sent_by("localhost", free).await, Err(Found::Unseen(_))));
    }
}
