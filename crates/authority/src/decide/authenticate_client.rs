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
    /// The client is disabled.
    Disabled,
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
            _ => ErrorCode::InvalidClient,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Absent => "client_credentials_absent",
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
            // Unknown, disabled and wrong sound alike: guessing a secret must not tell which clients exist.
            _ => "client authentication failed; check client_id, client_secret and the way they are sent",
        }
    }
}

impl From<NoClient> for Refused {
    fn from(none: NoClient) -> Self {
        match none {
            NoClient::Absent => Self::Absent,
            NoClient::MalformedHeader => Self::MalformedHeader,
            NoClient::TwoMethods => Self::TwoMethods,
        }
    }
}

/// Judges a client's proof (RFC 6749 section 2.3).
pub fn authenticate_client<'a>(
    authority: &'a Authority,
    proof: &Result<ClientProof, NoClient>,
) -> Result<&'a Client, Refused> {
    let proof = proof.as_ref().map_err(|none| Refused::from(*none))?;
    let client = authority.client(proof.client_id()).ok_or(Refused::Unknown)?;
    let (secret, accepted) = match proof {
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
