//! The companion view: what the assistant's app shows of skills and linked accounts.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sayso_token::digest::Digest;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::Shared;
use super::api::is_person;
use super::goes_wrong;
use super::views::{MemberView, OutcomeView};
use crate::faults::Fault;
use crate::household::Habits;
use crate::linking::authorize::{Beginning, Region};
use crate::linking::callback::Landed;
use crate::linking::events::Event;
use crate::package::Skill;
use crate::trace::{HeardKind, Outcome};

/// How long a browser keeps what ties it to a linking, in seconds.
const COOKIE_LIFETIME: u32 = 900;

/// `GET /companion`: all skills.
pub(crate) async fn list(State(inner): State<Shared>) -> Response {
    let skills: Vec<MemberView> = inner.skills.iter().map(|skill| MemberView::of(&inner, skill)).collect();
    inner.pages.render(StatusCode::OK, "companion.html", &json!({"page": "companion", "skills": skills}))
}

/// `GET /companion/{skill}`: one skill. `?turn=` names the linking or unlinking that has just ended.
pub(crate) async fn page(State(inner): State<Shared>, Path(slug): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some(skill) = inner.skill(&slug) else { return unknown(&inner) };
    let query = query.unwrap_or_default();
    let turn = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "turn");
    let is_linked = inner.household.membership(&slug).link.is_some();
    // An address kept from earlier must not say what is no longer so.
    let ended = turn.and_then(|(_, id)| inner.turn(&id)).filter(|turn| {
        let says_linked = turn.heard.kind == HeardKind::Link && turn.outcome == Outcome::Answered;
        turn.heard.skill.as_deref() == Some(slug.as_str())
            && matches!(turn.heard.kind, HeardKind::Link | HeardKind::Unlink)
            && says_linked == is_linked
    });
    show(&inner, skill, StatusCode::OK, ended.map(|turn| OutcomeView::of(&turn)), None)
}

fn show(
    inner: &Shared,
    skill: &Skill,
    status: StatusCode,
    ended: Option<OutcomeView>,
    alert: Option<&str>,
) -> Response {
    let regions: Vec<(&str, &str)> = Region::ALL.iter().map(|region| (region.code(), region.name())).collect();
    let context = json!({
        "page": "companion",
        "skill": MemberView::of(inner, skill),
        "ended": ended,
        "alert": alert,
        "regions": regions,
        "habits": inner.household.membership(&skill.slug).habits,
        "has_habits": inner.household.membership(&skill.slug).habits != Habits::default(),
        "faults": {
            "exchange": goes_wrong::of_exchanges(skill),
            "linked": goes_wrong::of_events(skill, &[Event::Enabled, Event::Linked]),
            "disabled": goes_wrong::of_events(skill, &[Event::Disabled]),
            "permitted": goes_wrong::of_events(skill, &[Event::PermissionsChanged]),
        },
    });
    let mut response = inner.pages.render(status, "skill.html", &context);
    let policy = login_origins(skill).iter().fold(super::policy(), |policy, origin| policy.form_may_reach(origin));
    response.extensions_mut().insert(policy);
    response
}

/// Where the browser goes on the way to a linked account: the login page, and the other hosts the settings name.
fn login_origins(skill: &Skill) -> Vec<String> {
    let Some(linking) = &skill.linking else { return Vec::new() };
    let page = Url::parse(&linking.authorization_url).ok();
    let apps = linking.platform_urls.iter().filter_map(|(_, url)| Url::parse(url).ok());
    let own = page.into_iter().chain(apps).map(|url| url.origin().ascii_serialization());
    let is_host = |host: &&String| host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '*'));
    own.chain(linking.domains.iter().filter(is_host).map(|host| format!("https://{host}"))).collect()
}

/// What is to befall the event of a form's doing, or what is wrong with the form.
fn event_fault(body: &str) -> Result<Option<Fault>, String> {
    let chosen = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "fault");
    goes_wrong::named(&chosen.map(|(_, value)| value.into_owned()).unwrap_or_default(), Fault::is_of_requests)
}

/// `POST /companion/{skill}/permissions`: grants what is ticked, denies the rest of what the manifest asks for.
pub(crate) async fn permit(State(inner): State<Shared>, Path(slug): Path<String>, body: String) -> Response {
    let Some(skill) = inner.skill(&slug) else { return unknown(&inner) };
    let fault = match event_fault(&body) {
        Ok(fault) => fault,
        Err(text) => return refused(&inner, skill, StatusCode::UNPROCESSABLE_ENTITY, &text),
    };
    let granted: Vec<String> = url::form_urlencoded::parse(body.as_bytes())
        .filter(|(name, _)| name == "granted")
        .map(|(_, value)| value.into_owned())
        .collect();
    let decided = skill.manifest.permissions().map(|asked| (asked.to_owned(), granted.iter().any(|one| one == asked)));
    let turn = inner.permit(skill, decided.collect(), fault).await;
    Redirect::to(&format!("/turns/{0}#turn-{0}", turn.id)).into_response()
}

/// The skill's page, with what was wrong.
pub(crate) fn refused(inner: &Shared, skill: &Skill, status: StatusCode, text: &str) -> Response {
    show(inner, skill, status, None, Some(text))
}

pub(crate) fn unknown(inner: &Shared) -> Response {
    let text = "No skill of that name is installed.";
    inner.pages.notice(StatusCode::NOT_FOUND, "No such skill", text, ("/companion", "All skills"))
}

#[derive(Deserialize)]
pub(crate) struct Enabling {
    region: Option<String>,
    /// The person who links; empty for the household.
    #[serde(default)]
    person: String,
    /// The platform whose app is asked; empty for the web.
    #[serde(default)]
    platform: String,
    /// What is to go wrong; empty for nothing.
    #[serde(default)]
    fault: String,
}

/// `POST /companion/{skill}/enable`: begins a linking.
pub(crate) async fn enable(
    State(inner): State<Shared>,
    Path(slug): Path<String>,
    form: Result<Form<Enabling>, FormRejection>,
) -> Response {
    let Some(skill) = inner.skill(&slug) else { return unknown(&inner) };
    let region = match form.as_ref().ok().and_then(|form| form.region.as_deref()) {
        None => Some(Region::default()),
        Some(code) => Region::parse(code),
    };
    let Some(region) = region else {
        return show(&inner, skill, StatusCode::UNPROCESSABLE_ENTITY, None, Some("That region is unknown."));
    };
    let Some(linking) = &skill.linking else {
        let text = "This skill links no accounts: its package has no account-linking settings.";
        return show(&inner, skill, StatusCode::CONFLICT, None, Some(text));
    };
    let enabling = form.as_ref().ok().map(|form| &form.0);
    let person = enabling.map(|form| form.person.trim()).filter(|person| !person.is_empty());
    if !person.is_none_or(is_person) {
        let text = "A person's name has letters, digits and hyphens, at most 40.";
        return show(&inner, skill, StatusCode::UNPROCESSABLE_ENTITY, None, Some(text));
    }
    let fault = match goes_wrong::named(enabling.map_or("", |form| form.fault.as_str()), Fault::is_of_linkings) {
        Ok(fault) => fault,
        Err(text) => return show(&inner, skill, StatusCode::UNPROCESSABLE_ENTITY, None, Some(&text)),
    };
    let browser = inner.entropy.token();
    let redirect_uri = region.redirect_uri(&inner.public_url, &inner.vendor_id);
    let turn = inner.new_turn_id();
    let platform = enabling.map(|form| form.platform.as_str()).filter(|platform| !platform.is_empty());
    let beginning = Beginning {
        platform,
        turn: &turn,
        skill: &slug,
        person,
        fault,
        linking,
        region,
        redirect_uri,
        browser: &browser,
    };
    match inner.underway.begin(beginning, &inner.entropy, inner.real_now()) {
        Ok(url) => {
            inner.linking_begins(&turn, skill);
            let state = url.query_pairs().filter(|(name, _)| name == "state").last();
            let name = cookie_name(state.as_ref().map_or("", |(_, state)| state));
            let secure = if inner.public_url.starts_with("https:") { "; Secure" } else { "" };
            let cookie = format!("{name}={browser}; Path=/; Max-Age={COOKIE_LIFETIME}; HttpOnly; SameSite=Lax{secure}");
            let mut response = Redirect::to(url.as_str()).into_response();
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(reason) => show(&inner, skill, StatusCode::CONFLICT, None, Some(&reason)),
    }
}

/// Each linking has a cookie of its own, so that two tabs do not disturb each other.
fn cookie_name(state: &str) -> String {
    format!("sayso-link-{}", Digest::of(state.as_bytes()).short())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

/// `GET /{region}/api/skill/link/{vendor}`: the redirect URI.
pub(crate) async fn callback(
    State(inner): State<Shared>,
    Path((region, vendor)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(region) = Region::parse(&region).filter(|_| vendor == inner.vendor_id) else {
        let text = "This is not one of the redirect URIs of this developer.";
        return inner.pages.notice(StatusCode::NOT_FOUND, "Nothing here", text, ("/companion", "All skills"));
    };
    let query = query.unwrap_or_default();
    let is_empty = !url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "state");
    if is_empty && inner.underway.awaits_fragment() {
        return inner.pages.render(StatusCode::OK, "landing.html", &json!({"page": "companion"}));
    }
    landed(&inner, region, &query, &headers).await
}

#[derive(Deserialize)]
pub(crate) struct Fragment {
    fragment: String,
}

/// `POST` to the redirect URI: what stood in the fragment, which only the page itself could see.
pub(crate) async fn callback_of_fragment(
    State(inner): State<Shared>,
    Path((region, vendor)): Path<(String, String)>,
    headers: HeaderMap,
    form: Result<Form<Fragment>, FormRejection>,
) -> Response {
    let region = Region::parse(&region).filter(|_| vendor == inner.vendor_id);
    let (Some(region), Ok(Form(form))) = (region, form) else {
        let text = "This is not one of the redirect URIs of this developer.";
        return inner.pages.notice(StatusCode::NOT_FOUND, "Nothing here", text, ("/companion", "All skills"));
    };
    // Pasted by a person, it may be the whole address.
    let fragment = form.fragment.rsplit_once('#').map_or(form.fragment.as_str(), |(_, fragment)| fragment);
    landed(&inner, region, fragment.trim(), &headers).await
}

async fn landed(inner: &Shared, region: Region, query: &str, headers: &HeaderMap) -> Response {
    let state = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
    let name = cookie_name(state.as_ref().map_or("", |(_, state)| state));
    let browser = cookie(headers, &name).unwrap_or_default();
    match inner.land(region, query, &browser).await {
        // The code leaves the address line at once.
        Landed::Ended(turn) => {
            let slug = turn.heard.skill.as_deref().unwrap_or_default();
            let mut response = Redirect::to(&format!("/companion/{slug}?turn={}", turn.id)).into_response();
            if let Ok(gone) = HeaderValue::from_str(&format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")) {
                response.headers_mut().insert(header::SET_COOKIE, gone);
            }
            response
        }
        Landed::Nowhere(text) => inner.pages.notice(
            StatusCode::BAD_REQUEST,
            "We were unable to link your account",
            text,
            ("/companion", "Back to the companion"),
        ),
    }
}

/// `POST /companion/{skill}/unlink`: disables a skill.
pub(crate) async fn unlink(State(inner): State<Shared>, Path(slug): Path<String>, body: String) -> Response {
    let Some(skill) = inner.skill(&slug) else { return unknown(&inner) };
    let fault = match event_fault(&body) {
        Ok(fault) => fault,
        Err(text) => return refused(&inner, skill, StatusCode::UNPROCESSABLE_ENTITY, &text),
    };
    let turn = inner.unlink(skill, fault).await;
    Redirect::to(&format!("/companion/{slug}?turn={}", turn.id)).into_response()
}
