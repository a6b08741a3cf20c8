//! Changes of users.

use std::collections::BTreeMap;

use sayso_authority::record::attribute::AttributeValue;
use sayso_authority::record::user::{User, UserId};
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use crate::backend::{Statement, Value};

const ADD: &str = "INSERT INTO users (id, username, password_hash, attributes, version, created_at, updated_at, disabled_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id";
const SET_ATTRIBUTES: &str = "UPDATE users SET attributes = $3, version = version + 1, updated_at = $4 \
     WHERE id = $1 AND version = $2 RETURNING id";
const SET_PASSWORD: &str = "UPDATE users SET password_hash = $3, version = version + 1 \
     WHERE id = $1 AND version = $2 RETURNING id";
const ADVANCE: &str = "UPDATE users SET version = version + 1 WHERE id = $1 AND version = $2 RETURNING id";
const REMOVE: &str = "DELETE FROM users WHERE id = $1 AND version = $2 RETURNING id";
const DISABLE: &str = "UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL RETURNING id";
const ENABLE: &str = "UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL RETURNING id";

pub(super) fn add(user: &User) -> Statement {
    Statement::guarded(
        ADD,
        [
            (&user.id.0).into(),
            (&user.username).into(),
            user.password_hash.expose().into(),
            Value::json(&user.attributes),
            user.version.into(),
            user.created_at.into(),
            user.updated_at.into(),
            user.disabled_at.into(),
        ],
    )
}

pub(super) fn set_attributes(
    user: &UserId,
    from_version: i64,
    attributes: &BTreeMap<String, AttributeValue>,
    at: Timestamp,
) -> Statement {
    Statement::guarded(SET_ATTRIBUTES, [(&user.0).into(), from_version.into(), Value::json(attributes), at.into()])
}

pub(super) fn disable(user: &UserId, at: Timestamp) -> Statement {
    Statement::guarded(DISABLE, [(&user.0).into(), at.into()])
}

pub(super) fn enable(user: &UserId) -> Statement {
    Statement::guarded(ENABLE, [(&user.0).into()])
}

pub(super) fn set_password(user: &UserId, from_version: i64, hash: &Secret) -> Statement {
    Statement::guarded(SET_PASSWORD, [(&user.0).into(), from_version.into(), hash.expose().into()])
}

pub(super) fn advance(user: &UserId, from_version: i64) -> Statement {
    Statement::guarded(ADVANCE, [(&user.0).into(), from_version.into()])
}

pub(super) fn remove(user: &UserId, from_version: i64) -> Statement {
    Statement::guarded(REMOVE, [(&user.0).into(), from_version.into()])
}
