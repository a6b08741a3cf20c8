//! To whom a sentence is said: wake word, launch words and invocation names.
//!
//! The forms are those of "Understand How Users Invoke Custom Skills": `open <name>`, `ask <name> to <words>` and
//! `<words> from <name>`, in the word order of each language.

mod grammar;

use super::british::in_one_spelling;
use super::forms::is_article;
use super::numbers::in_digits;
use super::words::{Word, joined, words};
use grammar::{Grammar, WAKE_WORDS, grammar};

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

/// Finds out to whom `sentence` is said. `names` are the invocation names of the skills that are there.
pub fn address(sentence: &str, names: &[&str], locale: &str) -> Addressed {
    let all = in_one_spelling(words(sentence), locale);
    let said = all.get(woken(&all)..).unwrap_or_default();
    let grammar = grammar(locale);
    let names: Vec<(usize, Vec<Word>)> = names
        .iter()
        .enumerate()
        .flat_map(|(skill, name)| spellings(name, locale).map(move |name| (skill, name)))
        .collect();
    let is_woken = said.len() < all.len();
    let plain = Speech { sentence, words: said, names: &names, locale };
    let found = [said, grammar.without_courtesy(said)].into_iter().find_map(|words| {
        let speech = Speech { words, ..plain };
        let first = grammar.name_first.then(|| speech.named_first(grammar)).flatten();
        let named = first.or_else(|| speech.named_behind_verb(grammar));
        named.or_else(|| is_woken.then(|| speech.named_alone(grammar)).flatten())
    });
    found.unwrap_or_else(|| Addressed::NoOne {
        said: plain.rest(0, said.len()),
        names_someone: plain.begins_with_verb(grammar),
    })
}

/// How an invocation name may be written: as it is, with its abbreviations in one word, its number words in digits,
/// without its own article.
fn spellings<'n>(name: &'n str, locale: &'n str) -> impl Iterator<Item = Vec<Word>> {
    let whole = in_one_spelling(words(name), locale);
    let short = joined(&whole);
    let begins_with_article = whole.len() > 1 && whole.first().is_some_and(|word| is_article(&word.folded, locale));
    let digits = in_digits(&whole, locale);
    let bare = begins_with_article.then(|| whole.get(1..).unwrap_or_default().to_vec());
    [Some(whole), short, digits, bare].into_iter().flatten().filter(|name| !name.is_empty())
}

/// How many words the wake word at the sentence's begin takes. Alone it is no sentence to anyone.
fn woken(all: &[Word]) -> usize {
    let begins = |wake: &&str| {
        let wake = words(wake);
        let is_there = all.iter().zip(&wake).all(|(said, word)| said.folded == word.folded);
        (all.len() > wake.len() && is_there).then_some(wake.len())
    };
    WAKE_WORDS.iter().find_map(begins).unwrap_or(0)
}

/// The sentence behind its wake word; nothing when there is none, or nothing behind it.
pub(crate) fn without_wake_word(sentence: &str) -> Option<&str> {
    let all = words(sentence);
    let first = all.get(woken(&all)).filter(|_| woken(&all) > 0)?;
    sentence.get(first.start..)
}

/// The words without those of courtesy at either end; nothing when there are none, or nothing else.
pub(crate) fn courtesy<'w>(said: &'w [Word], locale: &str) -> Option<&'w [Word]> {
    let bare = grammar(locale).without_courtesy_at_ends(said);
    (bare.len() < said.len()).then_some(bare)
}

#[derive(Clone, Copy)]
struct Speech<'a> {
    sentence: &'a str,
    words: &'a [Word],
    /// The skills' names, each in its spellings.
    names: &'a [(usize, Vec<Word>)],
    locale: &'a str,
}

impl Speech<'_> {
    /// `ask <name> …`, `open <name>`, and `<words> from <name>`.
    fn named_behind_verb(&self, grammar: &Grammar) -> Option<Addressed> {
        for (after, to) in [(grammar.ask, &[][..]), (grammar.launch, grammar.launch_behind)] {
            let begins = self.after_any(0, after).into_iter().flat_map(|at| self.skipping_noun(at, grammar));
            let mut found = begins.filter_map(|at| self.name_at(at));
            if let Some((skill, end)) = found.next() {
                let end = self.after_any(end, to).first().copied().unwrap_or(end);
                return Some(self.one_shot(skill, end, grammar));
            }
        }
        if let Some((skill, _)) = self.name_at(0).filter(|(_, end)| *end == self.words.len()) {
            return Some(Addressed::Launch { skill });
        }
        self.name_last(grammar)
    }

    /// `<name>を開いて`, `<name> खोलो`: languages that put the verb last.
    fn named_first(&self, grammar: &Grammar) -> Option<Addressed> {
        let (skill, end) = self.name_at(0)?;
        if end == self.words.len() || self.after_any(end, grammar.launch_behind).contains(&self.words.len()) {
            return Some(Addressed::Launch { skill });
        }
        let behind =
            self.after_any(end, grammar.ask_behind).into_iter().chain(self.after_any(end, grammar.launch_behind));
        let said: Vec<String> = behind.map(|at| self.rest(at, self.words.len())).collect();
        Some(Addressed::OneShot { skill, said })
    }

    /// `Alexa, <name>, <words>` and `Alexa, using <name>, <words>`: only the wake word tells them from other sentences.
    fn named_alone(&self, grammar: &Grammar) -> Option<Addressed> {
        let begins = self.after_any(0, grammar.from).into_iter().chain([0]);
        let (skill, end) = begins.filter_map(|at| self.name_at(at)).next()?;
        Some(self.one_shot(skill, end, grammar))
    }

    /// What follows the name, with and without its connecting word.
    fn one_shot(&self, skill: usize, end: usize, grammar: &Grammar) -> Addressed {
        let behind = self.words.get(end..).unwrap_or_default();
        if behind.is_empty() || grammar.is_courtesy(behind) {
            return Addressed::Launch { skill };
        }
        let mut said = vec![self.rest(end, self.words.len())];
        said.extend(self.after_any(end, grammar.connect).into_iter().map(|at| self.rest(at, self.words.len())));
        said.retain(|rest| !rest.is_empty());
        Addressed::OneShot { skill, said }
    }

    /// Where a name may begin behind a verb: at once, and behind a word of courtesy, an article, and "the skill".
    fn skipping_noun(&self, at: usize, grammar: &Grammar) -> Vec<usize> {
        let is_article = |at: &usize| self.words.get(*at).is_some_and(|word| is_article(&word.folded, self.locale));
        let mut begins = vec![at];
        begins.extend(self.after_any(at, grammar.courtesy));
        begins.extend(begins.clone().into_iter().filter(is_article).map(|at| at + 1));
        let nouns: Vec<usize> = begins.iter().flat_map(|at| self.after_any(*at, grammar.noun)).collect();
        begins.extend(nouns);
        begins
    }

    /// `<words> from <name>`.
    fn name_last(&self, grammar: &Grammar) -> Option<Addressed> {
        let starts = self.names.iter().filter_map(|(skill, name)| {
            let start = self.words.len().checked_sub(name.len()).filter(|start| self.is_at(*start, name))?;
            Some((*skill, start))
        });
        let (skill, start) = starts.min_by_key(|(_, start)| *start)?;
        let is_article = |at: &usize| self.words.get(*at).is_some_and(|word| is_article(&word.folded, self.locale));
        let start = start.checked_sub(1).filter(is_article).unwrap_or(start);
        let joint = |phrase: &&&str| {
            let phrase = words(phrase);
            let begin = start.checked_sub(phrase.len()).filter(|begin| *begin > 0)?;
            self.is_at(begin, &phrase).then_some(begin)
        };
        let before = grammar.from.iter().filter_map(|phrase| joint(&phrase)).min()?;
        Some(Addressed::OneShot { skill, said: vec![self.rest(0, before)] })
    }

    fn begins_with_verb(&self, grammar: &Grammar) -> bool {
        !self.after_any(0, grammar.ask).is_empty() || !self.after_any(0, grammar.launch).is_empty()
    }

    /// The longest name that stands at word `at`, and where it ends.
    fn name_at(&self, at: usize) -> Option<(usize, usize)> {
        let here = self.names.iter().filter(|(_, name)| self.is_at(at, name));
        here.map(|(skill, name)| (*skill, at + name.len())).max_by_key(|(skill, end)| (*end, std::cmp::Reverse(*skill)))
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
        is_at(self.words, at, phrase)
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

fn is_at(said: &[Word], at: usize, phrase: &[Word]) -> bool {
    let here = said.get(at..at + phrase.len());
    here.is_some_and(|here| here.iter().zip(phrase).all(|(said, word)| said.folded == word.folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_invocation_is_understood() {
        let names = [
            "sample quiz game",
            "what should i wear",
            "unofficial discord a. p. i.",
            "quiz",
            "template sixteen",
            "theatre guide",
        ];
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
            ("open unofficial discord API please", 2, None),
            ("open template 16", 4, None),
            ("please open the skill quiz", 3, None),
            ("could you ask the quiz what is new", 3, Some("what is new")),
            ("alexa, quiz, what is new", 3, Some("what is new")),
            ("alexa, using quiz, what is new", 3, Some("what is new")),
            ("what is new from the quiz", 3, Some("what is new")),
            ("launch quiz", 3, None),
            ("open theater guide", 5, None),
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
            ("de-DE", "my pocket", "mach my pocket auf", None),
            ("de-DE", "my pocket", "Alexa, öffne bitte den Skill my pocket", None),
            ("fr-FR", "le génie des vidéos", "demande au génie des vidéos quelle est", Some("quelle est")),
            ("hi-IN", "neo chat", "neo chat खोलो", None),
            ("hi-IN", "neo chat", "neo chat से पूछो कौन है", Some("कौन है")),
            ("ar-SA", "mein plex", "افتح mein plex", None),
            ("ar-SA", "mein plex", "اطلب من mein plex شغل موسيقى", Some("شغل موسيقى")),
            ("ja-JP", "クイズ", "クイズを起動してください", None),
            ("it-IT", "casa mia", "chiedi a casa mia quanto ha consumato", Some("quanto ha consumato")),
            ("fr-FR", "heures de prière", "demande à heures de prière quelles sont", Some("quelles sont")),
            ("ja-JP", "クイズ", "アレクサクイズ", None),
            ("ja-JP", "クイズ", "クイズを開いて", None),
            ("ja-JP", "クイズ", "クイズで好きな色", Some("好きな色")),
        ] {
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
