//! What an account was linked with last: whoever changes it takes the links of people away, and is not told by anybody.

use sayso_alexa::account_linking::{AccountLinking, LinkingGrant};
use sayso_token::digest::Digest;
use serde::{Deserialize, Serialize};

/// What an account was linked with. Of the secret, a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkedWith {
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) secret: Option<Digest>,
    pub(crate) authorization_url: String,
    #[serde(default)]
    pub(crate) token_url: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    pub(crate) vendor_id: String,
    pub(crate) skill_id: String,
}

impl LinkedWith {
    pub(crate) fn of(linking: &AccountLinking, vendor_id: &str, skill_id: &str) -> Self {
        let (token_url, secret) = match &linking.grant {
            LinkingGrant::AuthorizationCode { access_token_url, client_secret, .. } => {
                (Some(access_token_url.clone()), client_secret.as_deref())
            }
            LinkingGrant::Implicit => (None, None),
        };
        Self {
            client_id: linking.client_id.clone(),
            secret: secret.map(|secret| Digest::of(format!("{}\n{secret}", linking.client_id).as_bytes())),
            authorization_url: linking.authorization_url.clone(),
            token_url,
            scopes: linking.scopes.clone(),
            vendor_id: vendor_id.to_owned(),
            skill_id: skill_id.to_owned(),
        }
    }
}
