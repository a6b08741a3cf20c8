//! Consent: the person allows or denies.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use sayso_authority::decide::authorize::{AuthorizeOutcome, SignedIn, Wish};
use sayso_authority::decide::consent::{
    AnsweredBefore, CONSENT_FORM, Choice, Consent, MustAsk, consent, consent_remembered,
};
use sayso_authority::wire::answer::ClientAnswer;
use sayso_authority::wire::form::Form;
use sayso_store::{Lookups, StoreError};
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;
use sayso_web::csrf::PostedForm;
use sayso_web::listen::Peer;

use super::faces::{Asker, account, authority, back_to_client, client_of, ended, may_reach, scopes, with_query};
use super::flow::{Flow, outcome_for};
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
    let (visitor, Asked { flow, wish, .. }) = match asked(&place, &asker).await {
        Ok(asked) => asked,
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
        Some("switch") => return switch(&place, &asker, &visitor, &flow).await,
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
    match settle(&place, &request, asker.peer).await {
        Ok(Ok(answer)) => back_to_client(&place, &asker, &answer),
        Ok(Err(AnsweredBefore)) | Err(StoreError::Contended) => {
            asker.refused(&place, StatusCode::BAD_REQUEST, "form_answered_before")
        }
        Err(error) => asker.unavailable(&error),
    }
}

async fn settle(
    place: &Place,
    request: &Consent<'_>,
    peer: Option<Peer>,
) -> Result<Result<ClientAnswer, AnsweredBefore>, StoreError> {
    place
        .store_for(peer)
        .settle(&*place.house.clock, |lookups, now| async move {
            let answered_before =
                lookups.is_spent(CONSENT_FORM, &request.form).await? || is_gone(request.wish, &lookups).await?;
            let request = Consent { answered_before, ..*request };
            Ok(place.decide(now, |ambient| consent(&request, ambient)))
        })
        .await
}

/// Whether it is about a pushed request that was answered meanwhile.
async fn is_gone(wish: &Wish<'_>, lookups: &Lookups) -> Result<bool, StoreError> {
    match &wish.pushed {
        Some(request) => Ok(lookups.pushed_request(request).await?.is_none()),
        None => Ok(false),
    }
}

/// The code, for a person who need not be asked. `None`: they must be after all, for what they had allowed has ended.
pub(super) async fn without_asking(
    place: &Place,
    asker: &Asker,
    visitor: &Visitor,
    wish: &Wish<'_>,
) -> Option<Response> {
    let settled: Result<Result<ClientAnswer, MustAsk>, StoreError> = place
        .store_for(asker.peer)
        .settle(&*place.house.clock, |lookups, now| async move {
            let grants = lookups.grants_of_user(&visitor.user.id, Some(&place.authority().id)).await?;
            let signed_in = SignedIn { grants: &grants, ..visitor.signed_in() };
            Ok(place.decide(now, |ambient| consent_remembered(wish, signed_in, ambient)))
        })
        .await;
    match settled {
        Ok(Ok(answer)) => Some(back_to_client(place, asker, &answer)),
        // Another tab has answered the same pushed request.
        Err(StoreError::Contended) => Some(asker.refused(place, StatusCode::BAD_REQUEST, "invalid_request_uri")),
        Ok(Err(MustAsk)) => None,
        Err(error) => Some(asker.unavailable(&error)),
    }
}

/// What is asked for, and whether it was allowed before.
struct Asked<'a> {
    flow: Flow<'a>,
    wish: Wish<'a>,
    allowed: bool,
}

/// Who is asked and what for; or the answer that comes instead.
async fn asked<'a>(place: &'a Place, asker: &Asker) -> Result<(Visitor, Asked<'a>), Box<Response>> {
    let unavailable = |error| Box::new(asker.unavailable(&error));
    let flow = Flow::under_way(place, asker).await.map_err(unavailable)?;
    let visitor = remembered_visitor(place, &asker.headers).await.map_err(unavailable)?;
    let outcome = outcome_for(&flow, visitor.as_ref());
    if let Some(answer) = ended(place, asker, &outcome) {
        return Err(Box::new(answer));
    }
    match (outcome, visitor) {
        (AuthorizeOutcome::Consent(wish), Some(visitor)) => Ok((visitor, Asked { flow, wish, allowed: false })),
        (AuthorizeOutcome::Allowed(wish), Some(visitor)) => Ok((visitor, Asked { flow, wish, allowed: true })),
        _ => Err(Box::new(flow.go_to("/login"))),
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
        scopes: scopes(&wish.told_scopes(), Some(wish.api)),
        form: pages::Form {
            action: with_query(&place.path("/consent"), &asker.query),
            csrf: place.house.csrf.issue(&purpose(place, asker), &visitor.cookie),
            flow: None,
        },
    };
    may_reach(asker.show(place, StatusCode::OK, &page), &wish.target.redirect_uri)
}

/// "Not you?": ends the session and asks for another account.
async fn switch(place: &Place, asker: &Asker, visitor: &Visitor, flow: &Flow<'_>) -> Response {
    if let Err(error) = end_session(place, visitor).await {
        return asker.unavailable(&error);
    }
    let mut answer = flow.go_to("/login");
    clear_session(place, &mut answer);
    answer
}
