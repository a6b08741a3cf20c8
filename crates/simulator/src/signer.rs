//! Signing requests as Amazon does: RSA over the raw body, with a certificate for `echo-api.amazon.com`.
//!
//! The certificate hangs on a root of this installation's own, which no one but a skill in local development trusts.

mod odd_leaf;

use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256,
};
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

use crate::faults::Fault;
use crate::keep::write_private;
use crate::settings::OpenError;

/// The name every genuine request is signed for ("Host a Custom Skill as a Web Service").
const SIGNED_NAME: &str = "echo-api.amazon.com";

/// The file of the usual chain, as Amazon's is called.
pub(crate) const USUAL_FILE: &str = "echo-api-cert.pem";

const ROOT_DAYS: i64 = 3650;
const LEAF_DAYS: i64 = 365;
/// A certificate with fewer days left is made anew.
const FEWEST_DAYS_LEFT: i64 = 30;
/// Clocks differ: certificates are valid from a day before they are made.
const DAYS_BEFORE: i64 = 1;

/// A certificate with its private key, as kept on disk.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    certificate_pem: String,
    key_pem: String,
    /// Seconds since the Unix epoch.
    expires: i64,
}

impl Kept {
    fn load(file: &Path, now: Timestamp) -> Option<Self> {
        let kept: Self = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        (kept.expires - now.seconds() > FEWEST_DAYS_LEFT * 86_400).then_some(kept)
    }

    fn store(&self, file: &Path) -> Result<(), OpenError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| OpenError::Certificate(error.to_string()))?;
        write_private(file, &bytes).map_err(|error| OpenError::Unreadable { file: file.to_owned(), error })
    }
}

/// Signs request bodies.
pub(crate) struct Signer {
    root: Kept,
    leaf_file: PathBuf,
    /// Made on first use: an RSA key takes a good tenth of a second.
    ready: OnceCell<Ready>,
    odd: odd_leaf::OddLeaves,
}

/// The leaf key, parsed once.
struct Ready {
    chain_pem: String,
    key: RsaKeyPair,
}

impl Signer {
    /// Loads the root from `folder`, or makes it.
    pub(crate) fn open(folder: &Path, now: Timestamp) -> Result<Self, OpenError> {
        let (root_file, leaf_file) = (folder.join("signing-root.json"), folder.join("signing-leaf.json"));
        let root = match Kept::load(&root_file, now).filter(Kept::has_rsa_key) {
            Some(root) => root,
            None => {
                let root = make_root(now).map_err(|error| OpenError::Certificate(error.to_string()))?;
                root.store(&root_file)?;
                // A leaf of another root is of no use.
                let _ = std::fs::remove_file(&leaf_file);
                root
            }
        };
        Ok(Self { root, leaf_file, ready: OnceCell::new(), odd: odd_leaf::OddLeaves::default() })
    }

    /// The root certificate.
    pub(crate) fn root_pem(&self) -> &str {
        &self.root.certificate_pem
    }

    /// The chain to serve: leaf, then root.
    pub(crate) async fn chain_pem(&self, now: Timestamp) -> Result<&str, OpenError> {
        self.ready(now).await.map(|ready| ready.chain_pem.as_str())
    }

    /// The chain that is served under this name: the usual one, or one for a fault. Nothing for other names.
    pub(crate) async fn chain_file(&self, file: &str, now: Timestamp) -> Option<Result<&str, OpenError>> {
        if file == USUAL_FILE {
            return Some(self.chain_pem(now).await);
        }
        let odd = self.odd.get(odd_leaf::fault_of(file)?, &self.root, now).await?;
        Some(odd.map(|ready| ready.chain_pem.as_str()))
    }

    /// The name of the chain that belongs to what [`Signer::sign`] signs.
    pub(crate) fn file_of(&self, fault: Option<Fault>) -> &'static str {
        fault.and_then(odd_leaf::place).map_or(USUAL_FILE, |(_, file)| file)
    }

    /// The `Signature-256` of a body: base64 of an RSA PKCS#1 v1.5 signature over its SHA-256. Some faults sign with another
    /// key than the usual one.
    pub(crate) async fn sign(&self, body: &[u8], fault: Option<Fault>, now: Timestamp) -> Result<String, OpenError> {
        let odd = match fault {
            Some(fault) => self.odd.get(fault, &self.root, now).await.transpose()?,
            None => None,
        };
        let key = match odd {
            Some(odd) => &odd.key,
            None => &self.ready(now).await?.key,
        };
        let mut signature = vec![0; key.public_modulus_len()];
        #[allow(clippy::disallowed_methods, reason = "the interface demands a source of chance; PKCS#1 v1.5 uses none")]
        let unused = SystemRandom::new();
        key.sign(&RSA_PKCS1_SHA256, &unused, body, &mut signature)
            .map_err(|_| OpenError::Certificate("the body cannot be signed".into()))?;
        Ok(STANDARD.encode(signature))
    }

    async fn ready(&self, now: Timestamp) -> Result<&Ready, OpenError> {
        self.ready
            .get_or_try_init(|| async {
                let (root, file) = (self.root.clone(), self.leaf_file.clone());
                let made = tokio::task::spawn_blocking(move || prepare(&root, &file, now)).await;
                made.map_err(|error| OpenError::Certificate(error.to_string()))?
            })
            .await
    }
}

fn prepare(root: &Kept, file: &Path, now: Timestamp) -> Result<Ready, OpenError> {
    let failed = |error: String| OpenError::Certificate(error);
    let leaf = match Kept::load(file, now) {
        Some(leaf) => leaf,
        None => {
            let leaf = make_leaf(root, now).map_err(|error| failed(error.to_string()))?;
            leaf.store(file)?;
            leaf
        }
    };
    let pair = KeyPair::from_pem(&leaf.key_pem).map_err(|error| failed(error.to_string()))?;
    let key = RsaKeyPair::from_pkcs8(pair.serialized_der()).map_err(|error| failed(error.to_string()))?;
    Ok(Ready { chain_pem: format!("{}{}", leaf.certificate_pem, root.certificate_pem), key })
}

fn validity(params: &mut CertificateParams, now: Timestamp, days: i64) -> i64 {
    let today = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    params.not_before = today - Duration::days(DAYS_BEFORE);
    params.not_after = today + Duration::days(days);
    params.not_after.unix_timestamp()
}

fn make_root(now: Timestamp) -> Result<Kept, rcgen::Error> {
    // The official Node SDK reads certificates with RSA keys only, down to the root.
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Sayso local voice cloud, root for development");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let expires = validity(&mut params, now, ROOT_DAYS);
    let certificate = params.self_signed(&key)?;
    Ok(Kept { certificate_pem: certificate.pem(), key_pem: key.serialize_pem(), expires })
}

fn make_leaf(root: &Kept, now: Timestamp) -> Result<Kept, rcgen::Error> {
    let issuer = Issuer::from_ca_cert_pem(&root.certificate_pem, KeyPair::from_pem(&root.key_pem)?)?;
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
    let mut params = leaf_params(SIGNED_NAME)?;
    let expires = validity(&mut params, now, LEAF_DAYS.min(root.days_left(now)));
    let certificate = params.signed_by(&key, &issuer)?;
    Ok(Kept { certificate_pem: certificate.pem(), key_pem: key.serialize_pem(), expires })
}

fn leaf_params(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

impl Kept {
    /// Roots of earlier versions had another kind of key.
    fn has_rsa_key(&self) -> bool {
        KeyPair::from_pem(&self.key_pem).is_ok_and(|key| key.algorithm() == &PKCS_RSA_SHA256)
    }

    fn days_left(&self, now: Timestamp) -> i64 {
        (self.expires - now.seconds()) / 86_400
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// The first certificate, as text in which its names can be found.
    fn leaf_text(chain_pem: &str) -> String {
        let base64 = chain_pem.lines().skip(1).take_while(|line| !line.starts_with("-----")).collect::<String>();
        String::from_utf8_lossy(&STANDARD.decode(base64).unwrap()).into_owned()
    }

    #[tokio::test]
    async fn a_body_is_signed_with_the_key_of_the_served_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_seconds(1_800_000_000);
        let signer = Signer::open(folder.path(), now).unwrap();
        let chain = signer.chain_pem(now).await.unwrap().to_owned();
        assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
        assert!(chain.ends_with(signer.root_pem()));
        assert!(leaf_text(&chain).contains(SIGNED_NAME));

        let signature = STANDARD.decode(signer.sign(b"{}", None, now).await.unwrap()).unwrap();
        let key = &signer.ready(now).await.unwrap().key;
        let public = aws_lc_rs::signature::KeyPair::public_key(key);
        let verify = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_ref());
        assert!(verify.verify(b"{}", &signature).is_ok());
        assert!(verify.verify(b"{ }", &signature).is_err());

        let again = Signer::open(folder.path(), now).unwrap();
        assert_eq!(again.chain_pem(now).await.unwrap(), chain, "both are kept");
        let later = Timestamp::from_seconds(1_800_000_000 + (LEAF_DAYS - FEWEST_DAYS_LEFT + 1) * 86_400);
        let renewed = Signer::open(folder.path(), later).unwrap();
        assert_eq!(renewed.root_pem(), signer.root_pem());
        assert_ne!(renewed.chain_pem(later).await.unwrap(), chain, "the leaf is renewed before it expires");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_can_read_the_keys() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_seconds(1_800_000_000);
        Signer::open(folder.path(), now).unwrap().chain_pem(now).await.unwrap();
        for file in ["signing-root.json", "signing-leaf.json"] {
            let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
}
