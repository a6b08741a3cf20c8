//! What an operator says about ACME.

use zeroize::Zeroizing;

/// The directory that is meant where none is named.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Where certificates come from, and for which names. Whoever makes one has agreed to the directory's terms of service.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the directory (RFC 8555 section 7.1.1).
    pub directory: String,
    /// The names, in lower case: all of them in one certificate.
    pub names: Vec<String>,
    /// Where the authority may write to: `mailto:…`.
    pub contact: Option<String>,
    /// The account elsewhere to which the new one belongs, where the directory asks for it.
    pub external_account: Option<ExternalAccount>,
    /// Certificates (PEM) that the directory's server is believed by, beside the public ones.
    pub extra_ca: Option<Vec<u8>>,
}

/// An account that the authority knows by other means (RFC 8555 section 7.3.4).
#[derive(Clone)]
pub struct ExternalAccount {
    /// What the authority calls the key.
    pub id: String,
    /// The key, decoded.
    pub key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for ExternalAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalAccount").field("id", &self.id).finish_non_exhaustive()
    }
}
