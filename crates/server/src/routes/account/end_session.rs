//! The end-session endpoint (OpenID Connect RP-Initiated Logout section 2): clients send people here to sign out.
//!
//! Nothing happens here but a look at the request: the person is asked at `/logout`, and what was found travels there sealed.
//! So an ID token that came in a form reaches no URL, and a form posted from another site, with which no cookie comes, is
//! answered by a page that sees the session.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use sayso_authority::decide::end_session::{LogoutWish, end_session};
use sayso_authority::record::client::Client;
use sayso_authority::wire::logout::{LogoutRequest, UnreadableLogout};
use sayso_authority::wire::query::with_parameters;
use serde::{Deserialize, Serialize};

use super::faces::{Asker, see_other};
use crate::place::Place;

/// What the carried request is sealed for.
const CARRIED: &str = "logout request";

/// `GET` of the end-session endpoint.
pub(crate) async fn get(State(place): State<Place>, asker: Asker) -> Response {
    answer(&place, &asker, &asker.query)
}

/// `POST` of the end-session endpoint.
pub(crate) async fn post(State(place): State<Place>, asker: Asker, body: Bytes) -> Response {
    match std::str::from_utf8(&body) {
        Ok(body) => answer(&place, &asker, body),
        Err(_) => asker.refused(&place, StatusCode::BAD_REQUEST, "request_malformed"),
    }
}

fn answer(place: &Place, asker: &Asker, parameters: &str) -> Response {
    let request = LogoutRequest::parse(parameters);
    match end_session(place.authority(), &request, &place.desk.public) {
        Ok(wish) => see_other(&ask_at(place, &request, &wish)),
        Err(refused) => asker.refused(place, StatusCode::BAD_REQUEST, refused.reason()),
    }
}

/// The address of the page that asks.
fn ask_at(place: &Place, request: &Result<LogoutRequest, UnreadableLogout>, wish: &LogoutWish<'_>) -> String {
    let request = request.as_ref().ok();
    let carried = wish.client.map(|client| {
        let redirect_uri = wish.redirect_uri.map(str::to_owned);
        let state = request.and_then(|request| request.state.clone());
        Carried { client: client.id.clone(), redirect_uri, state }.seal(place)
    });
    let locales = request.and_then(|request| request.ui_locales.as_deref());
    let parameters = [("flow", carried.as_deref()), ("ui_locales", locales)];
    let parameters: Vec<_> = parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    with_parameters(&place.path("/logout"), &parameters)
}

/// A logout request that was found good, on its way to the page.
#[derive(Deserialize, Serialize)]
struct Carried {
    client: String,
    redirect_uri: Option<String>,
    state: Option<String>,
}

impl Carried {
    fn seal(&self, place: &Place) -> String {
        // Three texts always serialise.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        place.house.sealer.seal(&purpose(place), &plain, &mut place.house.entropy.clone())
    }
}

fn purpose(place: &Place) -> String {
    format!("{}/{CARRIED}", place.authority().id)
}

/// What a carried request still asks for: the configuration may have changed on the way.
#[derive(Default)]
pub(super) struct Sent<'a> {
    /// The client that sent the person.
    pub(super) client: Option<&'a Client>,
    /// Where they go afterwards.
    pub(super) target: Option<String>,
}

/// Opens what travelled; what does not open asks for nothing.
pub(super) fn sent<'a>(place: &'a Place, sealed: Option<&str>) -> Sent<'a> {
    let opened = sealed.and_then(|sealed| place.house.sealer.open(&purpose(place), sealed));
    let carried = opened.and_then(|plain| serde_json::from_slice::<Carried>(&plain).ok());
    let Some(Carried { client, redirect_uri, state }) = carried else { return Sent::default() };
    let client = place.authority().client(&client).filter(|client| !client.disabled);
    let registered = client.and_then(|client| {
        let all = &client.logout.post_logout_redirect_uris;
        all.iter().find(|known| Some(*known) == redirect_uri.as_ref())
    });
    let wish = LogoutWish { client, redirect_uri: registered.map(String::as_str) };
    Sent { client, target: wish.target(state.as_deref()) }
}
