//! What a skill did with a request before it answered, as far as it tells: its checks, and whom it asked.

use sayso_token::time::Timestamp;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::alexa_api::Call;
use crate::envelope::iso_millis;
use crate::linking::{ALEXA, API, AUTHORIZATION_SERVER, SKILL};
use crate::scrub::Scrubber;
use crate::trace::{Called, CheckShown, GuardTrace, Hop, RequestShown, ResponseShown};

/// The request to the skill, with what the skill tells of it, and the requests that the skill sent meanwhile: those that it tells
/// of, and those that Alexa has answered itself.
pub(crate) fn told(mut hop: Hop, trace: Option<&GuardTrace>, answered: Vec<Call>) -> Vec<Hop> {
    hop.told = Some(trace.is_some());
    let Some(trace) = trace else {
        return std::iter::once(hop).chain(answered.into_iter().map(|call| call.hop)).collect();
    };
    let mut notes: Vec<String> = hop.note.take().into_iter().collect();
    let checked: Vec<String> =
        trace.request_checks.iter().map(|check| format!("{} {}", check.check, check.outcome)).collect();
    if !checked.is_empty() {
        notes.push(format!("The skill checked the request first: {}.", checked.join(", ")));
    }
    if trace.mode.as_deref() == Some("jwks") {
        notes.push("It verified the token locally, with the authority's published keys.".into());
    }
    hop.note = (!notes.is_empty()).then(|| notes.join(" "));
    hop.checks.clone_from(&trace.checks);
    let calls = in_order(trace, hop.at.as_deref(), &answered);
    let mut hops: Vec<Hop> = calls.into_iter().map(|(_, hop)| hop).collect();
    if let Some(introspection) = &trace.introspection
        && !trace.calls.iter().any(|call| is_introspection(call, introspection))
    {
        hops.push(introspected(introspection));
    }
    hops.insert(0, hop);
    hops
}

/// The calls in the order in which they began, each with whether it failed. One that Alexa has answered itself stands there as it came,
/// not as it is told.
fn in_order(trace: &GuardTrace, began: Option<&str>, answered: &[Call]) -> Vec<(bool, Hop)> {
    let mut known: Vec<&Call> = answered.iter().collect();
    let is_untold = |call: &&Called| {
        let same = known.iter().position(|own| {
            let request = own.hop.request.as_ref();
            request.is_some_and(|request| request.method == call.method && request.url == call.url)
        });
        same.map(|at| known.remove(at)).is_none()
    };
    let told = trace.calls.iter().filter(is_untold).map(|call| {
        let hops = with_inner(call, trace, began).into_iter().map(|hop| (call.failure.is_some(), hop));
        (call.after_micros.unwrap_or(u64::MAX), hops.collect::<Vec<_>>())
    });
    let mut all: Vec<(u64, Vec<(bool, Hop)>)> = told.collect();
    for call in answered {
        let place = all.iter().position(|(after, _)| *after > call.after_micros).unwrap_or(all.len());
        all.insert(place, (call.after_micros, vec![(false, call.hop.clone())]));
    }
    all.into_iter().flat_map(|(_, hops)| hops).collect()
}

fn is_introspection(call: &Called, introspection: &Value) -> bool {
    let url = introspection.get("url").and_then(Value::as_str);
    call.method == "POST" && call.to == "authorization_server" && url == Some(call.url.as_str())
}

/// What a skill has asked so far while its answer is awaited: as it tells, and as Alexa has answered it. Of the texts of others nothing is
/// kept but an address, and what is heard.
pub(crate) fn sketched(trace: &GuardTrace, began: Option<&str>, answered: &[Call]) -> (Vec<CheckShown>, Vec<Hop>) {
    let hops = in_order(trace, began, answered).into_iter().map(|(has_failed, hop)| Hop {
        title: Scrubber::default().text(&hop.title),
        from: hop.from,
        to: hop.to,
        at: hop.at,
        millis: hop.millis,
        micros: hop.micros,
        within: true,
        checks: hop.checks.iter().map(bare).collect(),
        response: hop.response.map(|response| ResponseShown { status: response.status, ..ResponseShown::default() }),
        // Only that there is one: what is still awaited has none.
        note: has_failed.then(String::new),
        spoken: hop.spoken,
        ..Hop::default()
    });
    (trace.checks.iter().map(bare).collect(), hops.collect())
}

fn bare(check: &CheckShown) -> CheckShown {
    CheckShown { explanation: String::new(), reason: None, ..check.clone() }
}

/// Somebody was asked; and an API has made its own checks, and asked others in turn.
fn with_inner(call: &Called, trace: &GuardTrace, began: Option<&str>) -> Vec<Hop> {
    let mut hop = called(call, trace, began);
    let Some(told) = &call.told else { return vec![hop] };
    if !told.checks.is_empty() {
        hop.checks.clone_from(&told.checks);
        let note = hop.note.take().unwrap_or_default();
        hop.note = Some(format!("{note} The API has checked the token itself.").trim_start().to_owned());
    }
    let began = hop.at.clone();
    let from = hop.to.clone();
    let inner = told.calls.iter().map(|call| Hop { from: from.clone(), ..called(call, told, began.as_deref()) });
    std::iter::once(hop).chain(inner).collect()
}

/// Somebody was asked.
fn called(call: &Called, trace: &GuardTrace, began: Option<&str>) -> Hop {
    let about = trace.introspection.as_ref().filter(|introspection| is_introspection(call, introspection));
    let (to, title, note) = match call.to.as_str() {
        "authorization_server" if about.is_some() || call.method == "POST" => {
            (AUTHORIZATION_SERVER, QUESTION.to_owned(), ASKED)
        }
        "authorization_server" => (AUTHORIZATION_SERVER, "Fetch the authority's keys".to_owned(), ""),
        "alexa" if call.method == "GET" => (ALEXA, CERTIFICATES.to_owned(), ""),
        "alexa" => (ALEXA, "Say something meanwhile".to_owned(), ""),
        _ => (API, format!("{} {}", call.method, path(&call.url)), "A call of the skill's, as the skill tells it."),
    };
    let answer = about.and_then(|introspection| introspection.get("answer")).unwrap_or(&call.answer);
    let mut notes = vec![note.to_owned()];
    notes.extend(call.failure.as_deref().map(failure));
    let micros = call.micros;
    Hop {
        title,
        from: SKILL.into(),
        to: to.into(),
        at: began.zip(call.after_micros).and_then(|(began, micros)| later(began, micros)),
        millis: micros.unwrap_or_default() / 1_000,
        micros,
        within: true,
        request: Some(RequestShown { method: call.method.clone(), url: call.url.clone(), ..RequestShown::default() }),
        response: call.status.map(|status| ResponseShown { status, body: answer.clone(), ..ResponseShown::default() }),
        note: Some(notes.join(" ").trim().to_owned()).filter(|note| !note.is_empty()),
        ..Hop::default()
    }
}

/// What a skill asks before it has checked anything.
pub(crate) const CERTIFICATES: &str = "Fetch the certificates";
const QUESTION: &str = "Is this token good?";
const ASKED: &str = "Token introspection (RFC 7662), as the skill tells it.";

fn failure(reason: &str) -> String {
    match reason {
        "fetch_unreachable" => "No answer: nothing listens there, or the connection broke.".into(),
        "fetch_too_slow" => "No answer in time.".into(),
        "fetch_too_large" => "The answer is larger than the skill reads.".into(),
        "call_unanswered" => "The handler does not say how it was answered.".into(),
        _ => "No answer.".into(),
    }
}

fn path(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.path().to_owned())
}

/// So many microseconds after a moment that is written in ISO 8601.
fn later(began: &str, micros: u64) -> Option<String> {
    let began = OffsetDateTime::parse(began, &Rfc3339).ok()?;
    let millis = i64::try_from(began.unix_timestamp_nanos() / 1_000_000).ok()?;
    Some(iso_millis(Timestamp::from_millis(millis.checked_add(i64::try_from(micros / 1_000).ok()?)?)))
}

/// The question of a skill that tells of it but not of its calls, or that had kept the answer.
fn introspected(introspection: &Value) -> Hop {
    let number = |field: &str| introspection.get(field).and_then(Value::as_u64);
    let url = introspection.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let answer = introspection.get("answer").cloned().unwrap_or(Value::Null);
    let status = number("status").and_then(|status| u16::try_from(status).ok());
    let note = match (status, answer.is_null()) {
        (Some(_), _) => ASKED,
        (None, false) => "The skill had kept an answer to this question, and did not ask again.",
        (None, true) => "The authority could not be asked.",
    };
    let millis = number("millis").unwrap_or_default();
    Hop {
        title: QUESTION.into(),
        from: SKILL.into(),
        to: AUTHORIZATION_SERVER.into(),
        millis,
        within: true,
        request: Some(RequestShown { method: "POST".into(), url, ..RequestShown::default() }),
        response: (status.is_some() || !answer.is_null()).then(|| ResponseShown {
            status: status.unwrap_or_default(),
            body: answer,
            ..ResponseShown::default()
        }),
        note: Some(note.into()),
        ..Hop::default()
    }
}
