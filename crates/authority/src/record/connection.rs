//! A connection: a provider elsewhere, at which people sign in for an account here.

use serde::{Deserialize, Serialize};

/// How this server proves to a provider that it is the client the provider knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionAuthentication {
    /// By its secret in the header (`client_secret_basic`).
    #[default]
    SecretBasic,
    /// By its secret in the form (`client_secret_post`).
    SecretPost,
    /// Not at all: PKCE alone ties the code to whoever asked for it.
    None,
}

/// A provider that speaks OpenID Connect, of which this server is a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// The short name, part of the addresses that the provider calls back. No other connection of the installation has it.
    pub id: String,
    /// What people call the provider.
    pub name: String,
    /// Its issuer identifier, letter for letter as its tokens say it.
    pub issuer: String,
    /// What it knows this server by.
    pub client_id: String,
    /// How this server proves to be that. The secret is each node's own (`connection_secrets`), never in here.
    pub authentication: ConnectionAuthentication,
    /// What is asked for: `openid`, and more, such as `email`.
    pub scopes: Vec<String>,
    /// Whose e-mail address, verified by the provider, is in one of these domains may come in. Empty: everybody may whom the
    /// provider knows. In lower case, as A-labels.
    pub email_domains: Vec<String>,
    /// Whether who is not known yet gets an account. Otherwise only those come in who connected theirs before.
    pub sign_up: bool,
}
