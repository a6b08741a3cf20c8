//! To whom a sentence is said: wake word, launch words and invocation names.
//!
//! The forms are those of "Understand How Users Invoke Custom Skills": `open <name>`, `ask <name> to <words>` and
//! `<words> from <name>`, in the word order of each language.

use super::words::{Word, words};

/// To whom a sentence is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressed {
    /// `open <name>`: the skill of this index is to be launched.
    Launch {
        /// Index among the names given.
        skill: usize,
    },
    /// `ask <name> …`: the skill of this index, and what may have been said to it, the likeliest reading first.
    OneShot {
        /// Index among the names given.
        skill: usize,
        /// The rest of the sentence, with and without its connecting word.
        said: Vec<String>,
    },
    /// No skill is named; this is the sentence without its wake word.
    NoOne {
        /// The sentence.
        said: String,
        /// Whether it begins like `ask …` or `open …`, so that a skill was meant.
        names_someone: bool,
    },
}

/// The small words around an invocation name, per language.
struct Grammar {
    launch: &'static [&'static str],
    ask: &'static [&'static str],
    connect: &'static [&'static str],
    from: &'static [&'static str],
}

const WAKE_WORDS: [&str; 12] = [
    "alexa", "echo", "computer", "amazon", "ziggy", "アレクサ", "エコー", "アマゾン", "コンピューター", "एलेक्सा", "अलेक्सा", "أليكسا",
];

const ENGLISH: Grammar = Grammar {
    launch: &[
        "open", "launch", "start", "begin", "use", "load", "run", "play", "resume", "talk to", "speak to", "enable",
        "open up",
    ],
    ask: &["ask", "tell", "ask the", "tell the"],
    connect: &["to", "for", "about", "that", "if", "whether", "and", "and ask", "and say", "and tell me", "how", "on"],
    from: &["from", "using", "with", "in", "on", "by", "through"],
};

const GERMAN: Grammar = Grammar {
    launch: &["öffne", "starte", "start", "beginne", "spiele", "lade", "sprich mit", "rede mit", "nutze", "benutze"],
    ask: &["frage", "frag", "sage", "sag", "bitte"],
    connect: &["nach", "ob", "dass", "zu", "um", "und", "für", "über"],
    from: &["mit", "von", "aus", "bei", "auf"],
};

const FRENCH: Grammar = Grammar {
    launch: &["ouvre", "lance", "démarre", "commence", "utilise", "parle à", "parle avec", "joue à"],
    ask: &["demande à", "demande", "dis à", "dis"],
    connect: &["de", "d'", "si", "que", "qu'", "pour", "et", "à propos de", "sur"],
    from: &["avec", "de", "sur", "via", "dans"],
};

const SPANISH: Grammar = Grammar {
    launch: &["abre", "abrir", "inicia", "lanza", "empieza", "comienza", "ejecuta", "usa", "habla con", "juega a"],
    ask: &["pregunta a", "pregúntale a", "pide a", "pídele a", "di a", "dile a", "pregunta", "pide", "dile"],
    connect: &["que", "por", "para", "sobre", "si", "y", "de"],
    from: &["con", "de", "en", "usando", "desde"],
};

const ITALIAN: Grammar = Grammar {
    launch: &["apri", "avvia", "lancia", "inizia", "comincia", "usa", "parla con", "gioca a"],
    ask: &["chiedi a", "chiedi ad", "domanda a", "di a", "di ad", "dì a", "chiedi", "di"],
    connect: &["di", "che", "se", "per", "su", "e", "da"],
    from: &["con", "da", "su", "usando", "di"],
};

const PORTUGUESE: Grammar = Grammar {
    launch: &[
        "abrir",
        "abra",
        "abre",
        "iniciar",
        "inicie",
        "inicia",
        "começar",
        "use",
        "fale com",
        "falar com",
        "jogar",
    ],
    ask: &[
        "pergunte para",
        "pergunte ao",
        "pergunte à",
        "pergunte a",
        "peça para",
        "peça ao",
        "peça à",
        "peça a",
        "diga para",
        "diga ao",
        "diga à",
        "diga a",
        "pergunte",
        "peça",
        "pergunta para",
        "pergunta ao",
        "pede para",
    ],
    connect: &["para", "que", "sobre", "se", "e", "por"],
    from: &["com", "de", "no", "na", "do", "da", "usando", "em"],
};

const DUTCH: Grammar = Grammar {
    launch: &["open", "start", "begin", "speel", "gebruik", "praat met"],
    ask: &["vraag aan", "vraag", "zeg tegen", "zeg"],
    connect: &["om", "naar", "of", "dat", "over", "en"],
    from: &["met", "van", "via", "in"],
};

const HINDI: Grammar = Grammar {
    launch: &["open", "launch", "start", "खोलो", "शुरू करो"],
    ask: &["ask", "tell"],
    connect: &["to", "for", "about", "से"],
    from: &["from", "से"],
};

/// Japanese puts the name first: `<name>を開いて`, `<name>で…`.
const JAPANESE_LAUNCH: [&str; 8] =
    ["を開いて", "を起動して", "を起動", "をスタート", "を始めて", "をはじめて", "を使って", "を開始して"];
const JAPANESE_ASK: [&str; 5] = ["を開いて", "を使って", "に", "で", "から"];

fn grammar(locale: &str) -> &'static Grammar {
    match locale.get(..2).unwrap_or_default() {
        "de" => &GERMAN,
        "fr" => &FRENCH,
        "es" => &SPANISH,
        "it" => &ITALIAN,
        "pt" => &PORTUGUESE,
        "nl" => &DUTCH,
        "hi" => &HINDI,
        _ => &ENGLISH,
    }
}

/// Finds out to whom `sentence` is said. `names` are the invocation names of the skills that are there.
pub fn address(sentence: &str, names: &[&str], locale: &str) -> Addressed {
    let all = words(sentence);
    let said = all.get(woken(&all)..).unwrap_or_default();
    let names: Vec<Vec<Word>> = names.iter().map(|name| words(name)).collect();
    let speech = Speech { sentence, words: said, names: &names };
    let found = if locale.starts_with("ja") { speech.japanese() } else { speech.european(grammar(locale)) };
    found.unwrap_or_else(|| Addressed::NoOne {
        said: speech.rest(0, said.len()),
        names_someone: speech.begins_with_verb(grammar(locale)),
    })
}

/// How many words the wake word at the sentence's begin takes. Alone it is no sentence to anyone.
fn woken(all: &[Word]) -> usize {
    let begins = |wake: &&str| {
        let wake = words(wake);
        let is_there = all.iter().zip(&wake).all(|(said, word)| said.folded == word.folded);
        (all.len() > wake.len() && is_there).then_some(wake.len())
    };
    WAKE_WORDS.iter().find_map(|wake| begins(&wake)).unwrap_or(0)
}

/// The sentence behind its wake word; nothing when there is none, or nothing behind it.
pub(crate) fn without_wake_word(sentence: &str) -> Option<&str> {
    let all = words(sentence);
    let first = all.get(woken(&all)).filter(|_| woken(&all) > 0)?;
    sentence.get(first.start..)
}

struct Speech<'a> {
    sentence: &'a str,
    words: &'a [Word],
    names: &'a [Vec<Word>],
}

impl Speech<'_> {
    fn european(&self, grammar: &Grammar) -> Option<Addressed> {
        for after in self.after_any(0, grammar.ask).into_iter().chain(self.after_any(0, grammar.launch)) {
            let Some((skill, end)) = self.name_at(after) else { continue };
            if end == self.words.len() {
                return Some(Addressed::Launch { skill });
            }
            let mut said = vec![self.rest(end, self.words.len())];
            said.extend(self.after_any(end, grammar.connect).into_iter().map(|at| self.rest(at, self.words.len())));
            said.retain(|rest| !rest.is_empty());
            return Some(Addressed::OneShot { skill, said });
        }
        if let Some((skill, _)) = self.name_at(0).filter(|(_, end)| *end == self.words.len()) {
            return Some(Addressed::Launch { skill });
        }
        self.name_last(grammar)
    }

    /// `<words> from <name>`.
    fn name_last(&self, grammar: &Grammar) -> Option<Addressed> {
        let (skill, start) = self
            .names
            .iter()
            .enumerate()
            .filter(|(_, name)| !name.is_empty())
            .filter_map(|(skill, name)| Some((skill, self.words.len().checked_sub(name.len())?, name)))
            .filter(|(_, start, name)| self.is_at(*start, name))
            .map(|(skill, start, _)| (skill, start))
            .min_by_key(|(_, start)| *start)?;
        let before = start.checked_sub(1).filter(|before| *before > 0)?;
        let joint = self.words.get(before)?;
        let is_joint = grammar.from.iter().any(|word| folded(word) == [joint.folded.as_str()]);
        is_joint.then(|| Addressed::OneShot { skill, said: vec![self.rest(0, before)] })
    }

    fn japanese(&self) -> Option<Addressed> {
        let (skill, end) = self.name_at(0)?;
        if end == self.words.len() || self.after_any(end, &JAPANESE_LAUNCH).contains(&self.words.len()) {
            return Some(Addressed::Launch { skill });
        }
        let said = self.after_any(end, &JAPANESE_ASK).into_iter().map(|at| self.rest(at, self.words.len())).collect();
        Some(Addressed::OneShot { skill, said })
    }

    fn begins_with_verb(&self, grammar: &Grammar) -> bool {
        !self.after_any(0, grammar.ask).is_empty() || !self.after_any(0, grammar.launch).is_empty()
    }

    /// The longest name that stands at word `at`, and where it ends.
    fn name_at(&self, at: usize) -> Option<(usize, usize)> {
        let here = self.names.iter().enumerate().filter(|(_, name)| !name.is_empty() && self.is_at(at, name));
        here.map(|(skill, name)| (skill, at + name.len())).max_by_key(|(skill, end)| (*end, std::cmp::Reverse(*skill)))
    }

    /// Where the sentence goes on after each of `phrases` that stands at word `at`, the longest phrase first.
    fn after_any(&self, at: usize, phrases: &[&str]) -> Vec<usize> {
        let mut ends: Vec<usize> = phrases
            .iter()
            .map(|phrase| words(phrase))
            .filter(|phrase| self.is_at(at, phrase))
            .map(|phrase| at + phrase.len())
            .collect();
        ends.sort_unstable_by(|a, b| b.cmp(a));
        ends
    }

    fn is_at(&self, at: usize, phrase: &[Word]) -> bool {
        let here = self.words.get(at..at + phrase.len());
        here.is_some_and(|here| here.iter().zip(phrase).all(|(said, word)| said.folded == word.folded))
    }

    fn rest(&self, from: usize, to: usize) -> String {
        if from >= to {
            return String::new();
        }
        let start = self.words.get(from).map_or(0, |word| word.start);
        let end = self.words.get(to - 1).map_or(start, |word| word.end);
        self.sentence.get(start..end).unwrap_or_default().to_owned()
    }
}

fn folded(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.folded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_invocation_is_understood() {
        let names = ["sample quiz game", "what should i wear", "unofficial discord a. p. i.", "quiz"];
        for (sentence, skill, said) in [
            ("alexa, ask sample quiz game what is my favorite color", 0, Some("what is my favorite color")),
            ("Alexa ask Sample Quiz Game, what's my favorite color?", 0, Some("what's my favorite color")),
            ("ask sample quiz game to say my favorite color", 0, Some("to say my favorite color")),
            ("alexa, ask what should i wear what should i wear today", 1, Some("what should i wear today")),
            ("tell sample quiz game about colors", 0, Some("about colors")),
            ("say my favorite color from sample quiz game", 0, Some("say my favorite color")),
            ("what is my favorite color using quiz", 3, Some("what is my favorite color")),
            ("open sample quiz game", 0, None),
            ("alexa talk to sample quiz game", 0, None),
            ("alexa, sample quiz game", 0, None),
            ("ask sample quiz game", 0, None),
            ("open unofficial discord a.p.i.", 2, None),
            ("launch quiz", 3, None),
        ] {
            let expected = match said {
                None => Addressed::Launch { skill },
                Some(said) => Addressed::OneShot { skill, said: vec![said.to_owned()] },
            };
            match address(sentence, &names, "en-US") {
                Addressed::OneShot { skill: found, said: rests } => {
                    let first = rests.into_iter().take(1).collect();
                    assert_eq!(Addressed::OneShot { skill: found, said: first }, expected, "{sentence}");
                }
                other => assert_eq!(other, expected, "{sentence}"),
            }
        }
    }

    #[test]
    fn other_languages_have_their_own_words() {
        for (locale, name, sentence, said) in [
            ("de-DE", "my pocket", "frage my pocket welche Artikel gibt es", Some("welche Artikel gibt es")),
            ("de-DE", "my pocket", "Alexa, öffne my pocket", None),
            ("es-ES", "demo de ubicación", "pregunta a demo de ubicación donde estoy", Some("donde estoy")),
            ("es-ES", "demo de ubicación", "abre demo de ubicacion", None),
            ("it-IT", "casa mia", "chiedi a casa mia quanto ha consumato", Some("quanto ha consumato")),
            ("fr-FR", "heures de prière", "demande à heures de prière quelles sont", Some("quelles sont")),
            ("ja-JP", "クイズ", "アレクサクイズ", None),
            ("ja-JP", "クイズ", "クイズを開いて", None),
            ("ja-JP", "クイズ", "クイズで好きな色", Some("好きな色")),
        ] {
            let sentence = sentence.trim_start_matches("アレクサ");
            match (address(sentence, &[name], locale), said) {
                (Addressed::Launch { skill: 0 }, None) => {}
                (Addressed::OneShot { skill: 0, said: rests }, Some(said)) => {
                    assert_eq!(rests.first().map(String::as_str), Some(said), "{sentence}");
                }
                (other, _) => panic!("{sentence}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_sentence_to_no_one_says_whether_a_skill_was_meant() {
        for (sentence, expected, meant) in [
            ("alexa, what is my favorite color?", "what is my favorite color", false),
            ("ask nobody what time it is", "ask nobody what time it is", true),
            ("computer", "computer", false),
            ("", "", false),
            ("from quiz", "from quiz", false),
        ] {
            let found = address(sentence, &["quiz", ""], "en-US");
            assert_eq!(found, Addressed::NoOne { said: expected.into(), names_someone: meant }, "{sentence}");
        }
    }
}
