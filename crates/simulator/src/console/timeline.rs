//! The clock by which Alexa counts the lifetimes of tokens, and those lifetimes.

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Shared;
use super::manners::refusal;
use crate::envelope::iso;

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
}

/// `GET /timeline`
pub(crate) async fn page(State(inner): State<Shared>) -> Response {
    let (mark, now) = (inner.news.mark(), inner.now());
    let mut links = Vec::new();
    for skill in &inner.skills {
        let membership = inner.household.membership(&skill.slug);
        let persons =
            membership.persons.iter().filter_map(|(name, person)| Some((Some(name.clone()), person.link.as_ref()?)));
        for (person, link) in membership.link.iter().map(|link| (None, link)).chain(persons) {
            let since = link.refreshed_at.unwrap_or(link.linked_at);
            links.push(LinkView {
                skill: skill.name.clone(),
                slug: skill.slug.clone(),
                person,
                since: iso(since),
                until: link.expires_at.map(iso),
                left: link.expires_at.map(|end| (end.millis_since(now) / 1_000).max(0)),
                whole: link.expires_at.map(|end| (end.millis_since(since) / 1_000).max(1)),
                refreshes: link.refresh_token.is_some(),
            });
        }
    }
    let context =
        json!({"page": "timeline", "mark": mark, "now": iso(now), "moved": inner.moved_seconds(), "links": links});
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
