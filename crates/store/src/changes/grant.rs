//! Changes of grants.

use sayso_authority::record::grant::{Grant, GrantId, RefreshChain};
use sayso_authority::record::user::UserId;
use sayso_token::time::Timestamp;

use super::kept_terms;
use crate::backend::{Statement, Value};

const ADD: &str = "INSERT INTO grants \
     (id, authority, client, user_id, audience, scopes, terms, signed_in_at, created_at, last_used_at, epoch, revoked_at, \
     refresh_generation, refresh_live, refresh_steps) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
     ON CONFLICT DO NOTHING RETURNING id";
const ADVANCE_REFRESH: &str = "UPDATE grants \
     SET refresh_generation = $3, refresh_live = $4, refresh_steps = $5, last_used_at = $6 \
     WHERE id = $1 AND refresh_generation = $2 AND revoked_at IS NULL RETURNING id";
const BUMP_EPOCH: &str = "UPDATE grants SET epoch = epoch + 1 \
     WHERE id = $1 AND epoch = $2 AND revoked_at IS NULL RETURNING id";
const REVOKE_ALL: &str = "UPDATE grants SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";
const REVOKE: &str = "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id";

/// For a restore: what may have changed of a grant, as it is there.
const REPLACE_STATE: &str = "UPDATE grants SET epoch = $2, revoked_at = $3, last_used_at = $4, refresh_generation = $5, \
     refresh_live = $6, refresh_steps = $7 WHERE id = $1";

pub(super) fn add(grant: &Grant) -> Statement {
    let chain = grant.refresh.as_ref();
    Statement::guarded(
        ADD,
        [
            (&grant.id.0).into(),
            (&grant.authority).into(),
            (&grant.client).into(),
            (&grant.user.0).into(),
            (&grant.audience).into(),
            Value::json(&grant.scopes),
            kept_terms(&grant.terms),
            grant.signed_in_at.into(),
            grant.created_at.into(),
            grant.last_used_at.into(),
            grant.epoch.into(),
            grant.revoked_at.into(),
            chain.map(|chain| chain.generation).into(),
            chain.map(|chain| &chain.live).into(),
            chain.map(|chain| Value::json(&chain.steps)).unwrap_or(Value::Null),
        ],
    )
}

pub(super) fn advance_refresh(
    grant: &GrantId,
    from_generation: i64,
    chain: &RefreshChain,
    used_at: Timestamp,
) -> Statement {
    Statement::guarded(
        ADVANCE_REFRESH,
        [
            (&grant.0).into(),
            from_generation.into(),
            chain.generation.into(),
            (&chain.live).into(),
            Value::json(&chain.steps),
            used_at.into(),
        ],
    )
}

pub(super) fn bump_epoch(grant: &GrantId, from_epoch: i64) -> Statement {
    Statement::guarded(BUMP_EPOCH, [(&grant.0).into(), from_epoch.into()])
}

pub(crate) fn replace_state(grant: &Grant) -> Statement {
    let chain = grant.refresh.as_ref();
    Statement::plain(
        REPLACE_STATE,
        [
            (&grant.id.0).into(),
            grant.epoch.into(),
            grant.revoked_at.into(),
            grant.last_used_at.into(),
            chain.map(|chain| chain.generation).into(),
            chain.map(|chain| &chain.live).into(),
            chain.map(|chain| Value::json(&chain.steps)).unwrap_or(Value::Null),
        ],
    )
}

pub(super) fn revoke_all(user: &UserId, at: Timestamp) -> Statement {
    Statement::plain(REVOKE_ALL, [(&user.0).into(), at.into()])
}

pub(crate) fn revoke(grant: &GrantId, at: Timestamp) -> Statement {
    Statement::plain(REVOKE, [(&grant.0).into(), at.into()])
}
