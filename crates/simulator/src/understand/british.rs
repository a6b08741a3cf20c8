//! English words that are spelled in two ways and sound the same: "favourite colour" is "favorite color".

use super::words::Word;

/// Words that follow no rule: the British spelling, and the American.
const SINGLE: [(&str, &str); 23] = [
    ("cheque", "check"),
    ("chequebook", "checkbook"),
    ("cosy", "cozy"),
    ("defence", "defense"),
    ("doughnut", "donut"),
    ("draught", "draft"),
    ("grey", "gray"),
    ("jewellery", "jewelry"),
    ("kerb", "curb"),
    ("licence", "license"),
    ("mould", "mold"),
    ("moustache", "mustache"),
    ("offence", "offense"),
    ("omelette", "omelet"),
    ("plough", "plow"),
    ("practise", "practice"),
    ("pretence", "pretense"),
    ("programme", "program"),
    ("pyjama", "pajama"),
    ("sceptical", "skeptical"),
    ("tyre", "tire"),
    ("whisky", "whiskey"),
    ("yoghurt", "yogurt"),
];

/// The words with those of them that English spells in two ways in the American spelling, by which they are compared.
pub(crate) fn in_one_spelling(mut words: Vec<Word>, locale: &str) -> Vec<Word> {
    if locale.starts_with("en") {
        for word in &mut words {
            if let Some(folded) = american(&word.folded) {
                word.folded = folded;
            }
        }
    }
    words
}

/// The American spelling of a folded word; nothing when it has none of its own.
///
/// What a rule makes of a word that is spelled in one way only ("promise") is a word nobody writes, so it meets nothing else.
fn american(word: &str) -> Option<String> {
    if word.len() < 4 || !word.bytes().all(|sign| sign.is_ascii_lowercase()) {
        return None;
    }
    let (stem, plural) = match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => (stem, "s"),
        _ => (word, ""),
    };
    if let Some((_, american)) = SINGLE.iter().find(|(british, _)| *british == stem) {
        return Some(format!("{american}{plural}"));
    }
    let changed = our(stem).or_else(|| ise(stem)).or_else(|| re(stem)).or_else(|| ell(stem)).or_else(|| ogue(stem))?;
    Some(format!("{changed}{plural}"))
}

/// Colour, favourite, neighbourhood. Not four, hour, your, tour, mourning: these have one letter before it.
fn our(stem: &str) -> Option<String> {
    let (first, rest) = stem.split_once("our").filter(|(first, _)| first.len() >= 2)?;
    Some(format!("{first}or{rest}"))
}

/// Organise, organisation, analyse. Not rise, wise, prise: these have fewer than three letters before it.
fn ise(stem: &str) -> Option<String> {
    let (first, ending) = ["e", "ed", "er", "ing", "ation", "able"].iter().find_map(|ending| {
        let first = stem.strip_suffix(ending)?.strip_suffix('s')?;
        let is_long = first.len() >= 4 && (first.ends_with('i') || first.ends_with("ly"));
        is_long.then_some((first, *ending))
    })?;
    Some(format!("{first}z{ending}"))
}

/// Centre, theatre, litre, fibre.
fn re(stem: &str) -> Option<String> {
    let first = stem.strip_suffix("re").filter(|first| first.len() >= 3 && first.ends_with(['t', 'b']))?;
    Some(format!("{first}er"))
}

/// Travelled, cancelling, traveller, marvellous.
fn ell(stem: &str) -> Option<String> {
    let (first, ending) = ["ed", "er", "ing", "or", "ou"].iter().find_map(|ending| {
        let first = stem.strip_suffix(ending)?.strip_suffix('l')?;
        let is_unstressed = first.len() >= 4 && (first.ends_with("el") || first.ends_with("al"));
        is_unstressed.then_some((first, *ending))
    })?;
    Some(format!("{first}{ending}"))
}

/// Catalogue, dialogue.
fn ogue(stem: &str) -> Option<String> {
    let first = stem.strip_suffix("logue").filter(|first| first.len() >= 2)?;
    Some(format!("{first}log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_meet() {
        for (british, written) in [
            ("colour", "color"),
            ("colours", "colors"),
            ("colourful", "colorful"),
            ("favourite", "favorite"),
            ("favourites", "favorites"),
            ("neighbourhood", "neighborhood"),
            ("organise", "organize"),
            ("organised", "organized"),
            ("organisation", "organization"),
            ("organiser", "organizer"),
            ("analyse", "analyze"),
            ("centre", "center"),
            ("theatres", "theaters"),
            ("travelling", "traveling"),
            ("cancelled", "canceled"),
            ("marvellous", "marvelous"),
            ("catalogue", "catalog"),
            ("grey", "gray"),
            ("programmes", "programs"),
            ("pyjamas", "pajamas"),
            ("licence", "license"),
        ] {
            assert_eq!(american(british).as_deref(), Some(written), "{british}");
            assert_eq!(american(written), None, "{written}");
        }
    }

    #[test]
    fn words_that_sound_different_stay_apart() {
        for word in [
            "four", "fourth", "hour", "hours", "your", "tour", "mourning", "rise", "raise", "wise", "prise", "size",
            "here", "there", "are", "fire", "more", "bell", "telling", "filled", "alarm", "check", "tire", "seller",
            "colore's", "été",
        ] {
            assert_eq!(american(word), None, "{word}");
        }
    }
}
