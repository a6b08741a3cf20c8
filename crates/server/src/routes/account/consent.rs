//! Consent: the person allows or denies.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use sayso_authority::decide::authorize::{AuthorizeOutcome, SignedIn, Step, Wish, authorize};
use sayso_authority::decide::consent::{
    AnsweredBefore, CONSENT_FORM, Choice, Consent, MustAsk, consent, consent_remembered,
};
use sayso_authority::wire::authorize::AuthorizeRequest;
use sayso_authority::wire::form::Form;
use sayso_store::StoreError;
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;
use sayso_web::csrf::PostedForm;

use super::faces::{
    Asker, account, authority, back_to_client, client_of, ended, may_reach, scopes, see_other, with_query,
};
use super::logout::end_session;
use crate::browser::{Visitor, clear_session, remembered_visitor};
use crate::pages;
use crate::pages::ConsentPage;
use crate::place::Place;

/// The answer to a form is remembered a little longer than the form can be answered.
const FORM_MEMORY: Lifetime = Lifetime::from_seconds(2 * 60 * 60);

/// `GET /consent`: the page.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    let (visitor, asked) = match asked(&place, &asker).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    if asked.allowed
        && let Some(answer) = without_asking(&place, &asker, &visitor, &asked.wish).await
    {
        return answer;
    }
    page(&place, &asker, &visitor, &asked.wish)
}

/// `POST /consent`: the answer.
pub(crate) async fn post(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    let (visitor, wish) = match asked(&place, &asker).await {
        Ok((visitor, asked)) => (visitor, asked.wish),
        Err(answer) => return *answer,
    };
    let Some(form) = std::str::from_utf8(&body).ok().and_then(|text| Form::parse(text).ok()) else {
        return asker.refused(&place, StatusCode::BAD_REQUEST, "form_unreadable");
    };
    let token = form.first("csrf").unwrap_or_default();
    let posted = PostedForm { purpose: &purpose(&place, &asker), browser: &visitor.cookie, token };
    if let Err(forged) = place.house.csrf.check(&asker.headers, &place.authority().issuer, &posted) {
        return asker.refused(&place, StatusCode::BAD_REQUEST, forged.reason());
    }
    let choice = match form.first("decision") {
        Some("allow") => Choice::Allow,
        Some("deny") => Choice::Deny,
        Some("switch") => return switch(&place, &asker, &visitor).await,
        _ => return asker.refused(&place, StatusCode::BAD_REQUEST, "form_unreadable"),
    };
    let request = Consent {
        wish: &wish,
        signed_in: visitor.signed_in(),
        choice,
        form: Digest::of(token.as_bytes()),
        form_expires_at: place.now() + FORM_MEMORY,
        answered_before: false,
    };
    match settle(&place, &request).await {
        Ok(Ok(url)) => back_to_client(&url),
        Ok(Err(AnsweredBefore)) | Err(StoreError::Contended) => {
            asker.refused(&place, StatusCode::BAD_REQUEST, "form_answered_before")
        }
        Err(error) => asker.unavailable(&error),
    }
}

async fn settle(place: &Place, request: &Consent<'_>) -> Result<Result<String, AnsweredBefore>, StoreError> {
    let store = &place.house.store;
    store
        .settle(&*place.house.clock, |lookups, now| async move {
            let answered_before = lookups.is_spent(CONSENT_FORM, &request.form).await?;
            let request = Consent { answered_before, ..*request };
            Ok(place.decide(now, |ambient| consent(&request, ambient)))
        })
        .await
}

/// The code, for a person who need not be asked. `None`: they must be after all, for what they had allowed has ended.
pub(super) async fn without_asking(
    place: &Place,
    asker: &Asker,
    visitor: &Visitor,
    wish: &Wish<'_>,
) -> Option<Response> {
    let settled: Result<Result<String, MustAsk>, StoreError> = place
        .house
        .store
        .settle(&*place.house.clock, |lookups, now| async move {
            let grants = lookups.grants_of_user(&visitor.user.id, Some(&place.authority().id)).await?;
            let signed_in = SignedIn { grants: &grants, ..visitor.signed_in() };
            Ok(place.decide(now, |ambient| consent_remembered(wish, signed_in, ambient)))
        })
        .await;
    match settled {
        Ok(Ok(url)) => Some(back_to_client(&url)),
        Ok(Err(MustAsk)) => None,
        Err(error) => Some(asker.unavailable(&error)),
    }
}

/// What is asked for, and whether it was allowed before.
struct Asked<'a> {
    wish: Wish<'a>,
    allowed: bool,
}

/// Who is asked and what for; or the answer that comes instead.
async fn asked<'a>(place: &'a Place, asker: &Asker) -> Result<(Visitor, Asked<'a>), Box<Response>> {
    let visitor = remembered_visitor(place, &asker.headers).await;
    let visitor = visitor.map_err(|error| Box::new(asker.unavailable(&error)))?;
    let request = AuthorizeRequest::parse(&asker.query);
    let signed_in = visitor.as_ref().map(Visitor::signed_in);
    let outcome = authorize(place.authority(), &request, signed_in, Step::AfterLogin, place.now());
    if let Some(answer) = ended(place, asker, &outcome) {
        return Err(Box::new(answer));
    }
    match (outcome, visitor) {
        (AuthorizeOutcome::Consent(wish), Some(visitor)) => Ok((visitor, Asked { wish, allowed: false })),
        (AuthorizeOutcome::Allowed(wish), Some(visitor)) => Ok((visitor, Asked { wish, allowed: true })),
        _ => Err(Box::new(see_other(&with_query(&place.path("/login"), &asker.query)))),
    }
}

/// A consent form is for one request of one person: its token holds for no other query and no other session.
fn purpose(place: &Place, asker: &Asker) -> String {
    let request = Digest::of(asker.query.as_bytes()).base64url();
    format!("{}/consent/{request}", place.authority().id)
}

fn page(place: &Place, asker: &Asker, visitor: &Visitor, wish: &Wish<'_>) -> Response {
    let page = ConsentPage {
        authority: authority(place),
        client: client_of(&wish.target),
        account: account(&visitor.user),
        scopes: scopes(&wish.scopes, Some(wish.api)),
        form: pages::Form {
            action: with_query(&place.path("/consent"), &asker.query),
            csrf: place.house.csrf.issue(&purpose(place, asker), &visitor.cookie),
            flow: None,
        },
    };
    may_reach(asker.show(place, StatusCode::OK, &page), &wish.target.redirect_uri)
}

/// "Not you?": ends the session and asks for another account.
async fn switch(place: &Place, asker: &Asker, visitor: &Visitor) -> Response {
    if let Err(error) = end_session(place, visitor).await {
        return asker.unavailable(&error);
    }
    let mut answer = see_other(&with_query(&place.path("/login"), &asker.query));
    clear_session(place, &mut answer);
    answer
}
