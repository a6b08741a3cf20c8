//! The configurations that were put in force, sealed as a whole.

use sayso_authority::record::event::Event;
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use crate::backend::{Statement, Written};
use crate::{Store, StoreError, news};

const ADD: &str = "INSERT INTO configurations (number, digest, sealed, applied_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT DO NOTHING RETURNING number";
const FORGET: &str = "DELETE FROM configurations WHERE number <= $1";
/// How many are kept: enough to recognise the file of a node that was away for long.
const KEPT: i64 = 100;

/// A configuration as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConfiguration {
    /// Counts the configurations, from 1; the highest is in force.
    pub number: i64,
    /// The digest of what is sealed.
    pub digest: Digest,
    /// The configuration as JSON, sealed under a sealing key.
    pub sealed: String,
    /// When it was put in force.
    pub applied_at: Timestamp,
}

impl Store {
    /// Puts a configuration in force, with its audit event. Of two with the same number one wins: `false` means that
    /// another has taken the place, so look again.
    pub async fn put_in_force(&self, configuration: &StoredConfiguration, event: &Event) -> Result<bool, StoreError> {
        let at = configuration.applied_at;
        let add = Statement::guarded(
            ADD,
            [
                configuration.number.into(),
                (&configuration.digest).into(),
                (&configuration.sealed).into(),
                configuration.applied_at.into(),
            ],
        );
        let forget = Statement::plain(FORGET, [(configuration.number - KEPT).into()]);
        let batch = vec![add, forget, self.event(event, at), news::bump()];
        Ok(matches!(self.write(batch).await?, Written::Kept(_)))
    }
}
