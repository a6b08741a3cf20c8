//! Dates, times and durations as slots hold them, made comparable.

use crate::timestamp::parse_date;

const DAY_SECONDS: i64 = 86_400;

/// A time span of ISO 8601: months apart from days, because months differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    months: i64,
    seconds: i64,
}

impl Span {
    /// `P1D`, `P2W`, `PT3H`, `-P1M`; no length for an empty text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let mut span = Self::default();
        let mut is_time = false;
        let mut digits = String::new();
        for letter in rest.strip_prefix('P')?.chars() {
            match letter {
                'T' => is_time = true,
                digit if digit.is_ascii_digit() => digits.push(digit),
                unit => {
                    let count: i64 = digits.parse().ok().filter(|count| *count <= 1_000_000)?;
                    digits.clear();
                    match (is_time, unit) {
                        (false, 'Y') => span.months += 12 * count,
                        (false, 'M') => span.months += count,
                        (false, 'W') => span.seconds += 7 * DAY_SECONDS * count,
                        (false, 'D') => span.seconds += DAY_SECONDS * count,
                        (true, 'H') => span.seconds += 3_600 * count,
                        (true, 'M') => span.seconds += 60 * count,
                        (true, 'S') => span.seconds += count,
                        _ => return None,
                    }
                }
            }
        }
        let is_whole = digits.is_empty() && rest.len() > 1;
        is_whole.then_some(Self { months: sign * span.months, seconds: sign * span.seconds })
    }

    /// Its length, a month taken as 30 days; for comparing one with another.
    pub(super) fn length(self) -> i64 {
        self.months * 30 * DAY_SECONDS + self.seconds
    }

    /// The moment so far from `seconds` since 1970.
    pub(super) fn after(self, seconds: i64) -> i64 {
        let (day, of_day) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
        plus_months(day, self.months) * DAY_SECONDS + of_day + self.seconds
    }
}

/// The same day so many months on; the last of the month where it has no such day.
fn plus_months(day: i64, months: i64) -> i64 {
    if months == 0 {
        return day;
    }
    let (year, month, of_month) = date_of(day);
    let all = year * 12 + (month - 1) + months;
    let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
    let dates = (1..=of_month).rev().map(|of_month| format!("{year:04}-{month:02}-{of_month:02}"));
    dates.filter_map(|date| parse_date(&date)).next().unwrap_or(day)
}

/// Year, month and day of a day since 1970.
fn date_of(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, of_month)
}

/// The first day, since 1970, of what `AMAZON.DATE` holds: a day, week, weekend, month, season, year or decade.
pub(super) fn first_day(value: &str) -> Option<i64> {
    if value.len() == 10
        && let Some(day) = parse_date(value)
    {
        return Some(day);
    }
    let (year, rest) = value.split_once('-').map_or((value, ""), |(year, rest)| (year, rest));
    let year = year.replace('X', "0");
    if year.len() != 4 {
        return None;
    }
    let of = |month_and_day: &str| parse_date(&format!("{year}-{month_and_day}"));
    if let Some(week) = rest.strip_prefix('W').filter(|week| *week != "I") {
        let number: i64 = week.split('-').next()?.parse().ok().filter(|number| (1..=53).contains(number))?;
        // The week of 4 January is the first (ISO 8601); 1970 began on a Thursday.
        let fourth = of("01-04")?;
        let monday = fourth - (fourth + 3).rem_euclid(7);
        let into_the_week = if week.ends_with("WE") { 5 } else { 0 };
        return Some(monday + 7 * (number - 1) + into_the_week);
    }
    match rest {
        "" | "XX" | "XX-XX" => of("01-01"),
        "WI" => of("12-01"),
        "SP" => of("03-01"),
        "SU" => of("06-01"),
        "FA" => of("09-01"),
        // A day that is none, such as 30 February, is no month either.
        month => {
            let month = month.strip_suffix("-XX").unwrap_or(month);
            if month.len() == 2 { of(&format!("{month}-01")) } else { None }
        }
    }
}

/// Seconds since midnight of what `AMAZON.TIME` holds: `15:30`, or a part of the day such as `EV`.
pub(super) fn seconds_of_day(value: &str) -> Option<i64> {
    let hours = match value {
        "NI" => 22,
        "MO" => 6,
        "AF" => 12,
        "EV" => 18,
        clock => {
            let mut parts =
                clock.split(':').map(|part| part.parse::<i64>().ok().filter(|number| (0..60).contains(number)));
            let (hours, minutes) = (parts.next()??, parts.next()??);
            let seconds = parts.next().map_or(Some(0), |seconds| seconds)?;
            return (hours < 24 && parts.next().is_none()).then_some(hours * 3_600 + minutes * 60 + seconds);
        }
    };
    Some(hours * 3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_form_begin_somewhere() {
        for (value, first) in [
            ("2024-05-16", "2024-05-16"),
            ("2024-W21", "2024-05-20"),
            ("2024-W01", "2024-01-01"),
            ("2021-W01", "2021-01-04"),
            ("2024-W21-WE", "2024-05-25"),
            ("2024-05", "2024-05-01"),
            ("2024-05-XX", "2024-05-01"),
            ("2024-WI", "2024-12-01"),
            ("2024", "2024-01-01"),
            ("201X", "2010-01-01"),
        ] {
            assert_eq!(first_day(value), parse_date(first), "{value}");
        }
        for value in ["", "tomorrow", "2024-13", "2024-W54", "2024-02-30", "24-05", "é024-05", "2024-é"] {
            assert_eq!(first_day(value), None, "{value}");
        }
    }

    #[test]
    fn spans_count_from_a_moment() {
        let at = |date: &str| parse_date(date).map(|day| day * DAY_SECONDS);
        for (from, span, to) in [
            ("2024-01-31", "P1M", "2024-02-29"),
            ("2024-05-15", "P1D", "2024-05-16"),
            ("2024-05-15", "-P1D", "2024-05-14"),
            ("2024-05-15", "P1Y2W", "2025-05-29"),
            ("2024-03-31", "-P1M", "2024-02-29"),
            ("2024-05-15", "PT24H", "2024-05-16"),
        ] {
            assert_eq!(Span::parse(span).zip(at(from)).map(|(span, from)| span.after(from)), at(to), "{from} {span}");
        }
        for broken in ["", "P", "1D", "PD", "P1", "P1H", "PT1D", "P99999999999999999999D"] {
            assert_eq!(Span::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn every_day_has_its_date() {
        for day in (-200_000..200_000).step_by(17) {
            let (year, month, of_month) = date_of(day);
            assert_eq!(parse_date(&format!("{year:04}-{month:02}-{of_month:02}")), Some(day));
        }
    }

    #[test]
    fn times_of_day_are_comparable() {
        for (value, seconds) in [("15:30", Some(55_800)), ("00:00:05", Some(5)), ("EV", Some(64_800))] {
            assert_eq!(seconds_of_day(value), seconds, "{value}");
        }
        for value in ["", "24:00", "1", "12:61", "12:30:00:00"] {
            assert_eq!(seconds_of_day(value), None, "{value}");
        }
    }
}
