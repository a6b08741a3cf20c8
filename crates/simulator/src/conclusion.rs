//! What an answer means for the turn: its outcome in words.

use crate::answer::Answer;
use crate::linking::API;
use crate::package::Skill;
use crate::trace::{Outcome, Turn};

/// What a skill's answer means for the turn.
pub(crate) fn conclude(turn: &mut Turn, skill: &Skill, answer: &Answer, guard_refused: bool, linked: bool) {
    turn.spoken.clone_from(&answer.spoken);
    turn.ssml.clone_from(&answer.ssml);
    turn.reprompt.clone_from(&answer.reprompt);
    turn.card.clone_from(&answer.card);
    turn.directives.clone_from(&answer.directives);
    let (name, by_api) = (&skill.name, refused_by_api(turn));
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
            (true, None) if by_api.is_some() => {
                format!("{name} took your access token and asked an API with it. {}", by_api.unwrap_or_default())
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
        if let Some(refused) = by_api {
            turn.explanation = format!("{} {refused}", turn.explanation);
        }
    }
}

/// The refusal of an API that the skill has asked last, in words.
fn refused_by_api(turn: &Turn) -> Option<String> {
    let hop = turn.hops.iter().rev().take_while(|hop| hop.within).find(|hop| hop.to == API)?;
    let status = hop.response.as_ref()?.status;
    let failed = hop.checks.iter().find(|check| check.outcome == "failed");
    match (status, failed) {
        (401 | 403, Some(check)) => {
            Some(format!("The API refused the token at the check {}: {}.", check.check, check.explanation))
        }
        (401 | 403, None) => Some(format!("The API refused with status {status}.")),
        _ => None,
    }
}
