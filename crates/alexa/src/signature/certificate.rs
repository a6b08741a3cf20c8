//! Whether a certificate chain speaks for Alexa, and whether its key signed a body.

use std::time::Duration;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
use x509_parser::prelude::FromDer;

/// The name Amazon's signing certificate carries, as a DNS entry of its subject alternative names.
pub const SIGNER_NAME: &str = "echo-api.amazon.com";
/// The most bytes of PEM that are read; Amazon's chain has about 6 KiB.
pub const LARGEST_CHAIN: usize = 64 * 1024;
/// The most certificates that are looked at.
const MOST_CERTIFICATES: usize = 10;
/// An RSA-8192 signature in base64 has 1,368 characters.
const LONGEST_SIGNATURE: usize = 1_368;

/// Why a certificate chain was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainRefused {
    /// More than 64 KiB, or more than ten certificates.
    #[error("the chain is too large")]
    TooLarge,
    /// No PEM certificates, or certificates that cannot be read.
    #[error("the chain cannot be read")]
    Malformed,
    /// A certificate of the chain is past its date.
    #[error("a certificate of the chain has expired")]
    Expired,
    /// A certificate of the chain is before its date.
    #[error("a certificate of the chain is not yet valid")]
    NotYetValid,
    /// The chain does not end at a trusted root: unknown root, missing link, self-signed.
    #[error("the chain does not end at a trusted root")]
    Untrusted,
    /// A signature inside the chain is wrong or of an unsupported kind.
    #[error("a signature inside the chain is wrong")]
    BadSignature,
    /// The first certificate is an authority's.
    #[error("the first certificate is a certification authority's")]
    LeafIsAuthority,
    /// The first certificate does not name `echo-api.amazon.com` exactly; a wildcard or a common name is not enough.
    #[error("the first certificate does not name echo-api.amazon.com")]
    WrongName,
    /// The first certificate may not be used for signatures, or not by a server.
    #[error("the first certificate is not meant for this use")]
    WrongUsage,
    /// The first certificate's key is not RSA of at least 2,048 bits.
    #[error("the first certificate's key is not RSA of at least 2048 bits")]
    UnsuitableKey,
    /// Any other rule of RFC 5280 is broken.
    #[error("the chain breaks a rule of RFC 5280")]
    Invalid,
}

impl ChainRefused {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => "chain_too_large",
            Self::Malformed => "chain_malformed",
            Self::Expired => "chain_expired",
            Self::NotYetValid => "chain_not_yet_valid",
            Self::Untrusted => "chain_untrusted",
            Self::BadSignature => "chain_bad_signature",
            Self::LeafIsAuthority => "chain_leaf_is_authority",
            Self::WrongName => "chain_wrong_name",
            Self::WrongUsage => "chain_wrong_usage",
            Self::UnsuitableKey => "chain_unsuitable_key",
            Self::Invalid => "chain_invalid",
        }
    }
}

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// Not standard base64, or too long for any key.
    #[error("the signature is not base64")]
    Malformed,
    /// Not made by this key over these bytes with SHA-256.
    #[error("the signature does not match the body")]
    Mismatch,
}

impl SignatureRefused {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "signature_malformed",
            Self::Mismatch => "signature_mismatch",
        }
    }
}

/// Reads the certificates of a PEM file, the leaf first.
///
/// # Errors
/// Too many bytes or certificates, or none that can be read.
pub fn read_chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ChainRefused> {
    if pem.len() > LARGEST_CHAIN {
        return Err(ChainRefused::TooLarge);
    }
    let chain = CertificateDer::pem_slice_iter(pem)
        .take(MOST_CERTIFICATES + 1)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| ChainRefused::Malformed)?;
    match chain.len() {
        0 => Err(ChainRefused::Malformed),
        1..=MOST_CERTIFICATES => Ok(chain),
        _ => Err(ChainRefused::TooLarge),
    }
}

/// Reads the certificate of a root of one's own, such as the simulator's.
///
/// # Errors
/// Not one PEM certificate, or one that cannot be a root.
pub fn read_root(pem: &[u8]) -> Result<TrustAnchor<'static>, ChainRefused> {
    match read_chain(pem)?.as_slice() {
        [root] => Ok(webpki::anchor_from_trusted_cert(root).map_err(refused)?.to_owned()),
        _ => Err(ChainRefused::Malformed),
    }
}

/// A chain that was judged good: its leaf's key, and for how long the judgement holds.
#[derive(Debug)]
pub struct VerifiedChain {
    key: ParsedPublicKey,
    /// Seconds since 1970: the time in which every certificate of the path is valid, both ends included.
    not_before: i64,
    not_after: i64,
}

/// Judges a chain at a moment: path to one of the roots, dates, name, usage, key.
///
/// `now` is in milliseconds since 1970. Revocation is not asked for: Amazon's official SDKs do not either.
///
/// # Errors
/// The chain does not speak for Alexa at that moment.
pub fn verify_chain(
    chain: &[CertificateDer<'_>],
    roots: &[TrustAnchor<'_>],
    now: i64,
) -> Result<VerifiedChain, ChainRefused> {
    let (leaf, intermediates) = chain.split_first().ok_or(ChainRefused::Malformed)?;
    let end_entity = EndEntityCert::try_from(leaf).map_err(refused)?;
    let seconds = u64::try_from(now.div_euclid(1_000)).map_err(|_| ChainRefused::NotYetValid)?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let path = end_entity
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            roots,
            intermediates,
            time,
            KeyUsage::server_auth(),
            None,
            None,
        )
        .map_err(refused)?;

    let certificate = parsed(leaf)?;
    check_name(&certificate)?;
    check_usage(&certificate)?;
    let (mut not_before, mut not_after) = validity(&certificate);
    for intermediate in path.intermediate_certificates() {
        let (from, until) = validity(&parsed(&intermediate.der())?);
        not_before = not_before.max(from);
        not_after = not_after.min(until);
    }
    Ok(VerifiedChain { key: rsa_key(&certificate)?, not_before, not_after })
}

impl VerifiedChain {
    /// Whether the dates still hold; to be asked at every use of a kept chain. `now` in milliseconds since 1970.
    ///
    /// # Errors
    /// A certificate of the path is past or before its date.
    pub fn check_dates(&self, now: i64) -> Result<(), ChainRefused> {
        let seconds = now.div_euclid(1_000);
        if seconds < self.not_before {
            Err(ChainRefused::NotYetValid)
        } else if seconds > self.not_after {
            Err(ChainRefused::Expired)
        } else {
            Ok(())
        }
    }

    /// Checks the value of the `Signature-256` header: RSA PKCS #1 v1.5 with SHA-256 over the raw body.
    ///
    /// There is no fallback to the older `Signature` header, which uses SHA-1.
    ///
    /// # Errors
    /// Not base64, or not this key's signature over exactly these bytes.
    pub fn verify(&self, body: &[u8], signature: &str) -> Result<(), SignatureRefused> {
        if signature.len() > LONGEST_SIGNATURE {
            return Err(SignatureRefused::Malformed);
        }
        let signature = STANDARD.decode(signature).map_err(|_| SignatureRefused::Malformed)?;
        self.key.verify_sig(body, &signature).map_err(|_| SignatureRefused::Mismatch)
    }
}

fn parsed<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, ChainRefused> {
    X509Certificate::from_der(der).map(|(_, certificate)| certificate).map_err(|_| ChainRefused::Malformed)
}

fn validity(certificate: &X509Certificate<'_>) -> (i64, i64) {
    let validity = certificate.validity();
    (validity.not_before.timestamp(), validity.not_after.timestamp())
}

fn check_name(certificate: &X509Certificate<'_>) -> Result<(), ChainRefused> {
    let names = certificate.subject_alternative_name().map_err(|_| ChainRefused::Malformed)?;
    let names = names.ok_or(ChainRefused::WrongName)?;
    let is_signer =
        |name: &GeneralName<'_>| matches!(name, GeneralName::DNSName(dns) if dns.eq_ignore_ascii_case(SIGNER_NAME));
    if names.value.general_names.iter().any(is_signer) { Ok(()) } else { Err(ChainRefused::WrongName) }
}

fn check_usage(certificate: &X509Certificate<'_>) -> Result<(), ChainRefused> {
    let usage = certificate.key_usage().map_err(|_| ChainRefused::Malformed)?;
    match usage {
        Some(usage) if !usage.value.digital_signature() => Err(ChainRefused::WrongUsage),
        Some(_) | None => Ok(()),
    }
}

fn rsa_key(certificate: &X509Certificate<'_>) -> Result<ParsedPublicKey, ChainRefused> {
    let key = certificate.public_key();
    if key.algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
        return Err(ChainRefused::UnsuitableKey);
    }
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.subject_public_key.data.as_ref())
        .map_err(|_| ChainRefused::UnsuitableKey)
}

fn refused(error: webpki::Error) -> ChainRefused {
    use webpki::Error;
    match error {
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) | Error::MalformedExtensions => {
            ChainRefused::Malformed
        }
        Error::CertExpired { .. } => ChainRefused::Expired,
        Error::CertNotValidYet { .. } => ChainRefused::NotYetValid,
        Error::UnknownIssuer => ChainRefused::Untrusted,
        Error::InvalidSignatureForPublicKey
        | Error::SignatureAlgorithmMismatch
        | Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => ChainRefused::BadSignature,
        Error::CaUsedAsEndEntity => ChainRefused::LeafIsAuthority,
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => ChainRefused::WrongUsage,
        _ => ChainRefused::Invalid,
    }
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
