//! Signing keys, sealed.

use sayso_authority::record::event::Event;
use sayso_token::algorithm::Algorithm;
use sayso_token::time::Timestamp;

use crate::backend::{Statement, Written};
use crate::{Store, StoreError, news};

const ADD: &str = "INSERT INTO signing_keys (authority, kid, algorithm, generation, sealed, created_at, revoked_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING kid";
const REVOKE: &str = "UPDATE signing_keys SET revoked_at = $3 WHERE authority = $1 AND kid = $2 AND revoked_at IS NULL \
     RETURNING kid";

/// A signing key as stored: the private half only sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// `kid`, as in the JWKS.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Counts the keys of its authority and algorithm, from 0.
    pub generation: i64,
    /// The private key, PKCS#8, sealed under a sealing key.
    pub sealed: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked: nothing that it has signed counts any more.
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// Adds a key, with its audit event. Of two that both make the first key of an authority and algorithm (or the next
    /// generation) one wins: `false` means that another key has taken the place, so load the keys again.
    pub async fn add_signing_key(&self, authority: &str, key: &StoredKey) -> Result<bool, StoreError> {
        let mut batch = Vec::from(self.added(authority, key));
        batch.push(news::bump());
        Ok(matches!(self.write(batch).await?, Written::Kept(_)))
    }

    /// Revokes a key and adds its successor, if one is needed, with the audit events: all or nothing. `false` means that
    /// the key was revoked before, or another has taken the successor's place: load the keys again.
    pub async fn revoke_signing_key(
        &self,
        authority: &str,
        kid: &str,
        at: Timestamp,
        successor: Option<&StoredKey>,
    ) -> Result<bool, StoreError> {
        let event = Event::new("signing_key_revoked", authority).detail("kid", kid);
        let mut batch =
            vec![Statement::guarded(REVOKE, [authority.into(), kid.into(), at.into()]), self.event(&event, at)];
        batch.extend(successor.into_iter().flat_map(|key| self.added(authority, key)));
        batch.push(news::bump());
        Ok(matches!(self.write(batch).await?, Written::Kept(_)))
    }

    fn added(&self, authority: &str, key: &StoredKey) -> [Statement; 2] {
        let add = Statement::guarded(
            ADD,
            [
                authority.into(),
                (&key.kid).into(),
                key.algorithm.name().into(),
                key.generation.into(),
                (&key.sealed).into(),
                key.created_at.into(),
                key.revoked_at.into(),
            ],
        );
        let event = Event::new("signing_key_added", authority)
            .detail("kid", key.kid.as_str())
            .detail("algorithm", key.algorithm.name())
            .detail("generation", key.generation);
        [add, self.event(&event, key.created_at)]
    }
}
