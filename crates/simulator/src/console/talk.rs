//! The page to talk on.

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::api::{is_locale, is_person};
use super::views::{Suggestion, TurnView, locales, suggestions};
use crate::faults::Fault;
use crate::saying::{Device, Saying, Utterance};
use crate::trace::Turn;

/// What the page may use of the machine: its microphone, if the person allows it.
const MAY_LISTEN: &str = "camera=(), geolocation=(), microphone=(self), payment=(), usb=()";
/// Turns shown at once.
const MOST_SHOWN: usize = 30;

/// `GET /`
pub(crate) async fn page(State(inner): State<Shared>) -> Response {
    render(&inner, None, StatusCode::OK, None)
}

/// `GET /turns/{id}`: the conversation around this turn, which stands open; with `?hop=` one of its requests too.
pub(crate) async fn turn_page(
    State(inner): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if inner.turn(&id).is_none() {
        return render(&inner, None, StatusCode::NOT_FOUND, Some("That turn is not kept any more."));
    }
    let query = query.unwrap_or_default();
    let hop = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "hop");
    let hop = hop.and_then(|(_, number)| number.parse().ok());
    render(&inner, Some(Open { turn: &id, hop }), StatusCode::OK, None)
}

/// `GET /turns/{id}/part`: the turn alone, for the script to put into the page.
pub(crate) async fn turn_part(State(inner): State<Shared>, Path(id): Path<String>) -> Response {
    match inner.turn(&id) {
        Some(turn) => inner.pages.turn(&TurnView::of(&inner, &turn)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /turns/{id}/flow.svg`: the turn as a sequence diagram.
pub(crate) async fn flow(State(inner): State<Shared>, Path(id): Path<String>) -> Response {
    match inner.turn(&id) {
        Some(turn) => ([(header::CONTENT_TYPE, "image/svg+xml")], super::flow::diagram(&turn)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /turns/{id}/har`: the turn as an HTTP archive.
pub(crate) async fn archive(State(inner): State<Shared>, Path(id): Path<String>) -> Response {
    match inner.turn(&id) {
        Some(turn) => Json(super::archive::archive(&turn)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    utterance: String,
    locale: Option<String>,
    #[serde(default)]
    skill: String,
    #[serde(default)]
    device: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    fault: String,
    /// `silence` or `exit`, in place of words.
    #[serde(default)]
    act: String,
}

/// `POST /`: says something without a script.
pub(crate) async fn say(State(inner): State<Shared>, form: Result<Form<Said>, FormRejection>) -> Response {
    let Ok(Form(said)) = form else {
        return render(&inner, None, StatusCode::BAD_REQUEST, Some("That form could not be read."));
    };
    let words = said.utterance.trim();
    let utterance = match said.act.as_str() {
        "silence" => Utterance::Silence,
        "exit" => Utterance::Exit,
        _ => Utterance::Words(words.to_owned()),
    };
    if utterance == Utterance::Words(String::new()) {
        return render(&inner, None, StatusCode::UNPROCESSABLE_ENTITY, Some("Type something to say first."));
    }
    let person = Some(said.person.trim()).filter(|person| !person.is_empty());
    if !person.is_none_or(is_person) {
        let text = "A person's name has letters, digits and hyphens, at most 40.";
        return render(&inner, None, StatusCode::UNPROCESSABLE_ENTITY, Some(text));
    }
    let locale = said.locale.as_deref().filter(|locale| is_locale(locale)).unwrap_or("en-US");
    let saying = Saying {
        utterance,
        locale: Some(locale.to_owned()),
        skill: Some(said.skill).filter(|slug| inner.skill(slug).is_some()),
        device: Device::named(&said.device).unwrap_or_default(),
        person: person.map(str::to_owned),
        fault: Fault::named(&said.fault),
    };
    let turn = inner.say(&saying).await;
    Redirect::to(&format!("/turns/{0}#turn-{0}", turn.id)).into_response()
}

/// Everything else.
pub(crate) async fn not_found(State(inner): State<Shared>, uri: Uri) -> Response {
    if ["/api/", "/v1/", "/v2/"].iter().any(|start| uri.path().starts_with(start)) {
        return super::manners::refusal(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.");
    }
    inner.pages.notice(
        StatusCode::NOT_FOUND,
        "Nothing here",
        "There is no page at this address.",
        ("/", "Back to the conversation"),
    )
}

/// What stands open.
struct Open<'a> {
    turn: &'a str,
    /// The number of a request in it.
    hop: Option<usize>,
}

fn render(inner: &Shared, open: Option<Open<'_>>, status: StatusCode, alert: Option<&str>) -> Response {
    // Taken first: what happens while the page is made is told twice rather than not at all.
    let mark = inner.news.mark();
    let turns = inner.turns();
    let is_open = |turn: &Turn| open.as_ref().is_some_and(|open| open.turn == turn.id);
    let last = turns.len().saturating_sub(MOST_SHOWN);
    let first = turns.iter().position(|turn| is_open(turn)).map_or(last, |open| open.min(last));
    let view = |turn: &std::sync::Arc<Turn>| match &open {
        Some(open) if is_open(turn) => TurnView::open(inner, turn, open.hop),
        _ => TurnView::of(inner, turn),
    };
    let turns: Vec<TurnView> = turns.iter().skip(first).take(MOST_SHOWN).map(view).collect();
    let suggestions: Vec<Suggestion> = suggestions(inner);
    let listening = inner.session().and_then(|session| inner.skill(&session.skill).map(|skill| skill.name.clone()));
    let context = json!({
        "page": "talk",
        "mark": mark,
        "turns": turns,
        "suggestions": suggestions,
        "listening": listening,
        "alert": alert,
        "locales": locales(inner),
        "skills": inner.skills.iter().map(|skill| (&skill.slug, &skill.name)).collect::<Vec<_>>(),
        "faults": super::goes_wrong::choices(Fault::is_of_turns),
    });
    let mut page = inner.pages.render(status, "talk.html", &context);
    // Elsewhere no page may listen; here a person can press a button to speak instead of typing.
    page.headers_mut().insert("permissions-policy", HeaderValue::from_static(MAY_LISTEN));
    page
}
