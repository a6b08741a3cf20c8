//! Which client is this, and has it proved it?

use crate::record::authority::Authority;
use crate::record::client::{Client, ClientAuthentication};
use crate::wire::client_credentials::{ClientProof, NoClient};
use crate::wire::error::{ErrorCode, Refusal};

/// Why a client is not taken at its word. All but [`Refused::TwoMethods`] are `invalid_client` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No credentials at all.
    Absent,
    /// The assertion is not meant for this authority alone.
    AssertionAudience,
    /// The assertion cannot be read, or claims that it needs are missing or of the wrong type.
    AssertionMalformed,
    /// The assertion came before: its `jti` is spent.
    AssertionReplayed,
    /// Not signed by a key of the client's with its algorithm.
    AssertionSignature,
    /// Issuer and subject of the assertion are not both the client.
    AssertionSubject,
    /// The assertion is over, not valid yet, or valid for too long.
    AssertionTime,
    /// The client is disabled.
    Disabled,
    /// The client's keys did not come in time.
    KeysSlow,
    /// The client's keys are not at hand.
    KeysUnavailable,
    /// The `Authorization` header cannot be decoded.
    MalformedHeader,
    /// A confidential client sent no secret.
    SecretMissing,
    /// Credentials in header and body.
    TwoMethods,
    /// No such client.
    Unknown,
    /// The secret came the way this client is not registered for.
    WrongMethod,
    /// The secret is not one of the client's.
    WrongSecret,
}

impl Refusal for Refused {
    fn error(&self) -> ErrorCode {
        match self {
            Self::TwoMethods => ErrorCode::InvalidRequest,
            Self::KeysSlow => ErrorCode::TemporarilyUnavailable,
            _ => ErrorCode::InvalidClient,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Absent => "client_credentials_absent",
            Self::AssertionAudience => "client_assertion_audience",
            Self::AssertionMalformed => "client_assertion_malformed",
            Self::AssertionReplayed => "client_assertion_replayed",
            Self::AssertionSignature => "client_assertion_signature",
            Self::AssertionSubject => "client_assertion_subject",
            Self::AssertionTime => "client_assertion_time",
            Self::KeysSlow => "client_keys_slow",
            Self::KeysUnavailable => "client_keys_unavailable",
            Self::Disabled => "client_disabled",
            Self::MalformedHeader => "client_header_malformed",
            Self::SecretMissing => "client_secret_missing",
            Self::TwoMethods => "client_two_methods",
            Self::Unknown => "client_unknown",
            Self::WrongMethod => "client_wrong_method",
            Self::WrongSecret => "client_wrong_secret",
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Self::TwoMethods => "send the client's credentials in the Authorization header or in the body, not in both",
            Self::Absent | Self::SecretMissing => "the client must authenticate with its client_id and client_secret",
            Self::AssertionAudience => {
                "the assertion's aud must be the issuer identifier of this authority, as a single text"
            }
            Self::AssertionMalformed => {
                "the assertion must be a JWT with iss, sub, aud, exp and jti, alone and of its own type"
            }
            Self::AssertionReplayed => {
                "the assertion was used before; sign a new one, with another jti, for each request"
            }
            Self::AssertionTime => "the assertion must be valid now and end within an hour; compare the clocks",
            Self::KeysSlow => "the client's jwks_uri does not answer in time; try again in a moment",
            Self::KeysUnavailable => "the client's keys cannot be had from its jwks_uri right now",
            // Unknown, disabled and wrong sound alike: guessing a secret must not tell which clients exist.
            _ => "client authentication failed; check client_id, client_secret and the way they are sent",
        }
    }
}

impl From<NoClient> for Refused {
    fn from(none: NoClient) -> Self {
        match none {
            NoClient::Absent => Self::Absent,
            NoClient::MalformedAssertion => Self::AssertionMalformed,
            NoClient::MalformedHeader => Self::MalformedHeader,
            NoClient::TwoMethods => Self::TwoMethods,
        }
    }
}

/// Judges a client's proof (RFC 6749 section 2.3), but for a signed one, which `decide::client_assertion` judges.
pub fn authenticate_client<'a>(
    authority: &'a Authority,
    proof: &Result<ClientProof, NoClient>,
) -> Result<&'a Client, Refused> {
    let proof = proof.as_ref().map_err(|none| Refused::from(*none))?;
    let client = authority.client(proof.client_id()).ok_or(Refused::Unknown)?;
    let (secret, accepted) = match proof {
        ClientProof::Assertion { .. } => return Err(Refused::WrongMethod),
        ClientProof::Named { .. } => (None, ClientAuthentication::None),
        ClientProof::Basic { secret, .. } => (Some(secret), ClientAuthentication::SecretBasic),
        ClientProof::Post { secret, .. } => (Some(secret), ClientAuthentication::SecretPost),
    };
    match (secret, client.authentication) {
        (None, ClientAuthentication::None) => {}
        (None, _) => return Err(Refused::SecretMissing),
        (Some(_), method) if method != accepted && method != ClientAuthentication::Secret => {
            return Err(Refused::WrongMethod);
        }
        (Some(secret), _) if !client.knows(secret) => return Err(Refused::WrongSecret),
        (Some(_), _) => {}
    }
    if client.disabled { Err(Refused::Disabled) } else { Ok(client) }
}

#[cfg(test)]
mod tests;
