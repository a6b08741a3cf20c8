//! Pushed authorization requests.

use sayso_authority::record::pushed_request::PushedRequest;
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

const BY_DIGEST: &str =
    "SELECT digest, authority, client, parameters, pushed_at, expires_at FROM pushed_requests WHERE digest = $1";
const PENDING: &str = "SELECT COUNT(*) FROM pushed_requests WHERE authority = $1 AND client = $2 AND expires_at > $3";

impl Lookups {
    /// The pushed request of that digest, expired or not, unless it was answered.
    pub async fn pushed_request(&self, digest: &Digest) -> Result<Option<PushedRequest>, StoreError> {
        self.one(BY_DIGEST, &[digest.into()], read).await
    }

    /// How many requests of that client wait for their browser.
    pub async fn pending_requests(&self, authority: &str, client: &str, now: Timestamp) -> Result<i64, StoreError> {
        let values = [authority.into(), client.into(), now.into()];
        Ok(self.one(PENDING, &values, |mut row| row.int("pushed_requests")).await?.unwrap_or_default())
    }
}

fn read(mut row: Row) -> Result<PushedRequest, StoreError> {
    Ok(PushedRequest {
        digest: row.digest("pushed_requests.digest")?,
        authority: row.text("pushed_requests.authority")?,
        client: row.text("pushed_requests.client")?,
        parameters: row.text("pushed_requests.parameters")?,
        pushed_at: row.time("pushed_requests.pushed_at")?,
        expires_at: row.time("pushed_requests.expires_at")?,
    })
}
