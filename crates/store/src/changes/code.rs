//! Changes of codes and of other values that are good once.

use sayso_authority::record::code::Code;
use sayso_authority::record::grant::GrantId;
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use super::kept_terms;
use crate::backend::{Statement, Value};

const ADD: &str = "INSERT INTO codes \
     (digest, authority, client, user_id, redirect_uri, audience, scopes, code_challenge, nonce, terms, signed_in_at, \
     issued_at, expires_at, wrong_proofs, spent_at, spent_proof, grant_id, sid) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
     ON CONFLICT DO NOTHING RETURNING digest";
const SPEND: &str = "UPDATE codes SET spent_at = $2, spent_proof = $3, grant_id = $4 \
     WHERE digest = $1 AND spent_at IS NULL RETURNING digest";
const COUNT_WRONG_PROOF: &str = "UPDATE codes SET wrong_proofs = wrong_proofs + 1 \
     WHERE digest = $1 AND spent_at IS NULL AND wrong_proofs = $2 RETURNING digest";
const SPEND_ONCE: &str = "INSERT INTO spent_once (kind, value, expires_at) VALUES ($1, $2, $3) \
     ON CONFLICT DO NOTHING RETURNING value";

pub(super) fn add(code: &Code) -> Statement {
    Statement::guarded(
        ADD,
        [
            (&code.digest).into(),
            (&code.authority).into(),
            (&code.client).into(),
            (&code.user.0).into(),
            (&code.redirect_uri).into(),
            (&code.audience).into(),
            Value::json(&code.scopes),
            code.code_challenge.as_ref().into(),
            code.nonce.as_ref().into(),
            kept_terms(&code.terms),
            code.signed_in_at.into(),
            code.issued_at.into(),
            code.expires_at.into(),
            code.wrong_proofs.into(),
            code.spent_at.into(),
            code.spent_proof.as_ref().into(),
            code.grant.as_ref().map(|grant| &grant.0).into(),
            code.sid.as_ref().into(),
        ],
    )
}

pub(super) fn spend(code: &Digest, at: Timestamp, proof: &Digest, grant: Option<&GrantId>) -> Statement {
    Statement::guarded(SPEND, [code.into(), at.into(), proof.into(), grant.map(|grant| &grant.0).into()])
}

pub(super) fn count_wrong_proof(code: &Digest, from: i64) -> Statement {
    Statement::guarded(COUNT_WRONG_PROOF, [code.into(), from.into()])
}

pub(super) fn spend_once(kind: &str, value: &Digest, expires_at: Timestamp) -> Statement {
    Statement::guarded(SPEND_ONCE, [kind.into(), value.into(), expires_at.into()])
}
