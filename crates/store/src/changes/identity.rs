//! Changes of whose account is known elsewhere.

use sayso_authority::record::identity::Identity;
use sayso_authority::record::user::UserId;

use crate::backend::Statement;

/// What a removed person has left behind is taken over by whoever comes now.
const ADD: &str = "INSERT INTO identities (issuer, subject, user_id, connection, shown_as, connected_at) \
     SELECT $1, $2, u.id, $4, $5, $6 FROM users u WHERE u.id = $3 \
     ON CONFLICT (issuer, subject) DO UPDATE SET user_id = excluded.user_id, connection = excluded.connection, \
     shown_as = excluded.shown_as, connected_at = excluded.connected_at \
     WHERE NOT EXISTS (SELECT 1 FROM users o WHERE o.id = identities.user_id) RETURNING issuer";
const REMOVE: &str = "DELETE FROM identities WHERE issuer = $1 AND subject = $2 AND user_id = $3 RETURNING issuer";
const REMOVE_ALL: &str = "DELETE FROM identities WHERE user_id = $1";

pub(super) fn add(identity: &Identity) -> Statement {
    Statement::guarded(
        ADD,
        [
            (&identity.issuer).into(),
            (&identity.subject).into(),
            (&identity.user.0).into(),
            (&identity.connection).into(),
            (&identity.shown_as).into(),
            identity.connected_at.into(),
        ],
    )
}

pub(super) fn remove(issuer: &str, subject: &str, user: &UserId) -> Statement {
    Statement::guarded(REMOVE, [issuer.into(), subject.into(), (&user.0).into()])
}

pub(super) fn remove_all(user: &UserId) -> Statement {
    Statement::plain(REMOVE_ALL, [(&user.0).into()])
}
