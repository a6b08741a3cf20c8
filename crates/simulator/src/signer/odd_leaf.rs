//! Signing certificates that are not the usual one: rotated, and wrong in each known way.

use aws_lc_rs::signature::RsaKeyPair;
use rcgen::{CertificateParams, Issuer, KeyPair, PKCS_RSA_SHA256};
use sayso_token::time::{Lifetime, Timestamp};
use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

use super::{Kept, Ready, SIGNED_NAME, leaf_params, make_root};
use crate::faults::Fault;
use crate::settings::OpenError;

/// Made on first use, each with a key of its own.
#[derive(Default)]
pub(super) struct OddLeaves([OnceCell<Ready>; 6]);

/// Its place, and the name of its chain's file.
pub(super) fn place(fault: Fault) -> Option<(usize, &'static str)> {
    match fault {
        Fault::CertificateExpired => Some((0, "expired.pem")),
        Fault::CertificateEarly => Some((1, "early.pem")),
        Fault::CertificateName => Some((2, "other-name.pem")),
        Fault::CertificateRoot => Some((3, "other-root.pem")),
        Fault::KeysRotated => Some((4, "rotated.pem")),
        Fault::CertificateSelfSigned => Some((5, "self-signed.pem")),
        _ => None,
    }
}

/// The fault whose chain's file has this name.
pub(super) fn fault_of(file: &str) -> Option<Fault> {
    let mut all = Fault::ALL.iter().map(|(fault, _, _)| *fault);
    all.find(|fault| place(*fault).is_some_and(|(_, name)| name == file))
}

impl OddLeaves {
    /// The one for this fault; nothing for faults that leave the certificate alone.
    pub(super) async fn get(&self, fault: Fault, root: &Kept, now: Timestamp) -> Option<Result<&Ready, OpenError>> {
        let (at, _) = place(fault)?;
        let made = self.0.get(at)?.get_or_try_init(|| async {
            let root = root.clone();
            let made = tokio::task::spawn_blocking(move || make(fault, &root, now)).await;
            made.map_err(|error| OpenError::Certificate(error.to_string()))?
                .map_err(|error| OpenError::Certificate(error.to_string()))
        });
        Some(made.await)
    }
}

fn make(fault: Fault, root: &Kept, now: Timestamp) -> Result<Ready, rcgen::Error> {
    let foreign = (fault == Fault::CertificateRoot).then(|| make_root(now)).transpose()?;
    let root = foreign.as_ref().unwrap_or(root);
    let name = if fault == Fault::CertificateName { "echo-api.example.com" } else { SIGNED_NAME };
    let mut params = leaf_params(name)?;
    let (from, to) = match fault {
        Fault::CertificateExpired => (now - Lifetime::from_seconds(30 * 86_400), now - Lifetime::from_seconds(86_400)),
        Fault::CertificateEarly => (now + Lifetime::from_seconds(86_400), now + Lifetime::from_seconds(30 * 86_400)),
        _ => (now - Lifetime::from_seconds(86_400), now + Lifetime::from_seconds(30 * 86_400)),
    };
    valid(&mut params, from, to);
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
    let key = RsaKeyPair::from_pkcs8(pair.serialized_der()).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    if fault == Fault::CertificateSelfSigned {
        return Ok(Ready { chain_pem: params.self_signed(&pair)?.pem(), key });
    }
    let issuer = Issuer::from_ca_cert_pem(&root.certificate_pem, KeyPair::from_pem(&root.key_pem)?)?;
    let certificate = params.signed_by(&pair, &issuer)?;
    Ok(Ready { chain_pem: format!("{}{}", certificate.pem(), root.certificate_pem), key })
}

fn valid(params: &mut CertificateParams, from: Timestamp, to: Timestamp) {
    let moment =
        |at: Timestamp| OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    params.not_before = moment(from);
    params.not_after = moment(to).max(params.not_before + Duration::seconds(1));
}
