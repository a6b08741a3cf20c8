//! Whose signatures a skill believes.

use rustls_pki_types::TrustAnchor;
use sayso_alexa::signature::{ChainSource, DangerousPrefix, read_root};

/// Whose signatures a skill believes.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Amazon's, under the public roots. What a skill in production uses.
    #[default]
    Amazon,
    /// Amazon's, and a simulator's on this machine. Whoever holds the simulator's key can speak as anyone: never for a
    /// skill that others can reach.
    DangerousLocal(DangerousLocalTrust),
}

/// One extra root, for certificate chains from one extra place.
///
/// `sayso skill console --data .sayso/mine` keeps its root at `.sayso/mine/trust/root.pem`; chains come from its own address:
///
/// ```no_run
/// use sayso_skill::{DangerousLocalTrust, Trust};
///
/// # fn trust() -> Result<Trust, Box<dyn std::error::Error>> {
/// let root = std::fs::read_to_string(".sayso/mine/trust/root.pem")?;
/// let trust = Trust::DangerousLocal(DangerousLocalTrust::new(&root, "http://127.0.0.1:4001/echo.api/")?);
/// # Ok(trust)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DangerousLocalTrust {
    root: TrustAnchor<'static>,
    prefix: DangerousPrefix,
    /// The same as an address.
    chains: String,
}

/// The extra trust is not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTrust {
    /// Not one PEM certificate.
    #[error("the local root is not one PEM certificate")]
    Root,
    /// Not a directory's address.
    #[error("the local chain URL prefix must be a normalised address of a directory, ending in a slash")]
    Prefix,
}

impl DangerousLocalTrust {
    /// Believes chains that end at the root in `root_pem` when they come from an address that starts with
    /// `chain_url_prefix`, such as `http://127.0.0.1:4001/echo.api/`.
    ///
    /// # Errors
    /// The root is not one certificate, or the prefix names no directory.
    pub fn new(root_pem: &str, chain_url_prefix: &str) -> Result<Self, BadTrust> {
        Ok(Self {
            root: read_root(root_pem.as_bytes()).map_err(|_| BadTrust::Root)?,
            prefix: DangerousPrefix::new(chain_url_prefix).map_err(|_| BadTrust::Prefix)?,
            chains: chain_url_prefix.to_owned(),
        })
    }
}

impl Trust {
    /// Whether traces may be sent, and warnings are due.
    pub(crate) fn is_dangerous(&self) -> bool {
        matches!(self, Self::DangerousLocal(_))
    }

    pub(crate) fn dangerous_prefix(&self) -> Option<&DangerousPrefix> {
        match self {
            Self::Amazon => None,
            Self::DangerousLocal(local) => Some(&local.prefix),
        }
    }

    /// Where the chains of a simulator on this machine lie.
    pub(crate) fn dangerous_chains(&self) -> Option<&str> {
        match self {
            Self::Amazon => None,
            Self::DangerousLocal(local) => Some(&local.chains),
        }
    }

    /// The roots a chain from that source may end at. The local root vouches for local chains only.
    pub(crate) fn roots(&self, source: ChainSource) -> &[TrustAnchor<'static>] {
        match (source, self) {
            (ChainSource::Amazon, _) => webpki_roots::TLS_SERVER_ROOTS,
            (ChainSource::DangerousLocal, Self::DangerousLocal(local)) => std::slice::from_ref(&local.root),
            (ChainSource::DangerousLocal, Self::Amazon) => &[],
        }
    }
}
