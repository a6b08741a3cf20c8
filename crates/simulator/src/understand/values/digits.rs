//! Rows of digits and letters: `AMAZON.PhoneNumber` and `AMAZON.AlphaNumeric`.

use super::super::words::Word;
use super::Reading;

/// International numbers have at most fifteen digits (E.164).
const MOST_DIGITS: usize = 15;
/// Emergency numbers have three.
const FEWEST_DIGITS: usize = 3;
/// Longer rows are no code that anybody says.
const MOST_SIGNS: usize = 30;

/// For each word, the telephone numbers that begin there, from what each word alone spells.
pub(crate) fn phone_numbers(words: &[Word], spelled: &[Option<String>]) -> Vec<Vec<Reading>> {
    (0..words.len()).map(|start| phone_from(start, words, spelled)).collect()
}

fn phone_from(start: usize, words: &[Word], spelled: &[Option<String>]) -> Vec<Reading> {
    let mut found = Vec::new();
    let (mut digits, mut after_tens, mut times) = (String::new(), false, 1);
    for (at, word) in words.iter().enumerate().skip(start).take(MOST_DIGITS * 2) {
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
                after_tens = false;
            }
            (_, Some(piece)) => {
                let is_unit = piece.len() == 1 && piece != "0";
                let is_written = word.folded.starts_with(|c: char| c.is_ascii_digit());
                if after_tens && is_unit && times == 1 && !is_written {
                    digits.pop();
                }
                after_tens = piece.len() == 2 && piece.ends_with('0') && piece != "10" && !is_written;
                if times > 1 && piece.len() > 1 {
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
            found.push(Reading { end: at + 1, value: digits.clone() });
        }
    }
    found
}

/// For each word, the codes of letters and digits that begin there.
pub(crate) fn codes(words: &[Word], spelled: &[Option<String>]) -> Vec<Vec<Reading>> {
    (0..words.len()).map(|start| code_from(start, words, spelled)).collect()
}

fn code_from(start: usize, words: &[Word], spelled: &[Option<String>]) -> Vec<Reading> {
    let mut found = Vec::new();
    let (mut code, mut after_tens) = (String::new(), false);
    for (at, word) in words.iter().enumerate().skip(start).take(MOST_SIGNS) {
        let is_letter = word.folded.chars().count() == 1 && word.folded.chars().all(char::is_alphabetic);
        let is_mixed =
            word.folded.chars().any(|c| c.is_ascii_digit()) && word.folded.chars().all(char::is_alphanumeric);
        let is_written = is_letter || is_mixed;
        match spelled.get(at).and_then(Option::as_deref) {
            // The letter O and the digit that is called so look alike; a letter among letters stays one.
            _ if is_written => {
                code.push_str(&word.folded);
                after_tens = false;
            }
            Some(piece) => {
                if after_tens && piece.len() == 1 && piece != "0" {
                    code.pop();
                }
                after_tens = piece.len() == 2 && piece.ends_with('0') && piece != "10";
                code.push_str(piece);
            }
            None => break,
        }
        if code.chars().count() > MOST_SIGNS {
            break;
        }
        found.push(Reading { end: at + 1, value: code.clone() });
    }
    found
}
