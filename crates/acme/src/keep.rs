//! Where account, certificate and answers are kept.

use async_trait::async_trait;
use zeroize::Zeroizing;

/// What is kept under a name. All of it is small; some of it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// The account at the directory, with its key.
    Account,
    /// The certificate with its chain and its key, in PEM.
    Certificate,
    /// How the last tries went.
    Tries,
    /// What an authority that looks at this name must be shown.
    Answer(String),
}

impl Item {
    /// The name as it is written down. Names of hosts were checked before: letters, digits, hyphens and dots.
    pub fn name(&self) -> String {
        match self {
            Self::Account => "account.json".to_owned(),
            Self::Certificate => "certificate.pem".to_owned(),
            Self::Tries => "tries.json".to_owned(),
            Self::Answer(host) => format!("answer-{host}.json"),
        }
    }
}

/// Something could not be kept or found.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeepError(pub String);

/// A place that outlives the process, shared by all that serve the names.
#[async_trait]
pub trait Keep: Send + Sync {
    /// What is kept, if anything.
    async fn load(&self, item: &Item) -> Result<Option<Zeroizing<Vec<u8>>>, KeepError>;
    /// Keeps it, whole or not at all.
    async fn save(&self, item: &Item, content: &[u8]) -> Result<(), KeepError>;
    /// Keeps it no longer.
    async fn forget(&self, item: &Item) -> Result<(), KeepError>;
    /// Whether it is this process's turn to order, until [`Keep::end_turn`] or some minutes are over.
    async fn take_turn(&self) -> Result<bool, KeepError>;
    /// Another may order.
    async fn end_turn(&self) -> Result<(), KeepError>;
}
