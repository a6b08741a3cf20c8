//! `AMAZON.TIME`: hours and minutes, or the part of the day (`MO`, `AF`, `EV`, `NI`).

use super::rules::Part::{May as O, Must as M};
use super::rules::{Caught, Rule};
use super::vocabulary::Class::*;
use super::vocabulary::MINUTE;

macro_rules! rules {
    ($([$($part:expr),* $(,)?] => $build:expr;)*) => { &[$(Rule { parts: &[$($part),*], build: $build }),*] };
}

/// The rules, by precedence.
pub(crate) const RULES: &[Rule] = rules![
    [M(&[ClockOfHalf])] => |c| clock(c.get(ClockOfHalf)?);
    [O(&[The]), M(&[Clock]), O(&[Hours]), O(&[Meridiem, PartOf])] => |c| clock(of_half(c, c.get(Clock)?)?);
    [M(&[ClockDigits]), M(&[Meridiem, Hours])] => |c| {
        let digits = c.get(ClockDigits)?;
        clock(of_half(c, digits / 100 % 24 * 60 + digits % 100)?)
    };
    [O(&[The]), M(&[Number]), O(&[Hours]), O(&[Meridiem, PartOf])] => |c| sharp(c, 0);
    [O(&[The]), M(&[Number]), M(&[Minutes]), O(&[Hours]), O(&[Meridiem, PartOf])] => |c| sharp(c, c.get(Minutes)?);
    [O(&[The]), M(&[Number]), O(&[Hours]), O(&[And]), M(&[Minutes]), O(&[Unit]), O(&[Meridiem, PartOf])] => with_minutes;
    [O(&[The]), M(&[Number]), M(&[Hours]), O(&[And]), M(&[Number]), O(&[Unit]), O(&[Meridiem, PartOf])] => few_minutes;
    [O(&[The]), M(&[Number]), O(&[Hours]), M(&[And]), M(&[Share]), O(&[Meridiem, PartOf])] => |c| sharp(c, c.get(Share)?);
    [O(&[The]), M(&[Number]), M(&[And]), M(&[Number]), O(&[Meridiem, PartOf])] => few_minutes;
    [O(&[The]), M(&[Number]), O(&[Hours]), M(&[Less]), O(&[The]), M(&[Share]), O(&[Meridiem, PartOf])]
        => |c| sharp(c, -c.get(Share)?);
    [O(&[The]), M(&[Number]), O(&[Hours]), M(&[Less]), M(&[Number]), O(&[Meridiem, PartOf])] => less_minutes;
    [M(&[Share]), M(&[Past]), O(&[The]), M(&[Number]), O(&[Hours]), O(&[Meridiem, PartOf])] => |c| sharp(c, c.get(Share)?);
    [M(&[Share]), M(&[To]), O(&[The]), M(&[Number]), O(&[Hours]), O(&[Meridiem, PartOf])] => |c| sharp(c, -c.get(Share)?);
    [M(&[Number]), O(&[Unit]), M(&[Past]), O(&[The]), M(&[Number]), O(&[Hours]), O(&[Meridiem, PartOf])] => |c| around(c, 1);
    [M(&[Number]), O(&[Unit]), M(&[To]), O(&[The]), M(&[Number]), O(&[Hours]), O(&[Meridiem, PartOf])] => |c| around(c, -1);
    [M(&[Share, Number]), O(&[Unit]), M(&[Past, To]), O(&[The]), M(&[Named])] => around_named;
    [M(&[Named]), M(&[And]), M(&[Share])] => |c| clock(c.get(Named)? + c.get(Share)?);
    [M(&[Named]), M(&[Less]), O(&[The]), M(&[Share])] => |c| clock(c.get(Named)? - c.get(Share)?);
    // Japanese says "seven o'clock, fifteen minutes before".
    [O(&[Meridiem, PartOf]), M(&[Number]), M(&[Hours]), M(&[Number]), M(&[Unit]), M(&[Ago])] => |c| {
        minutes_only(c).then(|| less_minutes(c))?
    };
    [M(&[Number]), O(&[Unit]), M(&[Past, To]), M(&[HalfTo]), M(&[Number]), O(&[Hours]), O(&[PartOf])] => around_half;
    [M(&[HalfTo]), M(&[Number]), O(&[Hours]), O(&[PartOf])] => |c| sharp(c, c.get(HalfTo)? - 60);
    [M(&[Meridiem, PartOf]), M(&[Number]), M(&[Hours]), O(&[Number]), O(&[Unit])] => half_first;
    [M(&[Meridiem, PartOf]), M(&[Number]), M(&[Hours]), M(&[Share])] => |c| sharp(c, c.get(Share)?);
    [M(&[Number]), M(&[Hours]), M(&[Share])] => |c| sharp(c, c.get(Share)?);
    [O(&[The]), O(&[Number]), M(&[Named])] => |c| {
        let twelve = c.get(Number).is_none_or(|number| number == 12);
        twelve.then(|| clock(c.get(Named)?))?
    };
    [O(&[The]), M(&[Part])] => part_of_day;
    // The day adds nothing to the part of it: "tomorrow evening".
    [M(&[Day, Weekday]), O(&[Of]), M(&[Part, PartOf])] => part_of_day;
    [M(&[Now])] => |c| clock(c.now.minutes);
];

fn part_of_day(c: &Caught) -> Option<String> {
    let part = usize::try_from(c.get(Part).or_else(|| c.get(PartOf))? - 1).ok()?;
    ["MO", "AF", "EV", "NI"].get(part).map(|part| (*part).to_owned())
}

fn clock(minutes: i64) -> Option<String> {
    let minutes = minutes.rem_euclid(24 * 60);
    Some(format!("{:02}:{:02}", minutes / 60, minutes % 60))
}

/// Minutes since midnight, moved to the half of the day that was said.
fn of_half(c: &Caught, minutes: i64) -> Option<i64> {
    let (hours, noon) = (minutes / 60, 12 * 60);
    let in_twelve = minutes % noon;
    Some(match (c.get(Meridiem), c.get(PartOf)) {
        (Some(half), _) if hours > 12 || (minutes < 60 && half > 0) => return None,
        (Some(half), _) => in_twelve + half * noon,
        (None, Some(_)) if hours > 12 => minutes,
        // In the morning twelve is midnight, at noon's side of the day it is noon.
        (None, Some(1)) => in_twelve,
        (None, Some(2 | 3)) => in_twelve + noon,
        // Nights last from the evening into the small hours.
        (None, Some(_)) if (5..12).contains(&hours) => in_twelve + noon,
        (None, Some(_)) => in_twelve,
        (None, None) => minutes,
    })
}

/// The hour said first, so many minutes later.
fn sharp(c: &Caught, minutes: i64) -> Option<String> {
    at(c, c.get(Number)?, minutes)
}

fn at(c: &Caught, hour: i64, minutes: i64) -> Option<String> {
    let hour = Some(hour).filter(|hour| (0..=24).contains(hour))?;
    clock(of_half(c, hour * 60)? + minutes)
}

fn minutes_only(c: &Caught) -> bool {
    c.get(Unit).is_none_or(|unit| unit == MINUTE)
}

fn with_minutes(c: &Caught) -> Option<String> {
    minutes_only(c).then(|| sharp(c, c.get(Minutes)?))?
}

fn two_numbers(c: &Caught) -> Option<(i64, i64)> {
    match *c.all(Number).as_slice() {
        [first, second] if minutes_only(c) => Some((first, second)),
        _ => None,
    }
}

fn few_minutes(c: &Caught) -> Option<String> {
    let (hour, minutes) = two_numbers(c).filter(|(_, minutes)| (1..60).contains(minutes))?;
    at(c, hour, minutes)
}

fn less_minutes(c: &Caught) -> Option<String> {
    let (hour, minutes) = two_numbers(c).filter(|(_, minutes)| (1..60).contains(minutes))?;
    at(c, hour, -minutes)
}

fn around(c: &Caught, direction: i64) -> Option<String> {
    let (minutes, hour) = two_numbers(c).filter(|(minutes, _)| (1..60).contains(minutes))?;
    at(c, hour, direction * minutes)
}

/// "Five to half eight", as German says it.
fn around_half(c: &Caught) -> Option<String> {
    let (minutes, hour) = two_numbers(c).filter(|(minutes, _)| (1..30).contains(minutes))?;
    at(c, hour, c.get(HalfTo)? - 60 + if c.has(Past) { minutes } else { -minutes })
}

fn around_named(c: &Caught) -> Option<String> {
    let minutes = c.get(Share).or_else(|| c.get(Number)).filter(|minutes| (1..60).contains(minutes))?;
    let direction = if c.has(Past) { 1 } else { -1 };
    minutes_only(c).then(|| clock(c.get(Named)? + direction * minutes))?
}

fn half_first(c: &Caught) -> Option<String> {
    match *c.all(Number).as_slice() {
        [hour] if !c.has(Unit) => at(c, hour, 0),
        [hour, minutes @ 1..60] if minutes_only(c) && c.has(Unit) => at(c, hour, minutes),
        _ => None,
    }
}
