//! A certificate for this machine, so that a program which insists on https can use the demo.
//!
//! The authority that signs it exists for a moment only: its key is thrown away, so that nobody who finds the folder can
//! make certificates that a program trusting `ca.pem` would believe.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sayso_token::time::Timestamp;
use time::{Duration, OffsetDateTime};

use crate::private;

const CA: &str = "ca.pem";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";
/// The names of this machine, as a certificate carries them.
const NAMES: [&str; 3] = ["127.0.0.1", "::1", "localhost"];
/// Longer than the folder will live.
const VALID_FOR: Duration = Duration::days(3650);

/// The certificate in `folder`, made when it is not there whole.
pub(super) fn config(folder: &Path, now: Timestamp) -> anyhow::Result<Arc<ServerConfig>> {
    let path = |name: &str| folder.join(name);
    if ![CA, CERTIFICATE, KEY].iter().all(|name| path(name).is_file()) {
        make(folder, now).with_context(|| format!("cannot make a certificate in {}", folder.display()))?;
    }
    let read = || -> anyhow::Result<ServerConfig> {
        let chain = CertificateDer::pem_file_iter(path(CERTIFICATE))?.collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_file(path(KEY))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(builder.with_no_client_auth().with_single_cert(chain, key)?)
    };
    let config = read().with_context(|| {
        format!("the certificate in {} cannot be used; take that folder away, a new one is made", folder.display())
    })?;
    Ok(Arc::new(config))
}

/// The file with the root that a program must trust, in `folder`.
pub(super) fn ca_file(folder: &Path) -> std::path::PathBuf {
    folder.join(CA)
}

fn make(folder: &Path, now: Timestamp) -> anyhow::Result<()> {
    private::folder(folder)?;
    let begin = OffsetDateTime::from_unix_timestamp(now.seconds())?;
    let valid = |mut params: CertificateParams| {
        // A clock that is a little behind must not make it a certificate of the future.
        params.not_before = begin - Duration::days(1);
        params.not_after = begin + VALID_FOR;
        params
    };
    let mut root = valid(CertificateParams::default());
    root.distinguished_name.push(DnType::CommonName, "Sayso demo on this machine");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root_key = KeyPair::generate()?;
    let root_certificate = root.self_signed(&root_key)?;
    let issuer = Issuer::new(root, root_key);

    let mut own = valid(CertificateParams::new(NAMES.map(str::to_owned))?);
    own.distinguished_name.push(DnType::CommonName, "localhost");
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    own.use_authority_key_identifier_extension = true;
    let own_key = KeyPair::generate()?;
    let certificate = own.signed_by(&own_key, &issuer)?;

    private::write(&folder.join(KEY), own_key.serialize_pem().as_bytes())?;
    private::write(&folder.join(CERTIFICATE), certificate.pem().as_bytes())?;
    private::write(&folder.join(CA), root_certificate.pem().as_bytes())?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_certificate_is_made_once() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("tls");
        let now = crate::outside::ambience().clock.now();
        config(&folder, now).unwrap();
        let first = fs::read(folder.join(CERTIFICATE)).unwrap();
        config(&folder, now).unwrap();
        assert_eq!(fs::read(folder.join(CERTIFICATE)).unwrap(), first);
        assert!(fs::read_to_string(ca_file(&folder)).unwrap().contains("BEGIN CERTIFICATE"));

        fs::write(folder.join(KEY), "rubbish").unwrap();
        let broken = format!("{:#}", config(&folder, now).unwrap_err());
        assert!(broken.contains("take that folder away"), "{broken}");
        fs::remove_file(folder.join(KEY)).unwrap();
        config(&folder, now).unwrap();
        assert_ne!(fs::read(folder.join(CERTIFICATE)).unwrap(), first);
    }
}
