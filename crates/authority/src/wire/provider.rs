//! What a provider elsewhere says: its discovery document (OpenID Connect Discovery section 3), and what its token endpoint
//! answers (RFC 6749 section 5). Read strictly; what cannot be read is refused, not guessed.

mod address;

use sayso_token::algorithm::Algorithm;
use sayso_token::claims::text;
use sayso_token::json::parse_strict_object;
use sayso_token::secret::Secret;
use serde_json::{Map, Value};

pub use address::is_plain_loopback;

/// The most bytes of a discovery document that are read.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// A provider of which this server is a client, as its discovery document describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its issuer identifier: what its tokens must say, letter for letter.
    pub issuer: String,
    /// Where people are sent to sign in. It may have a query of its own.
    pub authorization_endpoint: String,
    /// Where a code is exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more is told of a person, if it has such a place.
    pub userinfo_endpoint: Option<String>,
    /// What it signs ID tokens with, of what is known here; never empty.
    pub algorithms: Vec<Algorithm>,
    /// Whether its authorization responses carry `iss` (RFC 9207 section 3). Then one without it is not its.
    pub authorization_response_iss_parameter_supported: bool,
}

/// Why a discovery document cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProvider {
    /// An endpoint is missing, or no address that a request may go to.
    #[error("{0} is missing, or is not an https address without credentials and fragment")]
    Address(&'static str),
    /// None of its signature algorithms is known here.
    #[error("it signs ID tokens with no algorithm that is known here (EdDSA, ES256, PS256, RS256)")]
    Algorithms,
    /// It is of another issuer.
    #[error("issuer is another one than the connection names, letter for letter")]
    Issuer,
    /// A member is of another type than it must be.
    #[error("{0} is of another type than OpenID Connect Discovery demands")]
    Member(&'static str),
    /// Not one JSON object, a member stands twice, or it is too large.
    #[error("it is no JSON object that can be read")]
    NotJson,
}

impl Provider {
    /// Where the discovery document of an issuer is (OpenID Connect Discovery section 4).
    pub fn discovery_url(issuer: &str) -> String {
        format!("{}{WELL_KNOWN}", issuer.strip_suffix('/').unwrap_or(issuer))
    }

    /// Reads the document that was found at [`Self::discovery_url`] of `issuer`. The issuer in it must be the same text: else
    /// one provider could speak for another (section 7.2).
    ///
    /// # Errors
    /// [`BadProvider`].
    pub fn parse(bytes: &[u8], issuer: &str) -> Result<Self, BadProvider> {
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(BadProvider::NotJson);
        }
        let members = parse_strict_object(bytes).map_err(|_| BadProvider::NotJson)?;
        if text(&members, "issuer").map_err(|_| BadProvider::Member("issuer"))? != Some(issuer) {
            return Err(BadProvider::Issuer);
        }
        if !address::is_issuer(issuer) {
            return Err(BadProvider::Address("issuer"));
        }
        let plain = is_plain_loopback(issuer);
        let optional = |name| match text(&members, name) {
            Ok(None) => Ok(None),
            Ok(Some(url)) if address::is_endpoint(url, plain) => Ok(Some(url.to_owned())),
            _ => Err(BadProvider::Address(name)),
        };
        let endpoint = |name| optional(name)?.ok_or(BadProvider::Address(name));
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            userinfo_endpoint: optional("userinfo_endpoint")?,
            algorithms: algorithms(&members)?,
            authorization_response_iss_parameter_supported: flag(
                &members,
                "authorization_response_iss_parameter_supported",
            )?,
        })
    }
}

/// A yes or no; absent is no.
fn flag(members: &Map<String, Value>, name: &'static str) -> Result<bool, BadProvider> {
    match members.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(BadProvider::Member(name)),
    }
}

/// Where nothing is said, it is RS256, which every provider must offer (section 3).
fn algorithms(members: &Map<String, Value>) -> Result<Vec<Algorithm>, BadProvider> {
    const NAME: &str = "id_token_signing_alg_values_supported";
    let Some(value) = members.get(NAME) else { return Ok(vec![Algorithm::Rs256]) };
    let names = value.as_array().ok_or(BadProvider::Member(NAME))?;
    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
    let names = names.ok_or(BadProvider::Member(NAME))?;
    let known: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| names.contains(&algorithm.name())).collect();
    if known.is_empty() { Err(BadProvider::Algorithms) } else { Ok(known) }
}

/// What a token endpoint answers when it gives tokens (OpenID Connect Core section 3.1.3.3). What else it gives, a refresh token
/// among it, is forgotten at once: nothing here uses it.
#[derive(Clone, Debug)]
pub struct TokenReply {
    /// The ID token, nothing of it verified.
    pub id_token: Secret,
    /// The access token, for the userinfo endpoint.
    pub access_token: Option<Secret>,
}

/// It is no reply with an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer of the token endpoint is no JSON object with an ID token")]
pub struct BadTokenReply;

impl TokenReply {
    /// Reads the body of an answer with status 200.
    ///
    /// # Errors
    /// [`BadTokenReply`]; nothing is told of what stands there.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadTokenReply> {
        let members = parse_strict_object(bytes).map_err(|_| BadTokenReply)?;
        let read = |name| text(&members, name).map_err(|_| BadTokenReply);
        // Another kind of access token would have to be shown otherwise (RFC 6749 section 7.1).
        if read("token_type")?.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) || members.contains_key("error")
        {
            return Err(BadTokenReply);
        }
        let token = |name| Ok(read(name)?.filter(|token| !token.is_empty()).map(Secret::new));
        Ok(Self { id_token: token("id_token")?.ok_or(BadTokenReply)?, access_token: token("access_token")? })
    }
}

/// What a token endpoint answers when it gives none (RFC 6749 section 5.2). Its words are not kept: nobody here wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// `invalid_client`: it does not know this client, or not by this secret.
    InvalidClient,
    /// `invalid_grant`: the code is over, spent, or somebody else's.
    InvalidGrant,
    /// Another error, or none that can be read.
    Other,
}

impl TokenError {
    /// Reads the body of an answer with a status of the 400s.
    pub fn parse(bytes: &[u8]) -> Self {
        let members = parse_strict_object(bytes).unwrap_or_default();
        match members.get("error").and_then(Value::as_str) {
            Some("invalid_client") => Self::InvalidClient,
            Some("invalid_grant") => Self::InvalidGrant,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests;
