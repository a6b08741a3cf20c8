//! Codes and other values that are good once.

use sayso_authority::record::code::Code;
use sayso_authority::record::grant::GrantId;
use sayso_authority::record::user::UserId;
use sayso_token::digest::Digest;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

const BY_DIGEST: &str = "SELECT digest, authority, client, user_id, redirect_uri, audience, scopes, code_challenge, \
     nonce, terms, signed_in_at, issued_at, expires_at, wrong_proofs, spent_at, spent_proof, grant_id, sid \
     FROM codes WHERE digest = $1";
const SPENT: &str = "SELECT expires_at FROM spent_once WHERE kind = $1 AND value = $2";

impl Lookups {
    /// The code of that digest, spent or not.
    pub async fn code(&self, digest: &Digest) -> Result<Option<Code>, StoreError> {
        self.one(BY_DIGEST, &[digest.into()], read).await
    }

    /// Whether a one-time value of that kind was spent and is still remembered.
    pub async fn is_spent(&self, kind: &str, value: &Digest) -> Result<bool, StoreError> {
        Ok(self.one(SPENT, &[kind.into(), value.into()], |mut row| row.int("spent_once.expires_at")).await?.is_some())
    }
}

fn read(mut row: Row) -> Result<Code, StoreError> {
    Ok(Code {
        digest: row.digest("codes.digest")?,
        authority: row.text("codes.authority")?,
        client: row.text("codes.client")?,
        user: UserId(row.text("codes.user_id")?),
        redirect_uri: row.text("codes.redirect_uri")?,
        audience: row.text("codes.audience")?,
        scopes: row.json("codes.scopes")?,
        code_challenge: row.optional_text("codes.code_challenge")?,
        nonce: row.optional_text("codes.nonce")?,
        terms: row.optional_json("codes.terms")?.unwrap_or_default(),
        signed_in_at: row.time("codes.signed_in_at")?,
        issued_at: row.time("codes.issued_at")?,
        expires_at: row.time("codes.expires_at")?,
        wrong_proofs: row.int("codes.wrong_proofs")?,
        spent_at: row.optional_time("codes.spent_at")?,
        spent_proof: row.optional_digest("codes.spent_proof")?,
        grant: row.optional_text("codes.grant_id")?.map(GrantId),
        sid: row.optional_text("codes.sid")?,
    })
}
