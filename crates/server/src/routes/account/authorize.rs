//! The authorization endpoint (RFC 6749 section 3.1): decides which page comes next and sends the browser there; the
//! request travels on in the URL. It writes nothing, unless the person who is signed in has allowed all of it before.

use axum::extract::State;
use axum::response::Response;
use sayso_authority::decide::authorize::{AuthorizeOutcome, Step, authorize};
use sayso_authority::wire::authorize::AuthorizeRequest;

use super::consent::without_asking;
use super::faces::{Asker, ended, see_other, with_query};
use crate::browser::remembered_visitor;
use crate::place::Place;

/// `GET` of the authorization endpoint.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    let visitor = match remembered_visitor(&place, &asker.headers).await {
        Ok(visitor) => visitor,
        Err(error) => return asker.unavailable(&error),
    };
    let request = AuthorizeRequest::parse(&asker.query);
    let signed_in = visitor.as_ref().map(crate::browser::Visitor::signed_in);
    let outcome = authorize(place.authority(), &request, signed_in, Step::Arrival, place.now());
    if let Some(answer) = ended(&place, &asker, &outcome) {
        return answer;
    }
    if let (AuthorizeOutcome::Allowed(wish), Some(visitor)) = (&outcome, &visitor)
        && let Some(answer) = without_asking(&place, &asker, visitor, wish).await
    {
        return answer;
    }
    let page = if matches!(outcome, AuthorizeOutcome::Consent(_) | AuthorizeOutcome::Allowed(_)) {
        "/consent"
    } else {
        "/login"
    };
    see_other(&with_query(&place.path(page), &asker.query))
}
