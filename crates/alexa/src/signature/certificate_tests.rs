#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "the RSA signing function demands this source of chance")]

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, date_time_ymd,
};

use super::*;

/// 2026-11-22T00:00:00Z
const NOW: i64 = 1_795_305_600_000;

/// An RSA key takes a while to make: one does for all tests.
static LEAF_KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap());

struct Authority {
    params: CertificateParams,
    key: KeyPair,
    der: CertificateDer<'static>,
}

impl Authority {
    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }

    fn root() -> Self {
        let params = Self::params("test root");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { params, key, der }
    }

    fn below(&self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = Self::params("test intermediate");
        change(&mut params);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let der = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap().der().clone();
        Self { params, key, der }
    }

    fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        self.leaf_for(&LEAF_KEY, change)
    }

    fn leaf_for(&self, key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        let mut params = leaf_params();
        change(&mut params);
        params.signed_by(key, &Issuer::from_params(&self.params, &self.key)).unwrap().der().clone()
    }
}

fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::new([SIGNER_NAME.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, SIGNER_NAME);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn judge(chain: &[CertificateDer<'_>], root: &CertificateDer<'_>) -> Result<VerifiedChain, ChainRefused> {
    let anchor = webpki::anchor_from_trusted_cert(root).unwrap();
    verify_chain(chain, &[anchor], NOW)
}

fn sign(body: &[u8], encoding: &'static dyn RsaEncoding) -> String {
    let key = RsaKeyPair::from_pkcs8(&LEAF_KEY.serialize_der()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), body, &mut signature).unwrap();
    STANDARD.encode(signature)
}

#[test]
fn a_good_chain_passes_with_and_without_intermediate_and_root() {
    let root = Authority::root();
    let middle = root.below(|_| {});
    let plain = root.leaf(|_| {});
    let deep = middle.leaf(|_| {});
    for chain in [
        vec![plain],
        vec![deep.clone(), middle.der.clone()],
        vec![deep, middle.der.clone(), root.der.clone()],
        vec![root.leaf(|params| params.key_usages.clear())],
        vec![root.leaf(|params| params.extended_key_usages.clear())],
    ] {
        judge(&chain, &root.der).unwrap();
    }
}

/// ALX-002: dates, names, use and links of the chain.
#[test]
fn every_fault_of_a_leaf_has_its_reason() {
    let root = Authority::root();
    let small = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let named = |name: &str| {
        let name = name.to_owned();
        root.leaf(move |params| params.subject_alt_names = CertificateParams::new([name]).unwrap().subject_alt_names)
    };
    for (leaf, expected) in [
        (root.leaf(|params| params.not_after = date_time_ymd(2026, 11, 21)), ChainRefused::Expired),
        (root.leaf(|params| params.not_before = date_time_ymd(2026, 11, 23)), ChainRefused::NotYetValid),
        (named("echo-api.amazon.com.evil.test"), ChainRefused::WrongName),
        (named("xecho-api.amazon.com"), ChainRefused::WrongName),
        (named("*.amazon.com"), ChainRefused::WrongName),
        (root.leaf(|params| params.subject_alt_names.clear()), ChainRefused::WrongName),
        (root.leaf(|params| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment]), ChainRefused::WrongUsage),
        (
            root.leaf(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning]),
            ChainRefused::WrongUsage,
        ),
        (root.leaf(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), ChainRefused::LeafIsAuthority),
        (root.leaf_for(&small, |_| {}), ChainRefused::UnsuitableKey),
        (leaf_params().self_signed(&*LEAF_KEY).unwrap().der().clone(), ChainRefused::Untrusted),
    ] {
        assert_eq!(judge(&[leaf], &root.der).unwrap_err(), expected);
    }
}

#[test]
fn every_fault_of_a_path_has_its_reason() {
    let root = Authority::root();
    let other_root = Authority::root();
    let middle = root.below(|_| {});
    let stale = root.below(|params| params.not_after = date_time_ymd(2020, 1, 1));
    let impostor = Authority::root().below(|_| {});
    let no_authority = root.below(|params| params.is_ca = IsCa::NoCa);
    for (chain, trusted, expected) in [
        (vec![root.leaf(|_| {})], &other_root, ChainRefused::BadSignature),
        (vec![middle.leaf(|_| {})], &root, ChainRefused::Untrusted),
        (vec![middle.leaf(|_| {}), impostor.der.clone()], &root, ChainRefused::BadSignature),
        (vec![stale.leaf(|_| {}), stale.der.clone()], &root, ChainRefused::Expired),
        (vec![no_authority.leaf(|_| {}), no_authority.der.clone()], &root, ChainRefused::Invalid),
        (vec![], &root, ChainRefused::Malformed),
        (vec![CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x01])], &root, ChainRefused::Malformed),
    ] {
        assert_eq!(judge(&chain, &trusted.der).unwrap_err(), expected);
    }
}

#[test]
fn a_kept_chain_is_asked_for_its_dates_again() {
    let root = Authority::root();
    let middle = root.below(|params| params.not_after = date_time_ymd(2026, 12, 1));
    let kept = judge(&[middle.leaf(|_| {}), middle.der.clone()], &root.der).unwrap();
    let day = 86_400_000;
    assert_eq!(kept.check_dates(NOW), Ok(()));
    assert_eq!(kept.check_dates(NOW + 9 * day), Ok(()), "the last second is inside");
    assert_eq!(kept.check_dates(NOW + 9 * day + 1_000), Err(ChainRefused::Expired), "the intermediate's date counts");
    // 2026-01-01, the leaf's first second.
    let first = NOW - 325 * day;
    assert_eq!(kept.check_dates(first), Ok(()));
    assert_eq!(kept.check_dates(first - 1), Err(ChainRefused::NotYetValid));
}

#[test]
fn only_a_sha_256_signature_over_exactly_these_bytes_passes() {
    let root = Authority::root();
    let chain = judge(&[root.leaf(|_| {})], &root.der).unwrap();
    let body = br#"{"version":"1.0"}"#;
    let good = sign(body, &RSA_PKCS1_SHA256);
    assert_eq!(chain.verify(body, &good), Ok(()));

    let mut altered = body.to_vec();
    altered[0] ^= 1;
    let last_flipped = format!("{}A=", &good[..good.len() - 2]);
    for (body, signature, expected) in [
        (&altered[..], good.clone(), SignatureRefused::Mismatch),
        (b"", good.clone(), SignatureRefused::Mismatch),
        (body, sign(b"another body", &RSA_PKCS1_SHA256), SignatureRefused::Mismatch),
        (body, sign(body, &RSA_PKCS1_SHA384), SignatureRefused::Mismatch),
        (body, sign(body, &RSA_PSS_SHA256), SignatureRefused::Mismatch),
        (body, STANDARD.encode([0_u8; 256]), SignatureRefused::Mismatch),
        (body, STANDARD.encode(b"short"), SignatureRefused::Mismatch),
        (body, String::new(), SignatureRefused::Mismatch),
        (body, "not base64!".to_owned(), SignatureRefused::Malformed),
        (body, format!("{good}="), SignatureRefused::Malformed),
        (body, last_flipped.replace('A', "*"), SignatureRefused::Malformed),
        (body, "A".repeat(LONGEST_SIGNATURE), SignatureRefused::Mismatch),
        (body, "A".repeat(LONGEST_SIGNATURE + 4), SignatureRefused::Malformed),
    ] {
        assert_eq!(chain.verify(body, &signature), Err(expected), "{signature}");
    }
}

#[test]
fn a_pem_file_is_read_within_bounds() {
    let root = Authority::root();
    let leaf = root.leaf(|_| {});
    let block =
        |der: &[u8]| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der));
    let pem = block(&leaf) + &block(&root.der);
    assert_eq!(read_chain(pem.as_bytes()).unwrap(), [leaf.clone(), root.der.clone()]);
    assert!(read_root(block(&root.der).as_bytes()).is_ok());
    assert_eq!(read_root(pem.as_bytes()).map(drop), Err(ChainRefused::Malformed), "a root is one certificate");
    let largest = format!("{pem}{}", "\n".repeat(LARGEST_CHAIN - pem.len()));
    assert_eq!(LARGEST_CHAIN, 65_536);
    assert_eq!(read_chain(largest.as_bytes()).unwrap().len(), 2);
    assert_eq!(read_chain(block(b"x").repeat(MOST_CERTIFICATES).as_bytes()).unwrap().len(), MOST_CERTIFICATES);
    for (pem, expected) in [
        (String::new(), ChainRefused::Malformed),
        ("<html>404</html>".to_owned(), ChainRefused::Malformed),
        ("-----BEGIN CERTIFICATE-----\nAAAA".to_owned(), ChainRefused::Malformed),
        ("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n".to_owned(), ChainRefused::Malformed),
        (block(b"x").repeat(MOST_CERTIFICATES + 1), ChainRefused::TooLarge),
        ("x".repeat(LARGEST_CHAIN + 1), ChainRefused::TooLarge),
    ] {
        assert_eq!(read_chain(pem.as_bytes()).unwrap_err(), expected);
    }
}

#[test]
fn every_refusal_has_a_reason_of_its_own() {
    use ChainRefused::*;
    let chains = [
        TooLarge,
        Malformed,
        Expired,
        NotYetValid,
        Untrusted,
        BadSignature,
        LeafIsAuthority,
        WrongName,
        WrongUsage,
        UnsuitableKey,
        Invalid,
    ];
    let reasons: std::collections::BTreeSet<_> = chains.iter().map(|refused| refused.reason()).collect();
    assert_eq!(reasons.len(), chains.len());
    assert!(reasons.iter().all(|reason| reason.starts_with("chain_")));
    let signatures = [SignatureRefused::Malformed, SignatureRefused::Mismatch].map(SignatureRefused::reason);
    assert_eq!(signatures, ["signature_malformed", "signature_mismatch"]);
}
