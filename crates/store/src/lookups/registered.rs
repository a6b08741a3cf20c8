//! Clients that have registered themselves.

use sayso_authority::record::registration::RegisteredClient;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

const OF_AUTHORITY: &str = "SELECT authority, id, metadata, secret, token, version, created_at FROM registered_clients \
     WHERE authority = $1 ORDER BY id";
const ONE: &str = "SELECT authority, id, metadata, secret, token, version, created_at FROM registered_clients \
     WHERE authority = $1 AND id = $2";
const COUNT: &str = "SELECT COUNT(*) FROM registered_clients WHERE authority = $1";

impl Lookups {
    /// All clients that have registered themselves at the authority.
    ///
    /// # Errors
    /// What the database said.
    pub async fn registered_clients(&self, authority: &str) -> Result<Vec<RegisteredClient>, StoreError> {
        self.many(OF_AUTHORITY, &[authority.into()], read).await
    }

    /// The client of that id, if it has registered itself there.
    ///
    /// # Errors
    /// What the database said.
    pub async fn registered_client(&self, authority: &str, id: &str) -> Result<Option<RegisteredClient>, StoreError> {
        self.one(ONE, &[authority.into(), id.into()], read).await
    }

    /// How many have.
    ///
    /// # Errors
    /// What the database said.
    pub async fn count_registered_clients(&self, authority: &str) -> Result<i64, StoreError> {
        let count = self.one(COUNT, &[authority.into()], |mut row| row.int("COUNT(*)")).await?;
        Ok(count.unwrap_or(0))
    }
}

fn read(mut row: Row) -> Result<RegisteredClient, StoreError> {
    Ok(RegisteredClient {
        authority: row.text("registered_clients.authority")?,
        id: row.text("registered_clients.id")?,
        metadata: row.json("registered_clients.metadata")?,
        secret: row.optional_digest("registered_clients.secret")?,
        token: row.digest("registered_clients.token")?,
        version: row.int("registered_clients.version")?,
        created_at: row.time("registered_clients.created_at")?,
    })
}
