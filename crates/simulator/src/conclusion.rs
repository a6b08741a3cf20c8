//! What an answer means for the turn: its outcome in words, and what the skill tells of its guard.

use serde_json::Value;

use crate::answer::Answer;
use crate::linking::{AUTHORIZATION_SERVER, SKILL};
use crate::package::Skill;
use crate::trace::{GuardTrace, Hop, Outcome, RequestShown, ResponseShown, Turn};

/// What a skill's answer means for the turn.
pub(crate) fn conclude(turn: &mut Turn, skill: &Skill, answer: &Answer, guard_refused: bool, linked: bool) {
    turn.spoken.clone_from(&answer.spoken);
    turn.ssml.clone_from(&answer.ssml);
    turn.reprompt.clone_from(&answer.reprompt);
    turn.card.clone_from(&answer.card);
    turn.directives.clone_from(&answer.directives);
    let name = &skill.name;
    if guard_refused || answer.asks_to_link() {
        turn.outcome = Outcome::Refused;
        let failed = turn.checks.iter().find(|check| check.outcome == "failed");
        turn.explanation = match (linked, failed) {
            (false, _) => {
                format!("{name} needs to know who you are. Link your account in the companion, then ask again.")
            }
            (true, Some(check)) => {
                format!("{name} refused your access token at the check {}: {}", check.check, check.explanation)
            }
            (true, None) => {
                format!("{name} did not accept your access token. Link your account again in the companion.")
            }
        };
    } else {
        turn.outcome = Outcome::Answered;
        turn.explanation = match (linked, turn.checks.is_empty()) {
            (true, false) => format!("{name} checked your access token and answered for your account."),
            (true, true) => format!("{name} was sent your access token and answered."),
            (false, _) => format!("{name} answered without knowing who you are."),
        };
    }
}

/// Takes what the skill tells of its guard into the turn.
pub(crate) fn show_guard(trace: GuardTrace, turn: &mut Turn) {
    if let Some(hop) = turn.hops.last_mut() {
        let told: Vec<String> =
            trace.request_checks.iter().map(|check| format!("{} {}", check.check, check.outcome)).collect();
        if !told.is_empty() {
            hop.note = Some(format!("The skill checked the request first: {}.", told.join(", ")));
        }
    }
    if let Some(introspection) = &trace.introspection {
        turn.hops.push(introspection_hop(introspection));
    }
    if trace.mode.as_deref() == Some("jwks")
        && let Some(hop) = turn.hops.last_mut()
    {
        let note = hop.note.take().map(|note| format!("{note} ")).unwrap_or_default();
        hop.note = Some(format!("{note}It verified the token locally, with the authority's published keys."));
    }
    turn.checks = trace.checks;
    turn.claims = trace.claims;
}

fn introspection_hop(introspection: &Value) -> Hop {
    let number = |field: &str| introspection.get(field).and_then(Value::as_u64).unwrap_or(0);
    let url = introspection.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    Hop {
        title: "The skill asks whether the token is good".into(),
        from: SKILL.into(),
        to: AUTHORIZATION_SERVER.into(),
        millis: number("millis"),
        request: Some(RequestShown { method: "POST".into(), url, ..RequestShown::default() }),
        response: Some(ResponseShown {
            status: u16::try_from(number("status")).unwrap_or(0),
            body: introspection.get("answer").cloned().unwrap_or(Value::Null),
            ..ResponseShown::default()
        }),
        note: Some("Token introspection (RFC 7662), as the skill tells it.".into()),
    }
}
