//! Built-in slot types that carry a value rather than words: numbers, dates, times, durations, codes.
//!
//! The shapes are those of the slot type reference ("Numbers, Dates, and Times").

mod dates;
mod digits;
mod durations;
mod english;
mod french;
mod german;
mod italian;
mod japanese;
mod portuguese;
mod rules;
mod spanish;
mod times;
mod tokens;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::numbers::{Number, behind_minus, language, numbers, spelled_in_a_row};
use super::words::Word;
use tokens::{Tokens, ordinals};

pub(crate) use rules::Moment;
pub(crate) use vocabulary::Vocabulary;

/// A built-in type that is understood by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BuiltIn {
    /// `AMAZON.NUMBER`
    Number,
    /// `AMAZON.FOUR_DIGIT_NUMBER`
    FourDigits,
    /// `AMAZON.Ordinal`
    Ordinal,
    /// `AMAZON.DATE`
    Date,
    /// `AMAZON.TIME`
    Time,
    /// `AMAZON.DURATION`
    Duration,
    /// `AMAZON.PhoneNumber`
    PhoneNumber,
    /// `AMAZON.AlphaNumeric`
    AlphaNumeric,
}

impl BuiltIn {
    /// The type of this name, where it is understood by value in `locale`. Elsewhere its slots take words as said.
    pub(crate) fn named(name: &str, locale: &str) -> Option<Self> {
        let language = locale.get(..2).unwrap_or_default();
        let has_dates = matches!(language, "en" | "de" | "fr" | "es" | "it" | "pt" | "ja");
        Some(match name {
            "AMAZON.NUMBER" => Self::Number,
            "AMAZON.FOUR_DIGIT_NUMBER" => Self::FourDigits,
            "AMAZON.PhoneNumber" => Self::PhoneNumber,
            "AMAZON.AlphaNumeric" => Self::AlphaNumeric,
            "AMAZON.Ordinal" if has_dates || language == "nl" => Self::Ordinal,
            "AMAZON.DATE" if has_dates => Self::Date,
            "AMAZON.TIME" if has_dates => Self::Time,
            "AMAZON.DURATION" if has_dates => Self::Duration,
            _ => return None,
        })
    }
}

/// A value that words of the sentence spell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// One past its last word.
    pub(crate) end: usize,
    /// What the request carries.
    pub(crate) value: String,
}

/// What to look for in a sentence, and how.
pub(crate) struct Search<'s> {
    /// The types the model uses.
    pub(crate) wanted: &'s BTreeSet<BuiltIn>,
    /// The words of dates and times in the model's language.
    pub(crate) vocabulary: Option<&'s Vocabulary>,
    /// The model's locale.
    pub(crate) locale: &'s str,
    /// The clock the sentence is heard by.
    pub(crate) now: Moment,
}

/// All values in a sentence.
#[derive(Debug, Default)]
pub(crate) struct Values {
    found: BTreeMap<BuiltIn, Vec<Vec<Reading>>>,
}

impl Values {
    /// Reads the values of the types wanted.
    pub(crate) fn new(sentence: &str, words: &[Word], search: &Search<'_>) -> Self {
        let mut found = BTreeMap::new();
        if search.wanted.is_empty() {
            return Self { found };
        }
        let numbers = numbers(sentence, words, search.locale);
        let language = language(search.locale);
        let needs_ordinals = search.wanted.contains(&BuiltIn::Ordinal) || search.wanted.contains(&BuiltIn::Date);
        let ordinals = match &language {
            Some(language) if needs_ordinals => ordinals(sentence, words, &numbers, (language, search.vocabulary)),
            _ => counted(words, &numbers),
        };
        let tokens =
            search.vocabulary.map(|vocabulary| Tokens::new(words, &numbers, vocabulary).with_ordinals(&ordinals));
        let length = words.len();
        for wanted in search.wanted {
            let values = match (wanted, &tokens) {
                (BuiltIn::Number, _) => whole_numbers(&numbers, sentence, words, search.locale),
                (BuiltIn::FourDigits, _) => readings(&numbers),
                (BuiltIn::Ordinal, _) => readings(&ordinals),
                (BuiltIn::Date, Some(tokens)) => rules::apply(dates::RULES, tokens, length, search.now),
                (BuiltIn::Time, Some(tokens)) => rules::apply(times::RULES, tokens, length, search.now),
                (BuiltIn::Duration, Some(tokens)) => durations::durations(tokens, length),
                (BuiltIn::PhoneNumber, _) => {
                    let spelled = spelled_in_a_row(sentence, words, language.as_ref());
                    digits::phone_numbers(words, &spelled, &numbers)
                }
                (BuiltIn::AlphaNumeric, _) => digits::codes(words, &numbers),
                (BuiltIn::Date | BuiltIn::Time | BuiltIn::Duration, None) => Vec::new(),
            };
            found.insert(*wanted, values);
        }
        Self { found }
    }

    /// The values of this type that begin at word `start`.
    pub(crate) fn at(&self, kind: BuiltIn, start: usize) -> &[Reading] {
        self.found.get(&kind).and_then(|values| values.get(start)).map_or(&[], Vec::as_slice)
    }

    /// Whether the sentence holds any value of this type.
    pub(crate) fn has(&self, kind: BuiltIn) -> bool {
        self.found.get(&kind).is_some_and(|values| values.iter().any(|at| !at.is_empty()))
    }

    /// The value of this type that the words `from..to` spell.
    pub(crate) fn whole(&self, kind: BuiltIn, from: usize, to: usize) -> Option<&str> {
        self.at(kind, from).iter().find(|reading| reading.end == to).map(|reading| reading.value.as_str())
    }
}

fn readings(numbers: &[Vec<Number>]) -> Vec<Vec<Reading>> {
    let reading = |number: &Number| Reading { end: number.end, value: number.digits.clone() };
    numbers.iter().map(|at| at.iter().map(reading).collect()).collect()
}

/// The numbers, those below zero, and the one that German inflects.
fn whole_numbers(numbers: &[Vec<Number>], sentence: &str, words: &[Word], locale: &str) -> Vec<Vec<Reading>> {
    let below = |number: &Number| Reading { end: number.end, value: format!("-{}", number.digits) };
    let at = |(at, own): (usize, &Vec<Number>)| {
        if is_written_minus(sentence, words.get(at)) {
            return own.iter().map(below).collect();
        }
        let mut found: Vec<Reading> =
            own.iter().map(|number| Reading { end: number.end, value: number.digits.clone() }).collect();
        let behind = behind_minus(words, at, locale).and_then(|behind| numbers.get(behind));
        found.extend(behind.into_iter().flatten().map(below));
        if found.is_empty() && words.get(at).is_some_and(|word| is_one(&word.folded, locale)) {
            found.push(Reading { end: at + 1, value: "1".into() });
        }
        found
    };
    numbers.iter().enumerate().map(at).collect()
}

/// A sign right before the digits that does not join them to what stands before: "-5", but not "555-1212".
fn is_written_minus(sentence: &str, word: Option<&Word>) -> bool {
    let before = word.filter(|word| word.folded.starts_with(|c: char| c.is_ascii_digit()));
    let before = before.and_then(|word| sentence.get(..word.start)).and_then(|before| before.strip_suffix(['-', '−']));
    before.is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace))
}

fn is_one(word: &str, locale: &str) -> bool {
    locale.starts_with("de") && matches!(word, "eine" | "einen" | "einem" | "einer" | "eines")
}

/// Japanese counts with signs behind the number: 三番目, 三つ目.
fn counted(words: &[Word], numbers: &[Vec<Number>]) -> Vec<Vec<Number>> {
    let is_counted = |number: &&Number| {
        let behind = words.get(number.end..number.end + 2).unwrap_or_default();
        let behind: Vec<&str> = behind.iter().map(|word| word.folded.as_str()).collect();
        matches!(*behind.as_slice(), ["番" | "つ" | "回" | "個" | "人" | "日", "目"])
    };
    let counted = |number: &Number| Number { end: number.end + 2, digits: number.digits.clone() };
    numbers.iter().map(|at| at.iter().filter(is_counted).map(counted).collect()).collect()
}
