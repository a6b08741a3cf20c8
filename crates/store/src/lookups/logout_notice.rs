//! What clients are to be told of sessions that ended.

use sayso_authority::record::logout_notice::LogoutNotice;
use sayso_authority::record::user::UserId;
use sayso_token::time::Timestamp;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

const BY_ID: &str = "SELECT id, authority, client, user_id, sid, created_at, attempts, due_at \
     FROM logout_notices WHERE id = $1";
const DUE: &str = "SELECT id, authority, client, user_id, sid, created_at, attempts, due_at \
     FROM logout_notices WHERE due_at <= $1 ORDER BY due_at LIMIT 50";

impl Lookups {
    /// The notice of that id.
    pub async fn logout_notice(&self, id: &str) -> Result<Option<LogoutNotice>, StoreError> {
        self.one(BY_ID, &[id.into()], read).await
    }

    /// Those that are due, the longest first; at most fifty.
    pub async fn due_logout_notices(&self, now: Timestamp) -> Result<Vec<LogoutNotice>, StoreError> {
        self.many(DUE, &[now.into()], read).await
    }
}

fn read(mut row: Row) -> Result<LogoutNotice, StoreError> {
    Ok(LogoutNotice {
        id: row.text("logout_notices.id")?,
        authority: row.text("logout_notices.authority")?,
        client: row.text("logout_notices.client")?,
        user: UserId(row.text("logout_notices.user_id")?),
        sid: row.text("logout_notices.sid")?,
        created_at: row.time("logout_notices.created_at")?,
        attempts: row.int("logout_notices.attempts")?,
        due_at: row.time("logout_notices.due_at")?,
    })
}
