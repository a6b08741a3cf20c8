//! Authorization server metadata (RFC 8414, OpenID Connect Discovery): only true statements.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::record::api::IDENTITY_SCOPES;
use crate::record::authority::{Authority, Layout};
use crate::record::claim::Carrier;
use crate::record::client::{ClientAuthentication, GrantType};

/// Where the endpoints of an authority are, relative to its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the endpoints' own")]
pub struct Endpoints {
    pub authorization: &'static str,
    pub token: &'static str,
    pub introspection: &'static str,
    pub revocation: &'static str,
    pub userinfo: &'static str,
    pub jwks: &'static str,
}

impl Layout {
    /// The vendor's addresses.
    pub const fn endpoints(self) -> Endpoints {
        match self {
            Self::Auth0 => Endpoints {
                authorization: "/authorize",
                token: "/oauth/token",
                introspection: "/oauth/introspect",
                revocation: "/oauth/revoke",
                userinfo: "/userinfo",
                jwks: "/.well-known/jwks.json",
            },
            Self::Okta => Endpoints {
                authorization: "/v1/authorize",
                token: "/v1/token",
                introspection: "/v1/introspect",
                revocation: "/v1/revoke",
                userinfo: "/v1/userinfo",
                jwks: "/v1/keys",
            },
        }
    }
}

/// The metadata document of an authority, the same at both well-known addresses.
pub fn metadata(authority: &Authority) -> Value {
    let at = authority.layout.endpoints();
    let url = |path: &str| format!("{}{path}", authority.issuer);
    let clients = || authority.clients.iter().filter(|client| !client.disabled);
    let grants: BTreeSet<_> = clients().flat_map(|client| &client.grants).map(|grant| grant.name()).collect();
    let methods: BTreeSet<_> = clients().flat_map(|client| methods(client.authentication)).copied().collect();
    let confidential: BTreeSet<_> = methods.iter().filter(|method| **method != "none").collect();
    let mut scopes: BTreeSet<&str> =
        authority.apis.iter().flat_map(|api| &api.scopes).map(|s| s.name.as_str()).collect();
    if grants.contains(GrantType::AuthorizationCode.name()) {
        scopes.extend(IDENTITY_SCOPES);
    }
    let mut claims: BTreeSet<&str> = [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "email",
    ]
    .into();
    let of_identity = |carrier: &Carrier| Carrier::OF_IDENTITY.contains(carrier);
    let custom = authority.claims.iter().filter(|claim| claim.carriers.iter().any(of_identity));
    claims.extend(custom.map(|claim| claim.name.as_str()));
    let algorithms: BTreeSet<_> = authority.apis.iter().map(|api| api.algorithm.name()).collect();
    json!({
        "issuer": authority.issuer,
        "authorization_endpoint": url(at.authorization),
        "token_endpoint": url(at.token),
        "introspection_endpoint": url(at.introspection),
        "revocation_endpoint": url(at.revocation),
        "userinfo_endpoint": url(at.userinfo),
        "jwks_uri": url(at.jwks),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "access_token_signing_alg_values_supported": algorithms,
        "scopes_supported": scopes,
        "claims_supported": claims,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "prompt_values_supported": ["none", "login", "consent"],
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": confidential,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn methods(authentication: ClientAuthentication) -> &'static [&'static str] {
    match authentication {
        ClientAuthentication::Secret => &["client_secret_basic", "client_secret_post"],
        ClientAuthentication::SecretBasic => &["client_secret_basic"],
        ClientAuthentication::SecretPost => &["client_secret_post"],
        ClientAuthentication::None => &["none"],
    }
}

#[cfg(test)]
mod tests;
