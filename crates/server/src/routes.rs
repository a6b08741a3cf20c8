//! The routes of one authority. `routes/oauth` is what machines call, `routes/account` what people see.

mod account;
pub(crate) mod admin;
mod oauth;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};

use crate::place::Place;

/// The addresses of what the authority publishes: its keys and its metadata.
pub(crate) fn published(place: &Place) -> Vec<String> {
    let mut addresses = oauth::metadata::addresses(&place.desk.base);
    addresses.push(format!("{}{}", place.desk.base, place.authority().layout.endpoints().jwks));
    addresses
}

/// All routes of the authority, at the paths of its issuer and layout.
pub(crate) fn of_authority(place: Place) -> Router {
    let endpoints = place.authority().layout.endpoints();
    let at = |path: &str| format!("{}{path}", place.desk.base);
    let of_clients = from_fn_with_state(place.clone(), oauth::scripts::of_clients);
    let for_scripts = |endpoint: MethodRouter<Place>| endpoint.layer(of_clients.clone());
    let for_everybody = |document: MethodRouter<Place>| document.layer(from_fn(oauth::scripts::of_everybody));
    let mut router = Router::new()
        .route(&at(endpoints.authorization), get(account::authorize::get).post(account::authorize::post))
        .route(&at(endpoints.pushed_requests), for_scripts(post(oauth::push::post)))
        .route(&at(endpoints.token), for_scripts(post(oauth::token::post)))
        .route(&at(endpoints.introspection), post(oauth::introspect::post))
        .route(&at(endpoints.revocation), for_scripts(post(oauth::revoke::post)))
        .route(&at(endpoints.userinfo), for_scripts(get(oauth::userinfo::get).post(oauth::userinfo::post)))
        .route(&at(endpoints.jwks), for_everybody(get(oauth::metadata::jwks)))
        .route(&at("/login"), get(account::login::get).post(account::login::post))
        .route(&at("/consent"), get(account::consent::get).post(account::consent::post))
        .route(&at("/account"), get(account::profile::get).post(account::profile::save))
        .route(&at("/account/unlink"), post(account::profile::unlink))
        .route(&at("/account/disconnect"), post(account::profile::disconnect))
        .route(&at("/logout"), get(account::logout::get).post(account::logout::post))
        .route(&at("/signed-out"), get(account::logout::signed_out))
        .route(&at(endpoints.end_session), get(account::end_session::get).post(account::end_session::post))
        .route(&at("/"), get(account::home::get));
    if place.authority().registration.is_some() {
        let one = format!("{}/{{id}}", endpoints.registration);
        let manage = get(oauth::register::read).put(oauth::register::put).delete(oauth::register::delete);
        router = router.route(&at(endpoints.registration), post(oauth::register::post)).route(&at(&one), manage);
    }
    if !place.authority().connections.is_empty() {
        router = router
            .route(&at("/connections/{id}/begin"), post(account::upstream::begin::post))
            .route(&at("/connections/{id}/callback"), get(account::upstream::callback::get))
            .route(&at("/connections/{id}/logout"), post(account::upstream::logout::post));
    }
    for document in oauth::metadata::addresses(&place.desk.base) {
        router = router.route(&document, for_everybody(get(oauth::metadata::metadata)));
    }
    if !place.desk.base.is_empty() {
        router = router.route(&place.desk.base, get(account::home::get));
    }
    router.with_state(place)
}
