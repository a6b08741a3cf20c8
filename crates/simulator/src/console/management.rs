//! A stand-in for those parts of the Skill Management API that try a skill out, so that existing tools can be pointed at it:
//! simulations, invocations, `profileNlu` and enablement. Any bearer token is taken; nothing here is secret to this machine.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sayso_alexa::dialog::{Awaits, merge, settle};
use sayso_alexa::envelope::Intent;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use crate::connected_app::Activation;
use crate::deliver::Letter;
use crate::dialogs::{Held, Move};
use crate::envelope::heard_intent;
use crate::package::{Skill, Voice};
use crate::saying::{Saying, Utterance};
use crate::trace::{Hop, Outcome, Turn};
use crate::understand::Understood;

/// A refusal in the API's shape.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"message": message, "violations": [{"code": code, "message": message}]});
    (status, Json(body)).into_response()
}

fn no_skill(id: &str) -> Response {
    refusal(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", &format!("There is no skill {id} here."))
}

fn bad(message: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, "INVALID_REQUEST_PARAMETER", message)
}

fn found<'s>(inner: &'s Shared, id: &str) -> Option<&'s Skill> {
    inner.skills.iter().find(|skill| skill.skill_id == id)
}

#[derive(Deserialize)]
struct Simulate {
    input: Content,
    device: Device,
    session: Option<Mode>,
}

#[derive(Deserialize)]
struct Content {
    content: String,
}

#[derive(Deserialize)]
struct Device {
    locale: String,
}

#[derive(Deserialize)]
struct Mode {
    mode: Option<String>,
}

/// `GET /v1/skills/{id}/stages/{stage}/manifest`: as it stands in the package.
pub(crate) async fn manifest(State(inner): State<Shared>, Path((id, _stage)): Path<(String, String)>) -> Response {
    let Some(skill) = found(&inner, &id) else { return no_skill(&id) };
    match crate::package::manifest_file(&skill.root).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    {
        Some(manifest) => Json(manifest).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "The manifest cannot be read any more."),
    }
}

/// `GET /v1/skills/{id}/stages/{stage}/enablement`: every skill here can be simulated.
pub(crate) async fn ready(State(inner): State<Shared>, Path((id, _stage)): Path<(String, String)>) -> Response {
    if found(&inner, &id).is_some() { StatusCode::NO_CONTENT.into_response() } else { no_skill(&id) }
}

/// `POST /v2/skills/{id}/stages/{stage}/simulations`
pub(crate) async fn simulate(
    State(inner): State<Shared>,
    Path((id, _stage)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let Some(skill) = found(&inner, &id) else { return no_skill(&id) };
    let Ok(asked) = serde_json::from_slice::<Simulate>(&body) else {
        return bad("The body must be {\"input\": {\"content\": …}, \"device\": {\"locale\": …}}.");
    };
    if asked.input.content.trim().is_empty() || !super::api::is_locale(&asked.device.locale) {
        return bad("input.content must not be empty, and device.locale must look like en-US.");
    }
    let Ok(_one_at_a_time) = inner.simulating.try_lock() else {
        let message = "This account has another simulation under way.";
        return refusal(StatusCode::CONFLICT, "CONFLICTING_INSTANCES", message);
    };
    if asked.session.and_then(|session| session.mode).as_deref() == Some("FORCE_NEW_SESSION") {
        inner.say(&Saying { utterance: Utterance::Exit, ..Saying::default() }).await;
    }
    let saying = Saying {
        locale: Some(asked.device.locale),
        skill: Some(skill.slug.clone()),
        ..Saying::words(asked.input.content)
    };
    let turn = inner.say(&saying).await;
    Json(json!({"id": turn.id, "status": "IN_PROGRESS", "result": null})).into_response()
}

/// `GET /v2/skills/{id}/stages/{stage}/simulations/{simulation}`
pub(crate) async fn simulation(
    State(inner): State<Shared>,
    Path((id, _stage, simulation)): Path<(String, String, String)>,
) -> Response {
    let turn = found(&inner, &id).and_then(|_| inner.turn(&simulation));
    match turn {
        Some(turn) => Json(simulated(&turn)).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "There is no such simulation."),
    }
}

fn simulated(turn: &Turn) -> Value {
    let asked = |hop: &&Hop| matches!(hop.title.as_str(), "Ask the skill" | "Launch the skill" | "Resume the skill");
    let invocations: Vec<Value> = turn.hops.iter().filter(asked).map(invocation).collect();
    let considered: Vec<Value> = (turn.heard.intent.iter())
        .map(|name| {
            let slots = turn.heard.slots.iter().map(|(name, slot)| {
                (name.clone(), json!({"name": name, "value": slot.value, "confirmationStatus": "NONE"}))
            });
            json!({"name": name, "confirmationStatus": "NONE", "slots": slots.collect::<BTreeMap<_, _>>()})
        })
        .chain(turn.heard.considered.iter().map(|name| json!({"name": name, "confirmationStatus": "NONE"})))
        .collect();
    let speech: Vec<Value> =
        turn.spoken.iter().map(|spoken| json!({"type": "Speech", "content": {"caption": spoken}})).collect();
    let is_good = matches!(turn.outcome, Outcome::Answered | Outcome::Refused);
    let mut result = json!({
        "alexaExecutionInfo": {"alexaResponses": speech, "consideredIntents": considered},
        "skillExecutionInfo": {"invocations": invocations},
    });
    if let (false, Some(result)) = (is_good, result.as_object_mut()) {
        result.insert("error".into(), json!({"code": "SKILL_ENDPOINT_ERROR", "message": turn.explanation}));
    }
    json!({"id": turn.id, "status": if is_good { "SUCCESSFUL" } else { "FAILED" }, "result": result})
}

fn invocation(hop: &Hop) -> Value {
    let request = hop.request.as_ref();
    json!({
        "invocationRequest": {"endpoint": request.map(|request| &request.url), "body": request.map(|request| &request.body)},
        "invocationResponse": {"body": hop.response.as_ref().map(|response| &response.body)},
        "metrics": {"skillExecutionTimeInMilliseconds": hop.millis},
    })
}

/// `POST /v2/skills/{id}/stages/{stage}/invocations`
pub(crate) async fn invoke(
    State(inner): State<Shared>,
    Path((id, _stage)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let Some(skill) = found(&inner, &id) else { return no_skill(&id) };
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(request) = asked.pointer("/skillRequest/body").filter(|body| body.is_object()) else {
        return bad("The body must be {\"endpointRegion\": …, \"skillRequest\": {\"body\": {…}}}.");
    };
    if !matches!(asked.get("endpointRegion").and_then(Value::as_str), Some("NA" | "EU" | "FE" | "default")) {
        return bad("endpointRegion must be NA, EU, FE or default.");
    }
    let letter = Letter { skill, title: "Invoke the skill", body: request.clone(), fault: None };
    let delivered = inner.deliver(&letter).await;
    let mut result = json!({"skillExecutionInfo": delivered.hops.first().map(invocation)});
    let status = match delivered.answer {
        Ok(_) => "SUCCESSFUL",
        Err(broken) => {
            if let Some(result) = result.as_object_mut() {
                result.insert("error".into(), json!({"code": broken.kind, "message": broken.reason}));
            }
            "FAILED"
        }
    };
    Json(json!({"status": status, "result": result})).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    utterance: String,
    multi_turn_token: Option<String>,
}

/// `POST /v1/skills/{id}/stages/{stage}/interactionModel/locales/{locale}/profileNlu`
pub(crate) async fn profile(
    State(inner): State<Shared>,
    Path((id, _stage, locale)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    let Some(skill) = found(&inner, &id) else { return no_skill(&id) };
    let Some(voice) = skill.voices.get(&locale) else {
        let message = format!("The skill has no model for {locale}.");
        return refusal(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", &message);
    };
    let Ok(asked) = serde_json::from_slice::<Profile>(&body) else {
        return bad("The body must be {\"utterance\": …, \"multiTurnToken\": …}.");
    };
    let held = match asked.multi_turn_token.as_deref().map(held_in) {
        None => None,
        Some(Some(held)) => Some(held),
        Some(None) => return bad("multiTurnToken is none of this API's."),
    };
    Json(profiled(&inner, skill, voice, (&asked.utterance, held))).into_response()
}

/// What a sentence means, and what the dialog model asks next.
fn profiled(inner: &Shared, skill: &Skill, voice: &Voice, (utterance, held): (&str, Option<Held>)) -> Value {
    let agreed = held.as_ref().filter(|held| held.awaits_agreement()).and_then(|_| voice.listener.agrees(utterance));
    let eliciting = held.as_ref().and_then(Held::eliciting);
    let understood = voice.listener.likeliest(&[utterance.to_owned()], eliciting.as_ref(), inner.wall_clock());
    let considered: Vec<Value> =
        understood.iter().flat_map(|one| &one.considered).map(|one| json!({"name": one.intent})).collect();
    let intent = match (agreed, held, understood) {
        (Some(agreed), Some(mut held), _) => {
            settle(&mut held.intent, &held.awaits, agreed);
            held.intent
        }
        (_, held, Some(understood)) => meant(&understood, skill, held),
        (_, _, None) => {
            return json!({"sessionEnded": false, "selectedIntent": null, "consideredIntents": considered, "multiTurn": null});
        }
    };
    let course = inner.course(voice);
    let multi_turn = match course.lead(intent.clone()) {
        Move::Ask(prompt, held) => {
            let (act, slot) = match &held.awaits {
                Awaits::Slot(slot) => ("Dialog.ElicitSlot", Some(slot)),
                Awaits::SlotConfirmation(slot) => ("Dialog.ConfirmSlot", Some(slot)),
                Awaits::IntentConfirmation => ("Dialog.ConfirmIntent", None),
            };
            json!({"dialogAct": {"type": act, "targetSlot": slot}, "token": token_of(&held), "prompt": prompt.text})
        }
        _ => Value::Null,
    };
    json!({"sessionEnded": multi_turn.is_null(), "selectedIntent": intent, "consideredIntents": considered, "multiTurn": multi_turn})
}

fn meant(understood: &Understood, skill: &Skill, held: Option<Held>) -> Intent {
    let heard = heard_intent(understood, &skill.skill_id);
    match held {
        Some(mut held) if held.intent.name == heard.name => {
            merge(&mut held.intent, heard);
            held.intent
        }
        _ => heard,
    }
}

/// The dialog so far travels in the token; the stand-in keeps nothing.
fn token_of(held: &Held) -> String {
    let (kind, slot) = match &held.awaits {
        Awaits::Slot(slot) => ("slot", slot.as_str()),
        Awaits::SlotConfirmation(slot) => ("confirmation", slot.as_str()),
        Awaits::IntentConfirmation => ("intent", ""),
    };
    URL_SAFE_NO_PAD.encode(json!({"intent": held.intent, "awaits": kind, "slot": slot}).to_string())
}

fn held_in(token: &str) -> Option<Held> {
    let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let slot = value.get("slot")?.as_str()?.to_owned();
    let awaits = match value.get("awaits")?.as_str()? {
        "slot" => Awaits::Slot(slot),
        "confirmation" => Awaits::SlotConfirmation(slot),
        "intent" => Awaits::IntentConfirmation,
        _ => return None,
    };
    Some(Held { intent: serde_json::from_value(value.get("intent")?.clone()).ok()?, awaits, by_alexa: true })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Enablement {
    account_link_request: Option<Link>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    redirect_uri: String,
    auth_code: String,
}

/// `POST /v1/users/~current/skills/{id}/enablement`: a provider's own app enables the skill and links with a fresh code.
pub(crate) async fn enable(State(inner): State<Shared>, Path(id): Path<String>, body: Bytes) -> Response {
    let Some(skill) = found(&inner, &id) else { return no_skill(&id) };
    let Ok(asked) = serde_json::from_slice::<Enablement>(&body) else {
        return bad(
            "The body must be {\"stage\": …, \"accountLinkRequest\": {\"redirectUri\": …, \"authCode\": …, \"type\": \"AUTH_CODE\"}}.",
        );
    };
    if let Some(link) = asked.account_link_request {
        let activation = Activation { redirect_uri: link.redirect_uri, code: link.auth_code };
        if let Err(reason) = inner.activate(skill, activation).await {
            return bad(&reason);
        }
    }
    (StatusCode::CREATED, Json(enablement(&inner, skill))).into_response()
}

/// `GET /v1/users/~current/skills/{id}/enablement`
pub(crate) async fn enabled(State(inner): State<Shared>, Path(id): Path<String>) -> Response {
    match found(&inner, &id) {
        Some(skill) => Json(enablement(&inner, skill)).into_response(),
        None => no_skill(&id),
    }
}

/// `DELETE /v1/users/~current/skills/{id}/enablement`
pub(crate) async fn disable(State(inner): State<Shared>, Path(id): Path<String>) -> Response {
    let Some(skill) = found(&inner, &id) else { return no_skill(&id) };
    inner.unlink(skill, None).await;
    StatusCode::NO_CONTENT.into_response()
}

fn enablement(inner: &Shared, skill: &Skill) -> Value {
    let membership = inner.household.membership(&skill.slug);
    let link = if membership.link.is_some() { "LINKED" } else { "NOT_LINKED" };
    json!({
        "skill": {"id": skill.skill_id, "stage": "development"},
        "user": {"id": membership.user_id},
        "status": if membership.is_enabled { "ENABLED" } else { "DISABLED" },
        "accountLink": {"status": link},
    })
}
