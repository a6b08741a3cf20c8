//! What happens next with an authorization request? (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2)
//!
//! Whether an error may travel to the redirect URI is a variant of the outcome: until client and redirect URI are
//! trusted, everything ends on the authority's own page.

mod examine;
#[cfg(test)]
mod tests;

use sayso_token::time::Lifetime;
use sayso_token::time::Timestamp;

use super::consent::is_allowed;
use crate::record::api::Api;
use crate::record::authority::Authority;
use crate::record::client::Client;
use crate::record::grant::Grant;
use crate::record::session::Session;
use crate::record::user::User;
use crate::wire::authorize::{AuthorizeRequest, Unreadable};
use crate::wire::error::ErrorCode;
use crate::wire::query::with_parameters;

pub use examine::trusted_target;

/// `prompt=login` and `max_age` are satisfied by a sign-in this recent, once the person comes back from the login page.
const FRESH: Lifetime = Lifetime::from_seconds(600);

/// Why a request ends on the authority's own page, without a way back to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRefusal {
    /// The client is disabled.
    ClientDisabled,
    /// No `client_id`.
    ClientMissing,
    /// No such client.
    ClientUnknown,
    /// The parameters cannot be read.
    Malformed,
    /// No `redirect_uri`.
    RedirectUriMissing,
    /// The redirect URI is not registered, byte for byte.
    RedirectUriUnknown {
        /// The registered one that looks most alike; for the log, not for the page.
        nearest: Option<String>,
    },
    /// `client_id` or `redirect_uri` stands twice.
    Repeated(&'static str),
}

impl PageRefusal {
    /// The stable reason code.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::ClientDisabled => "client_disabled",
            Self::ClientMissing => "client_id_missing",
            Self::ClientUnknown => "client_unknown",
            Self::Malformed => "request_malformed",
            Self::RedirectUriMissing => "redirect_uri_missing",
            Self::RedirectUriUnknown { .. } => "redirect_uri_unknown",
            Self::Repeated(_) => "parameter_repeated",
        }
    }
}

impl From<Unreadable> for PageRefusal {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Malformed => Self::Malformed,
            Unreadable::Repeated(name) => Self::Repeated(name),
        }
    }
}

/// A trusted way back to the client: its redirect URI with the request's `state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The authority that answers; becomes `iss` (RFC 9207).
    pub authority: &'a Authority,
    /// The client.
    pub client: &'a Client,
    /// One of its registered redirect URIs, or a native app's loopback with another port.
    pub redirect_uri: String,
    /// Returned as it came.
    pub state: Option<String>,
}

impl Target<'_> {
    /// The URL that carries this answer to the client.
    pub fn answer(&self, name: &str, value: &str, description: Option<&str>) -> String {
        let mut parameters = vec![(name, value)];
        parameters.extend(description.map(|text| ("error_description", text)));
        parameters.extend(self.state.as_deref().map(|state| ("state", state)));
        parameters.push(("iss", self.authority.issuer.as_str()));
        with_parameters(&self.redirect_uri, &parameters)
    }

    /// The URL that carries this error to the client.
    pub fn error(&self, error: ErrorCode, description: &str) -> String {
        self.answer("error", error.code(), Some(description))
    }
}

impl PartialEq for Authority {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Authority {}

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Client {}

impl PartialEq for Api {
    fn eq(&self, other: &Self) -> bool {
        self.audience == other.audience
    }
}

impl Eq for Api {}

/// What a person is asked to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish<'a> {
    /// Where the answer goes.
    pub target: Target<'a>,
    /// The API.
    pub api: &'a Api,
    /// The scopes, all known and allowed to the client.
    pub scopes: Vec<String>,
    /// The PKCE challenge.
    pub code_challenge: Option<String>,
    /// The OpenID `nonce`.
    pub nonce: Option<String>,
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizeOutcome<'a> {
    /// The person signs in first.
    SignIn {
        /// Who asks.
        target: Target<'a>,
    },
    /// The person has allowed all of it before, or need not be asked: the client gets its code.
    Allowed(Wish<'a>),
    /// The person is asked.
    Consent(Wish<'a>),
    /// The client hears an error.
    Redirect {
        /// The whole URL.
        url: String,
        /// The reason code.
        reason: &'static str,
    },
    /// The person sees an error.
    ErrorPage(PageRefusal),
}

/// At which step the question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The request has just arrived: `prompt=login` always signs in.
    Arrival,
    /// The person comes from the login page: a sign-in of the last minutes counts as fresh.
    AfterLogin,
}

/// The person at the browser, as far as they have signed in.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// Their session at this authority.
    pub session: &'a Session,
    /// Who they are.
    pub user: &'a User,
    /// Their grants at this authority that are not revoked: what they have allowed before.
    pub grants: &'a [Grant],
}

/// Decides the next step. Nothing is remembered: the request itself travels on in the URL.
pub fn authorize<'a>(
    authority: &'a Authority,
    request: &Result<AuthorizeRequest, Unreadable>,
    signed_in: Option<SignedIn<'_>>,
    step: Step,
    now: Timestamp,
) -> AuthorizeOutcome<'a> {
    let request = match request {
        Ok(request) => request,
        Err(unreadable) => return AuthorizeOutcome::ErrorPage((*unreadable).into()),
    };
    let target = match trusted_target(authority, request) {
        Ok(target) => target,
        Err(refusal) => return AuthorizeOutcome::ErrorPage(refusal),
    };
    if let Err(fault) = examine::syntax(&target, request) {
        return fault.at(&target);
    }
    let silent = request.prompts("none");
    if !examine::is_signed_in(authority, request, signed_in, step, now) {
        return if silent { examine::LOGIN_REQUIRED.at(&target) } else { AuthorizeOutcome::SignIn { target } };
    }
    // Only now, with a person signed in, may a wrong scope or API send the browser on: before, the authority would
    // be an open redirector for anyone's links (RFC 9700 section 4.11).
    match examine::wish(target.clone(), request, signed_in.map(|signed_in| signed_in.user)) {
        Err(fault) => fault.at(&target),
        Ok(wish) if !request.prompts("consent") && signed_in.is_some_and(|known| is_allowed(&wish, known, now)) => {
            AuthorizeOutcome::Allowed(wish)
        }
        Ok(_) if silent => examine::CONSENT_REQUIRED.at(&target),
        Ok(wish) => AuthorizeOutcome::Consent(wish),
    }
}
