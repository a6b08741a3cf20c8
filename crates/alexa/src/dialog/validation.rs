//! What the value of a slot must fulfil ("Validate Slot Values").

use serde_json::Value;

use super::moment::{Span, first_day, seconds_of_day};
use super::{list, text};
use crate::envelope::{ResolutionCode, Slot};

/// A rule, and the prompt that is said when a value breaks it.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// The rule.
    pub rule: Rule,
    /// Id of the prompt.
    pub prompt: String,
}

/// A rule for values.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// Larger, later, longer than this.
    GreaterThan(String),
    /// Or the same.
    GreaterThanOrEqualTo(String),
    /// Smaller, earlier, shorter than this.
    LessThan(String),
    /// Or the same.
    LessThanOrEqualTo(String),
    /// One of these, as said.
    InSet(Vec<String>),
    /// None of these, as said.
    NotInSet(Vec<String>),
    /// A value of the slot's type, or a synonym of one.
    EntityResolutionMatch,
    /// Between two moments counted from now; an end that is not given is open.
    InDuration {
        /// ISO 8601, such as `P1D`; empty when open.
        start: String,
        /// ISO 8601; empty when open.
        end: String,
    },
    /// Not between the two.
    NotInDuration {
        /// ISO 8601; empty when open.
        start: String,
        /// ISO 8601; empty when open.
        end: String,
    },
}

impl Validation {
    /// Nothing for a kind of rule that Amazon does not have.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let bound = || plain(value.get("value").unwrap_or(&Value::Null));
        let set = || list(value, "values").map(plain).collect();
        let (start, end) = (text(value, "start"), text(value, "end"));
        let rule = match value.get("type")?.as_str()? {
            "isGreaterThan" => Rule::GreaterThan(bound()),
            "isGreaterThanOrEqualTo" => Rule::GreaterThanOrEqualTo(bound()),
            "isLessThan" => Rule::LessThan(bound()),
            "isLessThanOrEqualTo" => Rule::LessThanOrEqualTo(bound()),
            "isInSet" => Rule::InSet(set()),
            "isNotInSet" => Rule::NotInSet(set()),
            "hasEntityResolutionMatch" => Rule::EntityResolutionMatch,
            "isInDuration" => Rule::InDuration { start, end },
            "isNotInDuration" => Rule::NotInDuration { start, end },
            _ => return None,
        };
        Some(Self { rule, prompt: text(value, "prompt") })
    }
}

/// Published files write `1` and `"1"` for a bound.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Rule {
    /// Whether `slot`, which holds one value, fulfils the rule; `now` in milliseconds since 1970.
    ///
    /// A value that cannot be compared breaks a rule that compares: "soon" is not after tomorrow.
    pub(super) fn holds(&self, slot: &Slot, now: i64) -> bool {
        let value = slot.value().unwrap_or_default();
        let is_in = |set: &[String]| set.iter().any(|one| one.trim().to_lowercase() == value.trim().to_lowercase());
        let compared = |bound: &str, good: fn(f64, f64) -> bool| {
            comparable(value, bound).is_some_and(|(value, bound)| good(value, bound))
        };
        match self {
            Self::GreaterThan(bound) => compared(bound, |value, bound| value > bound),
            Self::GreaterThanOrEqualTo(bound) => compared(bound, |value, bound| value >= bound),
            Self::LessThan(bound) => compared(bound, |value, bound| value < bound),
            Self::LessThanOrEqualTo(bound) => compared(bound, |value, bound| value <= bound),
            Self::InSet(set) => is_in(set),
            Self::NotInSet(set) => !is_in(set),
            Self::EntityResolutionMatch => is_resolved(slot),
            Self::InDuration { start, end } => within(value, start, end, now).unwrap_or(false),
            Self::NotInDuration { start, end } => !within(value, start, end, now).unwrap_or(true),
        }
    }
}

/// A type without a list of the skill's own has nothing to resolve against.
fn is_resolved(slot: &Slot) -> bool {
    let Some(resolutions) = slot.resolutions.known() else { return true };
    let found = resolutions.resolutions_per_authority.known().into_iter().flatten();
    let mut codes = found.filter_map(|one| one.status.known()?.code.known());
    codes.any(|code| *code == ResolutionCode::SuccessMatch)
}

/// Both as numbers of the same kind: numbers, days, seconds of a day, lengths.
#[allow(clippy::cast_precision_loss, reason = "days and seconds stay far below where a float loses them")]
fn comparable(value: &str, bound: &str) -> Option<(f64, f64)> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let whole = |read: fn(&str) -> Option<i64>| Some((read(value)? as f64, read(bound.trim())? as f64));
    number(value)
        .zip(number(bound))
        .or_else(|| whole(first_day))
        .or_else(|| whole(seconds_of_day))
        .or_else(|| whole(|text| Span::parse(text).map(Span::length)))
}

/// Whether a date or time lies between two moments counted from now. A date counts by its first day, from today's on.
fn within(value: &str, start: &str, end: &str, now: i64) -> Option<bool> {
    let now = now.div_euclid(1_000);
    let midnight = now - now.rem_euclid(86_400);
    let (at, from) = match first_day(value) {
        Some(day) => (day * 86_400, midnight),
        None => (midnight + seconds_of_day(value)?, now),
    };
    let bound = |text: &str| match text.trim() {
        "" => Some(None),
        text => Span::parse(text).map(|span| Some(span.after(from))),
    };
    let (start, end) = (bound(start)?, bound(end)?);
    Some(start.is_none_or(|start| at >= start) && end.is_none_or(|end| at <= end))
}
