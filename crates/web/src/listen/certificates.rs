//! The certificate of a port: two files, which may be replaced while it is served.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use sayso_token::digest::Digest;

use super::ShownCertificate;

/// No chain is larger.
const LARGEST: u64 = 1024 * 1024;

/// Where a certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate and those between it and its root, in PEM, the server's own first.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// Why the files cannot be used. Nothing of the key is told.
#[derive(Debug, thiserror::Error)]
pub enum BadCertificate {
    /// A file cannot be read.
    #[error("{}: {error}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file holds something else.
    #[error("{} holds no {what} in PEM", file.display())]
    NotPem {
        /// Which.
        file: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The key is for another certificate.
    #[error("the key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    OtherKey {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
    },
    /// They cannot be used for TLS.
    #[error("the certificate in {} cannot be used: {error}", certificate.display())]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// Why.
        error: rustls::Error,
    },
}

/// The certificate in use. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Certificates(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    files: CertificateFiles,
    shown: ShownCertificate,
    /// What the files held when they were looked at last.
    seen: Mutex<Digest>,
}

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    /// Which file cannot be used, and why.
    pub fn read(files: CertificateFiles) -> Result<Self, BadCertificate> {
        let shown = ShownCertificate::none_yet();
        let contents = Contents::of(&files)?;
        shown.show(contents.certified(&files, shown.provider())?);
        let seen = Mutex::new(contents.digest());
        Ok(Self(Arc::new(Kept { files, shown, seen })))
    }

    /// Takes over what the files hold now, for connections from now on; whether it was something new. What cannot be used
    /// is told once and left where it is: the certificate in use stays.
    ///
    /// # Errors
    /// Which file cannot be used, and why; for the same contents only once.
    pub fn read_again(&self) -> Result<bool, BadCertificate> {
        let kept = &*self.0;
        let mut seen = kept.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let contents = match Contents::of(&kept.files) {
            Ok(contents) => contents,
            Err(error) => {
                let told = Digest::of(error.to_string().as_bytes());
                return if std::mem::replace(&mut *seen, told) == told { Ok(false) } else { Err(error) };
            }
        };
        let found = contents.digest();
        if std::mem::replace(&mut *seen, found) == found {
            return Ok(false);
        }
        kept.shown.show(contents.certified(&kept.files, kept.shown.provider())?);
        Ok(true)
    }

    /// TLS 1.2 and 1.3 with the certificate as it is at each handshake. The listener speaks HTTP/1.1.
    ///
    /// # Errors
    /// When the cryptography lacks what these versions need.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, rustls::Error> {
        self.0.shown.server_config()
    }
}

/// What the files hold.
struct Contents {
    certificate: Vec<u8>,
    key: zeroize::Zeroizing<Vec<u8>>,
}

impl Contents {
    fn of(files: &CertificateFiles) -> Result<Self, BadCertificate> {
        Ok(Self { certificate: read(&files.certificate)?, key: zeroize::Zeroizing::new(read(&files.key)?) })
    }

    fn digest(&self) -> Digest {
        let both = [Digest::of(&self.certificate), Digest::of(&self.key)];
        Digest::of(both.map(|one| one.base64url()).concat().as_bytes())
    }

    fn certified(
        &self,
        files: &CertificateFiles,
        provider: &CryptoProvider,
    ) -> Result<Arc<CertifiedKey>, BadCertificate> {
        let not = |file: &Path, what| BadCertificate::NotPem { file: file.to_owned(), what };
        let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| not(&files.certificate, "certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| not(&files.key, "private key"))?;
        CertifiedKey::from_der(chain, key, provider).map(Arc::new).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                BadCertificate::OtherKey { key: files.key.clone(), certificate: files.certificate.clone() }
            }
            error => BadCertificate::Unusable { certificate: files.certificate.clone(), error },
        })
    }
}

fn read(file: &Path) -> Result<Vec<u8>, BadCertificate> {
    let read = || {
        if fs::metadata(file)?.len() > LARGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than a certificate is"));
        }
        fs::read(file)
    };
    read().map_err(|error| BadCertificate::Unreadable { file: file.to_owned(), error })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn made(folder: &Path) -> (Vec<u8>, String) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        (made.cert.der().to_vec(), made.signing_key.serialize_pem())
    }

    fn in_use(certificates: &Certificates) -> Vec<u8> {
        certificates.0.shown.current().unwrap().cert.first().unwrap().to_vec()
    }

    #[test]
    fn new_files_are_taken_over_and_broken_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let files = CertificateFiles { certificate: path.join("cert.pem"), key: path.join("key.pem") };
        assert!(matches!(Certificates::read(files.clone()), Err(BadCertificate::Unreadable { .. })));
        let (first, _) = made(path);
        let certificates = Certificates::read(files.clone()).unwrap();
        assert_eq!(in_use(&certificates), first);
        assert!(!certificates.read_again().unwrap(), "nothing new");

        let (second, key) = made(path);
        assert!(certificates.read_again().unwrap());
        assert_eq!(in_use(&certificates), second);

        // Half of a renewal: the key of another certificate, no certificate, no file.
        let other = tempfile::tempdir().unwrap();
        let (_, other_key) = made(other.path());
        for (file, contents, word) in [
            ("key.pem", Some(other_key.as_str()), "does not belong"),
            ("key.pem", Some("rubbish"), "holds no private key"),
            ("key.pem", None, "key.pem: "),
            ("cert.pem", Some(""), "holds no certificate"),
            ("cert.pem", Some(&"x".repeat(2 * 1024 * 1024)), "larger"),
        ] {
            match contents {
                Some(contents) => fs::write(path.join(file), contents).unwrap(),
                None => fs::remove_file(path.join(file)).unwrap(),
            }
            let told = certificates.read_again().unwrap_err().to_string();
            assert!(told.contains(word) && !told.contains("BEGIN"), "{told}");
            assert!(!certificates.read_again().unwrap(), "told once: {told}");
            assert_eq!(in_use(&certificates), second, "what is in use stays");
            fs::write(path.join("key.pem"), &key).unwrap();
        }
        let (third, _) = made(path);
        assert!(certificates.read_again().unwrap());
        assert_eq!(in_use(&certificates), third);
    }
}
