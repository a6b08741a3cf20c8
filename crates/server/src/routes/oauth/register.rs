//! The registration endpoint (RFC 7591, OpenID Connect Dynamic Client Registration) and the management of what was
//! registered (RFC 7592).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sayso_authority::decide::register_client::{
    check_sector, information, may_register, may_replace, register, replace, sector_to_fetch,
};
use sayso_authority::record::registration::{ClientMetadata, RegisteredClient, Registration};
use sayso_authority::wire::client_metadata::{BadMetadata, parse};
use sayso_authority::wire::error::ErrorCode;
use sayso_store::StoreError;
use sayso_store::tries::{Allowance, Counted};
use sayso_token::digest::Digest;
use sayso_token::json::parse_strict_object;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;
use sayso_web::faces::json_error;
use sayso_web::limits::retry_after;
use sayso_web::listen::Peer;
use serde_json::{Map, Value};

use crate::guessing::source;
use crate::place::{Place, unavailable_json};

/// The most bytes of metadata.
const LARGEST: usize = 64 * 1024;
/// Registrations and changes from one address, counted over all nodes.
const SOURCE: Allowance = Allowance { burst: 120, refill: Lifetime::from_seconds(10) };

const NOT_STORED: [(HeaderName, &str); 3] =
    [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];

/// `POST` of the registration endpoint.
pub(crate) async fn post(State(place): State<Place>, peer: Option<Peer>, headers: HeaderMap, body: Bytes) -> Response {
    registered(&place, peer, &headers, &body).await.unwrap_or_else(|answer| *answer)
}

async fn registered(
    place: &Place,
    peer: Option<Peer>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Box<Response>> {
    let rule = rule(place)?;
    counted(place, peer).await?;
    if !may_register(rule, bearer(headers).as_ref()) {
        return Err(unauthorized("registration_token", "registering needs an initial access token"));
    }
    let metadata = metadata(place, rule, &members(headers, body)?).await?;
    let lookups = place.house.store.lookups();
    let there = lookups.count_registered_clients(&place.authority().id).await.map_err(unavailable)?;
    if there >= i64::from(rule.most) {
        tracing::warn!(
            reason = "registrations_full",
            authority = place.authority().id,
            there,
            "a client was turned away"
        );
        let text = "as many clients have registered here as may";
        return Err(Box::new(json_error(StatusCode::FORBIDDEN, ErrorCode::AccessDenied.code(), text)));
    }
    let (client, told) = place.decide(place.now(), |ambient| register(place.authority(), metadata, ambient));
    match place.house.store.add_registered_client(&client).await {
        Ok(true) => {}
        Ok(false) => return Err(unavailable(StoreError::Contended)),
        Err(error) => return Err(unavailable(error)),
    }
    place.house.newsroom.catch_up().await;
    let answer = information(&client, &address(place, &client), &told.token, told.secret.as_ref());
    Ok((StatusCode::CREATED, NOT_STORED, answer.to_string()).into_response())
}

/// `GET` of a client's registration.
pub(crate) async fn read(State(place): State<Place>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match managed(&place, &id, &headers).await {
        Ok((client, token)) => told(&place, (&client, &token), None),
        Err(answer) => *answer,
    }
}

/// `PUT` of a client's registration.
pub(crate) async fn put(
    State(place): State<Place>,
    Path(id): Path<String>,
    peer: Option<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    replaced(&place, (&id, peer), &headers, &body).await.unwrap_or_else(|answer| *answer)
}

async fn replaced(
    place: &Place,
    (id, peer): (&str, Option<Peer>),
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Box<Response>> {
    let rule = rule(place)?;
    counted(place, peer).await?;
    let (client, token) = managed(place, id, headers).await?;
    let members = members(headers, body)?;
    may_replace(&client, &members).map_err(refused)?;
    let metadata = metadata(place, rule, &members).await?;
    let (client, secret) = place.decide(place.now(), |ambient| replace(&client, metadata, ambient));
    match place.house.store.replace_registered_client(&client, place.now()).await {
        Ok(true) => {}
        Ok(false) => return Err(unavailable(StoreError::Contended)),
        Err(error) => return Err(unavailable(error)),
    }
    place.house.newsroom.catch_up().await;
    Ok(told(place, (&client, &token), secret.as_ref()))
}

/// `DELETE` of a client's registration.
pub(crate) async fn delete(State(place): State<Place>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let client = match managed(&place, &id, &headers).await {
        Ok((client, _)) => client,
        Err(answer) => return *answer,
    };
    if let Err(error) = place.house.store.remove_registered_client(&client, place.now()).await {
        return unavailable_json(&error);
    }
    place.house.newsroom.catch_up().await;
    (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response()
}

/// The client whose registration access token was shown. Whoever shows another, and whoever asks for one that is not
/// there, hear the same (RFC 7592 section 2.1).
async fn managed(place: &Place, id: &str, headers: &HeaderMap) -> Result<(RegisteredClient, Secret), Box<Response>> {
    let refuse = || unauthorized("registration_access_token", "this needs the registration access token of the client");
    let token = bearer(headers).ok_or_else(refuse)?;
    let lookups = place.house.store.lookups();
    let client = lookups.registered_client(&place.authority().id, id).await.map_err(unavailable)?;
    let shown = Digest::of(token.expose().as_bytes());
    let client = client.filter(|client| client.token.matches(&shown)).ok_or_else(refuse)?;
    Ok((client, token))
}

fn rule(place: &Place) -> Result<&Registration, Box<Response>> {
    let text = "clients do not register here";
    let none = || Box::new(json_error(StatusCode::NOT_FOUND, ErrorCode::AccessDenied.code(), text));
    place.authority().registration.as_ref().ok_or_else(none)
}

async fn counted(place: &Place, peer: Option<Peer>) -> Result<(), Box<Response>> {
    let Some(address) = source(peer) else { return Ok(()) };
    let key = Digest::of(format!("registration\n{}\n{address}", place.authority().id).as_bytes());
    let taken = place.house.store.take_tries(&[Counted { key, allowance: SOURCE }], place.now()).await;
    taken.map_err(unavailable)?.map_err(|wait| {
        tracing::warn!(reason = "registration_flood", %address, "too many registrations");
        let text = "too many registrations from this address; wait before the next one";
        let answer = json_error(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TemporarilyUnavailable.code(), text);
        Box::new(([retry_after(wait)], answer).into_response())
    })
}

fn members(headers: &HeaderMap, body: &Bytes) -> Result<Map<String, Value>, Box<Response>> {
    let refuse = |description: &str| {
        refused(BadMetadata { error: ErrorCode::InvalidClientMetadata, description: description.to_owned() })
    };
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(refuse("send the metadata as application/json"));
    }
    if body.len() > LARGEST {
        return Err(refuse("the metadata have more than 64 KiB"));
    }
    parse_strict_object(body).map_err(|_| refuse("the body is not one JSON object, or a member stands twice"))
}

/// The metadata, with the sector identifier looked at.
async fn metadata(
    place: &Place,
    rule: &Registration,
    members: &Map<String, Value>,
) -> Result<ClientMetadata, Box<Response>> {
    let metadata = parse(members, rule).map_err(refused)?;
    if let Some(url) = sector_to_fetch(&metadata) {
        let document = place.house.fetcher.get_json(url).await;
        if let Err(why) = &document {
            tracing::warn!(reason = why.reason(), "a sector identifier could not be fetched");
        }
        check_sector(&metadata, document.ok().as_deref()).map_err(refused)?;
    }
    Ok(metadata)
}

fn told(place: &Place, (client, token): (&RegisteredClient, &Secret), secret: Option<&Secret>) -> Response {
    let answer = information(client, &address(place, client), token, secret);
    (StatusCode::OK, NOT_STORED, answer.to_string()).into_response()
}

fn address(place: &Place, client: &RegisteredClient) -> String {
    let authority = place.authority();
    format!("{}{}/{}", authority.issuer, authority.layout.endpoints().registration, client.id)
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

fn refused(bad: BadMetadata) -> Box<Response> {
    tracing::warn!(reason = bad.error.code(), "a registration was refused");
    Box::new(json_error(StatusCode::BAD_REQUEST, bad.error.code(), &bad.description))
}

fn unauthorized(reason: &'static str, text: &str) -> Box<Response> {
    tracing::warn!(reason, "refused");
    let mut answer = json_error(StatusCode::UNAUTHORIZED, ErrorCode::InvalidToken.code(), text);
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
    Box::new(answer)
}

fn unavailable(error: StoreError) -> Box<Response> {
    Box::new(unavailable_json(&error))
}
