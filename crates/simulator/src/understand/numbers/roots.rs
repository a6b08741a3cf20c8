//! How number words begin, to tell at a glance the few texts of a model that are worth reading for numbers.

use crate::understand::words::Word;

/// Whether `word` may be part of a number in words. What it is in truth, [`super::numbers`] says.
pub(crate) fn may_count(word: &Word, locale: &str) -> bool {
    let word = word.folded.as_str();
    match locale.get(..2).unwrap_or_default() {
        "en" => begins(word, ENGLISH),
        // "ein" is more often an article.
        "de" => begins(word, GERMAN) || (word.starts_with("ein") && begins(word.get(3..).unwrap_or_default(), TENS)),
        "fr" => begins(word, FRENCH),
        "es" => begins(word, SPANISH),
        "it" => begins(word, ITALIAN),
        "pt" => begins(word, PORTUGUESE),
        "nl" => begins(word, DUTCH),
        "ja" => word.chars().any(|sign| "〇零一二三四五六七八九十百千万億".contains(sign)),
        _ => false,
    }
}

fn begins(word: &str, roots: &[&str]) -> bool {
    roots.iter().any(|root| word.starts_with(root))
}

const ENGLISH: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirt",
    "fift", "twent", "fort", "hundred", "thousand", "million", "billion",
];
const GERMAN: &[&str] = &[
    "null", "zwei", "zwo", "drei", "vier", "funf", "sech", "sieb", "acht", "neun", "zehn", "zwanz", "elf", "hundert",
    "tausend", "million",
];
/// What follows "ein" in a number.
const TENS: &[&str] = &["s", "und", "hundert", "tausend"];
const FRENCH: &[&str] = &[
    "zero", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "vingt", "trente", "quarante", "soixante", "octante", "nonante", "cent", "mille",
    "million",
];
const SPANISH: &[&str] = &[
    "cero",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieci",
    "veint",
    "treint",
    "cuarent",
    "cincuent",
    "sesent",
    "setent",
    "ochent",
    "novent",
    "cien",
    "quinient",
    "setecient",
    "novecient",
    "mil",
];
const ITALIAN: &[&str] = &[
    "zero", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici", "quattord",
    "quindici", "sedici", "dicia", "dicio", "vent", "quarant", "cinquant", "sessant", "settant", "ottant", "cent",
    "mille",
];
const PORTUGUESE: &[&str] = &[
    "zero",
    "dois",
    "duas",
    "tres",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "quatorze",
    "catorze",
    "quinze",
    "vinte",
    "trinta",
    "quarenta",
    "cinquenta",
    "sessenta",
    "setenta",
    "oitenta",
    "noventa",
    "cem",
    "cento",
    "duzent",
    "trezent",
    "quinhent",
    "mil",
];
const DUTCH: &[&str] = &[
    "nul", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf", "dertien",
    "veertien", "twintig", "dertig", "veertig", "tachtig", "honderd", "duizend",
];
