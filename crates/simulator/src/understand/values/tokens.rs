//! A sentence as the pieces dates, times and durations are made of.

use text2num::Language;

use super::super::numbers::{Number, ordinal};
use super::super::words::Word;
use super::vocabulary::{Class, Vocabulary};

/// One way to read the words from where it stands up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// One past its last word.
    pub(crate) end: usize,
    /// What part it plays.
    pub(crate) class: Class,
    /// Its number; what it means depends on the class.
    pub(crate) number: i64,
}

/// The tokens that begin at each word.
pub(crate) struct Tokens {
    at: Vec<Vec<Token>>,
    /// Whether numbers of a date stand as month, day, year.
    pub(crate) month_first: bool,
}

/// Numbers of more words than this are not part of a date or time; it bounds the readings of each word. French says 1999
/// in seven.
const LONGEST_NUMBER: usize = 8;

impl Tokens {
    /// Reads the words of a sentence whose numbers are known.
    pub(crate) fn new(words: &[Word], numbers: &[Vec<Number>], vocabulary: &Vocabulary) -> Self {
        let at = (0..words.len()).map(|at| {
            let mut found: Vec<Token> = Vec::new();
            for number in numbers.get(at).into_iter().flatten().filter(|number| number.end <= at + LONGEST_NUMBER) {
                cardinal(number, words, &mut found);
            }
            found.extend(words.get(at).and_then(|word| written(&word.folded, at + 1)));
            found.extend(words.get(at).and_then(|word| day_and_month(&word.folded, at + 1)));
            found.extend(vocabulary.at(words, at).map(|(end, class, number)| Token { end, class, number }));
            found
        });
        Self { at: at.collect(), month_first: vocabulary.month_first }
    }

    /// Adds the ordinals of a language.
    pub(crate) fn with_ordinals(mut self, ordinals: &[Vec<Number>]) -> Self {
        for (tokens, ordinals) in self.at.iter_mut().zip(ordinals) {
            for ordinal in ordinals {
                if let Ok(number) = ordinal.digits.parse() {
                    tokens.push(Token { end: ordinal.end, class: Class::Ordinal, number });
                }
            }
        }
        self
    }

    /// The tokens of these classes that begin at word `at`.
    pub(crate) fn of<'t>(&'t self, classes: &'t [Class], at: usize) -> impl Iterator<Item = &'t Token> {
        self.at.get(at).into_iter().flatten().filter(move |token| classes.contains(&token.class))
    }
}

/// What a cardinal number may be in a date or a time.
fn cardinal(number: &Number, words: &[Word], found: &mut Vec<Token>) {
    let Ok(value) = number.digits.parse::<i64>() else { return };
    let length = number.digits.len();
    let mut push = |class, end| found.push(Token { end, class, number: value });
    push(Class::Number, number.end);
    if length == 2 && value < 60 {
        push(Class::Minutes, number.end);
    }
    if length == 4 && (1000..3000).contains(&value) {
        push(Class::Year, number.end);
    }
    if matches!(length, 3 | 4) && value / 100 <= 24 && value % 100 < 60 {
        push(Class::ClockDigits, number.end);
    }
    let behind = |at: usize| words.get(number.end + at).map(|word| word.folded.as_str());
    match (behind(0), behind(1)) {
        (Some("月"), _) if (1..=12).contains(&value) => push(Class::Month, number.end + 1),
        (Some("日"), _) if (1..=31).contains(&value) => push(Class::Ordinal, number.end + 1),
        (Some("年"), Some("代")) if value % 10 == 0 && value >= 1000 => push(Class::Decade, number.end + 2),
        (Some("年"), Some("代")) if value % 10 == 0 => push(Class::Tens, number.end + 2),
        (Some("年"), _) if (1000..3000).contains(&value) => push(Class::Year, number.end + 1),
        _ => {}
    }
}

/// A day and its month with a full stop between them: `24.12`.
fn day_and_month(word: &str, end: usize) -> Option<Token> {
    let (day, month) = word.split_once('.').filter(|(day, month)| day.len() <= 2 && month.len() <= 2)?;
    let (day, month): (i64, i64) = (day.parse().ok()?, month.parse().ok()?);
    let is_one = (1..=31).contains(&day) && (1..=12).contains(&month);
    is_one.then_some(Token { end, class: Class::DayMonth, number: month * 100 + day })
}

/// A word that holds digits and more: `15:30`, `15h30`, `5pm`, `1990s`, `3.5.2024`.
fn written(word: &str, end: usize) -> Option<Token> {
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let decade = word.strip_suffix('s').or_else(|| word.strip_suffix("er"));
    if let Some(decade) = decade.and_then(|digits| digits.parse().ok()) {
        let class = if decade >= 1000 { Class::Decade } else { Class::Tens };
        return (decade % 10 == 0).then_some(Token { end, class, number: decade });
    }
    let parts: Vec<i64> = word.split('.').map(str::parse).collect::<Result<_, _>>().unwrap_or_default();
    if let [day @ 1..=31, month @ 1..=12, year @ 1000..3000] = *parts.as_slice() {
        return Some(Token { end, class: Class::Written, number: year * 10_000 + month * 100 + day });
    }
    // "1.5 hours"
    if let [whole @ 0..1_000_000, 5] = *parts.as_slice() {
        return Some(Token { end, class: Class::Halves, number: whole * 2 + 1 });
    }
    let (clock, half) = match word.strip_suffix("pm") {
        Some(clock) => (clock, Some(1)),
        None => word.strip_suffix("am").map_or((word, None), |clock| (clock, Some(0))),
    };
    let (hours, minutes) = clock.split_once([':', 'h', '.']).unwrap_or((clock, ""));
    let is_plain = hours.len() == clock.len() && half.is_none();
    let hours: i64 = hours.parse().ok().filter(|hours| (0..=24).contains(hours) && !is_plain)?;
    let minutes: i64 = match minutes.len() {
        0 => 0,
        2 => minutes.parse().ok().filter(|minutes| (0..60).contains(minutes))?,
        _ => return None,
    };
    Some(match half {
        Some(half) if (1..=12).contains(&hours) => {
            Token { end, class: Class::ClockOfHalf, number: (hours % 12 + half * 12) * 60 + minutes }
        }
        Some(_) => return None,
        None => Token { end, class: Class::Clock, number: hours % 24 * 60 + minutes },
    })
}

/// For each word, the ordinals that begin there.
pub(crate) fn ordinals(
    sentence: &str,
    words: &[Word],
    numbers: &[Vec<Number>],
    (language, vocabulary): (&Language, Option<&Vocabulary>),
) -> Vec<Vec<Number>> {
    let simple: Vec<Vec<Number>> = (0..words.len())
        .map(|at| {
            let own = vocabulary.into_iter().flat_map(|vocabulary| vocabulary.at(words, at));
            let own = own.filter(|(_, class, _)| *class == Class::Ordinal);
            let own = own.map(|(end, _, number)| Number { end, digits: number.to_string() });
            let begins_number = numbers.get(at).is_some_and(|numbers| !numbers.is_empty());
            let longest = if begins_number { 4 } else { 1 };
            (at + 1..=words.len().min(at + longest))
                .filter_map(|end| {
                    let from = words.get(at)?.start;
                    let said = sentence.get(from..words.get(end - 1)?.end)?.to_lowercase();
                    Some(Number { end, digits: ordinal(&said, language)? })
                })
                .chain(own)
                .collect()
        })
        .collect();
    // Tens and units are both ordinals in "vigésimo primeiro".
    let with_units = |own: &Vec<Number>| {
        let tens =
            own.iter().filter(|tens| tens.digits.len() == 2 && tens.digits.ends_with('0') && tens.digits != "10");
        let units = tens.flat_map(|tens| {
            let behind = simple.get(tens.end).into_iter().flatten().filter(|unit| unit.digits.len() == 1);
            let tens = tens.digits.trim_end_matches('0');
            behind.map(move |unit| Number { end: unit.end, digits: format!("{tens}{}", unit.digits) })
        });
        let units: Vec<Number> = units.collect();
        own.iter().cloned().chain(units).collect()
    };
    simple.iter().map(with_units).collect()
}
