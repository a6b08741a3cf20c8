//! Alexa's part: a certificate chain of one's own, and the signatures under it.
#![allow(clippy::disallowed_methods, reason = "the RSA signing function demands this source of chance")]

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, date_time_ymd,
};
use sayso_token::algorithm::Algorithm;
use sayso_token::encoding::base64;
use sayso_token::keyring::SigningKey;

const MADE: &str = "keys and certificates for tests can be made";

/// RSA keys take a while to make: these do for all tests of a process.
static LEAF_KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).expect(MADE));
static OTHER_KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).expect(MADE));
static AUTHORITY: LazyLock<(CertificateParams, KeyPair)> = LazyLock::new(|| authority("root of the tests"));
static STRANGER: LazyLock<(CertificateParams, KeyPair)> = LazyLock::new(|| authority("root of a stranger"));
static TOKEN_KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
    [(); 2].map(|()| {
        let pkcs8 = KeyPair::generate_for(&PKCS_RSA_SHA256).expect(MADE).serialize_der();
        SigningKey::from_pkcs8(Algorithm::Rs256, &pkcs8).expect(MADE)
    })
});

fn authority(name: &str) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // RSA, as Amazon's is: other verifiers read no other.
    (params, KeyPair::generate_for(&PKCS_RSA_SHA256).expect(MADE))
}

/// The key of the authority that the tests' tokens come from, and a stranger's.
pub(super) fn token_keys() -> (&'static SigningKey, &'static SigningKey) {
    let [own, strangers] = &*TOKEN_KEYS;
    (own, strangers)
}

pub(super) fn root_pem() -> String {
    let (params, key) = &*AUTHORITY;
    params.self_signed(key).expect(MADE).pem()
}

/// A chain for the signing key, after a change to the leaf.
pub(super) fn chain_pem(change: impl FnOnce(&mut CertificateParams)) -> String {
    leaf_under(&AUTHORITY, change) + &root_pem()
}

/// A chain of the same shape under a root that nobody trusts.
pub(super) fn strangers_chain_pem() -> String {
    let (params, key) = &*STRANGER;
    leaf_under(&STRANGER, |_| {}) + &params.self_signed(key).expect(MADE).pem()
}

fn leaf_under(
    (issuer, issuer_key): &(CertificateParams, KeyPair),
    change: impl FnOnce(&mut CertificateParams),
) -> String {
    let mut params = CertificateParams::new([sayso_alexa::signature::certificate::SIGNER_NAME.to_owned()]).expect(MADE);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    change(&mut params);
    params.signed_by(&*LEAF_KEY, &Issuer::from_params(issuer, issuer_key)).expect(MADE).pem()
}

/// The value of `Signature-256`.
pub(super) fn sign(body: &[u8]) -> String {
    sign_with(&LEAF_KEY, &RSA_PKCS1_SHA256, body)
}

/// The right key's signatures of the wrong kinds.
pub(super) fn sign_otherwise(body: &[u8]) -> [(&'static str, String); 2] {
    [
        ("PKCS #1 with SHA-512", sign_with(&LEAF_KEY, &RSA_PKCS1_SHA512, body)),
        ("PSS with SHA-256", sign_with(&LEAF_KEY, &RSA_PSS_SHA256, body)),
    ]
}

/// A good leaf without the root behind it, as Alexa does not send it.
pub(super) fn leaf_pem() -> String {
    leaf_under(&AUTHORITY, |_| {})
}

/// The private key of the leaf.
pub(super) fn private_key_pem() -> String {
    LEAF_KEY.serialize_pem()
}

pub(super) fn sign_as_a_stranger(body: &[u8]) -> String {
    sign_with(&OTHER_KEY, &RSA_PKCS1_SHA256, body)
}

fn sign_with(key: &KeyPair, how: &'static dyn RsaEncoding, body: &[u8]) -> String {
    let key = RsaKeyPair::from_pkcs8(&key.serialize_der()).expect(MADE);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(how, &SystemRandom::new(), body, &mut signature).expect(MADE);
    base64(&signature)
}
