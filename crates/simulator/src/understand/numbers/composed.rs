//! Numbers that are put together from others: rows of digits, pairs, millions, and what is below zero.

use text2num::Language;

use super::{LONGEST, Number};
use crate::understand::words::Word;

/// Digits said one by one with words for some of them: "double one two", and Portuguese "um meia três", where half a
/// dozen is a six.
pub(super) fn row_from(
    start: usize,
    words: &[Word],
    spelled: &[Option<String>],
    language: Option<&Language>,
) -> Vec<Number> {
    let (mut found, mut digits, mut times, mut is_special) = (Vec::new(), String::new(), 1, false);
    for (at, word) in words.iter().enumerate().skip(start).take(LONGEST) {
        let piece = match (word.folded.as_str(), language) {
            ("double", Some(Language::English(_))) if times == 1 => {
                (times, is_special) = (2, true);
                continue;
            }
            ("triple", Some(Language::English(_))) if times == 1 => {
                (times, is_special) = (3, true);
                continue;
            }
            ("meia", Some(Language::Portuguese(_))) if !digits.is_empty() => {
                is_special = true;
                Some("6")
            }
            _ => spelled.get(at).and_then(Option::as_deref),
        };
        let Some(piece) = piece.filter(|piece| piece.len() == 1) else { break };
        digits.push_str(&piece.repeat(times));
        times = 1;
        // Two digits are as likely an hour and its half.
        if is_special && digits.len() > 2 {
            found.push(Number { end: at + 1, digits: digits.clone() });
        }
    }
    found
}

/// "doce treinta y cuatro" is 1234: two numbers of two digits, where "and" stands inside one of them.
pub(super) fn pairs_from(start: usize, found: &[Vec<Number>]) -> Vec<Number> {
    let pairs_at = |at: usize| found.get(at).into_iter().flatten().filter(|number| number.digits.len() == 2);
    let joined = |first: &Number| {
        let digits = first.digits.clone();
        pairs_at(first.end).map(move |second| Number { end: second.end, digits: format!("{digits}{}", second.digits) })
    };
    pairs_at(start).flat_map(joined).collect()
}

/// Italian counts millions in a word of its own: "due milioni", "un milione trecentomila".
pub(super) fn millions_from(start: usize, words: &[Word], found: &[Vec<Number>]) -> Vec<Number> {
    let is = |at: usize, wanted: [&str; 2]| words.get(at).is_some_and(|word| wanted.contains(&word.folded.as_str()));
    let one = is(start, ["un", "uno"]).then(|| Number { end: start + 1, digits: "1".into() });
    let amounts = found.get(start).into_iter().flatten().cloned().chain(one);
    let mut millions = Vec::new();
    for amount in amounts.filter(|amount| amount.digits.len() <= 3 && is(amount.end, ["milione", "milioni"])) {
        let behind = amount.end + 1;
        millions.push(Number { end: behind, digits: format!("{}000000", amount.digits) });
        let rest = found.get(behind).into_iter().flatten().filter(|rest| rest.digits.len() <= 6);
        millions
            .extend(rest.map(|rest| Number { end: rest.end, digits: format!("{}{:0>6}", amount.digits, rest.digits) }));
    }
    millions
}

/// Where the number begins behind a word at `at` that puts it below zero.
pub(crate) fn behind_minus(words: &[Word], at: usize, locale: &str) -> Option<usize> {
    let said = |from: usize, to: usize| words.get(from..to).unwrap_or_default().iter().map(|word| word.folded.as_str());
    match locale.get(..2)? {
        "ja" => said(at, at + 4).eq(["マ", "イ", "ナ", "ス"]).then_some(at + 4),
        language => {
            let minus: &[&str] = match language {
                "en" => &["minus", "negative"],
                "de" => &["minus"],
                "fr" => &["moins"],
                "es" | "pt" => &["menos"],
                "it" => &["meno"],
                "nl" => &["min", "minus"],
                _ => &[],
            };
            said(at, at + 1).next().is_some_and(|word| minus.contains(&word)).then_some(at + 1)
        }
    }
}
