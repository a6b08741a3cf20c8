//! The parts of pages, filled from records; and the asker, whom every page needs.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use sayso_authority::decide::authorize::{AuthorizeOutcome, PageRefusal, Target};
use sayso_authority::record::api::Api;
use sayso_authority::record::client::Client as KnownClient;
use sayso_authority::record::user::User;
use sayso_authority::wire::answer::{ClientAnswer, ResponseMode};
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_web::faces::Asked;
use sayso_web::headers::ContentPolicy;
use sayso_web::listen::Peer;
use sayso_web::pages::Page;
use sayso_web::request_id::RequestId;

use crate::pages::{Account, Authority, Client, ErrorPage, FormPostPage, Scope};
use crate::place::{Place, unavailable_page};

/// Who asks for a page, and how.
pub(crate) struct Asker {
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) request_id: RequestId,
    pub(super) peer: Option<Peer>,
    asked: Asked,
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let request_id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default();
        let request = http::Request::from_parts(parts.clone(), ());
        Ok(Self {
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            request_id,
            peer: parts.extensions.get::<Peer>().copied(),
            asked: Asked::of(&request),
        })
    }
}

impl Asker {
    /// The asker's language.
    pub(super) fn locale(&self, place: &Place) -> sayso_web::locale::Locale {
        let form = Form::parse(&self.query).unwrap_or_default();
        place.house.pages.locale(form.first("ui_locales"), &self.headers)
    }

    /// Prints a page in the asker's language.
    pub(super) fn show(&self, place: &Place, status: StatusCode, page: &impl Page) -> Response {
        let form = Form::parse(&self.query).unwrap_or_default();
        let locale = place.house.pages.locale(form.first("ui_locales"), &self.headers);
        place.house.pages.answer(status, page, &locale)
    }

    /// Prints an error page.
    pub(super) fn error(&self, place: &Place, status: StatusCode, page: ErrorPage) -> Response {
        self.show(place, status, &page.of(authority(place)))
    }

    /// An error page for this reason.
    pub(super) fn refused(&self, place: &Place, status: StatusCode, reason: &str) -> Response {
        tracing::warn!(reason, "refused");
        self.error(place, status, ErrorPage::new(reason, &self.request_id))
    }

    /// The store failed; nothing was changed.
    pub(super) fn unavailable(&self, error: &StoreError) -> Response {
        unavailable_page(error, &self.asked)
    }
}

/// 303 after every form and between pages, so that no credentials are sent on (RFC 9700 section 4.12).
pub(super) fn see_other(url: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, url)]).into_response()
}

/// `path`, with the flow's query carried on.
pub(super) fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Sends the browser back to the client with this answer.
pub(super) fn back_to_client(place: &Place, asker: &Asker, answer: &ClientAnswer) -> Response {
    match answer.mode {
        ResponseMode::Query => see_other(&answer.url()),
        ResponseMode::FormPost => {
            let page = FormPostPage::new(authority(place), answer);
            may_reach(asker.show(place, StatusCode::OK, &page), &answer.redirect_uri)
        }
    }
}

/// Lets the forms of a page end at the client's redirect URI.
pub(super) fn may_reach(mut answer: Response, redirect_uri: &str) -> Response {
    answer.extensions_mut().insert(ContentPolicy::new().form_may_reach(redirect_uri));
    answer
}

pub(super) fn authority(place: &Place) -> Authority {
    Authority::new(&place.authority().name, &place.desk.base)
}

/// The client as people see it. Whom the owner put into the configuration, the owner knows; who registered itself, nobody.
pub(super) fn client(known: &KnownClient, redirect_uri: &str) -> Client {
    let client = Client::new(&known.name, redirect_uri);
    if known.registered_itself() {
        return client;
    }
    let client = client.verified();
    // Where Alexa's address stands, people tend to type their Amazon password.
    if redirect_uri.contains("/api/skill/link/") { client.not_the_account_of("Amazon") } else { client }
}

pub(super) fn client_of(target: &Target<'_>) -> Client {
    let rule = &target.client.authorization;
    client(target.client, &target.redirect_uri).tells(rule.policy_uri.as_deref(), rule.tos_uri.as_deref())
}

pub(super) fn account(user: &User) -> Account {
    // A username that was made up tells nobody anything.
    let known = Some(&user.username).filter(|_| user.has_password()).map(String::as_str);
    Account::new(user.display_name(), known.or_else(|| user.text("email")).unwrap_or(&user.username))
}

pub(super) fn scopes(names: &[String], api: Option<&Api>) -> Vec<Scope> {
    let words = |name: &String| api.and_then(|api| api.scope(name)).map(|scope| scope.text.as_str());
    names.iter().map(|name| Scope::new(name, words(name))).collect()
}

/// Prints the outcomes that end a flow; `None` for those that go on.
pub(super) fn ended(place: &Place, asker: &Asker, outcome: &AuthorizeOutcome<'_>) -> Option<Response> {
    match outcome {
        AuthorizeOutcome::SignIn { .. } | AuthorizeOutcome::Allowed(_) | AuthorizeOutcome::Consent(_) => None,
        AuthorizeOutcome::Redirect { answer, reason } => {
            tracing::warn!(reason, "authorization refused; the client is told");
            Some(back_to_client(place, asker, answer))
        }
        AuthorizeOutcome::ErrorPage(refusal) => Some(error_page(place, asker, refusal)),
    }
}

fn error_page(place: &Place, asker: &Asker, refusal: &PageRefusal) -> Response {
    let page = ErrorPage::new(refusal.reason(), &asker.request_id);
    let sent = Form::parse(&asker.query).unwrap_or_default();
    let page = match refusal {
        PageRefusal::RedirectUriUnknown { nearest } => {
            let uri = sent.first("redirect_uri").unwrap_or_default();
            let uri = sayso_web::harmless::harmless(uri, 300);
            tracing::warn!(
                reason = refusal.reason(),
                sent = uri,
                nearest = nearest.as_deref(),
                "authorization refused"
            );
            page.detail(&format!("redirect_uri {uri}"))
        }
        PageRefusal::Repeated(name) => {
            tracing::warn!(reason = refusal.reason(), name, "authorization refused");
            page.detail(name)
        }
        _ => {
            tracing::warn!(reason = refusal.reason(), "authorization refused");
            page
        }
    };
    asker.error(place, StatusCode::BAD_REQUEST, page)
}
