//! A certificate as it was issued, with its key.

use std::sync::Arc;

use instant_acme::CertificateIdentifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::renewal::Validity;
use crate::spread::Spread;

/// A certificate that can be shown, and what stands in it.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// With its chain and its key.
    pub(crate) certified: Arc<CertifiedKey>,
    pub(crate) validity: Validity,
    /// How an authority that offers renewal information knows it (RFC 9773 section 4.1).
    pub(crate) identifier: Option<CertificateIdentifier<'static>>,
    names: Vec<String>,
}

/// Why it cannot be used. Nothing of the key is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("it holds no certificate with its key in PEM")]
    NotPem,
    #[error("its key and its certificate do not fit together: {0}")]
    Key(String),
    #[error("what stands in the certificate cannot be read")]
    Unreadable,
}

impl Issued {
    /// Reads the chain, its own certificate first, and the key, in any order.
    pub(crate) fn read(pem: &[u8], provider: &CryptoProvider) -> Result<Self, Unfit> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| Unfit::NotPem)?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| Unfit::NotPem)?;
        let own = chain.first().ok_or(Unfit::NotPem)?.clone();
        let certified = CertifiedKey::from_der(chain, key, provider).map_err(|error| Unfit::Key(error.to_string()))?;
        let (_, parsed) = X509Certificate::from_der(&own).map_err(|_| Unfit::Unreadable)?;
        let names = parsed.subject_alternative_name().map_err(|_| Unfit::Unreadable)?;
        let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
        let moment = |time: &x509_parser::time::ASN1Time| Timestamp::from_seconds(time.timestamp());
        let validity =
            Validity { from: moment(&parsed.validity().not_before), until: moment(&parsed.validity().not_after) };
        let identifier = CertificateIdentifier::try_from(&own).ok();
        Ok(Self { certified: Arc::new(certified), validity, identifier, names: names.collect() })
    }

    /// Whether it is for each of these names, letter by letter: none is ordered for a whole domain.
    pub(crate) fn is_for(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.names.contains(name))
    }

    /// Where in any span its renewal lies: the same on every node and after a restart, for it follows from the certificate.
    pub(crate) fn spread(&self) -> Spread {
        let own = self.certified.cert.first().map(|own| own.as_ref()).unwrap_or_default();
        let [a, b, c, d, ..] = *Digest::of(own).as_bytes();
        Spread::from([a, b, c, d])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn made(names: &[&str], key: &KeyPair) -> String {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 4, 1);
        params.self_signed(key).unwrap().pem()
    }

    #[test]
    fn a_certificate_is_read_with_its_names_and_dates() {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let certificate = made(&["id.example", "Admin.Example"], &key);
        let issued = Issued::read(format!("{}{certificate}", key.serialize_pem()).as_bytes(), &provider).unwrap();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (wanted, good) in [
            (&["id.example"][..], true),
            (&["id.example", "admin.example"], true),
            (&["id.example", "other.example"], false),
            (&["*.example"], false),
            (&["example"], false),
        ] {
            assert_eq!(issued.is_for(&names(wanted)), good, "{wanted:?}");
        }
        assert_eq!(issued.validity.from, Timestamp::from_seconds(1_767_225_600));
        assert_eq!(issued.validity.until, Timestamp::from_seconds(1_775_001_600));
        assert_eq!(issued.identifier, None, "a self-signed certificate names no authority's key");

        for (what, pem) in [
            ("nothing", String::new()),
            ("rubbish", "rubbish".to_owned()),
            ("no key", certificate.clone()),
            ("no certificate", key.serialize_pem()),
            ("another's key", format!("{}{certificate}", other.serialize_pem())),
        ] {
            let unfit = Issued::read(pem.as_bytes(), &provider).unwrap_err().to_string();
            assert!(!unfit.contains("BEGIN"), "{what}: {unfit}");
        }
    }

    #[test]
    fn its_spread_is_its_own_and_stays() {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let read = || {
            let key = KeyPair::generate().unwrap();
            Issued::read(format!("{}{}", made(&["id.example"], &key), key.serialize_pem()).as_bytes(), &provider)
                .unwrap()
        };
        let (one, other) = (read(), read());
        assert_eq!(one.spread(), one.clone().spread());
        assert_ne!(one.spread(), other.spread());
    }
}
