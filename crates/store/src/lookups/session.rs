//! Sessions.

use sayso_authority::record::session::Session;
use sayso_authority::record::user::UserId;
use sayso_token::digest::Digest;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

const BY_DIGEST: &str = "SELECT digest, authority, user_id, signed_in_at, expires_at FROM sessions WHERE digest = $1";

impl Lookups {
    /// The session of that digest, expired or not.
    pub async fn session(&self, digest: &Digest) -> Result<Option<Session>, StoreError> {
        self.one(BY_DIGEST, &[digest.into()], read).await
    }
}

fn read(mut row: Row) -> Result<Session, StoreError> {
    Ok(Session {
        digest: row.digest("sessions.digest")?,
        authority: row.text("sessions.authority")?,
        user: UserId(row.text("sessions.user_id")?),
        signed_in_at: row.time("sessions.signed_in_at")?,
        expires_at: row.time("sessions.expires_at")?,
    })
}
