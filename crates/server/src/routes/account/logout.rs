//! Signing out.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use sayso_authority::decide::sign_out::sign_out;
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_web::csrf::PostedForm;

use super::faces::{Asker, account, authority};
use crate::browser::{Visitor, clear_session, visitor};
use crate::pages;
use crate::pages::{LogoutPage, SignedOutPage};
use crate::place::Place;

/// The purpose of the tokens of the account page's forms, the sign-out one among them.
pub(super) fn purpose(place: &Place) -> String {
    format!("{}/account", place.authority().id)
}

/// `GET /logout`: asks; a link alone signs nobody out.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    match visitor(&place, &asker.headers).await {
        Ok(Some(visitor)) => {
            let page = LogoutPage {
                authority: authority(&place),
                account: account(&visitor.user),
                form: pages::Form {
                    action: place.path("/logout"),
                    csrf: place.house.csrf.issue(&purpose(&place), &visitor.cookie),
                    flow: None,
                },
            };
            asker.show(&place, StatusCode::OK, &page)
        }
        Ok(None) => asker.show(&place, StatusCode::OK, &SignedOutPage { authority: authority(&place) }),
        Err(error) => asker.unavailable(&error),
    }
}

/// `POST /logout`.
pub(crate) async fn post(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let visitor = match visitor(&place, &asker.headers).await {
        Ok(visitor) => visitor,
        Err(error) => return asker.unavailable(&error),
    };
    if let Some(visitor) = visitor {
        let form = std::str::from_utf8(&body).ok().and_then(|text| Form::parse(text).ok()).unwrap_or_default();
        let token = form.first("csrf").unwrap_or_default();
        let posted = PostedForm { purpose: &purpose(&place), browser: &visitor.cookie, token };
        if let Err(forged) = place.house.csrf.check(&asker.headers, &place.authority().issuer, &posted) {
            return asker.refused(&place, StatusCode::BAD_REQUEST, forged.reason());
        }
        if let Err(error) = end_session(&place, &visitor).await {
            return asker.unavailable(&error);
        }
    }
    let mut answer = asker.show(&place, StatusCode::OK, &SignedOutPage { authority: authority(&place) });
    clear_session(&place, &mut answer);
    answer
}

/// Ends the visitor's session; the cookie is the caller's to clear.
pub(super) async fn end_session(place: &Place, visitor: &Visitor) -> Result<(), StoreError> {
    let decide = |_, _| async move { Ok(sign_out(place.authority(), &visitor.session)) };
    match place.house.store.settle(&*place.house.clock, decide).await? {
        Ok(()) => Ok(()),
        Err(never) => match never {},
    }
}
