//! Signing in.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use sayso_authority::decide::authorize::{AuthorizeOutcome, Target};
use sayso_authority::decide::sign_in::{self, SignIn};
use sayso_authority::record::connection::Connection;
use sayso_authority::record::user::User;
use sayso_authority::wire::authorize::AuthorizeRequest;
use sayso_authority::wire::error::ErrorCode;
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_token::digest::Digest;
use sayso_token::pairwise::PREFIX;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;
use sayso_web::csrf::{ForgedForm, PostedForm};
use sayso_web::limits::retry_after;

use super::faces::{Asker, authority, back_to_client, client_of, ended, may_reach, see_other};
use super::flow::Flow;
use crate::browser::{browser, counting_key, session_digest, set_known, set_session};
use crate::guessing::{DURING, count_wrong, forget_tries, is_stuffed, take_try};
use crate::pages;
use crate::pages::{LoginPage, LoginProblem, Way};
use crate::place::Place;

/// The longest password that is hashed, in bytes.
const MAX_PASSWORD_BYTES: usize = 512;

/// `GET /login`: the page.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    match arrived(&place, &asker).await {
        Ok(arrival) => page(&place, &asker, &arrival, &Shown::default()),
        Err(answer) => *answer,
    }
}

/// `POST /login`: the answer.
pub(crate) async fn post(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let arrival = match arrived(&place, &asker).await {
        Ok(arrival) => arrival,
        Err(answer) => return *answer,
    };
    let Some(form) = std::str::from_utf8(&body).ok().and_then(|text| Form::parse(text).ok()) else {
        return asker.refused(&place, StatusCode::BAD_REQUEST, "form_unreadable");
    };
    let username = form.first("username").unwrap_or_default();
    if let Err(forged) = check_form(&place, &asker, &form) {
        return not_this_form(&place, &asker, &arrival, (username, forged));
    }
    if let Some(target) = arrival.target.as_ref().filter(|_| form.first("decision") == Some("cancel")) {
        let answer = target.error(ErrorCode::AccessDenied, "the person did not sign in");
        return back_to_client(&place, &asker, &answer);
    }
    let password = Secret::new(form.first("password").unwrap_or_default());
    match sign_in(&place, &asker, username, &password).await {
        Ok(Ok(signed_in)) => welcome(&place, arrival, &signed_in),
        Ok(Err(problem)) => page(&place, &asker, &arrival, &Shown { username, problem: Some(problem) }),
        Err(error) => asker.unavailable(&error),
    }
}

/// For whom the person signs in: a client's request, or (without one in the query) their own account page.
pub(super) struct Arrival<'a> {
    pub(super) flow: Flow<'a>,
    pub(super) target: Option<Target<'a>>,
}

pub(super) async fn arrived<'a>(place: &'a Place, asker: &Asker) -> Result<Arrival<'a>, Box<Response>> {
    let flow = Flow::under_way(place, asker).await.map_err(|error| Box::new(asker.unavailable(&error)))?;
    let asks_nothing = |request: &AuthorizeRequest| {
        request.client_id.is_none() && request.redirect_uri.is_none() && request.response_type.is_none()
    };
    if flow.request.as_ref().is_ok_and(asks_nothing) {
        return Ok(Arrival { flow, target: None });
    }
    let outcome = flow.outcome(None);
    if let Some(answer) = ended(place, asker, &outcome) {
        return Err(Box::new(answer));
    }
    match outcome {
        AuthorizeOutcome::SignIn { target } => Ok(Arrival { flow, target: Some(target) }),
        _ => Err(Box::new(see_other(&place.path("/login")))),
    }
}

/// The purpose of the login form's token: this authority's, nothing else.
fn purpose(place: &Place) -> String {
    format!("{}/login", place.authority().id)
}

pub(super) fn check_form(place: &Place, asker: &Asker, form: &Form) -> Result<(), ForgedForm> {
    let (browser, new) = browser(place, &asker.headers);
    let browser = if new { "" } else { &browser };
    let token = form.first("csrf").unwrap_or_default();
    let posted = PostedForm { purpose: &purpose(place), browser, token };
    place.house.csrf.check(&asker.headers, &place.authority().issuer, &posted)
}

/// A form of another browser, or one that lay open too long: nothing is judged, the page is shown anew.
pub(super) fn not_this_form(
    place: &Place,
    asker: &Asker,
    arrival: &Arrival<'_>,
    (username, forged): (&str, ForgedForm),
) -> Response {
    tracing::warn!(reason = forged.reason(), "login form refused");
    if forged == ForgedForm::CrossSite {
        return asker.refused(place, StatusCode::FORBIDDEN, forged.reason());
    }
    page(place, asker, arrival, &Shown { username, problem: Some(LoginProblem::FormExpired) })
}

/// What the page shows beside the form.
#[derive(Default)]
struct Shown<'a> {
    username: &'a str,
    problem: Option<LoginProblem>,
}

fn page(place: &Place, asker: &Asker, arrival: &Arrival<'_>, shown: &Shown<'_>) -> Response {
    let Arrival { flow, target } = arrival;
    let username = Some(shown.username).filter(|name| !name.is_empty()).or_else(|| hinted_name(flow));
    let page = LoginPage {
        authority: authority(place),
        client: target.as_ref().map(client_of),
        form: pages::Form {
            action: target.as_ref().map_or_else(|| place.path("/login"), |_| flow.path("/login")),
            csrf: place.house.csrf.issue(&purpose(place), flow.browser()),
            flow: None,
        },
        username: username.unwrap_or_default().chars().take(254).collect(),
        ways: ways(place, arrival),
        problem: shown.problem,
    };
    let (status, wait) = status_of(shown.problem);
    let mut answer = asker.show(place, status, &page);
    if let Some(wait) = wait {
        answer = ([retry_after(wait)], answer).into_response();
    }
    flow.remember_browser(&mut answer);
    match target {
        Some(target) => may_reach(answer, &target.redirect_uri),
        None => answer,
    }
}

/// The providers at which somebody may sign in instead.
fn ways(place: &Place, Arrival { flow, target }: &Arrival<'_>) -> Vec<Way> {
    let connections = place.authority().connections.iter();
    let way = |connection: &Connection| {
        let page = format!("/connections/{}/begin", connection.id);
        let action = target.as_ref().map_or_else(|| place.path(&page), |_| flow.path(&page));
        Way::new(&connection.id, &connection.name, &action)
    };
    connections.map(way).collect()
}

/// What a `login_hint` types in. Subjects, which our own account page hands out as hints, are no names to sign in with.
pub(super) fn hinted_name<'a>(flow: &'a Flow<'_>) -> Option<&'a str> {
    let hint = flow.request.as_ref().ok()?.login_hint.as_deref()?;
    (!hint.starts_with("usr_") && !hint.starts_with(PREFIX)).then_some(hint)
}

fn status_of(problem: Option<LoginProblem>) -> (StatusCode, Option<Lifetime>) {
    match problem {
        None => (StatusCode::OK, None),
        Some(LoginProblem::WrongCredentials) => (StatusCode::UNAUTHORIZED, None),
        Some(LoginProblem::FormExpired) => (StatusCode::BAD_REQUEST, None),
        Some(LoginProblem::Busy) => (StatusCode::SERVICE_UNAVAILABLE, Some(Lifetime::from_seconds(2))),
        Some(LoginProblem::TooManyTries { wait_seconds }) => {
            (StatusCode::TOO_MANY_REQUESTS, Some(Lifetime::from_seconds(wait_seconds)))
        }
    }
}

struct SignedIn {
    cookie: Secret,
    user: User,
}

/// Counts the try, finds out whether the password fits, decides.
async fn sign_in(
    place: &Place,
    asker: &Asker,
    username: &str,
    password: &Secret,
) -> Result<Result<SignedIn, LoginProblem>, StoreError> {
    let username = User::canonical(username);
    let counted = counting_key(place, &asker.headers, &username);
    if let Err(wait) = take_try(place, asker.peer, &counted).await? {
        return Ok(Err(LoginProblem::TooManyTries { wait_seconds: wait.seconds() }));
    }
    let user = place.house.store.lookups().user_by_username(&username).await?;
    let needed = sign_in::begin(user.as_ref());
    let fits = if password.expose().len() > MAX_PASSWORD_BYTES {
        false
    } else {
        match place.house.passwords.verify(needed.stored, password).await {
            Ok(fits) => fits,
            Err(_) => return Ok(Err(LoginProblem::Busy)),
        }
    };
    let previous = session_digest(place, &asker.headers);
    let user_ref = user.as_ref();
    let mut store = place.store_for(asker.peer);
    if is_stuffed(place).await? {
        store = store.stamped(DURING.0, DURING.1);
    }
    let settled = store
        .settle(&*place.house.clock, |lookups, now| async move {
            let authority = place.authority();
            let previous = match &previous {
                Some(digest) => lookups.joined_session(digest).await?,
                None => None,
            };
            let request = SignIn { authority, user: user_ref, password_fits: fits, previous };
            Ok(place.decide(now, |ambient| sign_in::finish(&request, ambient)))
        })
        .await?;
    Ok(match (settled, user) {
        (Ok(cookie), Some(user)) => {
            forget_tries(place, &counted).await?;
            Ok(SignedIn { cookie, user })
        }
        (Err(refused), _) => {
            tracing::info!(reason = refused.reason(), "sign-in refused");
            count_wrong(place).await?;
            Err(LoginProblem::WrongCredentials)
        }
        (Ok(_), None) => Err(LoginProblem::WrongCredentials),
    })
}

fn welcome(place: &Place, arrival: Arrival<'_>, signed_in: &SignedIn) -> Response {
    let mut flow = arrival.flow;
    flow.progress = flow.progress.with_sign_in(Digest::of(signed_in.cookie.expose().as_bytes()));
    let mut answer = if arrival.target.is_some() { flow.go_to("/consent") } else { see_other(&place.path("/account")) };
    set_session(place, &mut answer, &signed_in.cookie);
    set_known(place, &mut answer, &signed_in.user);
    answer
}
