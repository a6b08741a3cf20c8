//! Whether a request is fresh.
//!
//! A recorded request keeps its good signature for ever; the time inside it is what stops a replay.

use crate::envelope::{Request, SkillEvent};

/// How far a request's time may lie from ours: 150 s at most, Amazon's own bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    millis: i64,
}

impl Tolerance {
    /// The widest tolerance Amazon allows, in seconds.
    pub const WIDEST_SECONDS: u32 = 150;

    /// A tolerance of so many seconds; what is wider than 150 s becomes 150 s.
    #[must_use]
    pub fn from_seconds(seconds: u32) -> Self {
        Self { millis: i64::from(seconds.min(Self::WIDEST_SECONDS)) * 1_000 }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::from_seconds(Self::WIDEST_SECONDS)
    }
}

/// Skill events may come an hour late; Amazon's official SDKs allow them that.
const EVENT_DELAY_MILLIS: i64 = 3_600_000;

/// Why a request's time was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampRefused {
    /// There is no `request.timestamp`.
    #[error("the request has no timestamp")]
    Missing,
    /// It is not an ISO 8601 time with a zone. What cannot be read is never fresh.
    #[error("the timestamp is not an ISO 8601 time")]
    Unparsable,
    /// It lies too far back.
    #[error("the timestamp is too old")]
    TooOld,
    /// It lies too far ahead.
    #[error("the timestamp lies in the future")]
    InTheFuture,
}

impl TimestampRefused {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "timestamp_missing",
            Self::Unparsable => "timestamp_unparsable",
            Self::TooOld => "timestamp_too_old",
            Self::InTheFuture => "timestamp_in_the_future",
        }
    }
}

/// Judges the time of a request; `now` in milliseconds since 1970.
///
/// # Errors
/// Missing, unreadable, too old, or too far ahead.
pub fn check(request: &Request, now: i64, tolerance: Tolerance) -> Result<(), TimestampRefused> {
    if request.timestamp.says_nothing() {
        return Err(TimestampRefused::Missing);
    }
    let sent = request.timestamp.text().and_then(parse).ok_or(TimestampRefused::Unparsable)?;
    let back = if may_come_late(request) { EVENT_DELAY_MILLIS } else { tolerance.millis };
    let age = now.saturating_sub(sent);
    if age > back {
        Err(TimestampRefused::TooOld)
    } else if age < -tolerance.millis {
        Err(TimestampRefused::InTheFuture)
    } else {
        Ok(())
    }
}

/// Whether Alexa sends such a request again until it is answered, for up to an hour: a skill event.
#[must_use]
pub fn may_come_late(request: &Request) -> bool {
    request.request_type.text().is_some_and(|kind| kind.starts_with(SkillEvent::TYPE_PREFIX))
}

/// Milliseconds since 1970 of an ISO 8601 time in the profile of RFC 3339: date, time, fraction or none, zone.
///
/// Digits of the fraction after the third are dropped. A leap second counts as the second before it.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let days = parse_date(date)?;
    let (clock, offset_minutes) = split_zone(time)?;
    Some(days * 86_400_000 + parse_clock(clock)? - offset_minutes * 60_000)
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub(crate) fn parse_date(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || !(1..=length).contains(&day) {
        return None;
    }
    // Years are counted from March, so that the leap day is the last; eras of 400 years have 146,097 days.
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The clock time, and the zone's minutes east of UTC.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let sign_at = time.rfind(['+', '-'])?;
    let (clock, zone) = time.split_at_checked(sign_at)?;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some((clock, sign * (hours * 60 + minutes)))
}

/// Milliseconds since midnight of `HH:MM:SS` or `HH:MM:SS.fraction`.
fn parse_clock(clock: &str) -> Option<i64> {
    let (whole, fraction) = clock.split_once('.').map_or((clock, None), |(whole, rest)| (whole, Some(rest)));
    let mut parts = whole.split(':');
    let (hours, minutes, seconds) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let millis = match fraction {
        None => 0,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let first = digits.bytes().chain(*b"00").take(3);
            first.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
        }
        Some(_) => return None,
    };
    Some(((hours * 60 + minutes) * 60 + seconds.min(59)) * 1_000 + millis)
}

/// A number of exactly so many decimal digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_479_559_170_000;

    fn request(kind: &str, timestamp: serde_json::Value) -> Request {
        serde_json::from_value(json!({"type": kind, "timestamp": timestamp})).unwrap()
    }

    #[test]
    fn times_are_read_as_rfc_3339_says() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2016-11-19T12:39:30Z", Some(NOW)),
            ("2016-11-19t12:39:30z", Some(NOW)),
            ("2016-11-19T12:39:30.25Z", Some(NOW + 250)),
            ("2016-11-19T12:39:30.123999Z", Some(NOW + 123)),
            ("2016-11-19T14:09:30+01:30", Some(NOW)),
            ("2016-11-19T04:39:30-08:00", Some(NOW)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("1999-02-29T00:00:00Z", None),
            ("1900-02-29T00:00:00Z", None),
            ("2016-13-01T00:00:00Z", None),
            ("2016-00-01T00:00:00Z", None),
            ("2016-11-31T00:00:00Z", None),
            ("2016-11-19T24:00:00Z", None),
            ("2016-11-19T12:60:00Z", None),
            ("2016-11-19T12:39:30", None),
            ("2016-11-19 12:39:30Z", None),
            ("2016-11-19T12:39Z", None),
            ("2016-11-19T12:39:30.Z", None),
            ("2016-11-19T12:39:30,5Z", None),
            ("2016-11-19T12:39:30+0100", None),
            ("+016-11-19T12:39:30Z", None),
            ("2016-11-19T12:39:30é", None),
            ("NaN", None),
            ("", None),
            ("1479559170000", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn freshness_is_judged_in_both_directions() {
        use TimestampRefused::*;
        let at = |offset_seconds: i64| {
            let time = time::OffsetDateTime::from_unix_timestamp(NOW / 1_000 + offset_seconds).unwrap();
            json!(time.format(&time::format_description::well_known::Rfc3339).unwrap())
        };
        for (kind, timestamp, expected) in [
            ("IntentRequest", at(0), Ok(())),
            ("IntentRequest", at(-150), Ok(())),
            ("IntentRequest", at(-151), Err(TooOld)),
            ("IntentRequest", at(150), Ok(())),
            ("IntentRequest", at(151), Err(InTheFuture)),
            ("IntentRequest", at(-3_600), Err(TooOld)),
            ("AlexaSkillEvent.SkillDisabled", at(-3_600), Ok(())),
            ("AlexaSkillEvent.SkillDisabled", at(-3_601), Err(TooOld)),
            ("AlexaSkillEvent.SkillDisabled", at(151), Err(InTheFuture)),
            ("IntentRequest", json!(null), Err(Missing)),
            ("IntentRequest", json!("yesterday"), Err(Unparsable)),
            ("IntentRequest", json!("NaN"), Err(Unparsable)),
            ("IntentRequest", json!(NOW), Err(Unparsable)),
            ("IntentRequest", json!("9999-12-31T23:59:59Z"), Err(InTheFuture)),
            ("IntentRequest", json!("0000-01-01T00:00:00Z"), Err(TooOld)),
        ] {
            let request = request(kind, timestamp.clone());
            assert_eq!(check(&request, NOW, Tolerance::default()), expected, "{kind} {timestamp}");
        }
        assert_eq!(check(&Request::default(), NOW, Tolerance::default()), Err(Missing));
    }

    #[test]
    fn a_tolerance_is_never_wider_than_amazon_allows() {
        assert_eq!(Tolerance::from_seconds(100_000), Tolerance::default());
        let late = request("IntentRequest", json!("2016-11-19T12:39:19Z"));
        assert_eq!(check(&late, NOW, Tolerance::from_seconds(10)), Err(TimestampRefused::TooOld));
        assert_eq!(check(&late, NOW, Tolerance::from_seconds(11)), Ok(()));
    }

    proptest! {
        #[test]
        fn any_time_is_read_as_another_library_prints_it(millis in -62_000_000_000_000_i64..253_402_300_799_999) {
            let time = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).unwrap();
            let text = time.format(&time::format_description::well_known::Rfc3339).unwrap();
            prop_assert_eq!(parse(&text), Some(millis));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
