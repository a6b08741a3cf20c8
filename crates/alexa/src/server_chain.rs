//! Whether the certificates that a server sends suffice for a caller who fetches none by himself, as Amazon's services are.
//!
//! A browser fills in what a server forgot to send, from the addresses in the certificates (AIA, RFC 5280 section 4.2.2.1) or
//! from what it has seen elsewhere. So a page opens well whose token endpoint Amazon cannot call.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS;
use x509_parser::prelude::FromDer;

const DAY: i64 = 86_400;
/// A certificate that ends within so many days is told of: renewals fail, and nobody sees it before.
const SOON_DAYS: i64 = 7;
/// The most names of a certificate that are told.
const MOST_NAMES: usize = 5;

/// What is wrong with the certificates that a server sends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerChainFault {
    /// None was sent, or one that cannot be read.
    #[error("no certificate came that can be read")]
    Unreadable,
    /// Its own signature is the only one.
    #[error("the certificate is signed by itself")]
    SelfSigned,
    /// One in between is missing: an issuer that was not sent, and is no authority that is known.
    #[error("the certificate of {issuer:?} was not sent, which issued that of {of:?}")]
    Incomplete {
        /// The issuer.
        issuer: String,
        /// What it issued.
        of: String,
        /// Whether the certificate says where the missing one is, so that browsers fetch it.
        fetchable: bool,
    },
    /// It ends at an authority that the public does not know.
    #[error("the chain ends at {root:?}, which is no public authority")]
    UnknownAuthority {
        /// The authority.
        root: String,
    },
    /// A signature between two of them is wrong, or a rule of RFC 5280 is broken.
    #[error("the chain does not hold: {why}")]
    Broken {
        /// How.
        why: String,
    },
    /// It is for other names.
    #[error("the certificate is not for {host}, but for {}", listed(.names))]
    WrongName {
        /// Who was asked.
        host: String,
        /// For whom it is: the alternative names, some of them if there are many.
        names: Vec<String>,
    },
    /// Its time is over.
    #[error("the certificate of {of:?} ended {} ago", span(.by))]
    Expired {
        /// Which.
        of: String,
        /// Seconds since.
        by: i64,
    },
    /// Its time has not come.
    #[error("the certificate of {of:?} begins in {}", span(.by))]
    NotYetValid {
        /// Which.
        of: String,
        /// Seconds until.
        by: i64,
    },
    /// Its time is over soon.
    #[error("the certificate ends in {}", span(.by))]
    EndsSoon {
        /// Seconds until.
        by: i64,
    },
}

impl ServerChainFault {
    /// Whether a caller refuses it today.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !matches!(self, Self::EndsSoon { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Unreadable => "give the server a certificate of a public authority",
            Self::SelfSigned | Self::UnknownAuthority { .. } => {
                "take a certificate of a public authority: Amazon believes those alone, whatever a browser on this machine was told"
            }
            Self::Incomplete { fetchable: true, .. } => {
                "send the whole chain, the file that is often called fullchain.pem: browsers fetch what is missing, Amazon does not"
            }
            Self::Incomplete { fetchable: false, .. } => {
                "send the whole chain, the file that is often called fullchain.pem; if that issuer is an authority of your own, take a certificate of a public one"
            }
            Self::Broken { .. } => {
                "put the certificate first and each issuer after what it issued, all as the authority gave them"
            }
            Self::WrongName { .. } => "take a certificate that has this name among its subject alternative names",
            Self::Expired { .. } => "renew it, and see why that did not happen by itself",
            Self::NotYetValid { .. } => "look at the server's clock and at this machine's, or wait",
            Self::EndsSoon { .. } => "see that it is renewed by itself, in time",
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") }
}

/// A span in the unit that a person would take.
fn span(seconds: &i64) -> String {
    let seconds = *seconds;
    let (many, unit) = match seconds {
        ..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / DAY, "days"),
    };
    format!("{many} {unit}")
}

/// Judges what a server sent, the server's own certificate first, at a moment in milliseconds since 1970. Nothing is fetched.
/// Revocation is not asked for.
#[must_use]
pub fn judge(chain: &[CertificateDer<'_>], host: &str, roots: &[TrustAnchor<'_>], now: i64) -> Vec<ServerChainFault> {
    let parsed: Result<Vec<_>, _> =
        chain.iter().map(|der| X509Certificate::from_der(der).map(|(_, one)| one)).collect();
    let (Ok(parsed), Some((leaf, others))) = (parsed, chain.split_first()) else {
        return vec![ServerChainFault::Unreadable];
    };
    let (Some(own), Ok(end_entity)) = (parsed.first(), EndEntityCert::try_from(leaf)) else {
        return vec![ServerChainFault::Unreadable];
    };
    let now = now.div_euclid(1_000);
    let mut faults: Vec<ServerChainFault> = parsed.iter().filter_map(|one| date(one, now)).collect();
    let name = ServerName::try_from(host);
    if !name.is_ok_and(|name| end_entity.verify_is_valid_for_subject_name(&name).is_ok()) {
        faults.push(ServerChainFault::WrongName { host: host.to_owned(), names: names(own) });
    }
    let time = u64::try_from(common_moment(&parsed, now)).unwrap_or_default();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(time));
    let usage = KeyUsage::server_auth();
    let path = end_entity.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, roots, others, time, usage, None, None);
    match path {
        Ok(_) => {}
        Err(webpki::Error::UnknownIssuer | webpki::Error::CaUsedAsEndEntity) => faults.extend(end_of(&parsed)),
        // The dates were told of one by one.
        Err(webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. }) if !faults.is_empty() => {}
        Err(other) => faults.push(ServerChainFault::Broken { why: other.to_string() }),
    }
    let ends = own.validity().not_after.timestamp() - now;
    if faults.is_empty() && ends < SOON_DAYS * DAY {
        faults.push(ServerChainFault::EndsSoon { by: ends });
    }
    faults
}

fn date(certificate: &X509Certificate<'_>, now: i64) -> Option<ServerChainFault> {
    let validity = certificate.validity();
    let (from, until) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    if now > until {
        return Some(ServerChainFault::Expired { of: subject(certificate), by: now - until });
    }
    (now < from).then(|| ServerChainFault::NotYetValid { of: subject(certificate), by: from - now })
}

/// A moment at which all of them are valid, as near to `now` as there is one: dates and signatures are told apart.
fn common_moment(chain: &[X509Certificate<'_>], now: i64) -> i64 {
    let from = chain.iter().map(|one| one.validity().not_before.timestamp()).max().unwrap_or(now);
    let until = chain.iter().map(|one| one.validity().not_after.timestamp()).min().unwrap_or(now);
    if from <= until { now.clamp(from, until) } else { now }
}

/// Where the chain ends, if that is no authority that is known.
fn end_of(chain: &[X509Certificate<'_>]) -> Option<ServerChainFault> {
    let mut at = chain.first()?;
    // Certificates that issue one another in a ring lead nowhere.
    for step in 0..chain.len() {
        if at.issuer().as_raw() == at.subject().as_raw() {
            let root = || ServerChainFault::UnknownAuthority { root: subject(at) };
            return Some(if step == 0 { ServerChainFault::SelfSigned } else { root() });
        }
        let Some(issuer) = chain.iter().find(|one| one.subject().as_raw() == at.issuer().as_raw()) else { break };
        at = issuer;
    }
    Some(ServerChainFault::Incomplete { issuer: shown(at.issuer()), of: subject(at), fetchable: is_fetchable(at) })
}

fn is_fetchable(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|one| match one.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => {
            access.accessdescs.iter().any(|one| one.access_method == OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS)
        }
        _ => false,
    })
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names);
    let shown = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress([a, b, c, d]) => Some(format!("{a}.{b}.{c}.{d}")),
        _ => None,
    });
    shown.take(MOST_NAMES).collect()
}

fn subject(certificate: &X509Certificate<'_>) -> String {
    shown(certificate.subject())
}

/// The common name, or all of the name.
fn shown(name: &x509_parser::x509::X509Name<'_>) -> String {
    let common = name.iter_common_name().find_map(|name| name.as_str().ok()).map(str::to_owned);
    common.unwrap_or_else(|| name.to_string())
}

#[cfg(test)]
#[path = "server_chain_tests.rs"]
mod tests;
