//! The authorization endpoint (RFC 6749 section 3.1): decides which page comes next and sends the browser there; the
//! request travels on in the URL. It writes nothing, unless the person who is signed in has allowed all of it before.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use sayso_authority::decide::authorize::AuthorizeOutcome;
use sayso_authority::wire::form::Form;
use sayso_authority::wire::query::form_encoded;

use super::consent::without_asking;
use super::faces::{Asker, ended, see_other, with_query};
use super::flow::{Flow, outcome_for};
use crate::browser::remembered_visitor;
use crate::place::Place;

/// The longest request that is taken as a form, in bytes: as a URL it must still fit through every proxy.
const LONGEST_FORM: usize = 16 * 1024;

/// `GET` of the authorization endpoint.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    let flow = match Flow::arriving(&place, &asker).await {
        Ok(flow) => flow,
        Err(error) => return asker.unavailable(&error),
    };
    let visitor = match remembered_visitor(&place, &asker.headers).await {
        Ok(visitor) => visitor,
        Err(error) => return asker.unavailable(&error),
    };
    let outcome = outcome_for(&flow, visitor.as_ref());
    if let Some(answer) = ended(&place, &asker, &outcome) {
        return answer;
    }
    if let (AuthorizeOutcome::Allowed(wish), Some(visitor)) = (&outcome, &visitor)
        && let Some(answer) = without_asking(&place, &asker, visitor, wish).await
    {
        return answer;
    }
    let signs_in = matches!(outcome, AuthorizeOutcome::SignIn { .. });
    flow.go_to(if signs_in { "/login" } else { "/consent" })
}

/// `POST` of the authorization endpoint: the same as a `GET` (OpenID Connect Core section 3.1.2.1), and answered by one.
/// From another site the browser brings no session along with a form, but with the redirect that follows it.
pub(crate) async fn post(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let text = std::str::from_utf8(&body).ok().filter(|text| text.len() <= LONGEST_FORM);
    let Some(form) = text.and_then(|text| Form::parse(text).ok()) else {
        return asker.refused(&place, StatusCode::BAD_REQUEST, "request_malformed");
    };
    let pairs: Vec<_> = form.pairs().collect();
    see_other(&with_query(&place.path(place.authority().layout.endpoints().authorization), &form_encoded(&pairs)))
}
