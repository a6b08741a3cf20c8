//! A hand on the demo's own signing keys, for faults that need one.

use std::path::PathBuf;

use async_trait::async_trait;
use sayso_server::sealing::sealing_keys;
use sayso_server::signing_keys::{self, Revoked, Rotated};
use sayso_server::{Ambience, Server};
use sayso_simulator::{AuthorityKeys, KeyChange};
use sayso_store::Store;

use crate::config::Config;
use crate::installation::Installation;
use crate::master_key;

/// Whose keys they are, and what seals new ones.
pub(super) struct Owners {
    /// Ids and issuers of the authorities.
    issuers: Vec<(String, String)>,
    master_key: PathBuf,
}

impl Owners {
    pub(super) fn of(config: &Config) -> Self {
        let issuers = config.authorities.iter().map(|one| (one.id.clone(), one.issuer.clone())).collect();
        Self { issuers, master_key: config.server.master_key.clone() }
    }

    /// The authority whose login page this is: the one with the longest issuer above it.
    fn with_page(&self, authorization_url: &str) -> Option<&str> {
        let lies_below = |issuer: &str| {
            authorization_url.strip_prefix(issuer.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
        };
        let above = self.issuers.iter().filter(|(_, issuer)| lies_below(issuer));
        above.max_by_key(|(_, issuer)| issuer.len()).map(|(id, _)| id.as_str())
    }
}

/// The hand itself.
pub(super) struct Hand {
    owners: Owners,
    store: Store,
    server: Server,
    ambience: Ambience,
}

impl Hand {
    pub(super) fn new(owners: Owners, installation: &Installation, ambience: Ambience) -> Self {
        Self { owners, store: installation.store.clone(), server: installation.server.clone(), ambience }
    }

    async fn changed(&self, authority: &str, change: KeyChange<'_>) -> anyhow::Result<String> {
        let masters = master_key::read(&self.owners.master_key)?;
        let sealer = sealing_keys(&self.store, &masters, &self.ambience).await?.sealer(self.ambience.clock.now());
        let words = match change {
            KeyChange::Rotate => {
                let rotated = signing_keys::rotate_at_once(&self.store, authority, &sealer, &self.ambience).await?;
                rotated.iter().map(told_of_rotation).collect::<Vec<_>>().join(" ")
            }
            KeyChange::Revoke(kid) => {
                let which = (authority, kid);
                told_of_revocation(&signing_keys::revoke(&self.store, which, &sealer, &self.ambience).await?)
            }
        };
        self.server.catch_up().await?;
        Ok(words)
    }
}

#[async_trait]
impl AuthorityKeys for Hand {
    async fn change(&self, authorization_url: &str, change: KeyChange<'_>) -> Result<String, String> {
        let authority = self.owners.with_page(authorization_url).ok_or_else(|| {
            format!(
                "{authorization_url} is the login page of none of this demo's authorities, and there is no hand on the keys of others."
            )
        })?;
        self.changed(authority, change).await.map_err(|error| format!("the keys could not be changed: {error:#}."))
    }
}

fn told_of_rotation(rotated: &Rotated) -> String {
    let Rotated { next, signing, .. } = rotated;
    let before = signing.as_ref().map(|key| format!("; key {} stays published", key.kid)).unwrap_or_default();
    format!("The authority {} signs {} with key {} now{before}.", next.authority, next.algorithm, next.kid)
}

fn told_of_revocation(revoked: &Revoked) -> String {
    let Revoked { key, signing, .. } = revoked;
    let now = signing.as_ref().map(|key| format!("; key {} signs now", key.kid)).unwrap_or_default();
    format!("The authority {} publishes key {} no more{now}.", key.authority, key.kid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_page_belongs_to_the_nearest_issuer() {
        let issuer = |id: &str, issuer: &str| (id.to_owned(), issuer.to_owned());
        let issuers =
            vec![issuer("root", "http://127.0.0.1:4000"), issuer("quiz", "http://127.0.0.1:4000/oauth2/quiz")];
        let owners = Owners { issuers, master_key: PathBuf::new() };
        for (page, owner) in [
            ("http://127.0.0.1:4000/authorize", Some("root")),
            ("http://127.0.0.1:4000/oauth2/quiz/v1/authorize?x=1", Some("quiz")),
            ("http://127.0.0.1:4000/oauth2/quizzes/v1/authorize", Some("root")),
            ("http://127.0.0.1:40001/authorize", None),
            ("https://id.example/authorize", None),
        ] {
            assert_eq!(owners.with_page(page), owner, "{page}");
        }
    }
}
