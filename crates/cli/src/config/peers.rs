//! `tls`, `trusted_proxies` and `proxy_header` of `[server]`: who ends TLS, and whose word counts.

use sayso_web::listen::certificates::CertificateFiles;
use sayso_web::listen::{NoProxy, Proxies, ProxyHeader};

use super::acme::{self, Acme};
use super::finding::Findings;
use super::{beside, read_by_others, shape};

/// Where the certificate of a port comes from.
#[derive(Clone, Debug)]
pub(crate) enum Tls {
    /// From two files, which others see to.
    Files(CertificateFiles),
    /// By ACME.
    Acme(Acme),
}

/// Where the certificate comes from, if TLS ends here. What files hold is looked at when the server starts.
pub(super) fn tls(file: &shape::File, findings: &mut Findings<'_>) -> Option<Tls> {
    let table = file.server.tls.as_ref()?;
    let span = table.span();
    for issuer in file.authorities.iter().map(|authority| authority.issuer.get_ref()) {
        if issuer.starts_with("http://") {
            let what = format!("with tls the server speaks https only, and the issuer {issuer} is http");
            findings.error(span.clone(), "tls", what, "let the issuer begin with https://, or leave tls out");
        }
    }
    match (table.get_ref(), &table.get_ref().acme) {
        (shape::Tls { certificate: None, key: None, .. }, Some(acme)) => {
            acme::acme(acme, file, findings).map(Tls::Acme)
        }
        (shape::Tls { certificate: Some(certificate), key: Some(key), .. }, None) => {
            Some(Tls::Files(files(certificate, key, findings)))
        }
        (_, Some(_)) => {
            let what = "a certificate comes from files or by acme, not both ways";
            findings.error(span, "tls", what, "take out certificate and key, or acme");
            None
        }
        (shape::Tls { certificate, .. }, None) => {
            let missing = if certificate.is_none() { "certificate" } else { "key" };
            let fix = "name both files, certificate and key; or let the certificate be fetched, with [server.tls.acme]";
            findings.error(span, "tls", format!("{missing} is missing"), fix);
            None
        }
    }
}

fn files(certificate: &shape::Text, key: &shape::Text, findings: &mut Findings<'_>) -> CertificateFiles {
    let file = findings.file();
    let mut path = |written: &shape::Text, key: &str| {
        let path = beside(file, written.get_ref());
        if !path.is_file() {
            let what = format!("there is no file {}", path.display());
            findings.error(written.span(), key, what, "write the path of a PEM file, seen from this file's folder");
        }
        path
    };
    let files = CertificateFiles { certificate: path(certificate, "tls.certificate"), key: path(key, "tls.key") };
    if std::fs::metadata(&files.key).is_ok_and(|found| read_by_others(&found)) {
        let what = format!("everyone on this machine can read the private key {}", files.key.display());
        findings.warning(key.span(), "tls.key", what, "chmod 600 the file");
    }
    files
}

/// The proxies that are believed; nobody unless named.
pub(super) fn proxies(table: &shape::Server, findings: &mut Findings<'_>) -> Proxies {
    let mut proxies = Proxies::telling_by(match table.proxy_header {
        None | Some(shape::ProxyHeader::XForwardedFor) => ProxyHeader::XForwardedFor,
        Some(shape::ProxyHeader::Forwarded) => ProxyHeader::Forwarded,
    });
    for written in &table.trusted_proxies {
        let (what, fix) = match proxies.trust(written.get_ref()) {
            Ok(()) => continue,
            Err(NoProxy::Unreadable) => (
                format!("{:?} is neither an IP address nor a network", written.get_ref()),
                "write the proxy's address, such as \"10.0.0.7\", or its network, \"10.0.0.0/24\"",
            ),
            Err(NoProxy::Everybody) => (
                format!("{:?} is everybody: any client could call itself anything", written.get_ref()),
                "name the addresses of your own proxies only",
            ),
        };
        findings.error(written.span(), "trusted_proxies", what, fix);
    }
    proxies
}
