//! Pages that tell something and ask little.

use sayso_web::harmless::harmless;
use sayso_web::pages::Page;
use sayso_web::request_id::RequestId;
use serde::Serialize;

use super::faces::{Account, Authority, Client, Form, LONGEST_NAME};

/// What an authority shows at its own address.
#[derive(Clone, Debug, Serialize)]
pub struct HomePage {
    /// Whose page it is.
    pub authority: Authority,
    /// Its issuer identifier, for developers.
    pub issuer: String,
    /// The person signed in, if any.
    pub account: Option<Account>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn samples() -> Vec<Self> {
        let account = Some(Account::sample());
        let first = Self { authority: Authority::sample(), issuer: "http://127.0.0.1:4000".into(), account: None };
        vec![Self { account, ..first.clone() }, first]
    }
}

/// Something cannot be done, and no one may be redirected.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    authority: Option<Authority>,
    reason: String,
    words: Option<String>,
    provider: Option<String>,
    detail: Option<String>,
    request_id: String,
    again: Option<String>,
}

impl ErrorPage {
    /// Words are looked up by `reason` (texts `error-<reason>` and `error-<reason>-remedy`); a reason without words of
    /// its own gets general ones.
    pub fn new(reason: &str, request_id: &RequestId) -> Self {
        Self {
            authority: None,
            reason: harmless(reason, 60),
            words: None,
            provider: None,
            detail: None,
            request_id: request_id.as_str().to_owned(),
            again: None,
        }
    }

    /// Whose page it is.
    pub fn of(self, authority: Authority) -> Self {
        Self { authority: Some(authority), ..self }
    }

    /// Told in the words of this reason, where several are one and the same to a person.
    pub fn told_as(self, words: &str) -> Self {
        Self { words: Some(words.to_owned()), ..self }
    }

    /// The provider that its words speak of.
    pub fn about(self, provider: &str) -> Self {
        Self { provider: Some(harmless(provider, LONGEST_NAME)), ..self }
    }

    /// One more sentence for developers, such as which redirect URI was refused. Never a secret.
    pub fn detail(self, detail: &str) -> Self {
        Self { detail: Some(harmless(detail, 400)), ..self }
    }

    /// The URL path where a new try begins.
    pub fn again(self, path: &str) -> Self {
        Self { again: Some(path.to_owned()), ..self }
    }
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn samples() -> Vec<Self> {
        let id = RequestId::default();
        vec![
            Self::new("redirect_uri_unknown", &id)
                .of(Authority::sample())
                .detail("redirect_uri https://evil.example/<cb> is not registered for client quiz"),
            Self::new("form_expired", &id).of(Authority::sample()).again("/account"),
            Self::new("something_unheard_of", &id),
            Self::new("upstream_nonce", &id).told_as("upstream_distrusted").about("Example <Corp>").again("/login"),
        ]
    }
}

/// An account was linked and the client has no page of its own to go on with.
#[derive(Clone, Debug, Serialize)]
pub struct LinkedPage {
    /// Whose page it is.
    pub authority: Authority,
    /// The client that may now act for the person.
    pub client: Client,
}

impl Page for LinkedPage {
    const TEMPLATE: &'static str = "linked.html";

    fn samples() -> Vec<Self> {
        vec![Self { authority: Authority::sample(), client: Client::sample() }]
    }
}

/// Asks whether to sign out. Posts `csrf`, `flow` where a client sent the person, and `everywhere` from the second form.
#[derive(Clone, Debug, Serialize)]
pub struct LogoutPage {
    /// Whose page it is.
    pub authority: Authority,
    /// Who is signed in.
    pub account: Account,
    /// The client that sent them, if one did.
    pub client: Option<Client>,
    /// Where the form goes.
    pub form: Form,
}

impl Page for LogoutPage {
    const TEMPLATE: &'static str = "logout.html";

    fn samples() -> Vec<Self> {
        let own =
            Self { authority: Authority::sample(), account: Account::sample(), client: None, form: Form::sample() };
        vec![own.clone(), Self { client: Some(Client::hostile_sample()), ..own }]
    }
}

/// Says that nobody is signed in any more.
#[derive(Clone, Debug, Serialize)]
pub struct SignedOutPage {
    /// Whose page it is.
    pub authority: Authority,
}

impl Page for SignedOutPage {
    const TEMPLATE: &'static str = "signed-out.html";

    fn samples() -> Vec<Self> {
        vec![Self { authority: Authority::sample() }]
    }
}
