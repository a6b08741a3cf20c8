//! The secrets by which this server is known at providers elsewhere: each node's own, never in the configuration in force.

use std::sync::Arc;

use sayso_authority::record::connection::{Connection, ConnectionAuthentication};
use sayso_token::secret::Secret;

type Read = dyn Fn(&str) -> Result<Secret, String> + Send + Sync;

/// Where a node reads them, each time one is used: the file may have been replaced meanwhile.
#[derive(Clone)]
pub struct ConnectionSecrets(Arc<Read>);

impl ConnectionSecrets {
    /// Reads them so, by the id of the connection; the error is told to the operator.
    pub fn new(read: impl Fn(&str) -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// None at all.
    pub fn none() -> Self {
        Self::new(|id| Err(format!("connection_secrets of [server] names no file for {id}")))
    }

    /// The secret of a connection that needs one.
    pub(crate) fn of(&self, connection: &Connection) -> Result<Option<Secret>, String> {
        match connection.authentication {
            ConnectionAuthentication::None => Ok(None),
            ConnectionAuthentication::SecretBasic | ConnectionAuthentication::SecretPost => {
                self.0(&connection.id).map(Some)
            }
        }
    }
}

impl std::fmt::Debug for ConnectionSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConnectionSecrets(…)")
    }
}
