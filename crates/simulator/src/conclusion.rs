//! What an answer means for the turn: its outcome in words.

use crate::answer::Answer;
use crate::package::Skill;
use crate::trace::{Outcome, Turn};

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
