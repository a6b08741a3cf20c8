//! Out to the provider.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use sayso_authority::decide::upstream::outward::{Afresh, Wish, begin};
use sayso_authority::record::connection::Connection;
use sayso_authority::wire::form::Form;
use sayso_token::time::Lifetime;
use sayso_web::csrf::PostedForm;

use super::super::faces::{Asker, authority};
use super::super::login::{self, Arrival};
use super::super::logout::purpose;
use super::{Failed, Onward, Trouble, redirect_uri, unknown};
use crate::browser::{set_outward, visitor};
use crate::guessing::source;
use crate::pages::GoingPage;
use crate::place::Place;

/// `POST /connections/{id}/begin`: from the login page, or with `connect` from the account page.
pub(crate) async fn post(State(place): State<Place>, Path(id): Path<String>, asker: Asker, body: Bytes) -> Response {
    let Some(connection) = place.authority().connection(&id) else {
        return unknown(&place, &asker);
    };
    let Some(form) = std::str::from_utf8(&body).ok().and_then(|text| Form::parse(text).ok()) else {
        return asker.refused(&place, StatusCode::BAD_REQUEST, "form_unreadable");
    };
    if form.first("connect").is_some() {
        return match for_account(&place, &asker, &form).await {
            Ok(onward) => go(&place, &asker, connection, &Leaving { onward, afresh: None, hint: None }).await,
            Err(answer) => *answer,
        };
    }
    let arrival = match login::arrived(&place, &asker).await {
        Ok(arrival) => arrival,
        Err(answer) => return *answer,
    };
    if let Err(forged) = login::check_form(&place, &asker, &form) {
        return login::not_this_form(&place, &asker, &arrival, ("", forged));
    }
    go(&place, &asker, connection, &leaving(&arrival)).await
}

/// What somebody takes with them.
struct Leaving {
    onward: Onward,
    afresh: Option<Afresh>,
    hint: Option<String>,
}

fn leaving(arrival: &Arrival<'_>) -> Leaving {
    let (Some(target), Ok(request)) = (&arrival.target, &arrival.flow.request) else {
        return Leaving { onward: Onward::Account, afresh: None, hint: None };
    };
    let (query, progress) = arrival.flow.onward();
    let asked = request.max_age.as_deref().and_then(|text| text.parse().ok());
    let max_age = asked.or(target.client.default_max_age).map(Lifetime::from_seconds);
    let afresh = if request.prompts("login") { Some(Afresh::Login) } else { max_age.map(Afresh::MaxAge) };
    Leaving {
        onward: Onward::Flow { query, progress },
        afresh,
        hint: login::hinted_name(&arrival.flow).map(str::to_owned),
    }
}

/// Whoever is signed in, and has pressed the button on their own account page.
async fn for_account(place: &Place, asker: &Asker, form: &Form) -> Result<Onward, Box<Response>> {
    let visitor = match visitor(place, &asker.headers).await {
        Ok(Some(visitor)) => visitor,
        Ok(None) => return Err(Box::new(super::super::faces::see_other(&place.path("/login")))),
        Err(error) => return Err(Box::new(asker.unavailable(&error))),
    };
    let token = form.first("csrf").unwrap_or_default();
    let posted = PostedForm { purpose: &purpose(place), browser: &visitor.cookie, token };
    match place.house.csrf.check(&asker.headers, &place.authority().issuer, &posted) {
        Ok(()) => Ok(Onward::Connect(visitor.session.digest)),
        Err(forged) => Err(Box::new(asker.refused(place, StatusCode::BAD_REQUEST, forged.reason()))),
    }
}

async fn go(place: &Place, asker: &Asker, connection: &Connection, leaving: &Leaving) -> Response {
    let again = leaving.onward.again(place, asker);
    let failed =
        |status, reason, words| Failed { status, reason, words }.page((place, asker), connection, Some(&again));
    let from = source(asker.peer).map(|source| source.to_string()).unwrap_or_default();
    if !from.is_empty() && place.house.limits.leaving.take(&from).is_err() {
        return failed(StatusCode::TOO_MANY_REQUESTS, Trouble::TooMany.reason(), "busy");
    }
    let provider = match place.house.providers.provider(&connection.issuer).await {
        Ok(provider) => provider,
        Err(why) => return failed(StatusCode::SERVICE_UNAVAILABLE, why.reason(), "upstream_unreachable"),
    };
    let wish = Wish {
        redirect_uri: redirect_uri(place, connection),
        login_hint: leaving.hint.clone(),
        ui_locales: Some(asker.locale(place).tag().to_owned()),
        afresh: leaving.afresh,
        return_to: leaving.onward.to_text(),
    };
    let (outward, url) = place.decide(place.now(), |ambient| begin(connection, &provider, &wish, ambient));
    let page = GoingPage { authority: authority(place), provider: connection.name.clone(), url };
    let mut answer = asker.show(place, StatusCode::OK, &page);
    if !set_outward(place, &mut answer, &outward) {
        return failed(StatusCode::BAD_REQUEST, Trouble::RequestTooLong.reason(), "upstream_too_long");
    }
    answer
}
