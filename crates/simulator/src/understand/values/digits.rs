//! Rows of digits and letters: `AMAZON.PhoneNumber` and `AMAZON.AlphaNumeric`.

use super::super::numbers::Number;
use super::super::words::Word;
use super::Reading;

/// International numbers have at most fifteen digits (E.164).
const MOST_DIGITS: usize = 15;
/// Emergency numbers have three.
const FEWEST_DIGITS: usize = 3;
/// Longer rows are no code that anybody says.
const MOST_SIGNS: usize = 30;

/// For each word, the telephone numbers that begin there, from what each word alone spells and what words spell together.
pub(crate) fn phone_numbers(words: &[Word], spelled: &[Option<String>], numbers: &[Vec<Number>]) -> Vec<Vec<Reading>> {
    (0..words.len()).map(|start| phone_from(start, words, spelled, numbers)).collect()
}

fn phone_from(start: usize, words: &[Word], spelled: &[Option<String>], numbers: &[Vec<Number>]) -> Vec<Reading> {
    let mut found = Vec::new();
    let (mut digits, mut times, mut read_to) = (String::new(), 1, start);
    for (at, word) in words.iter().enumerate().skip(start).take(MOST_DIGITS * 2) {
        // A word that belongs to the number before it.
        if at < read_to {
            continue;
        }
        let mut end = at + 1;
        match (word.folded.as_str(), spelled.get(at).and_then(Option::as_deref)) {
            ("plus", _) if digits.is_empty() && at == start => continue,
            ("double", _) if times == 1 => {
                times = 2;
                continue;
            }
            ("triple", _) if times == 1 => {
                times = 3;
                continue;
            }
            // "eight hundred" is 800.
            ("hundred" | "thousand", Some(whole)) if !digits.is_empty() && times == 1 => {
                digits.push_str(whole.get(1..).unwrap_or_default());
            }
            (_, Some(piece)) if times == 1 => {
                // Pairs are said as numbers: "vingt-trois", "quatre-vingt-neuf".
                let is_written = word.folded.starts_with(|c: char| c.is_ascii_digit());
                let pairs = numbers.get(at).into_iter().flatten().filter(|_| !is_written);
                let pairs = pairs.filter(|number| number.digits.len() == 2);
                match pairs.max_by_key(|number| number.end) {
                    Some(pair) => {
                        digits.push_str(&pair.digits);
                        end = pair.end;
                    }
                    None => digits.push_str(piece),
                }
            }
            // Pairs may have full stops between them: 01.23.45.67.89.
            (row, None) if times == 1 && is_dotted(row) => digits.extend(row.chars().filter(|sign| *sign != '.')),
            (_, Some(piece)) => {
                if piece.len() > 1 {
                    break;
                }
                digits.push_str(&piece.repeat(times));
                times = 1;
            }
            (_, None) => break,
        }
        if digits.len() > MOST_DIGITS {
            break;
        }
        if digits.len() >= FEWEST_DIGITS {
            found.push(Reading { end, value: digits.clone() });
        }
        read_to = end;
    }
    found
}

fn is_dotted(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// For each word, the codes of letters and digits that begin there.
pub(crate) fn codes(words: &[Word], numbers: &[Vec<Number>]) -> Vec<Vec<Reading>> {
    (0..words.len()).map(|start| code_from(start, words, numbers)).collect()
}

fn code_from(start: usize, words: &[Word], numbers: &[Vec<Number>]) -> Vec<Reading> {
    let (mut found, mut code, mut read_to) = (Vec::new(), String::new(), start);
    for (at, word) in words.iter().enumerate().skip(start).take(MOST_SIGNS) {
        // A word that belongs to the number before it.
        if at < read_to {
            continue;
        }
        let is_letter =
            !word.is_sign && word.folded.chars().count() == 1 && word.folded.chars().all(char::is_alphabetic);
        let is_mixed =
            word.folded.chars().any(|c| c.is_ascii_digit()) && word.folded.chars().all(char::is_alphanumeric);
        // The letter O and the digit that is called so look alike; a letter among letters stays one.
        if is_letter || is_mixed {
            code.push_str(&word.folded);
            read_to = at + 1;
        } else {
            let longest = numbers.get(at).into_iter().flatten().max_by_key(|number| number.end);
            let Some(number) = longest else { break };
            code.push_str(&number.digits);
            read_to = number.end;
        }
        if code.chars().count() > MOST_SIGNS {
            break;
        }
        found.push(Reading { end: read_to, value: code.clone() });
    }
    found
}
