//! Client metadata as it is sent for registration (RFC 7591 section 2, OpenID Connect Dynamic Client Registration section
//! 2): read strictly, filled in with the defaults, or refused in words. What is not known is ignored, as RFC 7591 asks;
//! what is known and would change the client's safety if it were ignored is refused.

mod members;

use sayso_token::jwk::JwkSet;
use sayso_token::scope::{parse_scope, print_scope};
use serde_json::{Map, Value};

use super::error::ErrorCode;
use crate::record::client::host_of;
use crate::record::registration::{ClientMetadata, Registration};
use members::Members;

/// Redirect URIs of one client at most.
const MOST_URIS: usize = 20;

/// Why metadata are refused, with a sentence for the client's developer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadMetadata {
    /// The code on the wire: one of RFC 7591 section 3.2.2.
    pub error: ErrorCode,
    /// What is wrong, and what to do.
    pub description: String,
}

impl BadMetadata {
    fn new(description: impl Into<String>) -> Self {
        Self { error: ErrorCode::InvalidClientMetadata, description: description.into() }
    }

    fn redirect(description: impl Into<String>) -> Self {
        Self { error: ErrorCode::InvalidRedirectUri, description: description.into() }
    }
}

/// What is known and not offered: to ignore it would leave the client less safe than it believes to be.
const REFUSED: [&str; 10] = [
    "authorization_encrypted_response_alg",
    "authorization_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_signed_response_alg",
    "tls_client_auth_san_dns",
    "tls_client_auth_subject_dn",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
];
/// The same, but fine when they are false.
const REFUSED_UNLESS_FALSE: [&str; 3] =
    ["dpop_bound_access_tokens", "require_signed_request_object", "tls_client_certificate_bound_access_tokens"];

/// Reads the metadata of a registration; `members` is the body, a strict JSON object.
pub fn parse(members: &Map<String, Value>, rule: &Registration) -> Result<ClientMetadata, BadMetadata> {
    if members.contains_key("software_statement") {
        let description = "software statements are not accepted here; send the metadata themselves";
        return Err(BadMetadata { error: ErrorCode::InvalidSoftwareStatement, description: description.to_owned() });
    }
    for name in REFUSED {
        if members.get(name).is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new())) {
            return Err(BadMetadata::new(format!("{name} is not supported; leave it out")));
        }
    }
    for name in REFUSED_UNLESS_FALSE {
        if members.get(name).is_some_and(|value| !value.is_null() && *value != Value::Bool(false)) {
            return Err(BadMetadata::new(format!("{name} is not supported; leave it out")));
        }
    }
    let members = Members(members);
    let mut metadata = ClientMetadata {
        application_type: members.one_of("application_type", &["web", "native"])?.to_owned(),
        subject_type: members.one_of("subject_type", &["public", "pairwise"])?.to_owned(),
        sector_identifier_uri: members.https("sector_identifier_uri")?,
        id_token_signed_response_alg: Some(
            members.algorithm("id_token_signed_response_alg")?.unwrap_or(sayso_token::algorithm::Algorithm::Rs256),
        ),
        userinfo_signed_response_alg: members.algorithm("userinfo_signed_response_alg")?,
        client_name: members.text("client_name", 100)?,
        contacts: members.texts("contacts", 10)?.unwrap_or_default(),
        client_uri: members.https("client_uri")?,
        logo_uri: members.https("logo_uri")?,
        policy_uri: members.https("policy_uri")?,
        tos_uri: members.https("tos_uri")?,
        jwks_uri: members.https("jwks_uri")?,
        software_id: members.text("software_id", 200)?,
        software_version: members.text("software_version", 200)?,
        default_max_age: members.number("default_max_age")?,
        require_auth_time: members.flag("require_auth_time")?,
        require_pushed_authorization_requests: members.flag("require_pushed_authorization_requests")?,
        initiate_login_uri: members.https("initiate_login_uri")?,
        backchannel_logout_uri: members.https("backchannel_logout_uri")?,
        backchannel_logout_session_required: members.flag("backchannel_logout_session_required")?,
        ..ClientMetadata::default()
    };
    grants(&members, rule, &mut metadata)?;
    authentication(&members, &mut metadata)?;
    redirects(&members, &mut metadata)?;
    sector(&metadata)?;
    metadata.scope = scope(&members, rule)?;
    Ok(metadata)
}

/// Grants and response types must fit together (RFC 7591 section 2.1).
fn grants(members: &Members<'_>, rule: &Registration, metadata: &mut ClientMetadata) -> Result<(), BadMetadata> {
    let grants = members.texts("grant_types", 10)?.unwrap_or_else(|| vec!["authorization_code".to_owned()]);
    let known = ["authorization_code", "refresh_token", "client_credentials"];
    if let Some(other) = grants.iter().find(|grant| !known.contains(&grant.as_str())) {
        return Err(BadMetadata::new(format!(
            "the grant type {other} is not offered; choose among {}",
            known.join(", ")
        )));
    }
    let has = |name: &str| grants.iter().any(|grant| grant == name);
    let code = has("authorization_code");
    let types = members.texts("response_types", 10)?;
    let types = types.unwrap_or_else(|| if code { vec!["code".to_owned()] } else { Vec::new() });
    if types.iter().any(|one| one != "code") {
        return Err(BadMetadata::new("the only response type offered is code"));
    }
    if types.is_empty() == code {
        return Err(BadMetadata::new("the response type code and the grant type authorization_code belong together"));
    }
    if grants.is_empty() {
        return Err(BadMetadata::new("grant_types must name one grant at least"));
    }
    if has("refresh_token") && !code {
        return Err(BadMetadata::new("refresh_token needs the grant type authorization_code beside it"));
    }
    // A token without a person, for whoever asks: not without somebody who has vouched for the client.
    if has("client_credentials") && rule.token_secrets.is_none() {
        return Err(BadMetadata::new("client_credentials is not offered to clients that register without a token"));
    }
    (metadata.grant_types, metadata.response_types) = (grants, types);
    Ok(())
}

fn authentication(members: &Members<'_>, metadata: &mut ClientMetadata) -> Result<(), BadMetadata> {
    let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let method = members.one_of("token_endpoint_auth_method", &methods)?;
    let signed = method == "private_key_jwt";
    method.clone_into(&mut metadata.token_endpoint_auth_method);
    metadata.token_endpoint_auth_signing_alg = members.algorithm("token_endpoint_auth_signing_alg")?.filter(|_| signed);
    if let Some(set) = members.0.get("jwks").filter(|set| !set.is_null()) {
        if metadata.jwks_uri.is_some() {
            return Err(BadMetadata::new("send jwks or jwks_uri, not both"));
        }
        let read = JwkSet::parse(set.to_string().as_bytes()).ok();
        if read.is_none_or(|read| read.is_empty() && signed) {
            return Err(BadMetadata::new("jwks must be a JSON Web Key Set with a public key that can be used"));
        }
        let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
        if keys.filter_map(Value::as_object).any(|jwk| jwk.contains_key("d") || jwk.contains_key("k")) {
            return Err(BadMetadata::new("jwks must hold public keys only"));
        }
        metadata.jwks = Some(set.clone());
    }
    if signed && metadata.jwks.is_none() && metadata.jwks_uri.is_none() {
        return Err(BadMetadata::new("private_key_jwt needs jwks or jwks_uri"));
    }
    if method == "none" && metadata.grant_types.iter().any(|grant| grant == "client_credentials") {
        return Err(BadMetadata::new("client_credentials needs a client that can prove itself"));
    }
    Ok(())
}

fn redirects(members: &Members<'_>, metadata: &mut ClientMetadata) -> Result<(), BadMetadata> {
    let uris = members.texts("redirect_uris", MOST_URIS).map_err(|bad| BadMetadata::redirect(bad.description))?;
    metadata.redirect_uris = uris.unwrap_or_default();
    if metadata.redirect_uris.is_empty() && !metadata.response_types.is_empty() {
        return Err(BadMetadata::redirect("authorization_code needs a redirect URI"));
    }
    for uri in &metadata.redirect_uris {
        members::redirect_uri(uri).map_err(BadMetadata::redirect)?;
    }
    metadata.post_logout_redirect_uris = members.texts("post_logout_redirect_uris", MOST_URIS)?.unwrap_or_default();
    for uri in &metadata.post_logout_redirect_uris {
        members::redirect_uri(uri).map_err(BadMetadata::new)?;
    }
    Ok(())
}

/// OpenID Connect Core section 8.1: pairwise subjects need one sector, and several hosts are none by themselves.
fn sector(metadata: &ClientMetadata) -> Result<(), BadMetadata> {
    if metadata.subject_type != "pairwise" || metadata.sector_identifier_uri.is_some() {
        return Ok(());
    }
    let mut hosts = metadata.redirect_uris.iter().map(|uri| host_of(uri));
    let first = hosts.next().flatten();
    if first.is_some() && hosts.all(|host| host == first) {
        return Ok(());
    }
    Err(BadMetadata::new("pairwise subjects need redirect URIs of one host, or a sector_identifier_uri"))
}

fn scope(members: &Members<'_>, rule: &Registration) -> Result<String, BadMetadata> {
    let Some(text) = members.text("scope", 2000)? else { return Ok(print_scope(&rule.scopes)) };
    let scopes = parse_scope(&text).ok_or_else(|| BadMetadata::new("scope is a list of names, parted by blanks"))?;
    match scopes.iter().find(|scope| !rule.scopes.contains(scope)) {
        Some(other) => Err(BadMetadata::new(format!("registered clients may not be granted the scope {other}"))),
        None => Ok(print_scope(&scopes)),
    }
}

#[cfg(test)]
mod tests;
