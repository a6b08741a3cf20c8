//! The clock by which Alexa counts the lifetimes of tokens, and those lifetimes.

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Shared;
use super::manners::refusal;
use super::tokens::TokenView;
use crate::envelope::iso;
use crate::household::Link;
use crate::package::Skill;

/// So far can the clock be moved, in seconds: ten years.
const FARTHEST: i64 = 10 * 365 * 86_400;

/// One link on the page.
#[derive(Serialize)]
struct LinkView {
    skill: String,
    slug: String,
    person: Option<String>,
    since: String,
    until: Option<String>,
    /// Seconds that are left, and all there were; nothing when the end is unknown.
    left: Option<i64>,
    whole: Option<i64>,
    refreshes: bool,
    /// Where it begins on the drawn line of time and how long it is there, in thousandths.
    bar: Option<(i64, i64)>,
    token: TokenView,
}

/// What somebody wanted to know of one token's signature.
struct Verified {
    slug: String,
    person: Option<String>,
    verdict: (&'static str, String),
}

/// A line of time that all bars stand on.
struct Scale {
    from: i64,
    to: i64,
}

impl Scale {
    /// From the first beginning to the last end, with the present in it.
    fn of(links: &[(Timestamp, Option<Timestamp>)], now: Timestamp) -> Self {
        let from = links.iter().map(|(since, _)| since.millis()).chain([now.millis()]).min().unwrap_or_default();
        let to = links.iter().filter_map(|(_, until)| Some(until.as_ref()?.millis())).chain([now.millis() + 1]).max();
        Self { from, to: to.unwrap_or(from + 1).max(from + 1) }
    }

    /// Where a moment is, in thousandths of the line.
    fn place(&self, at: Timestamp) -> i64 {
        let (span, off) = (i128::from(self.to - self.from), i128::from(at.millis() - self.from));
        i64::try_from((off * 1_000 / span).clamp(0, 1_000)).unwrap_or(0)
    }
}

/// `GET /timeline`
pub(crate) async fn page(State(inner): State<Shared>) -> Response {
    show(&inner, None)
}

#[derive(Deserialize)]
pub(crate) struct Which {
    skill: String,
    #[serde(default)]
    person: String,
}

/// `POST /timeline/signature`: fetches the issuer's keys and says whether the signature of a token is good.
pub(crate) async fn verify(State(inner): State<Shared>, form: Result<Form<Which>, FormRejection>) -> Response {
    let Ok(Form(which)) = form else { return Redirect::to("/timeline").into_response() };
    let person = Some(which.person).filter(|person| !person.is_empty());
    let Some(skill) = inner.skill(&which.skill) else { return Redirect::to("/timeline").into_response() };
    let Some(link) = inner.household.membership(&skill.slug).link_of(person.as_deref()).cloned() else {
        return Redirect::to("/timeline").into_response();
    };
    let verdict = super::tokens::verify(&inner, skill, &link).await;
    show(&inner, Some(&Verified { slug: which.skill, person, verdict }))
}

/// All links there are, with their skills and persons.
fn links(inner: &Shared) -> Vec<(&Skill, Option<String>, Link)> {
    let mut all = Vec::new();
    for skill in &inner.skills {
        let membership = inner.household.membership(&skill.slug);
        all.extend(membership.link.map(|link| (skill, None, link)));
        let persons = membership.persons.into_iter();
        all.extend(persons.filter_map(|(name, person)| Some((skill, Some(name), person.link?))));
    }
    all
}

fn show(inner: &Shared, verified: Option<&Verified>) -> Response {
    let (mark, now) = (inner.news.mark(), inner.now());
    let links = links(inner);
    let spans: Vec<_> =
        links.iter().map(|(.., link)| (link.refreshed_at.unwrap_or(link.linked_at), link.expires_at)).collect();
    let scale = Scale::of(&spans, now);
    let views = links.iter().map(|(skill, person, link)| {
        let since = link.refreshed_at.unwrap_or(link.linked_at);
        let asked = verified.filter(|one| one.slug == skill.slug && one.person == *person);
        LinkView {
            skill: skill.name.clone(),
            slug: skill.slug.clone(),
            person: person.clone(),
            since: iso(since),
            until: link.expires_at.map(iso),
            left: link.expires_at.map(|end| (end.millis_since(now) / 1_000).max(0)),
            whole: link.expires_at.map(|end| (end.millis_since(since) / 1_000).max(1)),
            refreshes: link.refresh_token.is_some(),
            bar: link.expires_at.map(|end| (scale.place(since), (scale.place(end) - scale.place(since)).max(4))),
            token: TokenView::of(link, now, asked.map(|one| one.verdict.clone())),
        }
    });
    let context = json!({
        "page": "timeline", "mark": mark, "now": iso(now), "moved": inner.moved_seconds(),
        "here": scale.place(now), "links": views.collect::<Vec<_>>(),
    });
    inner.pages.render(StatusCode::OK, "timeline.html", &context)
}

#[derive(Deserialize)]
pub(crate) struct Moving {
    /// So many seconds on; back to the real time when absent.
    seconds: Option<i64>,
}

/// `POST /timeline`: moves the clock on, or back to the real time.
pub(crate) async fn moved(State(inner): State<Shared>, form: Result<Form<Moving>, FormRejection>) -> Response {
    let seconds = form.ok().and_then(|Form(moving)| moving.seconds);
    inner.move_clock(seconds.map(|seconds| seconds.clamp(-FARTHEST, FARTHEST)));
    Redirect::to("/timeline").into_response()
}

/// `POST /api/clock`: `{"seconds": 3600}` moves it on, `{}` back to the real time.
pub(crate) async fn moved_by_script(State(inner): State<Shared>, body: axum::body::Bytes) -> Response {
    let Ok(moving) = serde_json::from_slice::<Moving>(&body) else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_json", "The body is not {\"seconds\": 3600}.");
    };
    if moving.seconds.is_some_and(|seconds| seconds.abs() > FARTHEST) {
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "too_far", "The clock can be moved by ten years at most.");
    }
    inner.move_clock(moving.seconds);
    Json(json!({"now": iso(inner.now()), "moved_seconds": inner.moved_seconds()})).into_response()
}
