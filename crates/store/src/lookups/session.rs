//! Sessions, and the clients that were given codes in them.

use sayso_authority::record::session::{JoinedSession, Session, UpstreamSession};
use sayso_authority::record::user::UserId;
use sayso_token::digest::Digest;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT digest, authority, user_id, signed_in_at, expires_at, sid, connection, upstream_subject, \
             upstream_session FROM sessions WHERE ",
            $condition
        )
    };
}

const BY_DIGEST: &str = select!("digest = $1");
const OF_USER: &str = select!("user_id = $1 ORDER BY expires_at DESC LIMIT 200");
const OF_UPSTREAM_SUBJECT: &str =
    select!("connection = $1 AND upstream_subject = $2 ORDER BY expires_at DESC LIMIT 200");
const OF_UPSTREAM_SESSION: &str =
    select!("connection = $1 AND upstream_session = $2 ORDER BY expires_at DESC LIMIT 200");
const CLIENTS: &str = "SELECT DISTINCT client FROM codes WHERE sid = $1 AND authority = $2 ORDER BY client";

impl Lookups {
    /// The session of that digest, expired or not.
    pub async fn session(&self, digest: &Digest) -> Result<Option<Session>, StoreError> {
        self.one(BY_DIGEST, &[digest.into()], read).await
    }

    /// The session of that digest, with its clients.
    pub async fn joined_session(&self, digest: &Digest) -> Result<Option<JoinedSession>, StoreError> {
        match self.session(digest).await? {
            Some(session) => self.joined(session).await.map(Some),
            None => Ok(None),
        }
    }

    /// The sessions of that person at all authorities, with their clients: the newest, at most 200.
    pub async fn joined_sessions(&self, user: &UserId) -> Result<Vec<JoinedSession>, StoreError> {
        let mut all = Vec::new();
        for session in self.many(OF_USER, &[(&user.0).into()], read).await? {
            all.push(self.joined(session).await?);
        }
        Ok(all)
    }

    /// The sessions that began by that connection as that person elsewhere, or in that session there, with their clients: the
    /// newest, at most 200 of each.
    pub async fn sessions_from(
        &self,
        connection: &str,
        (subject, session): (Option<&str>, Option<&str>),
    ) -> Result<Vec<JoinedSession>, StoreError> {
        let mut all = Vec::new();
        for (sql, value) in [(OF_UPSTREAM_SUBJECT, subject), (OF_UPSTREAM_SESSION, session)] {
            let Some(value) = value else { continue };
            for session in self.many(sql, &[connection.into(), value.into()], read).await? {
                all.push(self.joined(session).await?);
            }
        }
        Ok(all)
    }

    async fn joined(&self, session: Session) -> Result<JoinedSession, StoreError> {
        let values = [(&session.sid).into(), (&session.authority).into()];
        let clients = self.many(CLIENTS, &values, |mut row| row.text("codes.client")).await?;
        Ok(JoinedSession { session, clients })
    }
}

fn read(mut row: Row) -> Result<Session, StoreError> {
    let digest = row.digest("sessions.digest")?;
    Ok(Session {
        authority: row.text("sessions.authority")?,
        user: UserId(row.text("sessions.user_id")?),
        signed_in_at: row.time("sessions.signed_in_at")?,
        expires_at: row.time("sessions.expires_at")?,
        sid: row.optional_text("sessions.sid")?.unwrap_or_else(|| Session::sid_of(&digest)),
        upstream: upstream(&mut row)?,
        digest,
    })
}

fn upstream(row: &mut Row) -> Result<Option<UpstreamSession>, StoreError> {
    let connection = row.optional_text("sessions.connection")?;
    let subject = row.optional_text("sessions.upstream_subject")?;
    let session = row.optional_text("sessions.upstream_session")?;
    Ok(connection.zip(subject).map(|(connection, subject)| UpstreamSession { connection, subject, session }))
}
