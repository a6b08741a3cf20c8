//! A hand on the signing keys of an authorization server, where the simulator has one: `sayso dev` runs both in one process.

use std::sync::Arc;

use async_trait::async_trait;
use sayso_token::jws;
use serde_json::Value;

use crate::faults::Fault;
use crate::linking::published_keys;
use crate::linking::refresh::Wanted;
use crate::simulator::{Inner, Simulator};

/// What is done to signing keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange<'a> {
    /// Another key signs at once; the one before stays published.
    Rotate,
    /// The key of this id is published no more; another signs.
    Revoke(&'a str),
}

/// Changes the signing keys of authorization servers.
#[async_trait]
pub trait AuthorityKeys: Send + Sync {
    /// Changes the keys of the server that has this login page. What was done, as a sentence.
    ///
    /// # Errors
    /// Why nothing was done, as a sentence that goes on after a colon.
    async fn change(&self, authorization_url: &str, change: KeyChange<'_>) -> Result<String, String>;
}

/// What was done to the keys.
pub(crate) struct KeysChanged {
    /// In a sentence.
    pub(crate) words: String,
    /// Whether a key that must stay published is gone.
    pub(crate) is_lost: bool,
}

impl Simulator {
    /// Gives the simulator a hand on the keys of authorization servers. The first counts.
    pub fn lend_keys(&self, keys: Arc<dyn AuthorityKeys>) {
        let _lent = self.inner.authority_keys.set(keys);
    }
}

impl Inner {
    /// Changes the keys that signed the access token which is wanted.
    ///
    /// # Errors
    /// Why they cannot be changed, as a sentence that goes on after a colon.
    pub(crate) async fn change_keys(&self, wanted: Wanted<'_>) -> Result<KeysChanged, String> {
        let (Some(linking), Some(link)) = (&wanted.skill.linking, self.link_of(wanted)) else {
            return Err("no account is linked, so there is no token that a key has signed. Link first.".into());
        };
        let Some(token) = jws::parse(link.access_token.expose()) else {
            return Err("the access token is no JWT, so no published key has signed it.".into());
        };
        let Some(keys) = self.authority_keys.get() else {
            return Err(format!(
                "nobody here has a hand on the signing keys of {}; `sayso dev` has, on those of its own authorities. Rotate them there (sayso keys rotate, or the provider's console), move the clock past the token's end, and say this again.",
                origin(&linking.authorization_url)
            ));
        };
        let kid = token.header.get("kid").and_then(Value::as_str);
        let change = match (wanted.fault, kid) {
            (Some(Fault::AuthorityKeysRevoked), Some(kid)) => KeyChange::Revoke(kid),
            (Some(Fault::AuthorityKeysRevoked), None) => {
                return Err("the access token does not say which key signed it (kid).".into());
            }
            _ => KeyChange::Rotate,
        };
        let words = keys.change(&linking.authorization_url, change).await?;
        // Tokens that are about have to stay good when keys are rotated.
        let is_lost = change == KeyChange::Rotate
            && published_keys::verifies(self, wanted.skill, &link).await.is_ok_and(|is_good| !is_good);
        Ok(KeysChanged { words, is_lost })
    }
}

fn origin(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization())
}
