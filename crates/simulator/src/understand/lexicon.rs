//! An interaction model made ready for matching: words as numbers, samples as patterns, slot values as a trie.

use std::collections::{BTreeSet, HashMap, HashSet};

use sayso_alexa::interaction_model::{Intent, InteractionModel, SlotType};

use super::built_in;
use super::forms::{is_article, other_form};
use super::numbers::{in_whole_numbers, may_count};
use super::values::{BuiltIn, Vocabulary};
use super::words::{Word, codes_apart, joined, words_in};

/// A word as a number; two words are the same when their numbers are.
pub(crate) type WordId = u32;

/// The number of every word the model does not know.
pub(crate) const UNKNOWN: WordId = u32::MAX;

/// One way to say an intent.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Which intent.
    pub(crate) intent: usize,
    /// As the model has it.
    pub(crate) sample: String,
    /// Its words and slots, in order.
    pub(crate) items: Vec<Item>,
    /// Set for a slot's own samples, which count only when the skill has just asked for that slot.
    pub(crate) answers: Option<usize>,
    /// Whether it is one of Amazon's phrases rather than the skill's sample.
    pub(crate) is_built_in: bool,
    /// Whether it is a sample that Amazon's phrases for this intent hold as well.
    pub(crate) is_native: bool,
    /// Fewest words it can match, articles aside.
    pub(crate) shortest: usize,
    /// Most words it can match; none for a phrase slot.
    pub(crate) longest: Option<usize>,
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// This word.
    Word(WordId),
    /// The slot of this index in the intent.
    Slot(usize),
}

/// What a slot takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the words of a built-in type come to: digits, a date, a time.
    Value(BuiltIn),
    /// Any words (`AMAZON.SearchQuery`, `AMAZON.LITERAL`).
    Phrase,
    /// A list the skill declares, by index into [`Lexicon::lists`]; other words are taken reluctantly.
    Listed(usize),
    /// A list of Amazon's, or an undeclared type: any few words.
    Open,
}

/// The values of one slot type.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// Name of the type.
    pub(crate) name: String,
    /// Whether it is a built-in type that the skill extends, to which Amazon's own values belong too.
    pub(crate) extends_built_in: bool,
    next: HashMap<(u32, WordId), u32>,
    ends: HashMap<u32, Vec<usize>>,
    nodes: u32,
    /// Words of its longest value.
    longest: usize,
    /// Canonical names and ids, in the model's order.
    pub(crate) values: Vec<(String, Option<String>)>,
}

impl List {
    fn add(&mut self, path: &[WordId], value: usize) {
        if path.is_empty() {
            return;
        }
        self.longest = self.longest.max(path.len());
        let mut node = 0;
        for word in path {
            let fresh = self.nodes + 1;
            node = *self.next.entry((node, *word)).or_insert(fresh);
            if node == fresh {
                self.nodes = fresh;
            }
        }
        let ends = self.ends.entry(node).or_default();
        if !ends.contains(&value) {
            ends.push(value);
        }
    }

    /// The ends of all values that begin at word `start`, with the values each names.
    pub(crate) fn spans(&self, ids: &[WordId], start: usize) -> impl Iterator<Item = (usize, &[usize])> {
        let mut node = Some(0);
        ids.iter()
            .enumerate()
            .skip(start)
            .map_while(move |(at, word)| {
                node = node.and_then(|from| self.next.get(&(from, *word)).copied());
                node.map(|reached| (at + 1, reached))
            })
            .filter_map(|(end, node)| self.ends.get(&node).map(|values| (end, values.as_slice())))
    }
}

/// A model ready for matching.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// The locale it is spoken in.
    pub(crate) locale: String,
    /// The intents as the model has them.
    pub(crate) intents: Vec<Intent>,
    /// For each intent, what each of its slots takes.
    pub(crate) kinds: Vec<Vec<Kind>>,
    /// All ways to say anything.
    pub(crate) patterns: Vec<Pattern>,
    /// The declared types.
    pub(crate) lists: Vec<List>,
    /// The built-in types by value that its slots have.
    pub(crate) built_ins: BTreeSet<BuiltIn>,
    /// The words of dates and times in its language.
    pub(crate) vocabulary: Option<Vocabulary>,
    ids: HashMap<String, WordId>,
    plain: Vec<WordId>,
    articles: Vec<bool>,
    /// Whether it has any number in digits, which numbers in words could be written as.
    pub(super) has_digits: bool,
    /// Words that follow each other in a sample or a value.
    neighbours: HashSet<(WordId, WordId)>,
}

/// How a text of the model is written when it is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    /// As it is.
    Own,
    /// With its spelled-out abbreviations in one word.
    Joined,
    /// With its numbers in digits, apart from letters.
    Digits,
}

/// More words than this are not taken as the value of a slot that is not a phrase.
const LONGEST_VALUE: usize = 10;
/// The same for scripts where each sign counts as a word.
const LONGEST_VALUE_IN_SIGNS: usize = 30;

impl Lexicon {
    /// Prepares a model.
    pub(crate) fn new(model: &InteractionModel, locale: &str) -> Self {
        let mut lexicon = Self {
            locale: locale.to_owned(),
            intents: model.intents.clone(),
            kinds: Vec::new(),
            patterns: Vec::new(),
            lists: Vec::new(),
            built_ins: BTreeSet::new(),
            vocabulary: Vocabulary::of(locale),
            ids: HashMap::new(),
            plain: Vec::new(),
            articles: Vec::new(),
            has_digits: false,
            neighbours: HashSet::new(),
        };
        for kind in &model.types {
            lexicon.add_list(kind);
        }
        for (index, intent) in model.intents.iter().enumerate() {
            let kinds: Vec<Kind> = intent.slots.iter().map(|slot| lexicon.kind(&slot.kind)).collect();
            lexicon.built_ins.extend(kinds.iter().filter_map(|kind| match kind {
                Kind::Value(built_in) => Some(*built_in),
                _ => None,
            }));
            lexicon.kinds.push(kinds);
            lexicon.add_intent(index, intent);
        }
        lexicon
    }

    fn add_list(&mut self, kind: &SlotType) {
        let mut list =
            List { name: kind.name.clone(), extends_built_in: kind.name.starts_with("AMAZON."), ..List::default() };
        for value in &kind.values {
            let index = list.values.len();
            list.values.push((value.name.value.clone(), value.id.clone().filter(|id| !id.is_empty())));
            for name in std::iter::once(&value.name.value).chain(&value.name.synonyms) {
                let own = self.words(name);
                let others = [Writing::Joined, Writing::Digits].map(|writing| self.written(name, &own, writing));
                for words in others.into_iter().flatten().chain([own]) {
                    let path: Vec<WordId> = words.iter().map(|word| self.learn(word)).collect();
                    self.neighbours.extend(path.iter().copied().zip(path.iter().copied().skip(1)));
                    list.add(&path, index);
                }
            }
        }
        self.lists.push(list);
    }

    fn kind(&self, name: &str) -> Kind {
        if let Some(built_in) = BuiltIn::named(name, &self.locale) {
            return Kind::Value(built_in);
        }
        match name {
            "AMAZON.SearchQuery" | "AMAZON.LITERAL" | "AMAZON.Literal" => Kind::Phrase,
            _ => match self.lists.iter().position(|list| list.name == name) {
                Some(index) => Kind::Listed(index),
                None => Kind::Open,
            },
        }
    }

    fn add_intent(&mut self, index: usize, intent: &Intent) {
        for sample in &intent.samples {
            self.add_pattern(index, sample, None, false);
        }
        for (slot, declared) in intent.slots.iter().enumerate() {
            for sample in &declared.samples {
                self.add_pattern(index, sample, Some(slot), false);
            }
            // Asked for a slot, people say its value alone even where the model has no sample for it.
            self.add_pattern(index, &format!("{{{}}}", declared.name), Some(slot), false);
        }
        if let Some(name) = intent.name.strip_prefix("AMAZON.") {
            for phrase in built_in::phrases(name, &self.locale.clone()) {
                self.add_pattern(index, phrase, None, true);
            }
        }
    }

    /// Takes `sample` into the patterns, and once more for each other way to write it.
    fn add_pattern(&mut self, intent: usize, sample: &str, answers: Option<usize>, is_built_in: bool) {
        self.add_pattern_as(intent, sample, answers, is_built_in, Writing::Own);
        let own = self.words(sample);
        for writing in [Writing::Joined, Writing::Digits] {
            if self.written(sample, &own, writing).is_some() {
                self.add_pattern_as(intent, sample, answers, is_built_in, writing);
            }
        }
    }

    /// The words of a text in another writing; nothing when it is the same.
    fn written(&self, text: &str, own: &[Word], writing: Writing) -> Option<Vec<Word>> {
        match writing {
            Writing::Own => None,
            Writing::Joined => joined(own),
            Writing::Digits => {
                let apart = codes_apart(own);
                let words = apart.as_deref().unwrap_or(own);
                let may_count = words.iter().any(|word| may_count(word, &self.locale));
                let numbered = may_count.then(|| in_whole_numbers(text, words, &self.locale, |_| true)).flatten();
                numbered.or(apart)
            }
        }
    }

    /// A slot in braces that the intent does not declare makes the sample unusable.
    fn add_pattern_as(
        &mut self,
        intent: usize,
        sample: &str,
        answers: Option<usize>,
        is_built_in: bool,
        writing: Writing,
    ) {
        let mut items = Vec::new();
        let mut rest = sample;
        while let Some((before, after)) = rest.split_once('{') {
            items.extend(self.learn_all(before, writing));
            let Some((inside, after)) = after.split_once('}') else { return };
            // The old format writes `{example|Slot}`.
            let name = inside.rsplit('|').next().unwrap_or(inside).trim();
            let slots = self.intents.get(intent).map(|intent| intent.slots.as_slice()).unwrap_or_default();
            let Some(slot) = slots.iter().position(|slot| slot.name.eq_ignore_ascii_case(name)) else { return };
            items.push(Item::Slot(slot));
            rest = after;
        }
        items.extend(self.learn_all(rest, writing));
        if items.is_empty() {
            return;
        }
        let words = items.iter().zip(items.iter().skip(1)).filter_map(|pair| match pair {
            (Item::Word(word), Item::Word(next)) => Some((*word, *next)),
            _ => None,
        });
        self.neighbours.extend(words);
        let longest = items.iter().try_fold(0_usize, |sum, item| {
            let most = match item {
                Item::Word(_) => 1,
                Item::Slot(slot) => {
                    let usual = if self.is_unspaced() { LONGEST_VALUE_IN_SIGNS } else { LONGEST_VALUE };
                    match self.kind_of(intent, *slot) {
                        Kind::Phrase => return None,
                        Kind::Listed(index) => self.lists.get(index).map_or(usual, |list| list.longest.max(usual)),
                        Kind::Value(_) | Kind::Open => usual,
                    }
                }
            };
            Some(sum + most)
        });
        let is_needed = |item: &&Item| !matches!(item, Item::Word(word) if self.is_article(*word));
        let shortest = items.iter().filter(is_needed).count();
        let is_native = !is_built_in && answers.is_none() && self.is_native(intent, sample);
        let sample = sample.to_owned();
        self.patterns.push(Pattern { intent, sample, items, answers, is_built_in, is_native, shortest, longest });
    }

    fn is_native(&self, intent: usize, sample: &str) -> bool {
        let name = self.intents.get(intent).and_then(|intent| intent.name.strip_prefix("AMAZON."));
        name.is_some_and(|name| {
            built_in::phrases(name, &self.locale).any(|phrase| phrase.eq_ignore_ascii_case(sample.trim()))
        })
    }

    /// Whether its language is written without blanks.
    pub(crate) fn is_unspaced(&self) -> bool {
        self.locale.starts_with("ja")
    }

    fn learn_all(&mut self, text: &str, writing: Writing) -> Vec<Item> {
        // Right behind a slot stands `'s`, which is cut off only when something comes before it.
        let found = match text.strip_prefix(['\'', '’']) {
            Some(_) => self.words(&format!("x{text}")).split_off(1),
            None => {
                let own = self.words(text);
                self.written(text, &own, writing).unwrap_or(own)
            }
        };
        found.iter().map(|word| Item::Word(self.learn(word))).collect()
    }

    fn learn(&mut self, word: &Word) -> WordId {
        if let Some(id) = self.ids.get(&word.folded) {
            return *id;
        }
        let id = WordId::try_from(self.articles.len()).unwrap_or(UNKNOWN);
        self.ids.insert(word.folded.clone(), id);
        self.articles.push(is_article(&word.folded, &self.locale));
        self.has_digits |= word.folded.starts_with(|sign: char| sign.is_ascii_digit());
        self.plain.push(id);
        if let Some(other) = other_form(&word.folded, &self.locale) {
            let other = self.learn(&Word { folded: other.to_owned(), ..word.clone() });
            let other = self.plain(other);
            if let Some(plain) = self.plain.get_mut(id as usize) {
                *plain = other;
            }
        }
        id
    }

    /// The words of a sentence as numbers.
    pub(crate) fn ids(&self, words: &[Word]) -> Vec<WordId> {
        words.iter().map(|word| self.ids.get(&word.folded).copied().unwrap_or(UNKNOWN)).collect()
    }

    /// The words of a sentence as the numbers of their plain form, so that "tweet" meets "tweets".
    pub(crate) fn plain_ids(&self, words: &[Word]) -> Vec<WordId> {
        words
            .iter()
            .map(|word| match self.ids.get(&word.folded) {
                Some(id) => self.plain(*id),
                None => other_form(&word.folded, &self.locale)
                    .and_then(|other| self.ids.get(other).copied())
                    .map_or(UNKNOWN, |other| self.plain(other)),
            })
            .collect()
    }

    /// Whether the model has this word, in its folded form.
    pub(crate) fn knows(&self, folded: &str) -> bool {
        self.ids.contains_key(folded)
    }

    /// Whether the model has these words, one right behind the other.
    pub(crate) fn knows_in_a_row(&self, first: &str, next: &str) -> bool {
        let ids = self.ids.get(first).zip(self.ids.get(next));
        ids.is_some_and(|(first, next)| self.neighbours.contains(&(*first, *next)))
    }

    /// Whether the model has this word or its plain form.
    pub(crate) fn knows_some_form(&self, folded: &str) -> bool {
        self.knows(folded) || other_form(folded, &self.locale).is_some_and(|other| self.knows(other))
    }

    /// The plain form of a known word, or the word itself.
    pub(crate) fn plain(&self, word: WordId) -> WordId {
        self.plain.get(word as usize).copied().unwrap_or(word)
    }

    /// What this slot of this intent takes.
    pub(crate) fn kind_of(&self, intent: usize, slot: usize) -> Kind {
        self.kinds.get(intent).and_then(|kinds| kinds.get(slot)).copied().unwrap_or(Kind::Open)
    }

    /// Cuts a sentence into words as the language writes them.
    pub(crate) fn words(&self, text: &str) -> Vec<Word> {
        words_in(text, &self.locale)
    }

    /// How many words the model knows.
    pub(crate) fn size(&self) -> usize {
        self.articles.len()
    }

    /// Whether a known word is an article.
    pub(crate) fn is_article(&self, word: WordId) -> bool {
        self.articles.get(word as usize).copied().unwrap_or(false)
    }

    /// Whether a word of the sentence is an article, known to the model or not.
    pub(crate) fn is_spoken_article(&self, word: &Word) -> bool {
        is_article(&word.folded, &self.locale)
    }
}
