//! Numbers as people say them: digits, number words, digit by digit, and years in pairs.

mod composed;
mod roots;

use text2num::{Language, text2digits};

use super::words::{Word, words_in};
use composed::{millions_from, pairs_from, row_from};

pub(crate) use composed::behind_minus;
pub(crate) use roots::may_count;

/// A number that words of the sentence spell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// One past its last word.
    pub(crate) end: usize,
    /// Its digits.
    pub(crate) digits: String,
}

/// No number is spelled with more words than this; it bounds the work for each word of the sentence.
const LONGEST: usize = 12;

/// Sentences longer than this hold a text to be passed on, not a number to be read.
const LONGEST_SENTENCE: usize = 400;

/// For each word, the numbers that begin there, shortest first.
pub(crate) fn numbers(sentence: &str, words: &[Word], locale: &str) -> Vec<Vec<Number>> {
    let language = language(locale);
    let language = language.as_ref();
    if words.len() > LONGEST_SENTENCE {
        let digits = |(at, word)| digits_at(at, word, language).into_iter().collect();
        return words.iter().enumerate().map(digits).collect();
    }
    let spelled = spelled(sentence, words, language);
    let at = |start| {
        let mut found = from(start, sentence, words, &spelled, language);
        add_new(&mut found, row_from(start, words, &spelled, language));
        found
    };
    let mut found: Vec<Vec<Number>> = (0..words.len()).map(at).collect();
    for start in 0..words.len() {
        let more: Vec<Number> =
            pairs_from(start, &found).into_iter().chain(millions_from(start, words, &found)).collect();
        if let Some(own) = found.get_mut(start) {
            add_new(own, more);
        }
    }
    found
}

/// Of two readings of the same words the first counts.
fn add_new(found: &mut Vec<Number>, more: Vec<Number>) {
    for number in more {
        if !found.iter().any(|own| own.end == number.end) {
            found.push(number);
        }
    }
}

/// The number words of the language of `locale`.
pub(crate) fn language(locale: &str) -> Option<Language> {
    match locale.get(..2)? {
        "en" => Some(Language::english()),
        "de" => Some(Language::german()),
        "fr" => Some(Language::french()),
        "es" => Some(Language::spanish()),
        "it" => Some(Language::italian()),
        "pt" => Some(Language::portugese()),
        "nl" => Some(Language::dutch()),
        _ => None,
    }
}

/// The words with each that spells a number as its digits; nothing when none does.
pub(crate) fn in_digits(words: &[Word], locale: &str) -> Option<Vec<Word>> {
    let language = language(locale)?;
    let digits: Vec<Option<String>> = words.iter().map(|word| cardinal(&word.folded, &language)).collect();
    let spell = |(word, digits): (&Word, Option<String>)| Word {
        folded: digits.unwrap_or(word.folded.clone()),
        ..word.clone()
    };
    digits.iter().any(Option::is_some).then(|| words.iter().zip(digits).map(spell).collect())
}

/// The words with each number that several of them spell together as one word in digits, where `is_wanted` says so;
/// nothing when there is none.
pub(crate) fn in_whole_numbers(
    sentence: &str,
    words: &[Word],
    locale: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Option<Vec<Word>> {
    let numbers = numbers(sentence, words, locale);
    let mut found: Vec<Word> = Vec::with_capacity(words.len());
    let (mut at, mut is_changed) = (0, false);
    while let Some(word) = words.get(at) {
        let here = numbers.get(at).into_iter().flatten().filter(|number| is_wanted(&number.digits));
        let number = here.filter(|number| number.digits != word.folded).max_by_key(|number| number.end);
        match number.and_then(|number| Some((number, words.get(number.end - 1)?))) {
            Some((number, last)) => {
                let folded = number.digits.clone();
                found.push(Word { folded, start: word.start, end: last.end, is_sign: false });
                (at, is_changed) = (number.end, true);
            }
            None => {
                found.push(word.clone());
                at += 1;
            }
        }
    }
    is_changed.then_some(found)
}

/// The digits in a text, spelled or not, one after the other: a PIN.
pub(crate) fn digits(text: &str, locale: &str) -> String {
    let said = words_in(text, locale);
    let said = in_digits(&said, locale).unwrap_or(said);
    said.iter().flat_map(|word| word.folded.chars()).filter(char::is_ascii_digit).collect()
}

/// For each word, the digits that it spells alone.
fn spelled(sentence: &str, words: &[Word], language: Option<&Language>) -> Vec<Option<String>> {
    words.iter().map(|word| single(sentence, word, language)).collect()
}

/// The same where digits are said one by one: half a dozen is six in Brazil.
pub(crate) fn spelled_in_a_row(sentence: &str, words: &[Word], language: Option<&Language>) -> Vec<Option<String>> {
    let is_six = |word: &Word| word.folded == "meia" && matches!(language, Some(Language::Portuguese(_)));
    let spelled = |word| if is_six(word) { Some("6".into()) } else { single(sentence, word, language) };
    words.iter().map(spelled).collect()
}

fn digits_at(at: usize, word: &Word, language: Option<&Language>) -> Option<Number> {
    let is_digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if is_digits(&word.folded) {
        return Some(Number { end: at + 1, digits: word.folded.clone() });
    }
    // Thousands are parted by a full stop where decimals are by a comma: 12.000.
    let mut groups = word.folded.split('.');
    let first = groups.next().filter(|first| is_digits(first) && first.len() <= 3)?;
    let is_parted = !matches!(language, None | Some(Language::English(_)));
    let rest: Vec<&str> = groups.collect();
    let is_grouped = is_parted && !rest.is_empty() && rest.iter().all(|group| group.len() == 3 && is_digits(group));
    is_grouped.then(|| Number { end: at + 1, digits: format!("{first}{}", rest.concat()) })
}

/// The number that this word alone spells.
fn single(sentence: &str, word: &Word, language: Option<&Language>) -> Option<String> {
    if let Some(number) = digits_at(0, word, language) {
        return Some(number.digits);
    }
    let text = sentence.get(word.start..word.end)?.to_lowercase();
    let language = language?;
    match (language, text.as_str()) {
        (Language::English(_), "oh" | "o") => return Some("0".into()),
        (Language::Spanish(_), "veintiún" | "veintiun") => return Some("21".into()),
        _ => {}
    }
    cardinal(&text, language)
}

/// Reads cardinal numbers only: what text2num calls an ordinal ends in letters.
fn cardinal(text: &str, language: &Language) -> Option<String> {
    text2digits(text, language).ok().filter(|digits| digits.chars().all(|c| c.is_ascii_digit()))
}

/// The digits of what text2num calls an ordinal, whether in words or as `21st`.
pub(crate) fn ordinal(text: &str, language: &Language) -> Option<String> {
    let suffixes = ["st", "nd", "rd", "th", "er", "ere", "eme", "ème", "e", "º", "ª", "o", "te", "ten", "ter"];
    let own = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if own.len() < text.len() && suffixes.contains(&own) {
        return text.strip_suffix(own).map(str::to_owned);
    }
    let read = text2digits(text, language).ok()?;
    let digits = read.trim_end_matches(|c: char| !c.is_ascii_digit());
    (digits.len() < read.len() && digits.chars().all(|c| c.is_ascii_digit())).then(|| digits.to_owned())
}

/// For each word, the numbers in Japanese signs that begin there: 二十三, 三百, 二〇二四.
fn japanese(words: &[Word], start: usize) -> Vec<Number> {
    let mut found = Vec::new();
    let (mut total, mut section, mut last): (u64, u64, Option<u64>) = (0, 0, None);
    let mut row = String::new();
    for (at, word) in words.iter().enumerate().skip(start).take(LONGEST) {
        let mut signs = word.folded.chars();
        let (Some(sign), None) = (signs.next(), signs.next()) else { break };
        // "zero" takes two signs, of which the first says nothing yet.
        let sign = match (sign, words.get(at + 1).map(|next| next.folded.as_str())) {
            ('ゼ', Some("ロ")) => continue,
            ('ロ', _) if at > start && words.get(at - 1).is_some_and(|before| before.folded == "ゼ") => '〇',
            ('零', _) => '〇',
            (sign, _) => sign,
        };
        if let Some(digit) = "〇一二三四五六七八九".chars().position(|one| one == sign) {
            if last.is_some() && row.is_empty() {
                break;
            }
            row.push_str(&digit.to_string());
            last = Some(digit as u64);
        } else {
            let unit = match sign {
                '十' => 10,
                '百' => 100,
                '千' => 1_000,
                '万' => 10_000,
                '億' => 100_000_000,
                _ => break,
            };
            if row.len() > 1 {
                break;
            }
            row.clear();
            let amount = last.take();
            if unit >= 10_000 {
                total += (section + amount.unwrap_or(0)).max(1) * unit;
                section = 0;
            } else {
                section += amount.unwrap_or(1) * unit;
            }
        }
        let digits = if row.len() > 1 { row.clone() } else { (total + section + last.unwrap_or(0)).to_string() };
        if row.len() > 1 && total + section > 0 {
            break;
        }
        found.push(Number { end: at + 1, digits });
    }
    found
}

fn from(
    start: usize,
    sentence: &str,
    words: &[Word],
    spelled: &[Option<String>],
    language: Option<&Language>,
) -> Vec<Number> {
    let mut found = Vec::new();
    if spelled.get(start).is_none_or(Option::is_none) {
        // "a hundred" aside, a number begins with a number word; "mille" and the like are such words too.
        let behind = words.get(start + 1).map(|word| word.folded.as_str());
        let is_amount = words.get(start).is_some_and(|word| word.folded == "a")
            && behind.is_some_and(|behind| matches!(behind, "hundred" | "thousand" | "million" | "billion"));
        return match is_amount {
            true => from(start + 1, sentence, words, spelled, language),
            false => japanese(words, start),
        };
    }
    let mut pieces: Vec<&str> = Vec::new();
    let mut said = String::new();
    let mut broken = false;
    for end in start + 1..=words.len().min(start + LONGEST) {
        let Some(word) = words.get(end - 1) else { break };
        match spelled.get(end - 1).and_then(Option::as_deref) {
            Some(digits) => pieces.push(digits),
            // "and", "et", "und" may stand inside a number but not end it.
            None if end > start + 1 && is_joint(&word.folded) && !broken => broken = true,
            None => break,
        }
        said.push_str(&sentence.get(word.start..word.end).unwrap_or_default().to_lowercase());
        said.push(' ');
        if spelled.get(end - 1).is_none_or(Option::is_none) {
            continue;
        }
        let whole = language.and_then(|language| cardinal(said.trim_end(), language));
        if let Some(digits) = whole.or_else(|| (!broken).then(|| piecewise(&pieces)).flatten()) {
            found.push(Number { end, digits });
        }
        broken = false;
    }
    found
}

fn is_joint(word: &str) -> bool {
    matches!(word, "and" | "et" | "und" | "y" | "e")
}

/// "four five six seven" is 4567, "twenty fifteen" is 2015, "nineteen oh five" is 1905, "sixty forty-five" is 6045.
fn piecewise(pieces: &[&str]) -> Option<String> {
    if pieces.iter().all(|piece| piece.len() == 1) {
        return Some(pieces.concat());
    }
    let mut pairs: Vec<String> = Vec::new();
    for piece in pieces {
        match pairs.last_mut() {
            Some(tens)
                if tens.len() == 2 && tens.ends_with('0') && tens != "10" && piece.len() == 1 && *piece != "0" =>
            {
                tens.pop();
                tens.push_str(piece);
            }
            Some(zero) if zero == "0" && piece.len() == 1 => zero.push_str(piece),
            _ => pairs.push((*piece).to_owned()),
        }
    }
    let is_row = pairs.len() <= 2 && pairs.iter().all(|pair| pair.len() == 2);
    (is_row || pairs.len() == 1).then(|| pairs.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::words::words;

    #[test]
    fn spoken_numbers_become_digits() {
        for (locale, sentence, expected) in [
            ("en-US", "113", "113"),
            ("en-US", "zero", "0"),
            ("en-US", "seven", "7"),
            ("en-US", "twenty two", "22"),
            ("en-US", "twenty-two", "22"),
            ("en-US", "three hundred and twelve", "312"),
            ("en-US", "one thousand two hundred thirty four", "1234"),
            ("en-US", "two million", "2000000"),
            ("en-US", "four five six seven", "4567"),
            ("en-US", "six oh four five", "6045"),
            ("en-US", "sixty forty-five", "6045"),
            ("en-US", "twenty fifteen", "2015"),
            ("en-US", "nineteen oh five", "1905"),
            ("en-US", "1,000", "1000"),
            ("de-DE", "siebzehn", "17"),
            ("de-DE", "zweitausendsiebzehn", "2017"),
            ("fr-FR", "quatre-vingt-douze", "92"),
            ("fr-FR", "soixante et onze", "71"),
            ("fr-FR", "neuf zéro un deux", "9012"),
            ("it-IT", "due", "2"),
            ("es-ES", "veinte", "20"),
        ] {
            let cut = words(sentence);
            let all = numbers(sentence, &cut, locale);
            let whole = all.first().and_then(|at| at.iter().find(|number| number.end == cut.len()));
            assert_eq!(whole.map(|number| number.digits.as_str()), Some(expected), "{sentence}");
        }
        for sentence in ["", "color", "and", "first", "twenty colors", "twenty and", "a 2"] {
            let cut = words(sentence);
            let all = numbers(sentence, &cut, "en-US");
            assert!(all.first().is_none_or(|at| at.iter().all(|number| number.end < cut.len())), "{sentence}");
        }
    }
}
