//! The audit log.

use sayso_token::time::Timestamp;
use serde_json::{Map, Value};

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

const NEWEST: &str = "SELECT at, kind, authority, client, user_id, grant_id, details FROM audit_events \
     ORDER BY at DESC, opening DESC, position DESC LIMIT $1";

/// An audit event as it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// When it happened: the time of the decision.
    pub at: Timestamp,
    /// The stable kind, such as `refresh_reuse`.
    pub kind: String,
    /// The authority it happened at.
    pub authority: String,
    /// The client concerned.
    pub client: Option<String>,
    /// The user concerned.
    pub user: Option<String>,
    /// The grant concerned.
    pub grant: Option<String>,
    /// More, by name.
    pub details: Map<String, Value>,
}

impl Lookups {
    /// The newest events, the very newest first; at most `limit`.
    pub async fn audit(&self, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        self.many(NEWEST, &[i64::from(limit).into()], read).await
    }
}

fn read(mut row: Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        at: row.time("audit_events.at")?,
        kind: row.text("audit_events.kind")?,
        authority: row.text("audit_events.authority")?,
        client: row.optional_text("audit_events.client")?,
        user: row.optional_text("audit_events.user_id")?,
        grant: row.optional_text("audit_events.grant_id")?,
        details: row.json("audit_events.details")?,
    })
}
