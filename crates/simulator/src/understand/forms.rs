//! Words that are the same to a listener: articles that may be missing, contractions, plurals.

use super::words::spelled_out;

/// Words that people put in or leave out without meaning anything else.
pub(crate) fn is_article(word: &str, locale: &str) -> bool {
    match locale.get(..2).unwrap_or_default() {
        "en" => matches!(word, "a" | "an" | "the" | "please"),
        "de" => matches!(word, "der" | "die" | "das" | "den" | "dem" | "ein" | "eine" | "einen" | "einem" | "bitte"),
        "fr" => matches!(word, "le" | "la" | "les" | "l'" | "un" | "une" | "des" | "du"),
        "es" => matches!(word, "el" | "la" | "los" | "las" | "un" | "una"),
        "it" => matches!(word, "il" | "lo" | "la" | "i" | "gli" | "le" | "l'" | "un" | "uno" | "una" | "un'"),
        "pt" => matches!(word, "o" | "a" | "os" | "as" | "um" | "uma"),
        "nl" => matches!(word, "de" | "het" | "een"),
        // No articles, but particles that speech drops and adds as readily.
        "ja" => matches!(word, "を" | "は" | "が" | "で"),
        _ => false,
    }
}

/// The plain form of a word that has several: what a contraction stands for, a plural's singular.
pub(crate) fn other_form<'w>(word: &'w str, locale: &str) -> Option<&'w str> {
    spelled_out(word, locale)
        .or_else(|| preposition(word, locale))
        .or_else(|| imperative(word, locale))
        .or_else(|| singular(word, locale))
}

/// The preposition in one that has grown together with an article: "vom" is "von" and an article.
fn preposition(word: &str, locale: &str) -> Option<&'static str> {
    Some(match (locale.get(..2)?, word) {
        ("de", "vom") => "von",
        ("de", "zum" | "zur") => "zu",
        ("de", "beim") => "bei",
        ("de", "im" | "ins") => "in",
        ("de", "am" | "ans") => "an",
        ("fr", "du" | "des" | "d'") => "de",
        ("fr", "au" | "aux") => "a",
        ("es", "del") => "de",
        ("es", "al") => "a",
        ("it", "del" | "dello" | "della" | "dell'" | "dei" | "degli" | "delle" | "d'") => "di",
        ("it", "al" | "allo" | "alla" | "all'" | "ai" | "agli" | "alle" | "ad") => "a",
        ("it", "dal" | "dallo" | "dalla" | "dall'" | "dai" | "dagli" | "dalle") => "da",
        ("it", "nel" | "nello" | "nella" | "nell'" | "nei" | "negli" | "nelle") => "in",
        ("it", "sul" | "sullo" | "sulla" | "sull'" | "sui" | "sugli" | "sulle") => "su",
        ("pt", "do" | "da" | "dos" | "das") => "de",
        ("pt", "no" | "na" | "nos" | "nas") => "em",
        ("pt", "ao" | "aos") => "a",
        _ => return None,
    })
}

/// German imperatives are said with and without their -e: "spiele" is "spiel".
fn imperative<'w>(word: &'w str, locale: &str) -> Option<&'w str> {
    let stem = word.strip_suffix('e').filter(|stem| stem.len() >= 3 && !stem.ends_with('e'))?;
    locale.starts_with("de").then_some(stem)
}

/// The singular of a plural in -s, where the language forms it so.
fn singular<'w>(word: &'w str, locale: &str) -> Option<&'w str> {
    let is_plural_in_s = matches!(locale.get(..2)?, "en" | "fr" | "es" | "pt" | "nl");
    let stem = word.strip_suffix('s').filter(|stem| stem.len() >= 3 && !stem.ends_with('s'))?;
    is_plural_in_s.then_some(stem)
}
