//! The rules of names: intents, slots and slot types.

use super::Findings;
use super::model::SCHEMA;

/// Amazon's intents for custom skills, without `AMAZON.`.
const BUILT_IN: [&str; 29] = [
    "CancelIntent",
    "FallbackIntent",
    "HelpIntent",
    "LoopOffIntent",
    "LoopOnIntent",
    "MoreIntent",
    "NavigateHomeIntent",
    "NavigateSettingsIntent",
    "NextIntent",
    "NoIntent",
    "PageDownIntent",
    "PageUpIntent",
    "PauseIntent",
    "PreviousIntent",
    "RepeatIntent",
    "ResumeIntent",
    "ScrollDownIntent",
    "ScrollLeftIntent",
    "ScrollRightIntent",
    "ScrollUpIntent",
    "SelectIntent",
    "ShuffleOffIntent",
    "ShuffleOnIntent",
    "StartOverIntent",
    "StopIntent",
    "YesIntent",
    "SearchAction",
    "AddAction",
    "PlaybackAction",
];

enum Verdict {
    Good,
    /// Digits are let through by the build, though the rule does not name them.
    HasDigits,
    Bad,
}

fn judge(name: &str, others: &[char]) -> Verdict {
    let is_allowed = |c: char| c.is_ascii_alphabetic() || others.contains(&c);
    match () {
        () if name.is_empty() || !name.chars().all(|c| is_allowed(c) || c.is_ascii_digit()) => Verdict::Bad,
        () if !name.chars().all(is_allowed) => Verdict::HasDigits,
        () => Verdict::Good,
    }
}

/// An intent's name: letters, underscores, periods.
pub(super) fn intent(findings: &mut Findings<'_>, name: &str) {
    let path = ["intents[", name];
    if let Some(built_in) = name.strip_prefix("AMAZON.") {
        // Those with brackets, such as AMAZON.SearchAction<object@WeatherForecast>, are many.
        if !BUILT_IN.contains(&built_in.split('<').next().unwrap_or(built_in)) {
            let what = format!("Amazon has no intent {name} that is known here");
            findings.warn(&path, what, "check the name: the build refuses an intent of Amazon's that does not exist");
        }
        return;
    }
    let fix = "use letters, underscores and periods only";
    match judge(name, &['_', '.']) {
        Verdict::Good => {}
        Verdict::HasDigits => findings.warn(&path, format!("the intent name {name} holds digits"), fix),
        Verdict::Bad => findings.error(&path, SCHEMA, format!("{name:?} cannot be the name of an intent"), fix),
    }
}

/// A slot's name: letters and underscores.
pub(super) fn slot(findings: &mut Findings<'_>, path: &[&str], name: &str) {
    let fix = "use letters and underscores only";
    match judge(name, &['_']) {
        Verdict::Good => {}
        Verdict::HasDigits => findings.warn(path, format!("the slot name {name} holds digits"), fix),
        Verdict::Bad => findings.error(path, SCHEMA, format!("{name:?} cannot be the name of a slot"), fix),
    }
}

/// A type's name: letters and underscores, a letter first.
pub(super) fn slot_type(findings: &mut Findings<'_>, path: &[&str], name: &str) {
    let fix = "begin with a letter, and use letters and underscores only";
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    match judge(name, &['_']) {
        Verdict::Good if begins_well => {}
        Verdict::HasDigits if begins_well => {
            findings.warn(path, format!("the slot type name {name} holds digits"), fix);
        }
        _ => {
            let what = format!("{name:?} cannot be the name of a slot type");
            findings.error(path, Some("InvalidSlotTypeName"), what, fix);
        }
    }
}
