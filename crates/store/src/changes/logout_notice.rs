//! Changes of what clients are to be told of sessions that ended.

use sayso_authority::record::logout_notice::LogoutNotice;
use sayso_token::time::Timestamp;

use crate::backend::Statement;

const ADD: &str = "INSERT INTO logout_notices \
     (id, authority, client, user_id, sid, created_at, attempts, due_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id";
const ATTEMPT: &str = "UPDATE logout_notices SET attempts = attempts + 1, due_at = $3 \
     WHERE id = $1 AND attempts = $2 RETURNING id";
const SETTLE: &str = "DELETE FROM logout_notices WHERE id = $1 RETURNING id";

pub(super) fn add(notice: &LogoutNotice) -> Statement {
    Statement::guarded(
        ADD,
        [
            (&notice.id).into(),
            (&notice.authority).into(),
            (&notice.client).into(),
            (&notice.user.0).into(),
            (&notice.sid).into(),
            notice.created_at.into(),
            notice.attempts.into(),
            notice.due_at.into(),
        ],
    )
}

pub(super) fn attempt(notice: &str, from_attempts: i64, due_at: Timestamp) -> Statement {
    Statement::guarded(ATTEMPT, [notice.into(), from_attempts.into(), due_at.into()])
}

pub(super) fn settle(notice: &str) -> Statement {
    Statement::guarded(SETTLE, [notice.into()])
}
