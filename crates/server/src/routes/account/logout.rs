//! Signing out: here, and everywhere.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use sayso_authority::Decision;
use sayso_authority::decide::sign_out::{Never, sign_out, sign_out_everywhere};
use sayso_authority::record::logout_notice::LogoutNotice;
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_web::csrf::PostedForm;

use super::end_session::{Sent, sent};
use super::faces::{Asker, account, authority, client, may_reach, see_other};
use crate::browser::{Visitor, clear_session, visitor};
use crate::logouts::tell_while_waiting;
use crate::pages;
use crate::pages::{LogoutPage, SignedOutPage};
use crate::place::Place;

/// The purpose of the tokens of the account page's forms, the sign-out one among them.
pub(super) fn purpose(place: &Place) -> String {
    format!("{}/account", place.authority().id)
}

/// `GET /logout`: asks; a link alone signs nobody out. Where nobody is signed in there is nothing to ask.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    let query = Form::parse(&asker.query).unwrap_or_default();
    let flow = query.first("flow");
    let wish = sent(&place, flow);
    match visitor(&place, &asker.headers).await {
        Ok(Some(visitor)) => page(&place, &asker, &visitor, (flow, &wish)),
        Ok(None) => on(&place, &wish),
        Err(error) => asker.unavailable(&error),
    }
}

fn page(place: &Place, asker: &Asker, visitor: &Visitor, (flow, wish): (Option<&str>, &Sent<'_>)) -> Response {
    let page = LogoutPage {
        authority: authority(place),
        account: account(&visitor.user),
        client: wish.client.map(|sender| client(sender, wish.target.as_deref().unwrap_or_default())),
        form: pages::Form {
            action: place.path("/logout"),
            csrf: place.house.csrf.issue(&purpose(place), &visitor.cookie),
            flow: wish.client.and(flow).map(str::to_owned),
        },
    };
    let answer = asker.show(place, StatusCode::OK, &page);
    match &wish.target {
        Some(target) => may_reach(answer, target),
        None => answer,
    }
}

/// Where somebody goes who is signed out: back to the client that sent them, or to the page that says so.
fn on(place: &Place, wish: &Sent<'_>) -> Response {
    match &wish.target {
        Some(target) => see_other(target),
        None => see_other(&place.path("/signed-out")),
    }
}

/// `GET /signed-out`: says that nobody is signed in any more.
pub(crate) async fn signed_out(State(place): State<Place>, asker: Asker) -> Response {
    asker.show(&place, StatusCode::OK, &SignedOutPage { authority: authority(&place) })
}

/// `POST /logout`, with `everywhere` for all sessions of the person.
pub(crate) async fn post(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let form = std::str::from_utf8(&body).ok().and_then(|text| Form::parse(text).ok()).unwrap_or_default();
    let wish = sent(&place, form.first("flow"));
    let visitor = match visitor(&place, &asker.headers).await {
        Ok(visitor) => visitor,
        Err(error) => return asker.unavailable(&error),
    };
    if let Some(visitor) = visitor {
        let token = form.first("csrf").unwrap_or_default();
        let posted = PostedForm { purpose: &purpose(&place), browser: &visitor.cookie, token };
        if let Err(forged) = place.house.csrf.check(&asker.headers, &place.authority().issuer, &posted) {
            return asker.refused(&place, StatusCode::BAD_REQUEST, forged.reason());
        }
        let ended = match form.first("everywhere") {
            Some(_) => end_all_sessions(&place, &visitor).await,
            None => end_session(&place, &visitor).await,
        };
        match ended {
            Ok(notices) => tell_while_waiting(&place, notices).await,
            Err(error) => return asker.unavailable(&error),
        }
    }
    let mut answer = on(&place, &wish);
    clear_session(&place, &mut answer);
    answer
}

/// Ends the visitor's session; the cookie is the caller's to clear. What clients are to be told is remembered, and told by
/// whoever looks next.
pub(super) async fn end_session(place: &Place, visitor: &Visitor) -> Result<Vec<LogoutNotice>, StoreError> {
    let session = visitor.session.digest;
    let decide = |lookups: sayso_store::Lookups, now| async move {
        Ok(match lookups.joined_session(&session).await? {
            Some(ended) => sign_out(place.authority(), &ended, now),
            // Another request has ended it.
            None => Decision::reply(Vec::new()),
        })
    };
    told(place.house.store.settle(&*place.house.clock, decide).await?)
}

async fn end_all_sessions(place: &Place, visitor: &Visitor) -> Result<Vec<LogoutNotice>, StoreError> {
    let user = &visitor.user.id;
    let decide = |lookups: sayso_store::Lookups, now| async move {
        Ok(sign_out_everywhere(user, &lookups.joined_sessions(user).await?, now))
    };
    told(place.house.store.settle(&*place.house.clock, decide).await?)
}

fn told(settled: Result<Vec<LogoutNotice>, Never>) -> Result<Vec<LogoutNotice>, StoreError> {
    match settled {
        Ok(notices) => Ok(notices),
        Err(never) => match never {},
    }
}
