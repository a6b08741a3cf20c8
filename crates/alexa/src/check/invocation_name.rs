//! The rules of invocation names.

use super::Findings;
use super::model::SCHEMA;

const WAKE: [&str; 6] = ["alexa", "amazon", "echo", "computer", "skill", "app"];
const LAUNCH: [&str; 10] = ["open", "launch", "ask", "tell", "start", "begin", "enable", "run", "load", "resume"];
const CONNECTING: [&str; 13] =
    ["to", "from", "in", "using", "with", "about", "for", "that", "by", "if", "and", "whether", "on"];
const SMALL: [&str; 13] = ["a", "an", "the", "of", "at", "to", "in", "on", "for", "by", "with", "from", "about"];

/// Checks the name people call the skill by; words are judged in English only.
pub(super) fn check(findings: &mut Findings<'_>, name: &str, locale: Option<&str>) {
    let path = ["invocationName", name];
    if name.trim().is_empty() {
        let what = "the model has no invocation name";
        return findings.error(&["languageModel"], SCHEMA, what, "add \"invocationName\", two words or more");
    }
    let is_allowed = |c: char| c.is_alphabetic() || is_mark(c) || matches!(c, ' ' | '\'' | '’' | '.' | '-');
    if let Some(sign) = name.chars().find(|c| !is_allowed(*c)) {
        let fix = match sign.is_numeric() {
            true => "spell numbers out",
            false => "use lower-case letters, blanks, apostrophes, and periods in abbreviations (\"a. b. c.\")",
        };
        findings.error(&path, SCHEMA, format!("the invocation name {name:?} holds {sign:?}"), fix);
    }
    if name.chars().any(char::is_uppercase) {
        let what = format!("the invocation name {name:?} has upper-case letters");
        findings.error(&path, SCHEMA, what, format!("write {:?}", name.to_lowercase()));
    }
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    if locale.is_some_and(|locale| !locale.starts_with("en")) {
        return one_word(findings, &path, &words, locale);
    }
    one_word(findings, &path, &words, locale);
    if words.len() == 2
        && let Some(small) = words.iter().find(|word| SMALL.contains(word))
    {
        let what = format!("of the two words of the invocation name one is {small:?}");
        findings.warn(&path, what, "a name of two words must not have an article or preposition in it");
    }
    for (list, what) in [
        (&WAKE[..], "a wake word or a word of Amazon's"),
        (&LAUNCH[..], "a word that launches skills"),
        (&CONNECTING[..], "a word that connects a skill's name with a wish"),
    ] {
        for word in words.iter().filter(|word| list.contains(word)) {
            let what = format!("the invocation name holds {word:?}, {what}");
            findings.warn(&path, what, "choose another word: certification refuses it");
        }
    }
}

fn one_word(findings: &mut Findings<'_>, path: &[&str], words: &[&str], locale: Option<&str>) {
    let is_unspaced = locale.is_some_and(|locale| locale.starts_with("ja"));
    if words.len() == 1 && !is_unspaced {
        let fix = "use two words or more, unless it is a brand of your own";
        findings.warn(path, "the invocation name is a single word", fix);
    }
}

/// Vowel signs of Hindi and Arabic, and the lengthening sign of Japanese.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{652}' | '\u{900}'..='\u{903}' | '\u{93A}'..='\u{94F}'
        | '\u{962}'..='\u{963}' | '\u{200C}' | '\u{200D}' | '\u{30FC}' | '\u{30FB}')
}
