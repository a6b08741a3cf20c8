//! Does this token suffice? The six checks of an access token, in one order, with one reason.
//!
//! The ladder is the first tutorial's: well formed, signed by a trusted authority, meant for this API, not expired,
//! the user allowed, the scope granted. The first check that fails ends it. Nothing in the token chooses how it is
//! checked: keys, algorithms, issuer and audience come from [`Requirements`], which cannot be empty.

pub mod challenge;
pub mod dpop;
mod introspection;
mod jwt;
mod presets;
mod requirements;
#[cfg(test)]
mod tests;
mod watched;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::time::Timestamp;

pub use introspection::{MAX_ANSWER_BYTES, check_introspection, check_tokeninfo};
pub use jwt::{check_jwt, unknown_key};
pub use presets::{Dialect, IntrospectionEndpoint, Provider};
pub use requirements::{BadRequirements, Requirements};
pub use watched::Watched;

/// One of the six checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Can it be read at all?
    WellFormed,
    /// Does a trusted authority vouch for it?
    TrustedSignature,
    /// Is it an access token for this API?
    MeantForThisApi,
    /// Is it valid now?
    NotExpired,
    /// May this user, through this client, do this?
    UserAllowed,
    /// Was what is asked for granted?
    ScopeGranted,
}

impl Check {
    /// All six, in the order in which they run.
    pub const ALL: [Self; 6] = [
        Self::WellFormed,
        Self::TrustedSignature,
        Self::MeantForThisApi,
        Self::NotExpired,
        Self::UserAllowed,
        Self::ScopeGranted,
    ];

    /// What the check asks, in plain words.
    pub const fn question(self) -> &'static str {
        match self {
            Self::WellFormed => "Is the token well formed?",
            Self::TrustedSignature => "Does a trusted authority vouch for it?",
            Self::MeantForThisApi => "Is it an access token meant for this API?",
            Self::NotExpired => "Is it valid now?",
            Self::UserAllowed => "Is the user allowed to do this?",
            Self::ScopeGranted => "Was the needed scope granted?",
        }
    }
}

/// Why a token does not suffice. The codes are stable; they go to logs and audits, not to the person speaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The API is not among the audiences, or foreign audiences stand beside it.
    Audience,
    /// The person did not sign in in the way or as lately as is demanded.
    Authentication,
    /// The token is bound to a key that was not shown, or a key was shown that it is not bound to.
    Binding,
    /// The client is not on the allow-list.
    Client,
    /// The lifetime is over.
    Expired,
    /// Not a token, or a claim is missing or of the wrong type.
    Format,
    /// The authority says that the token is not active (revoked, expired, unknown, or not for this caller).
    Inactive,
    /// The authority could not be asked, or its answer cannot be used.
    IntrospectionFailed,
    /// Issued by another authority.
    Issuer,
    /// No usable keys of the authority are at hand.
    KeysUnavailable,
    /// Not valid yet, or issued in the future.
    NotYetValid,
    /// A needed scope was not granted.
    Scope,
    /// Not signed by a key of the authority with an accepted algorithm.
    Signature,
    /// Not an access token (an ID token, a logout token, a refresh token).
    Type,
    /// The user may not do this.
    User,
}

impl Reason {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Audience => "audience",
            Self::Authentication => "authentication",
            Self::Binding => "binding",
            Self::Client => "client",
            Self::Expired => "expired",
            Self::Format => "format",
            Self::Inactive => "inactive",
            Self::IntrospectionFailed => "introspection_failed",
            Self::Issuer => "issuer",
            Self::KeysUnavailable => "keys_unavailable",
            Self::NotYetValid => "not_yet_valid",
            Self::Scope => "scope",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::User => "user",
        }
    }

    /// What it means and what to look at, for whoever runs the skill.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Audience => "the token was issued for another API; check the audience the client asks for",
            Self::Authentication => "the person signed in too long ago, or not strongly enough for this",
            Self::Binding => "the token is bound to a key, and another key or none was shown; or it is bound to none",
            Self::Client => "the token was issued to a client that this API does not know",
            Self::Expired => "the token's lifetime is over; the client should have refreshed it",
            Self::Format => "this is not an access token that can be read, or a claim is missing or malformed",
            Self::Inactive => "the authority says the token is not active: revoked, expired, or not for this caller",
            Self::IntrospectionFailed => "the authority could not be asked, or its answer cannot be used",
            Self::Issuer => "the token comes from another authority than the one this API trusts",
            Self::KeysUnavailable => "the authority's public keys could not be fetched",
            Self::NotYetValid => "the token is not valid yet; compare the clocks of authority and API",
            Self::Scope => "the person did not grant the scope that this needs",
            Self::Signature => "the signature is not the authority's; the token may be forged or its key retired",
            Self::Type => "this is a token of another kind, such as an ID token, not an access token",
            Self::User => "the user is disabled or may not do this",
        }
    }
}

/// The check that failed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .reason.code(), .reason.explanation())]
pub struct Denied {
    /// The check that failed.
    pub check: Check,
    /// Why.
    pub reason: Reason,
}

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It held.
    Passed,
    /// It did not hold.
    Failed {
        /// Why.
        reason: Reason,
    },
    /// An earlier check failed.
    NotReached,
}

/// A token that passed all six checks.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessToken {
    /// `iss`: the authority.
    pub issuer: String,
    /// `sub`: whose account.
    pub subject: String,
    /// `aud`: the APIs it is for.
    pub audience: Vec<String>,
    /// `client_id`, `azp` or `cid`: the client it was issued to.
    pub client: Option<String>,
    /// `scope` or `scp`.
    pub scopes: Vec<String>,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
    /// `jti`.
    pub id: Option<String>,
    /// All claims, the custom ones among them.
    pub claims: Map<String, Value>,
}

/// What became of the six checks.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Each check with its outcome, in order.
    pub checks: Vec<(Check, Outcome)>,
    /// The token, or why it does not suffice.
    pub result: Result<AccessToken, Denied>,
    /// The claims, once the authority's word for them was verified; for display.
    pub claims: Option<Map<String, Value>>,
}

impl Verdict {
    /// A refusal without a look at the token, for instance when no keys could be fetched.
    pub fn refused(check: Check, reason: Reason) -> Self {
        Self::from_result(Err(Denied { check, reason }), None)
    }

    fn from_result(result: Result<AccessToken, Denied>, claims: Option<Map<String, Value>>) -> Self {
        let mut failed = false;
        let checks = Check::ALL.map(|check| {
            let outcome = match &result {
                Err(denied) if denied.check == check => {
                    failed = true;
                    Outcome::Failed { reason: denied.reason }
                }
                _ if failed => Outcome::NotReached,
                _ => Outcome::Passed,
            };
            (check, outcome)
        });
        Self { checks: checks.to_vec(), result, claims }
    }
}

fn deny(check: Check, reason: Reason) -> Denied {
    Denied { check, reason }
}
