//! The news as server-sent events, and the pages drawn live from them.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use serde_json::json;

use super::Shared;
use super::views::{heard, outcome, outcome_text};
use crate::news::{Piece, Told};
use crate::trace::{GuardTrace, Turn};

/// A line without meaning, so that nobody on the way takes a quiet stream for a dead one.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it comes back.
const RETRY: Duration = Duration::from_secs(2);
/// Diagrams shown at once.
const MOST_SHOWN: usize = 12;

/// `GET /api/news`: what happens, as it happens, from the mark in `Last-Event-ID` or else in `?since=` on.
pub(crate) async fn stream(State(inner): State<Shared>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let query = query.unwrap_or_default();
    let since = || url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "since");
    let mark = last.or_else(|| since().map(|(_, mark)| mark.into_owned()));
    let Some(listener) = inner.news.listen(mark.as_deref()) else {
        let text = "Too many pages follow the news; close one, or load this one again.";
        let refusal = super::manners::refusal(StatusCode::SERVICE_UNAVAILABLE, "too_many_listeners", text);
        return ([(header::RETRY_AFTER, "30")], refusal).into_response();
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let (mark, told) = listener.next().await?;
        Some((Ok::<_, Infallible>(event(&told).id(mark)), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
}

/// `POST /api/told/{name}`: a skill tells what it does with the request that it was sent with this name in `sayso-tell`, while it
/// does it: as in `sayso-trace`, but plain JSON. 404 once it has answered.
pub(crate) async fn skill_tells(State(inner): State<Shared>, Path(name): Path<String>, body: Bytes) -> StatusCode {
    match GuardTrace::read(&body) {
        None => StatusCode::BAD_REQUEST,
        Some(trace) if inner.news.skill_tells(&name, &trace) => StatusCode::NO_CONTENT,
        Some(_) => StatusCode::NOT_FOUND,
    }
}

fn event(told: &Told) -> Event {
    let (name, turn) = match told {
        Told::Here => return Event::default().event("here").retry(RETRY).data("{}"),
        Told::Missed => ("missed", None),
        Told::News(Piece::Begun(turn)) => ("begun", Some(turn)),
        Told::News(Piece::Moved(turn)) => ("moved", Some(turn)),
        Told::News(Piece::Ended(turn)) => ("ended", Some(turn)),
        Told::News(Piece::Clock) => ("clock", None),
    };
    Event::default().event(name).data(turn.map_or_else(|| "{}".into(), |turn| json!({ "turn": turn }).to_string()))
}

/// A turn as a diagram with a line above it.
#[derive(Serialize)]
pub(crate) struct FlowView {
    id: String,
    at: String,
    title: String,
    outcome: &'static str,
    outcome_text: &'static str,
    over: bool,
    diagram: String,
}

impl FlowView {
    fn of(inner: &Shared, turn: &Turn, over: bool) -> Self {
        let skill = turn.heard.skill.as_deref().and_then(|slug| inner.skill(slug));
        let what = heard(&turn.heard, skill).unwrap_or_else(|| "Nothing understood".into());
        Self {
            id: turn.id.clone(),
            at: turn.at.clone(),
            title: what,
            outcome: if over { outcome(turn.outcome) } else { "under-way" },
            outcome_text: if over { outcome_text(turn) } else { "Under way" },
            over,
            diagram: if over { super::flow::diagrams(turn) } else { super::flow::sketches(turn) },
        }
    }
}

/// `GET /flow`: the turns under way, and the last ones, each as a sequence diagram; newest first.
pub(crate) async fn flow_page(State(inner): State<Shared>) -> Response {
    let (mark, turns) = (inner.news.mark(), inner.turns());
    let under_way = inner.news.all_under_way();
    let open = under_way.iter().rev().map(|turn| FlowView::of(&inner, turn, false));
    let over = turns.iter().rev().map(|turn| FlowView::of(&inner, turn, true));
    let flows: Vec<FlowView> = open.chain(over).take(MOST_SHOWN).collect();
    let context = json!({"page": "flow", "mark": mark, "flows": flows});
    inner.pages.render(StatusCode::OK, "flows.html", &context)
}

/// `GET /flow/{id}`: one of them alone, for the script to put into a page.
pub(crate) async fn flow_part(State(inner): State<Shared>, Path(id): Path<String>) -> Response {
    let over = inner.turn(&id);
    let view = match (&over, inner.news.under_way(&id)) {
        (Some(turn), _) => FlowView::of(&inner, turn, true),
        (None, Some(turn)) => FlowView::of(&inner, &turn, false),
        (None, None) => return StatusCode::NOT_FOUND.into_response(),
    };
    inner.pages.render(StatusCode::OK, "flow.html", &json!({ "flow": view }))
}
