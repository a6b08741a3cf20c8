//! Cutting a sentence into words that can be compared: case, accents, punctuation and typographic signs folded away.

use super::british::in_one_spelling;

/// One word of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Folded form, for comparing.
    pub(crate) folded: String,
    /// Where it begins in the sentence, in bytes.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Whether it is one sign of a script written without blanks.
    pub(crate) is_sign: bool,
}

/// Endings that English joins with an apostrophe; they become words of their own, so that `{name}'s` can be a sample.
const ENDINGS: [&str; 7] = ["s", "re", "ll", "d", "m", "ve", "t"];

/// Cuts `sentence` into words, in one pass over its characters.
pub(crate) fn words(sentence: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut open: Option<Word> = None;
    let mut chars = sentence.char_indices().peekable();
    while let Some((at, sign)) = chars.next() {
        let end = at + sign.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        match role(sign, open.as_ref(), next) {
            Role::Part => {
                let word = open.get_or_insert_with(|| Word { folded: String::new(), start: at, end, is_sign: false });
                fold_into(sign, &mut word.folded);
                word.end = end;
            }
            Role::Silent => {}
            Role::Joint => {
                // An apostrophe with letters on both sides: `what's` is `what` + `'s`, `l'heure` is `l'` + `heure`.
                let ending: String = sentence
                    .get(end..)
                    .unwrap_or_default()
                    .chars()
                    .take_while(|c| c.is_alphanumeric())
                    .take(3)
                    .collect();
                let is_ending = ENDINGS.contains(&ending.to_lowercase().as_str());
                if let Some(mut word) = open.take() {
                    if !is_ending {
                        word.folded.push('\'');
                        word.end = end;
                    }
                    found.push(word);
                }
                if is_ending {
                    open = Some(Word { folded: "'".into(), start: at, end, is_sign: false });
                }
            }
            Role::Sign => {
                found.extend(open.take());
                let mut folded = String::new();
                fold_into(sign, &mut folded);
                found.push(Word { folded, start: at, end, is_sign: true });
            }
            Role::Gap => found.extend(open.take()),
        }
    }
    found.extend(open);
    found
}

/// English words that people write with or without their apostrophe, by where it stands.
const CONTRACTED: [(&str, usize); 17] = [
    ("whats", 4),
    ("wheres", 5),
    ("whos", 3),
    ("hows", 3),
    ("whens", 4),
    ("thats", 4),
    ("theres", 5),
    ("heres", 4),
    ("lets", 3),
    ("its", 2),
    ("im", 1),
    ("ive", 1),
    ("dont", 3),
    ("cant", 3),
    ("doesnt", 5),
    ("isnt", 3),
    ("didnt", 4),
];

/// Cuts `sentence` into words of the language of `locale`: in English, "whats" is "what's", and "colour" is "color".
pub(crate) fn words_in(sentence: &str, locale: &str) -> Vec<Word> {
    let words = in_one_spelling(words(sentence), locale);
    if !locale.starts_with("en") {
        return words;
    }
    let cut = |word: &Word| {
        let at = CONTRACTED.iter().find(|(written, _)| *written == word.folded).map(|(_, at)| *at);
        // Only where each sign is one byte, so that the place in the sentence is known.
        at.filter(|_| word.end - word.start == word.folded.len()).and_then(|at| {
            let (first, rest) = word.folded.split_at_checked(at)?;
            let first = Word { folded: first.to_owned(), end: word.start + at, ..word.clone() };
            Some([first, Word { folded: format!("'{rest}"), start: word.start + at, ..word.clone() }])
        })
    };
    let mut found = Vec::with_capacity(words.len());
    for word in words {
        match cut(&word) {
            Some(parts) => found.extend(parts),
            None => found.push(word),
        }
    }
    found
}

/// What the half of an English contraction stands for: "what's" is "what is", "don't" is "do not".
pub(crate) fn spelled_out(word: &str, locale: &str) -> Option<&'static str> {
    let whole = match word {
        "'s" => "is",
        "'re" => "are",
        "'m" => "am",
        "'ll" => "will",
        "'ve" => "have",
        "'d" => "would",
        "'t" => "not",
        "don" => "do",
        "doesn" => "does",
        "didn" => "did",
        "isn" => "is",
        "aren" => "are",
        "wasn" => "was",
        "couldn" => "could",
        "wouldn" => "would",
        "haven" => "have",
        _ => return None,
    };
    locale.starts_with("en").then_some(whole)
}

/// The words with each abbreviation that is spelled out in letters, such as "g. p. t.", as one; nothing when there is none.
pub(crate) fn joined(words: &[Word]) -> Option<Vec<Word>> {
    let is_letter = |word: &Word| {
        let mut signs = word.folded.chars();
        !word.is_sign && signs.next().is_some_and(char::is_alphabetic) && signs.next().is_none()
    };
    let mut found: Vec<Word> = Vec::with_capacity(words.len());
    let mut was_letter = false;
    for word in words {
        let is_letter = is_letter(word);
        match found.last_mut().filter(|_| was_letter && is_letter) {
            Some(last) => {
                last.folded.push_str(&word.folded);
                last.end = word.end;
            }
            None => found.push(word.clone()),
        }
        was_letter = is_letter;
    }
    (found.len() < words.len()).then_some(found)
}

/// The words with letters and digits in one word as several, "e2" as "e" and "2"; nothing when there is none.
pub(crate) fn codes_apart(words: &[Word]) -> Option<Vec<Word>> {
    let is_code = |word: &Word| {
        let is_written = word.folded.len() == word.end - word.start;
        let mut signs = word.folded.bytes();
        // Most words have no digit, and are asked no more.
        word.folded.bytes().any(|sign| sign.is_ascii_digit())
            && is_written
            && signs.all(|sign| sign.is_ascii_alphanumeric())
            && kind_changes(&word.folded).next().is_some()
    };
    words.iter().any(is_code).then(|| {
        let mut found = Vec::with_capacity(words.len() + 1);
        for word in words {
            let mut from = 0;
            for to in kind_changes(&word.folded).filter(|_| is_code(word)).chain([word.folded.len()]) {
                let folded = word.folded.get(from..to).unwrap_or_default().to_owned();
                found.push(Word { folded, start: word.start + from, end: word.start + to, ..word.clone() });
                from = to;
            }
            // The whole word, where its signs are not one byte each.
            if let Some(last) = found.last_mut() {
                last.end = word.end;
            }
        }
        found
    })
}

/// Where letters and digits meet in a word.
fn kind_changes(word: &str) -> impl Iterator<Item = usize> {
    let bytes = word.as_bytes().windows(2).enumerate();
    bytes.filter_map(|(at, pair)| match pair {
        [a, b] => (a.is_ascii_digit() != b.is_ascii_digit()).then_some(at + 1),
        _ => None,
    })
}

/// The words `from..to` as the sentence has them, typographic apostrophes made plain.
pub(crate) fn spoken(sentence: &str, words: &[Word], from: usize, to: usize) -> String {
    let start = words.get(from).map_or(0, |word| word.start);
    let end = to.checked_sub(1).and_then(|last| words.get(last)).map_or(start, |word| word.end);
    let last = words.get(from..to).unwrap_or_default();
    let end = end + usize::from(ends_in_abbreviation(sentence, last));
    sentence.get(start..end).unwrap_or_default().replace(['’', 'ʼ', '＇'], "'")
}

/// Whether the words end in letters with full stops, "b. m. w.", of which the last belongs to them too.
fn ends_in_abbreviation(sentence: &str, words: &[Word]) -> bool {
    let has_stop = |word: &Word| {
        word.folded.chars().count() == 1 && sentence.get(word.end..).is_some_and(|rest| rest.starts_with('.'))
    };
    matches!(words, [.., before, last] if has_stop(before) && has_stop(last))
}

enum Role {
    Part,
    Silent,
    Joint,
    Sign,
    Gap,
}

fn role(sign: char, open: Option<&Word>, next: Option<char>) -> Role {
    let after_digit = open.is_some_and(|word| word.folded.ends_with(|c: char| c.is_ascii_digit()));
    let before_digit = next.is_some_and(|next| next.is_ascii_digit());
    match sign {
        '\'' | '’' | 'ʼ' | '＇' if open.is_some() && next.is_some_and(char::is_alphanumeric) => Role::Joint,
        '.' | ':' if after_digit && before_digit => Role::Part,
        ',' if after_digit && before_digit => Role::Silent,
        // Accents, vowel points and lengthening strokes written as signs of their own.
        '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{652}' | '\u{670}' | '\u{640}' | '\u{93C}' | '\u{200C}' | '\u{200D}' => {
            Role::Silent
        }
        sign if is_unspaced(sign) => Role::Sign,
        sign if is_gap(sign) => Role::Gap,
        _ => Role::Part,
    }
}

/// Scripts written without blanks: each sign counts as a word.
fn is_unspaced(sign: char) -> bool {
    matches!(sign, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

fn is_gap(sign: char) -> bool {
    sign.is_whitespace()
        || sign.is_control()
        || sign.is_ascii_punctuation()
        || matches!(sign, '\u{A1}' | '\u{AB}' | '\u{B4}' | '\u{B7}' | '\u{BB}' | '\u{BF}' | '\u{60C}' | '\u{61B}' | '\u{61F}'
            | '\u{964}' | '\u{965}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3004}'
            | '\u{3008}'..='\u{303F}' | '\u{30FB}' | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}'
            | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}' | '\u{FEFF}')
}

/// Lower case without accents, for Latin letters; other scripts keep their signs.
fn fold_into(sign: char, into: &mut String) {
    if sign.is_ascii() {
        into.push(sign.to_ascii_lowercase());
        return;
    }
    for lower in sign.to_lowercase() {
        match lower {
            'à'..='å' | 'ā' | 'ă' | 'ą' => into.push('a'),
            'æ' => into.push_str("ae"),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => into.push('c'),
            'ď' | 'đ' | 'ð' => into.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => into.push('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => into.push('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => into.push('i'),
            'ĺ' | 'ļ' | 'ľ' | 'ł' => into.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => into.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => into.push('o'),
            'œ' => into.push_str("oe"),
            'ŕ' | 'ř' => into.push('r'),
            'ß' => into.push_str("ss"),
            'ś' | 'ŝ' | 'ş' | 'š' => into.push('s'),
            'ţ' | 'ť' => into.push('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => into.push('u'),
            'ý' | 'ÿ' => into.push('y'),
            'ź' | 'ż' | 'ž' => into.push('z'),
            // Full-width letters and digits.
            'ａ'..='ｚ' | '０'..='９' => into.extend(char::from_u32(lower as u32 - 0xFEE0)),
            '\u{300}'..='\u{36F}' => {}
            // Letters that Arabic and Hindi write in more than one way.
            'أ' | 'إ' | 'آ' | 'ٱ' => into.push('ا'),
            'ى' => into.push('ي'),
            'ة' => into.push('ه'),
            '\u{901}' => into.push('\u{902}'),
            '\u{958}'..='\u{95F}' => {
                let plain = ['क', 'ख', 'ग', 'ज', 'ड', 'ढ', 'फ', 'य'];
                into.extend(plain.get(lower as usize - 0x958));
            }
            '٠'..='٩' => into.extend(char::from_digit(lower as u32 - 0x660, 10)),
            '०'..='९' => into.extend(char::from_digit(lower as u32 - 0x966, 10)),
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_fold_to_comparable_words() {
        for (sentence, expected) in [
            ("Alexa, Ask Sample Quiz Game!", "alexa|ask|sample|quiz|game"),
            ("what’s my color?", "what|'s|my|color"),
            ("l'heure d’été", "l'|heure|d'|ete"),
            ("don't O'Brien's kids' menu", "don|'t|o'|brien|'s|kids|menu"),
            ("ça c'est Übergröße", "ca|c'|est|ubergrosse"),
            ("open a.p.i. at 15:00, 3.5 or 1,000.", "open|a|p|i|at|15:00|3.5|or|1000"),
            ("quatre-vingt-douze", "quatre|vingt|douze"),
            ("ASKユーザー会への", "ask|ユ|ー|ザ|ー|会|へ|の"),
            ("¿qué hay?", "que|hay"),
            ("أعطني معلومات، من", "اعطني|معلومات|من"),
            ("अंतरिक्ष fact।", "अंतरिक्ष|fact"),
            ("e\u{301}te\u{301}", "ete"),
            ("الأُغنيـة", "الاغنيه"),
            ("हाँ पॉज़ १२", "हां|पॉज|12"),
            ("  '' , . ", ""),
            ("", ""),
        ] {
            let folded: Vec<String> = words(sentence).into_iter().map(|word| word.folded).collect();
            assert_eq!(folded.join("|"), expected, "{sentence}");
        }
    }

    #[test]
    fn english_is_written_with_and_without_apostrophes() {
        let folded = |text: &str, locale: &str| -> Vec<String> {
            words_in(text, locale).into_iter().map(|word| word.folded).collect()
        };
        assert_eq!(folded("whats up, dont", "en-GB"), folded("what's up, don’t", "en-GB"));
        assert_eq!(folded("im Bundestag", "de-DE"), ["im", "bundestag"]);
        let words = words_in("lets go", "en-US");
        assert_eq!(spoken("lets go", &words, 0, 2), "lets");
        assert_eq!(spelled_out("'s", "en-US"), Some("is"));
        assert_eq!(spelled_out("'s", "de-DE"), None);
    }

    #[test]
    fn abbreviations_in_letters_become_one_word() {
        for (text, expected) in [
            ("chat g. p. t. now", Some("chat|gpt|now")),
            ("a. b. and c. d.", Some("ab|and|cd")),
            ("open a door", None),
            ("クイ", None),
        ] {
            let found = joined(&words(text));
            let found = found.map(|words| words.into_iter().map(|word| word.folded).collect::<Vec<_>>().join("|"));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_spoken_words_keep_their_writing() {
        let sentence = "get a Rabbit’s Foot, now";
        assert_eq!(spoken(sentence, &words(sentence), 2, 5), "Rabbit's Foot");
        assert_eq!(spoken(sentence, &words(sentence), 9, 9), "");
        for (sentence, from, expected) in
            [("a b. m. w. please", 1, "b. m. w."), ("in L.A.", 1, "L.A."), ("plan b.", 0, "plan b")]
        {
            let words = words(sentence);
            let to = words.len() - usize::from(sentence.ends_with("please"));
            assert_eq!(spoken(sentence, &words, from, to), expected);
        }
    }
}
