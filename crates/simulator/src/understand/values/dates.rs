//! `AMAZON.DATE`: days, weeks, weekends, months, seasons, years and decades in ISO 8601, as the slot type reference
//! gives them.
//!
//! What is said without a year is meant to come, today included. A weekday is the next to come; with "next" it is that
//! of the next calendar week, with "coming" the first after today, with "last" the latest one that is over.

use time::{Date, Duration, Month as Name};

use super::rules::Part::{May as O, Must as M};
use super::rules::{Caught, Rule};
use super::vocabulary::Class::*;
use super::vocabulary::{DAY, DECADE, FORTNIGHT, MONTH, WEEK, WEEKEND, YEAR};

/// What says which of many: this, next, last.
const STEP: &[super::vocabulary::Class] = &[Step, Coming];

macro_rules! rules {
    ($([$($part:expr),* $(,)?] => $build:expr;)*) => { &[$(Rule { parts: &[$($part),*], build: $build }),*] };
}

/// The rules, by precedence.
pub(crate) const RULES: &[Rule] = rules![
    [M(&[Written])] => written;
    // Before what could be cut into a day and a month, or a year, month and day: "十二月", "mille neuf cent quatre-vingt-dix".
    [O(&[The]), O(&[YearMark]), M(&[Year])] => |c| Some(format!("{:04}", c.get(Year)?));
    [O(&[The]), O(STEP), M(&[Month]), O(STEP)] => month;
    [O(&[The]), O(&[Weekday]), O(&[The]), M(&[Ordinal, Number]), O(&[Of]), M(&[Month]), O(&[Of]), O(&[Year])] => full;
    [O(&[The]), O(&[Weekday]), O(&[The]), M(&[Month]), O(&[The]), M(&[Ordinal, Number]), O(&[Of]), O(&[Year])] => full;
    [M(&[Year]), M(&[Month]), M(&[Ordinal]), O(&[Weekday])] => full;
    [M(&[Month]), M(&[Ordinal]), M(&[Weekday])] => full;
    [O(&[The]), O(&[Weekday]), O(&[The]), M(&[DayMonth]), O(&[Year])] => |c| {
        let number = c.get(DayMonth)?;
        day_in(c, number / 100, number % 100)
    };
    [M(&[Number]), M(&[Number]), M(&[Year])] => in_numbers;
    [M(&[Year]), M(&[Number]), M(&[Number])] => in_numbers;
    [O(&[The]), M(&[Day])] => |c| iso(days_from(c.now.today, c.get(Day)?)?);
    // The part of the day adds nothing to the day: "tomorrow morning".
    [O(&[The]), M(&[Day]), O(&[Of]), M(&[Part, PartOf])] => |c| iso(days_from(c.now.today, c.get(Day)?)?);
    [O(&[The]), O(STEP), M(&[Weekday]), O(STEP)] => weekday;
    [O(&[The]), O(STEP), M(&[Weekday]), O(STEP), O(&[Of]), M(&[Part, PartOf])] => weekday;
    [O(&[The]), M(STEP), M(&[Unit]), O(&[Of]), M(&[Weekday])] => weekday_of_week;
    [M(&[Weekday]), O(&[The, Of]), M(STEP), M(&[Unit])] => weekday_of_week;
    [M(&[Weekday]), O(&[Of]), O(&[The]), M(&[Unit]), M(STEP)] => weekday_of_week;
    [M(&[Whole]), O(&[Of]), M(&[Weekday])] => weekday_of_week;
    [M(&[Day, Weekday]), M(&[In]), M(&[One, Number]), M(&[Unit])] => weekday_ahead;
    [O(&[The]), O(STEP), M(&[Feast]), O(STEP), O(&[Year])] => feast;
    [O(&[The]), M(&[Unit]), M(&[Of]), O(&[The]), M(&[Month]), O(&[The]), M(&[Ordinal, Number])] => week_of;
    [O(&[The]), M(&[Unit]), M(&[Of]), O(&[The]), M(&[Ordinal, Number]), O(&[Of]), M(&[Month])] => week_of;
    [O(&[The]), M(&[Ordinal]), M(&[Of]), O(&[The]), O(STEP), M(&[Unit]), O(STEP)] => day_of_a_month;
    [M(&[Whole]), O(&[Of]), M(&[Ordinal])] => day_of_a_month;
    [M(&[Weekday]), O(&[The]), M(&[Ordinal])] => |c| day_of_month(c.now.today, c.get(Ordinal)?);
    [M(&[Weekday]), M(&[The]), M(&[Number])] => |c| day_of_month(c.now.today, c.get(Number)?);
    [O(&[The]), M(&[Month]), O(&[Of]), M(&[Year])] => |c| month_of(c.get(Year)?, c.get(Month)?);
    [M(&[Year]), M(&[Month])] => |c| month_of(c.get(Year)?, c.get(Month)?);
    [O(&[The]), M(STEP), M(&[Unit])] => |c| unit(c.now.today, c.get(Unit)?, c.step()?);
    [O(&[The]), M(&[Unit]), M(STEP)] => |c| unit(c.now.today, c.get(Unit)?, c.step()?);
    [O(&[The]), M(&[Unit])] => |c| unit(c.now.today, c.get(Unit).filter(|unit| *unit == WEEKEND)?, 0);
    [M(&[Whole])] => |c| { let (unit_, step) = whole(c.get(Whole)?); unit(c.now.today, unit_, step) };
    [O(&[The]), O(STEP), M(&[Season]), O(STEP), O(&[Of]), O(&[The]), O(&[Year])] => season;
    [O(&[The]), M(&[Season]), O(&[Of]), O(&[The]), M(STEP), M(&[Unit])] => season_of_year;
    [O(&[The]), M(&[Season]), O(&[Of]), O(&[The]), M(&[Unit]), M(STEP)] => season_of_year;
    [M(&[Whole, Year]), O(&[Of]), M(&[Season])] => season_of_year;
    [O(&[The]), M(&[Years]), M(&[Number])] => decade_of_number;
    [O(&[The]), O(&[Number]), M(&[Tens])] => tens;
    [O(&[The]), M(&[Decade])] => |c| Some(format!("{}X", c.get(Decade)? / 10));
    [M(&[In]), M(&[One, Number]), M(&[Unit])] => |c| away(c, 1);
    [M(&[One, Number]), M(&[Unit]), M(&[Later])] => |c| away(c, 1);
    [M(&[One, Number]), M(&[Unit]), M(&[Ago])] => |c| away(c, -1);
    [M(&[AgoBefore]), M(&[One, Number]), M(&[Unit])] => |c| away(c, -1);
    [M(&[One, Number]), M(&[Unit]), M(&[From]), O(&[The]), O(STEP), M(&[Day, Weekday])] => from_a_day;
    [O(&[The]), M(&[Ordinal])] => |c| day_of_month(c.now.today, c.get(Ordinal)?);
    [M(&[The]), M(&[Number])] => |c| day_of_month(c.now.today, c.get(Number)?);
    // Spanish says "los noventa"; where the number can be a day it is one.
    [M(&[The]), M(&[Number])] => decade_of_number;
];

fn iso(date: Date) -> Option<String> {
    Some(format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()))
}

fn days_from(date: Date, days: i64) -> Option<Date> {
    // Nobody means a day a thousand years from now, and the calendar ends somewhere.
    (-400_000..400_000).contains(&days).then(|| date.checked_add(Duration::days(days)))?
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    let name = Name::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::try_from(year).ok()?, name, u8::try_from(day).ok()?).ok()
}

/// The next such day, today included; 29 February may be years away.
fn upcoming(today: Date, month: i64, day: i64) -> Option<Date> {
    let this = i64::from(today.year());
    (this..=this + 8).filter_map(|year| date(year, month, day)).find(|found| *found >= today)
}

fn written(c: &Caught) -> Option<String> {
    let number = c.get(Written)?;
    iso(date(number / 10_000, number / 100 % 100, number % 100)?)
}

fn full(c: &Caught) -> Option<String> {
    day_in(c, c.get(Month)?, c.get(Ordinal).or_else(|| c.get(Number))?)
}

/// A day of the year that was said, or the next such day.
fn day_in(c: &Caught, month: i64, day: i64) -> Option<String> {
    match c.get(Year) {
        Some(year) => iso(date(year, month, day)?),
        None => iso(upcoming(c.now.today, month, day)?),
    }
}

fn in_numbers(c: &Caught) -> Option<String> {
    let [first, second] = *c.all(Number).as_slice() else { return None };
    let begins_with_year = c.begins_with(Year);
    let (month, day) = if begins_with_year || c.month_first { (first, second) } else { (second, first) };
    iso(date(c.get(Year)?, month, day)?)
}

fn number_of_weekday(date: Date) -> i64 {
    i64::from(date.weekday().number_from_monday())
}

fn weekday_date(today: Date, weekday: i64, step: Option<i64>) -> Option<Date> {
    let own = number_of_weekday(today);
    let ahead = match step {
        None | Some(0) => (weekday - own).rem_euclid(7),
        Some(step @ 1..) => weekday - own + 7 * step,
        Some(step) => -((own - weekday - 1).rem_euclid(7) + 1) + 7 * (step + 1),
    };
    days_from(today, ahead)
}

fn stepped_weekday(c: &Caught) -> Option<Date> {
    let (today, weekday) = (c.now.today, c.get(Weekday)?);
    match c.get(Coming) {
        Some(_) => weekday_date(days_from(today, 1)?, weekday, None),
        None => weekday_date(today, weekday, c.get(Step)),
    }
}

fn weekday(c: &Caught) -> Option<String> {
    iso(stepped_weekday(c)?)
}

fn whole(number: i64) -> (i64, i64) {
    let unit = (number + 50) / 100;
    (unit, number - unit * 100)
}

/// "Monday next week".
fn weekday_of_week(c: &Caught) -> Option<String> {
    let (unit, step) = match c.get(Whole) {
        Some(number) => whole(number),
        None => (c.get(Unit)?, c.step()?),
    };
    let today = c.now.today;
    (unit == WEEK).then(|| iso(days_from(today, c.get(Weekday)? - number_of_weekday(today) + 7 * step)?))?
}

/// "Monday in two weeks", "tomorrow in a week".
fn weekday_ahead(c: &Caught) -> Option<String> {
    let days = days_of(c.get(Unit)?, c.amount()?)?;
    let from = match c.get(Day) {
        Some(ahead) => days_from(c.now.today, ahead)?,
        None => weekday_date(c.now.today, c.get(Weekday)?, None)?,
    };
    iso(days_from(from, days)?)
}

fn feast(c: &Caught) -> Option<String> {
    let number = c.get(Feast)?;
    let (month, day) = (number / 100, number % 100);
    let next = upcoming(c.now.today, month, day)?;
    match (c.get(Year), c.step()) {
        (Some(year), _) => iso(date(year, month, day)?),
        (None, Some(-1)) => iso(date(i64::from(next.year()) - 1, month, day)?),
        _ => iso(next),
    }
}

fn week_of(c: &Caught) -> Option<String> {
    let day = c.get(Ordinal).or_else(|| c.get(Number))?;
    let unit_ = c.get(Unit).filter(|unit| matches!(*unit, WEEK | WEEKEND))?;
    unit(upcoming(c.now.today, c.get(Month)?, day)?, unit_, 0)
}

/// "The fifth of next month".
fn day_of_a_month(c: &Caught) -> Option<String> {
    let day = c.get(Ordinal)?;
    let (unit, step) = match c.get(Whole) {
        Some(number) => {
            let (unit, step) = whole(number);
            (unit, Some(step))
        }
        None => (c.get(Unit)?, c.step()),
    };
    if unit != MONTH {
        return None;
    }
    let Some(step) = step else { return day_of_month(c.now.today, day) };
    let (year, month) = months_from(c.now.today, step);
    iso(date(year, month, day)?)
}

fn day_of_month(today: Date, day: i64) -> Option<String> {
    let found = (0..3).filter_map(|ahead| {
        let (year, month) = months_from(today, ahead);
        date(year, month, day)
    });
    iso(found.into_iter().find(|found| *found >= today)?)
}

fn months_from(today: Date, step: i64) -> (i64, i64) {
    let months = i64::from(today.year()) * 12 + i64::from(u8::from(today.month())) - 1 + step;
    (months.div_euclid(12), months.rem_euclid(12) + 1)
}

fn month_of(year: i64, month: i64) -> Option<String> {
    (1000..10_000).contains(&year).then(|| format!("{year:04}-{month:02}"))
}

fn month(c: &Caught) -> Option<String> {
    let (month, own) = (c.get(Month)?, i64::from(u8::from(c.now.today.month())));
    let year = i64::from(c.now.today.year());
    let year = match c.step() {
        Some(..=-1) => year - i64::from(month >= own),
        Some(1..) => year + i64::from(month <= own),
        _ => year + i64::from(month < own),
    };
    month_of(year, month)
}

/// This, next or last day, week, weekend, month, year or decade.
fn unit(today: Date, unit: i64, step: i64) -> Option<String> {
    if !(-10_000..10_000).contains(&step) {
        return None;
    }
    let year = i64::from(today.year());
    let in_years = |year: i64| (1000..10_000).contains(&year).then_some(year);
    match unit {
        DAY => iso(days_from(today, step)?),
        WEEK | WEEKEND => {
            let (year, week, _) = days_from(today, 7 * step)?.to_iso_week_date();
            Some(format!("{year:04}-W{week:02}{}", if unit == WEEKEND { "-WE" } else { "" }))
        }
        MONTH => {
            let (year, month) = months_from(today, step);
            month_of(year, month)
        }
        YEAR => Some(format!("{:04}", in_years(year + step)?)),
        DECADE => Some(format!("{:03}X", in_years(year + 10 * step)? / 10)),
        _ => None,
    }
}

/// Winter has the year it begins in.
fn season(c: &Caught) -> Option<String> {
    let season = c.get(Season)?;
    let name = ["SP", "SU", "FA", "WI"].get(usize::try_from(season - 1).ok()?)?;
    let month = i64::from(u8::from(c.now.today.month()));
    let year = i64::from(c.now.today.year());
    // Months since the winter of last year began, and those until the season does.
    let (own, begins) = (month % 12, season * 3);
    let runs_now = (begins % 12..begins % 12 + 3).contains(&own);
    let current = if season == 4 && month < 3 { year - 1 } else { year };
    let is_over = month >= begins + 3;
    let upcoming = if runs_now { current } else { year + i64::from(is_over) };
    let year = match (c.get(Year), c.step()) {
        (Some(year), _) => year,
        (None, Some(1)) if runs_now => upcoming + 1,
        (None, Some(-1)) => upcoming - 1,
        _ => upcoming,
    };
    Some(format!("{year:04}-{name}"))
}

/// "Summer of next year".
fn season_of_year(c: &Caught) -> Option<String> {
    let season = c.get(Season)?;
    let name = ["SP", "SU", "FA", "WI"].get(usize::try_from(season - 1).ok()?)?;
    let (unit, step) = match (c.get(Whole), c.get(Year)) {
        (Some(number), _) => whole(number),
        (None, Some(year)) => (YEAR, year - i64::from(c.now.today.year())),
        (None, None) => (c.get(Unit)?, c.step()?),
    };
    (unit == YEAR).then(|| format!("{:04}-{name}", i64::from(c.now.today.year()) + step))
}

/// "The nineties".
fn tens(c: &Caught) -> Option<String> {
    let tens = c.get(Tens).filter(|tens| (10..100).contains(tens))?;
    match c.get(Number) {
        Some(century @ 10..30) => Some(format!("{century:02}{}X", tens / 10)),
        Some(_) => None,
        None => decade_of_tens(c.now.today, tens),
    }
}

/// "Les années quatre-vingt-dix": the tens said as a number.
fn decade_of_number(c: &Caught) -> Option<String> {
    match c.get(Number).filter(|number| number % 10 == 0)? {
        tens @ 10..100 => decade_of_tens(c.now.today, tens),
        year @ 1000..3000 if c.has(Years) => Some(format!("{}X", year / 10)),
        _ => None,
    }
}

/// The decade of these tens is that of the last century unless it has begun anew.
fn decade_of_tens(today: Date, tens: i64) -> Option<String> {
    let (century, year) = (i64::from(today.year()) / 100, i64::from(today.year()) % 100);
    Some(format!("{:02}{}X", century - i64::from(tens > year), tens / 10))
}

fn days_of(unit: i64, amount: i64) -> Option<i64> {
    let amount = Some(amount).filter(|amount| (0..400_000).contains(amount))?;
    match unit {
        DAY => Some(amount),
        WEEK => Some(amount * 7),
        FORTNIGHT => Some(amount * 14),
        _ => None,
    }
}

/// Days and weeks away is a day; months and years away is as rough as it was said.
fn away(c: &Caught, direction: i64) -> Option<String> {
    let (unit_, amount) = (c.get(Unit)?, c.amount()?);
    match days_of(unit_, amount) {
        Some(days) => iso(days_from(c.now.today, direction * days)?),
        None if matches!(unit_, MONTH | YEAR | DECADE) => unit(c.now.today, unit_, direction * amount.min(10_000)),
        None => None,
    }
}

/// "A week from Friday".
fn from_a_day(c: &Caught) -> Option<String> {
    let day = match c.get(Day) {
        Some(days) => days_from(c.now.today, days)?,
        None => stepped_weekday(c)?,
    };
    iso(days_from(day, days_of(c.get(Unit)?, c.amount()?)?)?)
}
