//! Changes of sessions.

use sayso_authority::record::session::Session;
use sayso_authority::record::user::UserId;
use sayso_token::digest::Digest;

use crate::backend::Statement;

const ADD: &str = "INSERT INTO sessions (digest, authority, user_id, signed_in_at, expires_at, sid) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING digest";
const END_ALL: &str = "DELETE FROM sessions WHERE user_id = $1";
const END: &str = "DELETE FROM sessions WHERE digest = $1";

pub(super) fn add(session: &Session) -> Statement {
    Statement::guarded(
        ADD,
        [
            (&session.digest).into(),
            (&session.authority).into(),
            (&session.user.0).into(),
            session.signed_in_at.into(),
            session.expires_at.into(),
            (&session.sid).into(),
        ],
    )
}

pub(super) fn end_all(user: &UserId) -> Statement {
    Statement::plain(END_ALL, [(&user.0).into()])
}

pub(super) fn end(session: &Digest) -> Statement {
    Statement::plain(END, [session.into()])
}
