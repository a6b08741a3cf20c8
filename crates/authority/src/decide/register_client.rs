//! May this client register, and as what? (RFC 7591; RFC 7592 for its changes and its end)
//!
//! A sector identifier has to be fetched in between: [`sector_to_fetch`] says which, [`check_sector`] is handed what was
//! there.

use sayso_token::digest::Digest;
use sayso_token::encoding::base64url;
use sayso_token::secret::Secret;
use serde_json::{Map, Value, json};

use crate::ambient::Ambient;
use crate::record::authority::Authority;
use crate::record::registration::{ClientMetadata, REGISTERED, RegisteredClient, Registration};
use crate::wire::client_metadata::BadMetadata;
use crate::wire::error::ErrorCode;

/// What a client is told once: the bearer values that are kept as digests only.
#[derive(Debug)]
pub struct Told {
    /// Its new secret, if it got one.
    pub secret: Option<Secret>,
    /// Its registration access token.
    pub token: Secret,
}

/// Whether an initial access token allows to register; every one is compared, in constant time.
pub fn may_register(rule: &Registration, shown: Option<&Secret>) -> bool {
    let Some(tokens) = &rule.token_secrets else { return true };
    let Some(shown) = shown.map(|shown| Digest::of(shown.expose().as_bytes())) else { return false };
    tokens.iter().fold(false, |found, known| known.matches(&shown) | found)
}

/// Registers a client with these metadata.
pub fn register(
    authority: &Authority,
    metadata: ClientMetadata,
    ambient: &mut Ambient<'_>,
) -> (RegisteredClient, Told) {
    let secret = needs_secret(&metadata).then(|| Secret::new(ambient.entropy.token()));
    let token = Secret::new(ambient.entropy.token());
    let digest = |secret: &Secret| Digest::of(secret.expose().as_bytes());
    let client = RegisteredClient {
        authority: authority.id.clone(),
        id: format!("{REGISTERED}{}", base64url(&ambient.entropy.bytes::<16>())),
        metadata,
        secret: secret.as_ref().map(digest),
        token: digest(&token),
        version: 0,
        created_at: ambient.now,
    };
    (client, Told { secret, token })
}

/// Replaces a client's registration. It keeps its id, its registration access token and, if it still needs one, its
/// secret.
pub fn replace(
    client: &RegisteredClient,
    metadata: ClientMetadata,
    ambient: &mut Ambient<'_>,
) -> (RegisteredClient, Option<Secret>) {
    let fresh = (needs_secret(&metadata) && client.secret.is_none()).then(|| Secret::new(ambient.entropy.token()));
    let kept = client.secret.filter(|_| needs_secret(&metadata));
    let secret = fresh.as_ref().map(|secret| Digest::of(secret.expose().as_bytes())).or(kept);
    (RegisteredClient { metadata, secret, version: client.version + 1, ..client.clone() }, fresh)
}

/// RFC 7592 section 2.2: the body of a replacement names its client, and nothing that only the server decides.
pub fn may_replace(client: &RegisteredClient, members: &Map<String, Value>) -> Result<(), BadMetadata> {
    let refuse =
        |description: &str| Err(BadMetadata { error: ErrorCode::InvalidRequest, description: description.to_owned() });
    if members.get("client_id").and_then(Value::as_str) != Some(&client.id) {
        return refuse("client_id must name the client whose registration is replaced");
    }
    let servers =
        ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];
    if servers.iter().any(|name| members.contains_key(*name)) {
        return refuse("leave out what only the server decides: token, address and times of the registration");
    }
    if let Some(shown) = members.get("client_secret") {
        let shown = shown.as_str().map(|shown| Digest::of(shown.as_bytes()));
        let known = shown.zip(client.secret).is_some_and(|(shown, known)| known.matches(&shown));
        if !known {
            return refuse("client_secret must be the one the client has; it cannot be chosen");
        }
    }
    Ok(())
}

fn needs_secret(metadata: &ClientMetadata) -> bool {
    matches!(metadata.token_endpoint_auth_method.as_str(), "client_secret_basic" | "client_secret_post")
}

/// The sector identifier that has to be fetched before the client may be registered.
pub fn sector_to_fetch(metadata: &ClientMetadata) -> Option<&str> {
    metadata.sector_identifier_uri.as_deref()
}

/// OpenID Connect Dynamic Client Registration section 5: the document is a list that holds every redirect URI.
pub fn check_sector(metadata: &ClientMetadata, document: Option<&[u8]>) -> Result<(), BadMetadata> {
    let refuse = |description: &str| {
        Err(BadMetadata { error: ErrorCode::InvalidClientMetadata, description: description.to_owned() })
    };
    let Some(document) = document else {
        return refuse("what is at the sector_identifier_uri could not be fetched: https, at a public address");
    };
    match serde_json::from_slice::<Vec<String>>(document) {
        Err(_) => refuse("what is at the sector_identifier_uri is no JSON list of redirect URIs"),
        Ok(listed) if metadata.redirect_uris.iter().all(|uri| listed.contains(uri)) => Ok(()),
        Ok(_) => refuse("a redirect URI is missing in the list at the sector_identifier_uri"),
    }
}

/// The client information response (RFC 7591 section 3.2.1, RFC 7592 section 3). A secret is told when it is new.
pub fn information(client: &RegisteredClient, address: &str, token: &Secret, secret: Option<&Secret>) -> Value {
    let mut answer = serde_json::to_value(&client.metadata).unwrap_or_default();
    if let Some(members) = answer.as_object_mut() {
        members.insert("client_id".into(), json!(client.id));
        members.insert("client_id_issued_at".into(), json!(client.created_at.seconds()));
        members.insert("registration_client_uri".into(), json!(address));
        members.insert("registration_access_token".into(), json!(token.expose()));
        if let Some(secret) = secret {
            members.insert("client_secret".into(), json!(secret.expose()));
            members.insert("client_secret_expires_at".into(), json!(0));
        }
    }
    answer
}

#[cfg(test)]
mod tests;
