//! Changes of sessions.

use sayso_authority::record::session::Session;
use sayso_authority::record::user::UserId;
use sayso_token::digest::Digest;

use crate::backend::Statement;

const ADD: &str = "INSERT INTO sessions (digest, authority, user_id, signed_in_at, expires_at, sid, \
     connection, upstream_subject, upstream_session) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING digest";
const END_ALL: &str = "DELETE FROM sessions WHERE user_id = $1";
const END: &str = "DELETE FROM sessions WHERE digest = $1";

pub(super) fn add(session: &Session) -> Statement {
    let upstream = session.upstream.as_ref();
    Statement::guarded(
        ADD,
        [
            (&session.digest).into(),
            (&session.authority).into(),
            (&session.user.0).into(),
            session.signed_in_at.into(),
            session.expires_at.into(),
            (&session.sid).into(),
            upstream.map(|upstream| upstream.connection.as_str()).into(),
            upstream.map(|upstream| upstream.subject.as_str()).into(),
            upstream.and_then(|upstream| upstream.session.as_deref()).into(),
        ],
    )
}

pub(super) fn end_all(user: &UserId) -> Statement {
    Statement::plain(END_ALL, [(&user.0).into()])
}

pub(super) fn end(session: &Digest) -> Statement {
    Statement::plain(END, [session.into()])
}
