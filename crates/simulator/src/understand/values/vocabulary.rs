//! The words dates, times and durations are made of, as pieces of a grammar all languages share.
//!
//! A language is a table of phrases; what may follow what stands in [`super::dates`] and [`super::times`].

use std::collections::HashMap;

use super::super::words::{Word, words};
use super::{english, french, german, italian, japanese, portuguese, spanish};

/// What part a phrase plays. The number that goes with it is told at each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A cardinal number.
    Number,
    /// "one" said as an article: 1.
    One,
    /// An amount in halves: three for "one and a half" in one word.
    Halves,
    /// A part of an hour, in minutes.
    Piece,
    /// A preposition before a date or a time that adds nothing to it.
    Lead,
    /// "half" as an amount: 1.
    HalfOf,
    /// A cardinal of exactly two digits below 60, as minutes are said.
    Minutes,
    /// Four digits that can be a year.
    Year,
    /// A clock's hours and minutes in one number: 1530.
    ClockDigits,
    /// Written digits with a colon or the like: minutes since midnight.
    Clock,
    /// The same with its half of the day in one word, such as "5pm": minutes since midnight.
    ClockOfHalf,
    /// "first": 1.
    Ordinal,
    /// January is 1.
    Month,
    /// Monday is 1.
    Weekday,
    /// A day by its distance from today.
    Day,
    /// This is 0, next 1, last -1.
    Step,
    /// The next to come, whatever week that is in: 1.
    Coming,
    /// A step and a unit in one word: unit * 100 + step.
    Whole,
    /// A unit of time: one of [`SECOND`] to [`DECADE`].
    Unit,
    /// Spring 1, summer 2, autumn 3, winter 4.
    Season,
    /// A date in digits: year * 10000 + month * 100 + day.
    Written,
    /// "nineties": 90.
    Tens,
    /// "1990s": 1990.
    Decade,
    /// "years" before the tens that name a decade, as the Romance languages say it.
    Years,
    /// A day and a month in digits: month * 100 + day.
    DayMonth,
    /// A feast of fixed date: month * 100 + day.
    Feast,
    /// "of", or what joins a day to its month.
    Of,
    /// An article.
    The,
    /// What turns an amount towards the future when it stands before it.
    In,
    /// The same behind the amount.
    Later,
    /// What turns an amount towards the past, behind it.
    Ago,
    /// The same before it.
    AgoBefore,
    /// "from", between an amount and the day it counts from.
    From,
    /// "year" before its number.
    YearMark,
    /// "o'clock" or the word for hour that follows it.
    Hours,
    /// Before noon 0, after noon 1.
    Meridiem,
    /// A named time: minutes since midnight.
    Named,
    /// Morning 1, afternoon 2, evening 3, night 4.
    Part,
    /// The same said of a clock time ("in the morning").
    PartOf,
    /// Half 30, quarter 15, in the clock's sense.
    Share,
    /// "past".
    Past,
    /// "to".
    To,
    /// "less", behind the hour.
    Less,
    /// "half" that counts towards the hour named, as in German.
    HalfTo,
    /// "and".
    And,
    /// The present moment.
    Now,
}

pub(crate) const SECOND: i64 = 0;
pub(crate) const MINUTE: i64 = 1;
pub(crate) const HOUR: i64 = 2;
pub(crate) const DAY: i64 = 3;
pub(crate) const WEEK: i64 = 4;
pub(crate) const MONTH: i64 = 5;
pub(crate) const YEAR: i64 = 6;
pub(crate) const WEEKEND: i64 = 7;
pub(crate) const DECADE: i64 = 8;
pub(crate) const FORTNIGHT: i64 = 9;

/// Phrases of one class, parted by `|`, for each number.
pub(crate) type Table = &'static [(Class, i64, &'static str)];

/// A phrase as it is looked up: the words behind its first, what it is, and its number.
type Entry = (Vec<String>, Class, i64);

/// The phrases of a language.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    entries: HashMap<String, Vec<Entry>>,
    /// Whether numbers of a date stand as month, day, year.
    pub(crate) month_first: bool,
}

impl Vocabulary {
    /// The words of the language of `locale`, where dates and times are understood in it.
    pub(crate) fn of(locale: &str) -> Option<Self> {
        let table = match locale.get(..2)? {
            "en" => english::TABLE,
            "de" => german::TABLE,
            "fr" => french::TABLE,
            "es" => spanish::TABLE,
            "it" => italian::TABLE,
            "pt" => portuguese::TABLE,
            "ja" => japanese::TABLE,
            _ => return None,
        };
        let mut entries: HashMap<String, Vec<Entry>> = HashMap::new();
        for (class, number, phrases) in table {
            for phrase in phrases.split('|') {
                let mut cut = cut(phrase).into_iter();
                let Some(first) = cut.next() else { continue };
                entries.entry(first).or_default().push((cut.collect(), *class, *number));
            }
        }
        Some(Self { entries, month_first: matches!(locale, "en-US" | "en-CA") })
    }

    /// The phrases that begin at word `at`: where each ends, its class and number.
    pub(crate) fn at(&self, words: &[Word], at: usize) -> impl Iterator<Item = (usize, Class, i64)> {
        let entries = words.get(at).and_then(|word| self.entries.get(&word.folded));
        entries.into_iter().flatten().filter_map(move |(rest, class, number)| {
            let end = at + 1 + rest.len();
            let said = words.get(at + 1..end)?;
            let is_same = said.iter().zip(rest).all(|(said, want)| said.folded == *want);
            is_same.then_some((end, *class, *number))
        })
    }
}

/// The words of a phrase. An apostrophe at its end joins it to what follows, such as `l'` to `été`.
fn cut(phrase: &str) -> Vec<String> {
    let joined = format!("{phrase}x");
    let is_joint = phrase.ends_with('\'');
    let mut found = words(if is_joint { &joined } else { phrase });
    if is_joint {
        found.pop();
    }
    found.into_iter().map(|word| word.folded).collect()
}
