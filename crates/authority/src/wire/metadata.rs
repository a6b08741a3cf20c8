//! Authorization server metadata (RFC 8414, OpenID Connect Discovery): only true statements.

use std::collections::BTreeSet;

use sayso_token::algorithm::Algorithm;
use serde_json::{Value, json};

use super::answer::ResponseMode;
use crate::decide::access_token::PASSWORD_ACR;
use crate::decide::authorize::PROMPTS;
use crate::decide::standard_claims::CLAIMS_OF_SCOPES;
use crate::record::api::IDENTITY_SCOPES;
use crate::record::authority::{Authority, Layout};
use crate::record::claim::Carrier;
use crate::record::client::{ClientAuthentication, GrantType};

/// Where the endpoints of an authority are, relative to its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the endpoints' own")]
pub struct Endpoints {
    pub authorization: &'static str,
    pub pushed_requests: &'static str,
    pub token: &'static str,
    pub introspection: &'static str,
    pub revocation: &'static str,
    pub userinfo: &'static str,
    pub jwks: &'static str,
    pub end_session: &'static str,
    pub registration: &'static str,
}

impl Layout {
    /// The vendor's addresses.
    pub const fn endpoints(self) -> Endpoints {
        match self {
            Self::Auth0 => Endpoints {
                authorization: "/authorize",
                pushed_requests: "/oauth/par",
                token: "/oauth/token",
                introspection: "/oauth/introspect",
                revocation: "/oauth/revoke",
                userinfo: "/userinfo",
                jwks: "/.well-known/jwks.json",
                end_session: "/oidc/logout",
                registration: "/oidc/register",
            },
            Self::Okta => Endpoints {
                authorization: "/v1/authorize",
                pushed_requests: "/v1/par",
                token: "/v1/token",
                introspection: "/v1/introspect",
                revocation: "/v1/revoke",
                userinfo: "/v1/userinfo",
                jwks: "/v1/keys",
                end_session: "/v1/logout",
                registration: "/v1/clients",
            },
        }
    }
}

/// The metadata document of an authority, the same at both well-known addresses; `languages` are those of
/// its pages.
pub fn metadata(authority: &Authority, languages: &[String]) -> Value {
    let at = authority.layout.endpoints();
    let url = |path: &str| format!("{}{path}", authority.issuer);
    let clients = || authority.clients.iter().filter(|client| !client.disabled);
    let mut grants: BTreeSet<_> = clients().flat_map(|client| &client.grants).map(|grant| grant.name()).collect();
    let mut methods: BTreeSet<_> = clients().flat_map(|client| methods(client.authentication)).copied().collect();
    if authority.registration.is_some() {
        grants.extend([GrantType::AuthorizationCode.name(), GrantType::RefreshToken.name()]);
        methods.extend(["client_secret_basic", "client_secret_post", "none", "private_key_jwt"]);
    }
    let confidential: BTreeSet<_> = methods.iter().filter(|method| **method != "none").collect();
    let mut scopes: BTreeSet<&str> =
        authority.apis.iter().flat_map(|api| &api.scopes).map(|s| s.name.as_str()).collect();
    if grants.contains(GrantType::AuthorizationCode.name()) {
        scopes.extend(IDENTITY_SCOPES);
    }
    let mut claims: BTreeSet<&str> = TOKEN_CLAIMS.into();
    claims.extend(CLAIMS_OF_SCOPES.iter().flat_map(|(_, claims)| *claims));
    let of_identity = |carrier: &Carrier| Carrier::OF_IDENTITY.contains(carrier);
    let custom = authority.claims.iter().filter(|claim| claim.carriers.iter().any(of_identity));
    claims.extend(custom.map(|claim| claim.name.as_str()));
    let named = |algorithms: BTreeSet<Algorithm>| algorithms.iter().map(|alg| alg.name()).collect::<Vec<_>>();
    let userinfo = named(authority.userinfo_algorithms());
    let assertions = clients().filter_map(|client| client.assertion.as_ref());
    let mut assertions: BTreeSet<Algorithm> = assertions.flat_map(|rule| &rule.algorithms).copied().collect();
    if authority.registration.is_some() {
        assertions.extend(Algorithm::ALL);
    }
    let mut document = json!({
        "issuer": authority.issuer,
        "authorization_endpoint": url(at.authorization),
        "pushed_authorization_request_endpoint": url(at.pushed_requests),
        "require_pushed_authorization_requests": false,
        "token_endpoint": url(at.token),
        "introspection_endpoint": url(at.introspection),
        "revocation_endpoint": url(at.revocation),
        "userinfo_endpoint": url(at.userinfo),
        "jwks_uri": url(at.jwks),
        "end_session_endpoint": url(at.end_session),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::name),
        "grant_types_supported": grants,
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": named(authority.id_token_algorithms()),
        "access_token_signing_alg_values_supported": named(authority.access_token_algorithms()),
        "scopes_supported": scopes,
        "claims_supported": claims,
        "ui_locales_supported": languages,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "prompt_values_supported": PROMPTS,
        "acr_values_supported": [PASSWORD_ACR],
        "display_values_supported": ["page", "popup", "touch"],
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": confidential,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    if let Some(document) = document.as_object_mut().filter(|_| !userinfo.is_empty()) {
        document.insert("userinfo_signing_alg_values_supported".into(), json!(userinfo));
    }
    // RFC 8414 section 2: wherever private_key_jwt is offered, so are its algorithms.
    if let Some(document) = document.as_object_mut().filter(|_| methods.contains("private_key_jwt")) {
        for endpoint in ["token", "introspection", "revocation"] {
            let name = format!("{endpoint}_endpoint_auth_signing_alg_values_supported");
            document.insert(name, json!(named(assertions.clone())));
        }
    }
    // RFC 9728 section 4: the APIs that are reached at an address, as MCP clients look for them.
    let resources: Vec<_> =
        authority.apis.iter().map(|api| &api.audience).filter(|name| name.starts_with("https://")).collect();
    if let Some(document) = document.as_object_mut().filter(|_| !resources.is_empty()) {
        document.insert("protected_resources".into(), json!(resources));
    }
    if let Some(document) = document.as_object_mut().filter(|_| authority.registration.is_some()) {
        document.insert("registration_endpoint".into(), json!(url(at.registration)));
    }
    document
}

/// What tokens say of themselves and of the sign-in, in ID tokens.
const TOKEN_CLAIMS: [&str; 11] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];

fn methods(authentication: ClientAuthentication) -> &'static [&'static str] {
    match authentication {
        ClientAuthentication::Secret => &["client_secret_basic", "client_secret_post"],
        ClientAuthentication::SecretBasic => &["client_secret_basic"],
        ClientAuthentication::SecretPost => &["client_secret_post"],
        ClientAuthentication::None => &["none"],
        ClientAuthentication::PrivateKeyJwt => &["private_key_jwt"],
    }
}

#[cfg(test)]
mod tests;
