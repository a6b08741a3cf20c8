//! The audit log.

use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

macro_rules! columns {
    () => {
        "at, opening, position, kind, authority, client, user_id, grant_id, details, seal"
    };
}

macro_rules! select {
    ($($rest:literal)+) => {
        concat!("SELECT ", columns!(), " FROM audit_events ", $($rest),+)
    };
}

const NEWEST: &str = select!("ORDER BY at DESC, opening DESC, position DESC LIMIT $1");

/// What is before a place and not too long ago, and meets one more condition, by the index that begins with it.
macro_rules! before {
    ($condition:literal) => {
        select!(
            $condition
            " (at, opening, position) < ($1, $2, $3) AND at >= $4 ORDER BY at DESC, opening DESC, position DESC LIMIT $5"
        )
    };
}

pub(crate) const BEFORE: &str = before!("WHERE");
pub(crate) const OF_USER: &str = before!("WHERE user_id = $6 AND");
pub(crate) const OF_GRANT: &str = before!("WHERE grant_id = $6 AND");
/// What concerns it and what it did, each in order by an index of its own. What is both stands there once.
pub(crate) const OF_CLIENT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM (SELECT ",
    columns!(),
    " FROM (",
    before!("WHERE client = $6 AND"),
    ") AS concerned UNION SELECT ",
    columns!(),
    " FROM (",
    before!("WHERE actor = $6 AND"),
    ") AS done) AS found ORDER BY at DESC, opening DESC, position DESC LIMIT $5"
);

/// Which events are looked for by an index; whatever else is asked of them is looked at one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Any.
    All,
    /// What concerns the client, or was done by it.
    Client(String),
    /// What concerns the grant.
    Grant(String),
    /// What concerns the user.
    User(String),
}

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
    /// The number of the seal that it is under.
    pub seal: Option<i64>,
}

impl Lookups {
    /// The newest events, the very newest first; at most `limit`.
    pub async fn audit(&self, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        self.many(NEWEST, &[i64::from(limit).into()], read).await
    }

    /// The events about that, before that place and not before `since`, the newest first; at most `limit`.
    pub async fn audit_before(
        &self,
        about: &About,
        place: AuditPlace,
        (since, limit): (Option<Timestamp>, u32),
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let since = since.unwrap_or(Timestamp::from_millis(i64::MIN));
        let AuditPlace { at, opening, position } = place;
        let mut values = vec![at.into(), opening.into(), position.into(), since.into(), i64::from(limit).into()];
        let (sql, id) = match about {
            About::All => (BEFORE, None),
            About::Client(id) => (OF_CLIENT, Some(id)),
            About::Grant(id) => (OF_GRANT, Some(id)),
            About::User(id) => (OF_USER, Some(id)),
        };
        values.extend(id.map(Into::into));
        self.many(sql, &values, read).await
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
        seal: row.optional_int("audit_events.seal")?,
    })
}
