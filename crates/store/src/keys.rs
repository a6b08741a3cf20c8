//! Signing keys, sealed.

use sayso_token::algorithm::Algorithm;
use sayso_token::time::Timestamp;

use crate::backend::{Statement, Written};
use crate::{Store, StoreError, news};

const ADD: &str = "INSERT INTO signing_keys (authority, kid, algorithm, generation, sealed, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING kid";

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
}

impl Store {
    /// Adds a key. Of two starts that both make the first key of an authority and algorithm (or the next generation)
    /// one wins: `false` means that another key has taken the place, so load the keys again.
    pub async fn add_signing_key(&self, authority: &str, key: &StoredKey) -> Result<bool, StoreError> {
        let add = Statement::guarded(
            ADD,
            [
                authority.into(),
                (&key.kid).into(),
                key.algorithm.name().into(),
                key.generation.into(),
                (&key.sealed).into(),
                key.created_at.into(),
            ],
        );
        Ok(matches!(self.write(vec![add, news::bump()]).await?, Written::Kept(_)))
    }
}
