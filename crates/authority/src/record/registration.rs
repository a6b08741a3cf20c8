//! Clients that have registered themselves (RFC 7591), and how they may.

use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::authority::Authority;
use super::authorization_rule::{AuthorizationRule, SubjectType};
use super::client::{
    AssertionAudience, AssertionRule, Client, ClientAuthentication, ClientKeys, ConsentMemory, GrantType, RefreshRule,
    Rotation, host_of,
};
use super::logout_rule::LogoutRule;

/// How the id of a client begins that registered itself: no client of a configuration is named so.
pub const REGISTERED: &str = "dyn_";
/// How many may register at an authority, unless it says otherwise.
pub const MOST_REGISTERED: u32 = 500;
/// How long a used refresh token is answered again.
const OVERLAP: Lifetime = Lifetime::from_seconds(60);

/// How clients may register themselves at an authority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Digests of the initial access tokens of which one is needed; `None`: anyone may register.
    pub token_secrets: Option<Vec<Digest>>,
    /// The scopes that registered clients may be granted.
    pub scopes: Vec<String>,
    /// How many there may be.
    pub most: u32,
}

/// What a client has registered, in the names of RFC 7591 section 2 and OpenID Connect Dynamic Client Registration
/// section 2. As it is kept, and as the client hears it back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names are the registered ones")]
pub struct ClientMetadata {
    pub redirect_uris: Vec<String>,
    pub token_endpoint_auth_method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<Algorithm>,
    pub grant_types: Vec<String>,
    pub response_types: Vec<String>,
    pub application_type: String,
    pub scope: String,
    pub subject_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    pub id_token_signed_response_alg: Option<Algorithm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    pub require_auth_time: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_pushed_authorization_requests: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub backchannel_logout_session_required: bool,
}

/// A client that registered itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisteredClient {
    /// The authority at which it did.
    pub authority: String,
    /// `client_id`.
    pub id: String,
    /// What it registered.
    pub metadata: ClientMetadata,
    /// The digest of its secret, if it has one.
    pub secret: Option<Digest>,
    /// The digest of its registration access token.
    pub token: Digest,
    /// Counts the changes of its registration, from 0.
    pub version: i64,
    /// When it registered.
    pub created_at: Timestamp,
}

impl RegisteredClient {
    /// The client that the registration describes, as the authority is configured now.
    pub fn client(&self, rule: &Registration) -> Client {
        let metadata = &self.metadata;
        let authentication = match metadata.token_endpoint_auth_method.as_str() {
            "client_secret_post" => ClientAuthentication::SecretPost,
            "private_key_jwt" => ClientAuthentication::PrivateKeyJwt,
            "none" => ClientAuthentication::None,
            _ => ClientAuthentication::SecretBasic,
        };
        let scopes = metadata.scope.split(' ').filter(|scope| rule.scopes.iter().any(|allowed| allowed == scope));
        let public = authentication == ClientAuthentication::None;
        Client {
            id: self.id.clone(),
            name: metadata.client_name.clone().unwrap_or_else(|| self.id.clone()),
            authentication,
            secrets: self.secret.into_iter().collect(),
            redirect_uris: metadata.redirect_uris.clone(),
            native: metadata.application_type == "native",
            grants: metadata.grant_types.iter().filter_map(|name| GrantType::named(name)).collect(),
            scopes: scopes.map(str::to_owned).collect(),
            pkce_required: public,
            // Whoever has no secret shows with each refresh token only that it was not used before.
            refresh: RefreshRule {
                rotation: if public { Rotation::Strict } else { Rotation::SameSuccessor },
                overlap: OVERLAP,
                idle: None,
            },
            introspects: Vec::new(),
            logout: LogoutRule {
                post_logout_redirect_uris: metadata.post_logout_redirect_uris.clone(),
                backchannel_logout_uri: metadata.backchannel_logout_uri.clone(),
                backchannel_logout_session_required: metadata.backchannel_logout_session_required,
            },
            disabled: false,
            id_token_algorithm: metadata.id_token_signed_response_alg.unwrap_or(Algorithm::Rs256),
            userinfo_algorithm: metadata.userinfo_signed_response_alg,
            token_profile: None,
            token_lifetime: None,
            assertion: self.assertion(),
            default_max_age: metadata.default_max_age,
            authorization: self.authorization(),
            // What a person has allowed it, it may have again; a client without a secret is asked about each time.
            consent: ConsentMemory::Remembered,
        }
    }

    fn authorization(&self) -> AuthorizationRule {
        let metadata = &self.metadata;
        let is_pairwise = metadata.subject_type == "pairwise";
        AuthorizationRule {
            pushed_only: metadata.require_pushed_authorization_requests,
            subject_type: if is_pairwise { SubjectType::Pairwise } else { SubjectType::Public },
            sector_identifier: metadata.sector_identifier_uri.as_deref().and_then(host_of).map(str::to_owned),
            // Whoever registers must not get a link onto everyone's account page.
            initiate_login_uri: None,
            target_link_uri: None,
            policy_uri: metadata.policy_uri.clone(),
            tos_uri: metadata.tos_uri.clone(),
        }
    }

    fn assertion(&self) -> Option<AssertionRule> {
        let metadata = &self.metadata;
        let keys = match (&metadata.jwks, &metadata.jwks_uri) {
            (Some(set), _) => ClientKeys::Inline(set.clone()),
            (None, Some(uri)) => ClientKeys::At(uri.clone()),
            (None, None) => return None,
        };
        // OpenID Connect Dynamic Client Registration section 2: left out, any algorithm that is supported will do.
        let algorithms = metadata.token_endpoint_auth_signing_alg.map_or(Algorithm::ALL.to_vec(), |one| vec![one]);
        Some(AssertionRule { keys, algorithms, audience: AssertionAudience::IssuerOrTokenEndpoint })
    }
}

impl Client {
    /// Whether it registered itself: nobody here has looked at what it says of itself.
    pub fn registered_itself(&self) -> bool {
        self.id.starts_with(REGISTERED)
    }
}

impl Authority {
    /// Takes in those of its registered clients that are still welcome.
    pub fn admit(&mut self, registered: &[RegisteredClient]) {
        let Some(rule) = &self.registration else { return };
        self.clients.extend(registered.iter().map(|one| one.client(rule)));
    }
}
