//! The audit log.

use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT at, opening, position, kind, authority, client, user_id, grant_id, details FROM audit_events ",
            $rest
        )
    };
}

const NEWEST: &str = select!("ORDER BY at DESC, opening DESC, position DESC LIMIT $1");
const BEFORE: &str = select!(
    "WHERE (at, opening, position) < ($1, $2, $3) AND at >= $4 ORDER BY at DESC, opening DESC, position DESC LIMIT $5"
);

/// Where an event stands in the log. Later is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuditPlace {
    /// When it happened.
    pub at: Timestamp,
    /// The number of the opening of the store that wrote it.
    pub opening: i64,
    /// Which it was of that opening.
    pub position: i64,
}

impl AuditPlace {
    /// The place before all events of that time, and after all that were earlier.
    pub fn before(at: Timestamp) -> Self {
        Self { at, opening: i64::MIN, position: i64::MIN }
    }
}

/// An audit event as it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// When it happened: the time of the decision.
    pub at: Timestamp,
    /// Where it stands.
    pub place: AuditPlace,
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

    /// The events before that place and not before `since`, the newest first; at most `limit`.
    pub async fn audit_before(
        &self,
        place: AuditPlace,
        since: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let since = since.unwrap_or(Timestamp::from_millis(i64::MIN));
        let AuditPlace { at, opening, position } = place;
        let values = [at.into(), opening.into(), position.into(), since.into(), i64::from(limit).into()];
        self.many(BEFORE, &values, read).await
    }
}

fn read(mut row: Row) -> Result<StoredEvent, StoreError> {
    let at = row.time("audit_events.at")?;
    let (opening, position) = (row.int("audit_events.opening")?, row.int("audit_events.position")?);
    Ok(StoredEvent {
        at,
        place: AuditPlace { at, opening, position },
        kind: row.text("audit_events.kind")?,
        authority: row.text("audit_events.authority")?,
        client: row.optional_text("audit_events.client")?,
        user: row.optional_text("audit_events.user_id")?,
        grant: row.optional_text("audit_events.grant_id")?,
        details: row.json("audit_events.details")?,
    })
}
