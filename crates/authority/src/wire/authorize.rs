//! The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1).

use sayso_token::digest::Digest;

use super::form::{BadForm, Form};

/// Parameters that may not stand twice. `client_id` and `redirect_uri` come first: with those in doubt nothing may
/// travel to the redirect URI.
const ONCE: [&str; 20] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "audience",
    "prompt",
    "response_mode",
    "request",
    "request_uri",
    "max_age",
    "claims",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "registration",
    "ui_locales",
];

/// Why a request cannot even be answered at its redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Not form-encoded UTF-8, too many parameters, or control characters.
    Malformed,
    /// `client_id` or `redirect_uri` stands twice.
    Repeated(&'static str),
}

impl From<BadForm> for Unreadable {
    fn from(_: BadForm) -> Self {
        Self::Malformed
    }
}

/// An authorization request, every parameter at most once.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the names are the registered parameters")]
pub struct AuthorizeRequest {
    pub client_id: Option<String>,
    pub redirect_uri: Option<String>,
    pub response_type: Option<String>,
    pub scope: Option<String>,
    pub state: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
    pub nonce: Option<String>,
    /// The first tutorial's way to name the API.
    pub audience: Option<String>,
    /// RFC 8707's way to name the API; it may stand more than once.
    pub resource: Vec<String>,
    pub prompt: Option<String>,
    pub response_mode: Option<String>,
    pub request: Option<String>,
    pub request_uri: Option<String>,
    pub max_age: Option<String>,
    pub claims: Option<String>,
    pub id_token_hint: Option<String>,
    pub login_hint: Option<String>,
    pub registration: Option<String>,
    pub ui_locales: Option<String>,
    /// The digest of its reference, when the client pushed it (RFC 9126).
    pub pushed: Option<Digest>,
    /// A parameter that stood twice; the error for it goes to the redirect URI.
    pub repeated: Option<&'static str>,
}

impl AuthorizeRequest {
    /// Reads the query of an authorization request.
    pub fn parse(query: &str) -> Result<Self, Unreadable> {
        let form = Form::parse(query)?;
        if form.has_control_characters() {
            return Err(Unreadable::Malformed);
        }
        let repeated = ONCE.into_iter().find(|name| form.one(name).is_err());
        if let Some(name @ ("client_id" | "redirect_uri")) = repeated {
            return Err(Unreadable::Repeated(name));
        }
        let take = |name: &str| form.first(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Ok(Self {
            client_id: take("client_id"),
            redirect_uri: take("redirect_uri"),
            response_type: take("response_type"),
            scope: take("scope"),
            state: take("state"),
            code_challenge: take("code_challenge"),
            code_challenge_method: take("code_challenge_method"),
            nonce: take("nonce"),
            audience: take("audience"),
            resource: form.all("resource").filter(|value| !value.is_empty()).map(str::to_owned).collect(),
            prompt: take("prompt"),
            response_mode: take("response_mode"),
            request: take("request"),
            request_uri: take("request_uri"),
            max_age: take("max_age"),
            claims: take("claims"),
            id_token_hint: take("id_token_hint"),
            login_hint: take("login_hint"),
            registration: take("registration"),
            ui_locales: take("ui_locales"),
            pushed: None,
            repeated,
        })
    }

    /// Whether `prompt` asks for this (OpenID Connect Core section 3.1.2.1).
    pub fn prompts(&self, what: &str) -> bool {
        self.prompt.as_deref().is_some_and(|prompt| prompt.split(' ').any(|word| word == what))
    }
}
