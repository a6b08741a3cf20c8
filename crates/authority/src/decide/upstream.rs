//! May somebody come in who signed in at a provider elsewhere?
//!
//! Asked in steps, for others have to be asked in between: [`outward`] sends them there, [`came_back`] says whether the
//! code that they bring is this flow's, [`id_token`] what it was exchanged for, [`userinfo`] adds what that leaves out, and
//! [`email_domain`] says whom the connection is for. [`logout_token`] hears of sessions that ended there.

pub mod came_back;
pub mod email_domain;
pub mod id_token;
pub mod logout_token;
pub mod outward;
mod profile;
mod signed;
pub mod userinfo;

use sayso_token::time::Lifetime;

/// How far the clocks of provider and server may differ.
const LEEWAY: Lifetime = Lifetime::from_seconds(30);

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The access token is not the one that the ID token was issued with.
    AccessTokenHash,
    /// The response came to the address of another connection than the one by which the person left.
    AnotherConnection,
    /// The response, or the provider as it is now, is of another issuer than the person was sent to.
    AnotherIssuer,
    /// The response carries no code that could be one.
    Code,
    /// The person, or the provider for them, did not allow it.
    Denied,
    /// The person's address is in no domain that the connection is for, or is none.
    EmailDomain,
    /// The connection is for certain e-mail domains, and the provider has verified no address of the person's.
    EmailUnverified,
    /// The provider answered with an error that is not the person's doing.
    ErrorResponse,
    /// The person was away for longer than ten minutes.
    Expired,
    /// The provider says that its responses carry `iss`, and this one does not.
    IssuerMissing,
    /// The response cannot be read, or a parameter stands twice.
    Malformed,
    /// The ID token was not issued for this flow.
    Nonce,
    /// This browser has not left for a provider, or forgot it.
    NoFlow,
    /// A fresh sign-in was asked for, and the provider does not say that there was one.
    NotFresh,
    /// The response is not the answer to what this browser asked.
    State,
    /// The token names nobody: its `sub` is missing, empty, too long, or no text.
    Subject,
    /// The token is signed with an algorithm that the provider does not announce, or that is not known here.
    TokenAlgorithm,
    /// The token is for somebody else.
    TokenAudience,
    /// The logout token does not say that a session ended, or says it as an ID token would.
    TokenEvents,
    /// The token is of another issuer.
    TokenIssuer,
    /// The token cannot be read, or lacks what it needs.
    TokenMalformed,
    /// No key of the provider's has signed the token.
    TokenSignature,
    /// The token is over, not valid yet, or from another time than this flow.
    TokenTime,
    /// The token is of another kind than belongs here.
    TokenType,
    /// The provider says that it cannot do it now.
    Unavailable,
    /// The userinfo endpoint speaks of another person than the ID token.
    UserinfoSubject,
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AccessTokenHash => "upstream_at_hash",
            Self::AnotherConnection => "upstream_connection",
            Self::AnotherIssuer => "upstream_issuer",
            Self::Code => "upstream_code",
            Self::Denied => "upstream_denied",
            Self::EmailDomain => "upstream_email_domain",
            Self::EmailUnverified => "upstream_email_unverified",
            Self::ErrorResponse => "upstream_error",
            Self::Expired => "upstream_expired",
            Self::IssuerMissing => "upstream_issuer_missing",
            Self::Malformed => "upstream_malformed",
            Self::Nonce => "upstream_nonce",
            Self::NoFlow => "upstream_no_flow",
            Self::NotFresh => "upstream_not_fresh",
            Self::State => "upstream_state",
            Self::Subject => "upstream_subject",
            Self::TokenAlgorithm => "upstream_token_algorithm",
            Self::TokenAudience => "upstream_token_audience",
            Self::TokenEvents => "upstream_token_events",
            Self::TokenIssuer => "upstream_token_issuer",
            Self::TokenMalformed => "upstream_token_malformed",
            Self::TokenSignature => "upstream_token_signature",
            Self::TokenTime => "upstream_token_time",
            Self::TokenType => "upstream_token_type",
            Self::Unavailable => "upstream_unavailable",
            Self::UserinfoSubject => "upstream_userinfo_subject",
        }
    }

    /// What whoever runs this server can do about it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::NoFlow | Self::State | Self::Expired => {
                "begin again at the sign-in page, in the same browser, and come back within ten minutes"
            }
            Self::AnotherConnection | Self::AnotherIssuer | Self::IssuerMissing | Self::Nonce => {
                "begin again; if it stays so, compare the connection's issuer and redirect URI with what the provider has registered"
            }
            Self::Code | Self::Malformed | Self::ErrorResponse => {
                "look at the provider's own log; compare client_id, redirect URI and scopes with what is registered there"
            }
            Self::Denied => "allow it at the provider, or sign in another way",
            Self::Unavailable => "try again in a moment; the provider has trouble",
            Self::EmailDomain => {
                "sign in with an address of these domains, or add the domain to the connection's email_domains"
            }
            Self::EmailUnverified => {
                "verify the address at the provider; ask for the scope email, and see that the provider sends email_verified"
            }
            Self::NotFresh => {
                "sign in again at the provider; it must support prompt=login or max_age, and send auth_time"
            }
            Self::Subject | Self::UserinfoSubject => "look at the provider: it must name each person by one stable sub",
            Self::TokenTime => "compare the clocks of provider and server",
            Self::TokenAlgorithm | Self::TokenSignature => {
                "look at the provider's jwks_uri and its id_token_signing_alg_values_supported"
            }
            Self::TokenAudience | Self::TokenIssuer => {
                "compare the connection's client_id and issuer with what the provider has registered"
            }
            Self::AccessTokenHash | Self::TokenEvents | Self::TokenMalformed | Self::TokenType => {
                "look at the provider: its tokens are not what OpenID Connect demands"
            }
        }
    }
}

#[cfg(test)]
mod testing;
