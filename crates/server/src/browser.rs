//! The person at the browser: their session, and the cookies that carry it.

use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use sayso_authority::decide::authorize::SignedIn;
use sayso_authority::decide::upstream::outward::{OUTWARD_LIFETIME, Outward};
use sayso_authority::record::grant::Grant;
use sayso_authority::record::session::Session;
use sayso_authority::record::user::User;
use sayso_store::StoreError;
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;

use crate::place::Place;

const SESSION: &str = "session";
const BROWSER: &str = "browser";
const KNOWN: &str = "known";
const OUTWARD: &str = "outward";
/// What browsers keep of a cookie, its name and marks included (RFC 6265 section 6.1).
const LONGEST_COOKIE: usize = 4096;
/// How long a browser in which someone signed in keeps an allowance of its own.
const KNOWN_LIFETIME: Lifetime = Lifetime::from_seconds(180 * 24 * 60 * 60);

/// Who is signed in.
pub(crate) struct Visitor {
    /// The session cookie's value; form tokens are bound to it.
    pub(crate) cookie: String,
    pub(crate) session: Session,
    pub(crate) user: User,
    /// What they have allowed before, once it was asked for ([`Visitor::remember`]).
    grants: Vec<Grant>,
}

impl Visitor {
    pub(crate) fn signed_in(&self) -> SignedIn<'_> {
        SignedIn { session: &self.session, user: &self.user, grants: &self.grants }
    }

    /// Reads what they have allowed at this authority.
    pub(crate) async fn remember(&mut self, place: &Place) -> Result<(), StoreError> {
        let lookups = place.house.store.lookups();
        self.grants = lookups.grants_of_user(&self.user.id, Some(&place.authority().id)).await?;
        Ok(())
    }
}

/// The visitor with a live session at this authority, if any.
pub(crate) async fn visitor(place: &Place, headers: &HeaderMap) -> Result<Option<Visitor>, StoreError> {
    let Some(cookie) = place.desk.cookies.read(headers, SESSION) else { return Ok(None) };
    let lookups = place.house.store.lookups();
    let Some(session) = lookups.session(&Digest::of(cookie.as_bytes())).await? else { return Ok(None) };
    if session.authority != place.authority().id || place.now() >= session.expires_at {
        return Ok(None);
    }
    let user = lookups.user(&session.user).await?.filter(|user| user.disabled_at.is_none());
    Ok(user.map(|user| Visitor { cookie, session, user, grants: Vec::new() }))
}

/// The visitor, with what they have allowed before.
pub(crate) async fn remembered_visitor(place: &Place, headers: &HeaderMap) -> Result<Option<Visitor>, StoreError> {
    let Some(mut visitor) = visitor(place, headers).await? else { return Ok(None) };
    visitor.remember(place).await?;
    Ok(Some(visitor))
}

/// The digest of whatever session cookie the browser sent, valid or not.
pub(crate) fn session_digest(place: &Place, headers: &HeaderMap) -> Option<Digest> {
    place.desk.cookies.read(headers, SESSION).map(|cookie| Digest::of(cookie.as_bytes()))
}

/// The value that binds forms shown before sign-in to this browser, and whether it is new.
pub(crate) fn browser(place: &Place, headers: &HeaderMap) -> (String, bool) {
    match place.desk.cookies.read(headers, BROWSER) {
        Some(value) => (value, false),
        None => (place.house.entropy.token(), true),
    }
}

pub(crate) fn set_browser(place: &Place, answer: &mut Response, value: &str) {
    add(answer, place.desk.cookies.set(BROWSER, value, None));
}

pub(crate) fn set_session(place: &Place, answer: &mut Response, cookie: &Secret) {
    add(answer, place.desk.cookies.set(SESSION, cookie.expose(), None));
}

pub(crate) fn clear_session(place: &Place, answer: &mut Response) {
    add(answer, place.desk.cookies.clear(SESSION));
}

/// Remembers that this user signed in here, so that a stranger's guesses at the account do not lock this browser out.
pub(crate) fn set_known(place: &Place, answer: &mut Response, user: &User) {
    let sealed = place.house.sealer.seal(KNOWN, user.username.as_bytes(), &mut place.house.entropy.clone());
    add(answer, place.desk.cookies.set(KNOWN, &sealed, Some(KNOWN_LIFETIME)));
}

/// The key under which this browser's tries at `username` are counted.
pub(crate) fn counting_key(place: &Place, headers: &HeaderMap, username: &str) -> String {
    let known = place
        .desk
        .cookies
        .read(headers, KNOWN)
        .filter(|sealed| place.house.sealer.open(KNOWN, sealed).is_some_and(|name| name == username.as_bytes()));
    match known {
        Some(sealed) => format!("device {}", Digest::of(sealed.as_bytes()).base64url()),
        None => format!("account {username}"),
    }
}

/// Remembers in this browser what must be known when a provider's answer comes; one at a time. False where it does not fit.
pub(crate) fn set_outward(place: &Place, answer: &mut Response, outward: &Outward) -> bool {
    let purpose = outward_purpose(place);
    let sealed = place.house.sealer.seal(&purpose, &outward.to_bytes(), &mut place.house.entropy.clone());
    let cookie = place.desk.cookies.set(OUTWARD, &sealed, Some(OUTWARD_LIFETIME));
    let fits = cookie.as_ref().is_some_and(|cookie| cookie.len() <= LONGEST_COOKIE);
    add(answer, cookie.filter(|_| fits));
    fits
}

/// What this browser was sent out with.
pub(crate) fn outward(place: &Place, headers: &HeaderMap) -> Option<Outward> {
    let sealed = place.desk.cookies.read(headers, OUTWARD)?;
    let bytes = place.house.sealer.open(&outward_purpose(place), &sealed)?;
    Outward::from_bytes(&bytes, place.now())
}

pub(crate) fn clear_outward(place: &Place, answer: &mut Response) {
    add(answer, place.desk.cookies.clear(OUTWARD));
}

fn outward_purpose(place: &Place) -> String {
    format!("{OUTWARD}/{}", place.authority().id)
}

fn add(answer: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}
