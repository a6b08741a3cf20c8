//! What a simulator is given when it starts, and why it may refuse to.

use std::path::PathBuf;
use std::sync::Arc;

use sayso_alexa::package::Fault;
use sayso_token::entropy::SharedEntropy;
use sayso_token::secret::Secret;
use sayso_token::time::Clock;

/// What a simulator needs to know.
pub struct Settings {
    /// Folder for the certificate authority and the links; made when missing.
    pub data_dir: PathBuf,
    /// Where the console is reached, without a slash at the end: `http://127.0.0.1:4001`.
    pub public_url: String,
    /// The developer's vendor id, the last part of every redirect URI: `M2XXXXXXXXXXXX`.
    pub vendor_id: String,
    /// The skills that are installed.
    pub skills: Vec<SkillSetup>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub entropy: SharedEntropy,
}

/// One skill to install.
#[derive(Clone, Debug, Default)]
pub struct SkillSetup {
    /// Its name in addresses: letters, digits and hyphens.
    pub slug: String,
    /// The skill's folder: the one that holds `skill-package`, or that folder itself.
    pub package: PathBuf,
    /// How the skill is reached, instead of the manifest's endpoint: `https://…`, `http://127.0.0.1…`,
    /// `lambda+http://127.0.0.1:9000` for a function run on this machine, or `command:…` for a program that reads the event
    /// on its standard input.
    pub endpoint: Option<String>,
    /// Where tokens are revoked when the account is unlinked (RFC 7009); Amazon itself revokes nothing.
    pub revocation_url: Option<String>,
    /// The skill's id; without one it is what the package's `.ask/ask-states.json` or `ask-resources.json` says, or
    /// made from the slug (see [`skill_id_for`]).
    pub skill_id: Option<String>,
    /// The secret of the client by which accounts are linked, where `accountLinking.json` has none: settings that are read back
    /// from Amazon leave it out, and it does not belong into version control.
    pub client_secret: Option<Secret>,
    /// Whether requests name the certificate chain by Amazon's own address, as official SDKs demand, instead of the
    /// console's. What fetches it must then be led here.
    pub amazon_chain_url: bool,
}

/// The skill id a skill of this slug has when nothing else says one: the same on every machine.
pub fn skill_id_for(slug: &str) -> String {
    let digest = sayso_token::digest::Digest::of(format!("skill id of {slug}").as_bytes());
    format!("amzn1.ask.skill.{}", uuid(digest.as_bytes()))
}

/// The first sixteen bytes as a UUID of version 4.
pub(crate) fn uuid(bytes: &[u8; 32]) -> String {
    let mut hex = String::with_capacity(36);
    for (at, byte) in bytes.iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            hex.push('-');
        }
        let byte = match at {
            6 => byte & 0x0F | 0x40,
            8 => byte & 0x3F | 0x80,
            _ => *byte,
        };
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

/// Why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file of a skill package says something wrong.
    #[error("{}: {fault}", file.display())]
    Package {
        /// The file.
        file: PathBuf,
        /// What is wrong in it.
        fault: Fault,
    },
    /// A skill package lacks something.
    #[error("{}: {what}; {fix}", folder.display())]
    Missing {
        /// The package's folder.
        folder: PathBuf,
        /// What is missing.
        what: String,
        /// What to do about it.
        fix: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A setting makes no sense.
    #[error("{what}; {fix}")]
    Setting {
        /// What is wrong.
        what: String,
        /// What to do about it.
        fix: String,
    },
    /// The certificate authority cannot be made.
    #[error("the signing certificate cannot be made: {0}")]
    Certificate(String),
}

impl OpenError {
    /// Stable reason code.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Package { .. } => "package_unreadable",
            Self::Missing { .. } => "package_incomplete",
            Self::Unreadable { .. } => "file_unreadable",
            Self::Setting { .. } => "setting_invalid",
            Self::Certificate(_) => "certificate_failed",
        }
    }
}
