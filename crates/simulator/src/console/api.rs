//! The JSON interface: what the console can do, for scripts.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Shared;
use super::manners::refusal;
use crate::faults::Fault;
use crate::household::Habits;
use crate::saying::{Device, Saying, Utterance};

#[derive(Deserialize)]
struct Said {
    utterance: Option<String>,
    locale: Option<String>,
    skill: Option<String>,
    device: Option<String>,
    person: Option<String>,
    fault: Option<String>,
    #[serde(default)]
    silence: bool,
    #[serde(default)]
    exit: bool,
    intent: Option<String>,
    #[serde(default)]
    slots: BTreeMap<String, String>,
    #[serde(default)]
    launch: bool,
}

impl Said {
    /// What is said: words, silence, leaving, a launch, or an intent with its slots; one of them.
    fn utterance(&self) -> Option<Utterance> {
        let words = self.utterance.as_deref().map(str::trim).filter(|words| !words.is_empty());
        let intent =
            self.intent.as_ref().map(|name| Utterance::Intent { name: name.clone(), slots: self.slots.clone() });
        let ways = [
            words.map(|words| Utterance::Words(words.to_owned())),
            intent,
            self.silence.then_some(Utterance::Silence),
            self.exit.then_some(Utterance::Exit),
            self.launch.then_some(Utterance::Launch),
        ];
        let mut said = ways.into_iter().flatten();
        said.next().filter(|_| said.next().is_none())
    }
}

/// `POST /api/turns`: says something and answers with the turn.
pub(crate) async fn say(State(inner): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let message = "Send the content type application/json.";
        return refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message);
    }
    let said: Said = match serde_json::from_slice(&body) {
        Ok(said) => said,
        Err(error) => {
            let message = format!("The body is not {{\"utterance\": \"…\"}}: {error}.");
            return refusal(StatusCode::BAD_REQUEST, "invalid_json", &message);
        }
    };
    let Some(utterance) = said.utterance() else {
        let message = "Say something: the field \"utterance\" is missing or empty. (Or one of \"silence\", \"exit\", \"launch\": true, \"intent\": \"…\".)";
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "utterance_missing", message);
    };
    let Some(device) = said.device.as_deref().map_or(Some(Device::default()), Device::named) else {
        let message = "The device must be \"speaker\" or \"screen\".";
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "unknown_device", message);
    };
    let locale = said.locale.as_deref().unwrap_or("en-US");
    if !is_locale(locale) {
        let message = "The locale must look like en-US.";
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "invalid_locale", message);
    }
    if let Some(unknown) = said.skill.as_deref().filter(|slug| inner.skill(slug).is_none()) {
        let known: Vec<&str> = inner.skills.iter().map(|skill| skill.slug.as_str()).collect();
        let message = format!("There is no skill {unknown:?}. Installed: {}.", known.join(", "));
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "unknown_skill", &message);
    }
    let fault = said.fault.as_deref().map(|name| Fault::named(name).ok_or(name));
    let fault = match fault.transpose() {
        Ok(fault) => fault,
        Err(name) => {
            let known: Vec<&str> = Fault::ALL.iter().map(|(_, name, _)| *name).collect();
            let message = format!("There is no fault {name:?}. There are: {}.", known.join(", "));
            return refusal(StatusCode::UNPROCESSABLE_ENTITY, "unknown_fault", &message);
        }
    };
    if !said.person.as_deref().is_none_or(is_person) {
        let message = "A person's name has letters, digits and hyphens, at most 40.";
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "invalid_person", message);
    }
    let saying =
        Saying { utterance, locale: Some(locale.to_owned()), skill: said.skill, device, person: said.person, fault };
    Json(inner.say(&saying).await.as_ref()).into_response()
}

/// Whether this can be the name of a person in the household.
pub(crate) fn is_person(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// `PUT /api/skills/{skill}/habits`: how Alexa behaves towards a skill.
pub(crate) async fn set_habits(State(inner): State<Shared>, Path(slug): Path<String>, body: Bytes) -> Response {
    if inner.skill(&slug).is_none() {
        return refusal(StatusCode::NOT_FOUND, "unknown_skill", "There is no such skill.");
    }
    // An object only: the derived reader would take a list as well.
    let read = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body)
        .and_then(|members| serde_json::from_value::<Habits>(members.into()));
    match read {
        Err(error) => refusal(StatusCode::BAD_REQUEST, "invalid_json", &format!("These are no habits: {error}.")),
        Ok(habits) => match habits.wrong() {
            Some(wrong) => refusal(StatusCode::UNPROCESSABLE_ENTITY, "invalid_habits", wrong),
            None => {
                inner.household.set_habits(&slug, habits);
                Json(habits).into_response()
            }
        },
    }
}

/// Whether this looks like a locale: `en-US`.
pub(crate) fn is_locale(text: &str) -> bool {
    let mut signs = text.chars();
    let mut next = |good: fn(&char) -> bool| signs.next().as_ref().is_some_and(good);
    next(char::is_ascii_lowercase)
        && next(char::is_ascii_lowercase)
        && next(|c| *c == '-')
        && next(char::is_ascii_uppercase)
        && next(char::is_ascii_uppercase)
        && text.len() == 5
}

/// `GET /api/turns`: all kept turns, oldest first.
pub(crate) async fn turns(State(inner): State<Shared>) -> Response {
    let turns = inner.turns();
    Json(turns.iter().map(AsRef::as_ref).collect::<Vec<_>>()).into_response()
}

/// `GET /api/turns/{id}`: one turn.
pub(crate) async fn turn(State(inner): State<Shared>, Path(id): Path<String>) -> Response {
    match inner.turn(&id) {
        Some(turn) => Json(turn.as_ref()).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "unknown_turn", "There is no such turn; the last 200 are kept."),
    }
}

#[derive(Serialize)]
struct Installed<'a> {
    slug: &'a str,
    name: &'a str,
    skill_id: &'a str,
    linked: bool,
    links_accounts: bool,
    companion: String,
    locales: BTreeMap<&'a str, Spoken<'a>>,
}

#[derive(Serialize)]
struct Spoken<'a> {
    invocation_name: &'a str,
    suggestions: &'a [String],
}

/// `GET /api/skills`: what is installed.
pub(crate) async fn skills(State(inner): State<Shared>) -> Response {
    let installed = inner.skills.iter().map(|skill| Installed {
        slug: &skill.slug,
        name: &skill.name,
        skill_id: &skill.skill_id,
        linked: inner.household.membership(&skill.slug).link.is_some(),
        links_accounts: skill.linking.is_some(),
        companion: format!("{}/companion/{}", inner.public_url, skill.slug),
        locales: skill
            .voices
            .iter()
            .map(|(locale, voice)| {
                let spoken = Spoken { invocation_name: &voice.invocation_name, suggestions: &voice.suggestions };
                (locale.as_str(), spoken)
            })
            .collect(),
    });
    Json(installed.collect::<Vec<_>>()).into_response()
}
