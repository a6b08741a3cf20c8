//! Clients that have registered themselves. Nodes keep them in memory, so each change is news.

use sayso_authority::record::event::Event;
use sayso_authority::record::registration::RegisteredClient;
use sayso_token::time::Timestamp;

use crate::backend::{Statement, Value, Written};
use crate::{Store, StoreError, news};

const ADD: &str = "INSERT INTO registered_clients (authority, id, metadata, secret, token, version, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id";
const REPLACE: &str = "UPDATE registered_clients SET metadata = $3, secret = $4, version = $5 \
     WHERE authority = $1 AND id = $2 AND version = $6 RETURNING id";
const REMOVE: &str = "DELETE FROM registered_clients WHERE authority = $1 AND id = $2 RETURNING id";

impl Store {
    /// Adds a client, with its audit event; `false` if its id is taken.
    ///
    /// # Errors
    /// What the database said.
    pub async fn add_registered_client(&self, client: &RegisteredClient) -> Result<bool, StoreError> {
        let row = [
            (&client.authority).into(),
            (&client.id).into(),
            Value::json(&client.metadata),
            client.secret.as_ref().map_or(Value::Null, Value::from),
            (&client.token).into(),
            client.version.into(),
            client.created_at.into(),
        ];
        self.keep_client(Statement::guarded(ADD, row), ("client_registered", client), client.created_at).await
    }

    /// Replaces a client's registration, with its audit event; `false` if it was changed or removed meanwhile.
    ///
    /// # Errors
    /// What the database said.
    pub async fn replace_registered_client(
        &self,
        client: &RegisteredClient,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = [
            (&client.authority).into(),
            (&client.id).into(),
            Value::json(&client.metadata),
            client.secret.as_ref().map_or(Value::Null, Value::from),
            client.version.into(),
            (client.version - 1).into(),
        ];
        self.keep_client(Statement::guarded(REPLACE, row), ("client_changed", client), now).await
    }

    /// Removes a client, with its audit event; `false` if it was removed before. Its links stay, and open nothing.
    ///
    /// # Errors
    /// What the database said.
    pub async fn remove_registered_client(
        &self,
        client: &RegisteredClient,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = [(&client.authority).into(), (&client.id).into()];
        self.keep_client(Statement::guarded(REMOVE, row), ("client_removed", client), now).await
    }

    async fn keep_client(
        &self,
        statement: Statement,
        (kind, client): (&'static str, &RegisteredClient),
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let event = Event::new(kind, &client.authority).client(&client.id);
        let batch = vec![statement, self.event(&event, at), news::bump()];
        Ok(matches!(self.write(batch).await?, Written::Kept(_)))
    }
}
