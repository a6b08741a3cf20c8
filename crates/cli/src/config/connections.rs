//! `tls`, `trusted_proxies` and `proxy_header` of `[server]`: who ends TLS, and whose word counts.

use sayso_web::listen::certificates::CertificateFiles;
use sayso_web::listen::{NoProxy, Proxies, ProxyHeader};

use super::finding::Findings;
use super::{beside, read_by_others, shape};

/// Where the certificate is, if TLS ends here. What the files hold is looked at when the server starts.
pub(super) fn tls(
    table: &shape::Server,
    authorities: &[shape::Authority],
    findings: &mut Findings<'_>,
) -> Option<CertificateFiles> {
    let tls = table.tls.as_ref()?;
    let file = findings.file();
    let mut path = |written: &shape::Text, key: &str| {
        let path = beside(file, written.get_ref());
        if !path.is_file() {
            let what = format!("there is no file {}", path.display());
            findings.error(written.span(), key, what, "write the path of a PEM file, seen from this file's folder");
        }
        path
    };
    let files =
        CertificateFiles { certificate: path(&tls.certificate, "tls.certificate"), key: path(&tls.key, "tls.key") };
    if std::fs::metadata(&files.key).is_ok_and(|found| read_by_others(&found)) {
        let what = format!("everyone on this machine can read the private key {}", files.key.display());
        findings.warning(tls.key.span(), "tls.key", what, "chmod 600 the file");
    }
    for authority in authorities {
        let issuer = &authority.issuer;
        if issuer.get_ref().starts_with("http://") {
            let what = format!("with tls the server speaks https only, and the issuer {} is http", issuer.get_ref());
            findings.error(tls.certificate.span(), "tls", what, "let the issuer begin with https://, or leave tls out");
        }
    }
    Some(files)
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
