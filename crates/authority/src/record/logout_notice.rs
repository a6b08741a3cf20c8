//! What a client is still to be told of a session that ended. It is kept until it was told, so that a restart or a client
//! that is away for a while loses nothing.

use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

use super::session::Session;
use super::user::UserId;

/// How long after a failed attempt the next one follows: six attempts within an hour and a quarter.
const AGAIN_AFTER: [Lifetime; 5] = [
    Lifetime::from_seconds(5),
    Lifetime::from_seconds(30),
    Lifetime::from_seconds(120),
    Lifetime::from_seconds(600),
    Lifetime::from_seconds(3600),
];

/// A notice as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutNotice {
    /// The id: what it is about, digested, so that nobody is told of one ending twice.
    pub id: String,
    /// The authority where the session was.
    pub authority: String,
    /// The client that is to be told.
    pub client: String,
    /// Whose session it was.
    pub user: UserId,
    /// The session, as clients know it.
    pub sid: String,
    /// When it ended.
    pub created_at: Timestamp,
    /// Attempts so far.
    pub attempts: i64,
    /// When the next attempt is due.
    pub due_at: Timestamp,
}

impl LogoutNotice {
    /// What `client` is to be told of the end of this session, at once.
    pub fn new(session: &Session, client: &str, now: Timestamp) -> Self {
        let about = format!("{}\n{client}\n{}\n{}", session.authority, session.sid, now.millis());
        Self {
            id: Digest::of(about.as_bytes()).base64url(),
            authority: session.authority.clone(),
            client: client.to_owned(),
            user: session.user.clone(),
            sid: session.sid.clone(),
            created_at: now,
            attempts: 0,
            due_at: now,
        }
    }

    /// When the attempt after this one is due; `None` when this one is the last.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let failed = usize::try_from(self.attempts).ok()?;
        AGAIN_AFTER.get(failed).map(|wait| now + *wait)
    }

    /// Whether all attempts were made.
    pub fn is_given_up(&self) -> bool {
        usize::try_from(self.attempts).is_ok_and(|made| made > AGAIN_AFTER.len())
    }
}
