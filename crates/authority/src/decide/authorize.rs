//! What happens next with an authorization request? (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2)
//!
//! Whether an error may travel to the redirect URI is a variant of the outcome: until client and redirect URI are
//! trusted, everything ends on the authority's own page.

mod examine;
mod progress;
#[cfg(test)]
mod tests;

use sayso_token::digest::Digest;
use sayso_token::jwk::JwkSet;
use sayso_token::pairwise::PairwiseKey;
use sayso_token::time::Timestamp;

use super::consent::is_allowed;
use super::standard_claims::scope_of;
use super::subject::pairwise_subject;
use crate::record::api::Api;
use crate::record::authority::Authority;
use crate::record::client::Client;
use crate::record::grant::Grant;
use crate::record::session::Session;
use crate::record::terms::Terms;
use crate::record::user::User;
use crate::wire::answer::{ClientAnswer, ResponseMode};
use crate::wire::authorize::{AuthorizeRequest, Unreadable};
use crate::wire::error::{ErrorCode, Refusal};

pub use examine::{Fault, PROMPTS, trusted_target};
pub use progress::Progress;

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
    /// The `request_uri` names no pushed request that waits: it is unknown, expired, answered, or another client's.
    PushedRequestUnknown,
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
            Self::PushedRequestUnknown => "invalid_request_uri",
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
    /// How the answer travels.
    pub mode: ResponseMode,
}

impl Target<'_> {
    /// The answer that says this; every one names its issuer (RFC 9207).
    pub fn answer(&self, name: &'static str, value: &str, description: Option<&str>) -> ClientAnswer {
        let mut parameters = vec![(name, value.to_owned())];
        parameters.extend(description.map(|text| ("error_description", text.to_owned())));
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        parameters.push(("iss", self.authority.issuer.clone()));
        ClientAnswer { redirect_uri: self.redirect_uri.clone(), mode: self.mode, parameters }
    }

    /// The answer that says this error.
    pub fn error(&self, error: ErrorCode, description: &str) -> ClientAnswer {
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
    /// Who the person is to the client, and which claims it asks for by name.
    pub terms: Terms,
    /// The pushed request that this was, spent by the answer.
    pub pushed: Option<Digest>,
}

impl Wish<'_> {
    /// What a person must know of it: its scopes, and those that stand for claims asked for by name.
    pub fn told_scopes(&self) -> Vec<String> {
        let mut told = self.scopes.clone();
        for scope in self.terms.claims.names().filter_map(scope_of) {
            if !told.iter().any(|known| known == scope) {
                told.push(scope.to_owned());
            }
        }
        told
    }
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
        /// What it hears, and how.
        answer: ClientAnswer,
        /// The reason code.
        reason: &'static str,
    },
    /// The person sees an error.
    ErrorPage(PageRefusal),
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

/// What the authority has to recognise people by.
#[derive(Clone, Copy, Debug)]
pub struct Recognition<'a> {
    /// Its published keys: an `id_token_hint` was signed by one.
    pub keys: &'a JwkSet,
    /// What pairwise subjects are made with.
    pub pairwise: &'a PairwiseKey,
}

/// A request at one step of its way.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What is asked, if it can be read.
    pub request: &'a Result<AuthorizeRequest, PageRefusal>,
    /// How far it has come.
    pub progress: Progress,
    /// Who sits at the browser, as far as is known.
    pub signed_in: Option<SignedIn<'a>>,
    /// What people are recognised by.
    pub by: Recognition<'a>,
    /// The time.
    pub now: Timestamp,
}

/// Decides the next step. Nothing is remembered: the request itself travels on in the URL.
pub fn authorize<'a>(authority: &'a Authority, question: &Question<'_>) -> AuthorizeOutcome<'a> {
    let request = match question.request {
        Ok(request) => request,
        Err(refusal) => return AuthorizeOutcome::ErrorPage(refusal.clone()),
    };
    let target = match trusted_target(authority, request) {
        Ok(target) => target,
        Err(refusal) => return AuthorizeOutcome::ErrorPage(refusal),
    };
    let outcome = examine::syntax(&target, request).and_then(|()| next(&target, request, question));
    outcome.unwrap_or_else(|fault| fault.at(&target))
}

/// What comes next for a request that is well formed.
fn next<'a>(
    target: &Target<'a>,
    request: &AuthorizeRequest,
    question: &Question<'_>,
) -> Result<AuthorizeOutcome<'a>, Fault> {
    let silent = request.prompts("none");
    let wanted = examine::wanted_person(target, request, question.by)?;
    let signed_in = match examine::person(target, request, question, &wanted) {
        examine::Person::Signed(signed_in) => signed_in,
        examine::Person::Other => return Err(examine::ANOTHER_PERSON),
        examine::Person::Nobody if silent => return Err(examine::LOGIN_REQUIRED),
        examine::Person::Nobody => return Ok(AuthorizeOutcome::SignIn { target: target.clone() }),
    };
    // Only now, with a person signed in, may a wrong scope or API send the browser on: before, the authority would
    // be an open redirector for anyone's links (RFC 9700 section 4.11).
    let mut wish = examine::wish(target.clone(), request, Some(signed_in.user))?;
    examine::authentication(&wanted)?;
    wish.terms.subject = pairwise_subject(target.authority, target.client, &signed_in.user.id, question.by.pairwise);
    wish.terms.connection = signed_in.session.upstream.as_ref().map(|upstream| upstream.connection.clone());
    let must_see = request.prompts("consent") || request.prompts("select_account");
    if !must_see && is_allowed(&wish, signed_in, question.now) {
        return Ok(AuthorizeOutcome::Allowed(wish));
    }
    if silent { Err(examine::CONSENT_REQUIRED) } else { Ok(AuthorizeOutcome::Consent(wish)) }
}

/// Why a request would never be answered, whoever sits at the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unacceptable {
    /// Client or redirect URI cannot be trusted.
    Page(PageRefusal),
    /// The client would hear an error.
    Fault(Fault),
}

/// Whether a request could be answered, before a person is known: what a client that pushes it hears at once.
///
/// # Errors
/// The first fault, in the order in which [`authorize`] looks for them.
pub fn acceptable(authority: &Authority, request: &AuthorizeRequest) -> Result<(), Unacceptable> {
    let target = trusted_target(authority, request).map_err(Unacceptable::Page)?;
    let checked = examine::syntax(&target, request).and_then(|()| examine::wish(target.clone(), request, None));
    checked.map(drop).map_err(Unacceptable::Fault)
}

impl Refusal for Unacceptable {
    fn error(&self) -> ErrorCode {
        match self {
            Self::Page(_) => ErrorCode::InvalidRequest,
            Self::Fault(fault) => fault.error,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Page(refusal) => refusal.reason(),
            Self::Fault(fault) => fault.reason,
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Self::Page(PageRefusal::Malformed) => "the parameters cannot be read",
            Self::Page(PageRefusal::Repeated(_)) => "client_id or redirect_uri stands twice",
            Self::Page(PageRefusal::RedirectUriMissing) => "redirect_uri is missing",
            Self::Page(PageRefusal::RedirectUriUnknown { .. }) => "redirect_uri is not registered, letter by letter",
            Self::Page(_) => "client_id names no client that may ask",
            Self::Fault(fault) => fault.description,
        }
    }
}
