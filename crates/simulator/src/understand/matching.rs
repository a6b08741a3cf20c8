//! Finding what was meant: the cheapest way to lay a pattern over a sentence.
//!
//! Every pattern is laid over the sentence by dynamic programming, in time proportional to the pattern's length times
//! the sentence's. Words of the sample cost nothing, values of a list little, words outside a list more, free text most;
//! so the most specific reading wins, whatever the order of the samples.

use super::lexicon::{Item, Kind, Lexicon, Pattern, UNKNOWN, WordId};
use super::values::{BuiltIn, Moment, Reading, Search, Values};
use super::words::Word;

/// A sentence laid out for matching against one lexicon.
pub(crate) struct Sentence<'s> {
    pub(crate) text: &'s str,
    pub(crate) words: Vec<Word>,
    pub(crate) ids: Vec<WordId>,
    plain: Vec<WordId>,
    skippable: Vec<bool>,
    /// What taking each word into a value costs, before the kind of slot multiplies it.
    weights: Vec<u32>,
    present: Vec<bool>,
    /// What the words come to for the built-in types by value.
    pub(crate) values: Values,
}

impl<'s> Sentence<'s> {
    /// Lays out `text`, heard at `now`.
    pub(crate) fn new(text: &'s str, lexicon: &Lexicon, now: Moment) -> Self {
        Self::of(text, lexicon.words(text), lexicon, now)
    }

    /// Lays out the words of `text`.
    pub(crate) fn of(text: &'s str, words: Vec<Word>, lexicon: &Lexicon, now: Moment) -> Self {
        let (ids, plain) = (lexicon.ids(&words), lexicon.plain_ids(&words));
        let mut present = vec![false; lexicon.size()];
        for id in &plain {
            if let Some(seen) = present.get_mut(*id as usize) {
                *seen = true;
            }
        }
        let search = Search {
            wanted: &lexicon.built_ins,
            vocabulary: lexicon.vocabulary.as_ref(),
            locale: &lexicon.locale,
            now,
        };
        Self {
            skippable: words.iter().map(|word| lexicon.is_spoken_article(word)).collect(),
            weights: words.iter().map(|word| if word.is_sign { 1 } else { 3 }).collect(),
            values: Values::new(text, &words, &search),
            text,
            words,
            ids,
            plain,
            present,
        }
    }
}

/// How a pattern lies over the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Laid {
    /// How far-fetched the reading is; 0 for a sample word for word.
    pub(crate) cost: u32,
    /// For each slot of the pattern: its index in the intent, and the words it takes, `from..to`.
    pub(crate) slots: Vec<(usize, usize, usize)>,
}

const NEVER: u32 = u32::MAX;
const OTHER_NUMBER_OF_A_WORD: u32 = 3;
const ARTICLE_TOO_MANY: u32 = 4;
const ARTICLE_MISSING: u32 = 5;
const VALUE: u32 = 2;
/// Published skills use the type of four digits for shorter numbers too.
const FEWER_DIGITS: u32 = 4;
/// Less than a word inside: a sample's own word between two slots says more than one slot that takes it in.
const OPEN: u32 = 2;
const UNLISTED: u32 = 5;
const PHRASE: u32 = 13;

/// One cell: the least cost of having laid some items over some words, and where the last item began.
#[derive(Clone, Copy)]
struct Cell {
    cost: u32,
    from: usize,
    skipped: bool,
}

const EMPTY: Cell = Cell { cost: NEVER, from: 0, skipped: false };

/// Whether `pattern` can match at all, by what it costs nothing to look at.
pub(crate) fn is_possible(pattern: &Pattern, sentence: &Sentence<'_>, lexicon: &Lexicon) -> bool {
    let length = sentence.words.len();
    // Articles people put in may make the sentence a little longer than the pattern.
    if pattern.shortest > length || pattern.longest.is_some_and(|longest| longest + 4 < length) {
        return false;
    }
    pattern.items.iter().all(|item| match item {
        Item::Word(word) => {
            lexicon.is_article(*word) || sentence.present.get(lexicon.plain(*word) as usize).copied().unwrap_or(false)
        }
        Item::Slot(slot) => match lexicon.kind_of(pattern.intent, *slot) {
            Kind::Value(built_in) => sentence.values.has(built_in),
            _ => true,
        },
    }) && ends_fit(pattern, sentence, lexicon)
}

/// A sample's first and last words must stand at the sentence's ends; this spares long sentences the whole table.
fn ends_fit(pattern: &Pattern, sentence: &Sentence<'_>, lexicon: &Lexicon) -> bool {
    let needed = |item: Option<&Item>| match item {
        Some(Item::Word(word)) if !lexicon.is_article(*word) => Some(lexicon.plain(*word)),
        _ => None,
    };
    let said = || sentence.plain.iter().zip(&sentence.skippable);
    let fits = |want: Option<WordId>, mut said: Box<dyn Iterator<Item = (&WordId, &bool)> + '_>| {
        want.is_none_or(|want| {
            said.find(|(id, skippable)| **id == want || !**skippable).is_some_and(|(id, _)| *id == want)
        })
    };
    fits(needed(pattern.items.first()), Box::new(said())) && fits(needed(pattern.items.last()), Box::new(said().rev()))
}

/// Lays `pattern` over the whole sentence, or nothing when it does not fit for less than `limit`.
pub(crate) fn lay(pattern: &Pattern, sentence: &Sentence<'_>, lexicon: &Lexicon, limit: u32) -> Option<Laid> {
    let columns = sentence.words.len() + 1;
    let mut table: Vec<Cell> = Vec::with_capacity((pattern.items.len() + 1) * columns);
    let mut row = vec![EMPTY; columns];
    if let Some(first) = row.first_mut() {
        first.cost = 0;
    }
    let is_phrase =
        |item: &Item| matches!(item, Item::Slot(slot) if lexicon.kind_of(pattern.intent, *slot) == Kind::Phrase);
    // A phrase is taken as it is spoken, its first and last article with it.
    if !pattern.items.first().is_some_and(is_phrase) {
        skip_articles(&mut row, sentence);
    }
    for (index, item) in pattern.items.iter().enumerate() {
        let mut next = vec![EMPTY; columns];
        match item {
            Item::Word(word) => lay_word(*word, &row, &mut next, sentence, lexicon),
            Item::Slot(slot) => {
                lay_slot(lexicon.kind_of(pattern.intent, *slot), &row, &mut next, sentence, lexicon);
            }
        }
        if !is_phrase(item) && !pattern.items.get(index + 1).is_some_and(is_phrase) {
            skip_articles(&mut next, sentence);
        }
        table.append(&mut row);
        row = next;
        if row.iter().all(|cell| cell.cost >= limit) {
            return None;
        }
    }
    let cost = row.last().map_or(NEVER, |cell| cell.cost);
    table.append(&mut row);
    (cost < limit).then(|| Laid { cost, slots: trace(pattern, &table, columns) })
}

fn improve(cell: Option<&mut Cell>, cost: u32, from: usize) {
    if let Some(cell) = cell
        && cost < cell.cost
    {
        *cell = Cell { cost, from, skipped: false };
    }
}

fn skip_articles(row: &mut [Cell], sentence: &Sentence<'_>) {
    for (at, _) in sentence.skippable.iter().enumerate().filter(|(_, skippable)| **skippable) {
        let cost = row.get(at).map_or(NEVER, |cell| cell.cost.saturating_add(ARTICLE_TOO_MANY));
        if let Some(cell) = row.get_mut(at + 1)
            && cost < cell.cost
        {
            *cell = Cell { cost, from: at, skipped: true };
        }
    }
}

fn lay_word(word: WordId, row: &[Cell], next: &mut [Cell], sentence: &Sentence<'_>, lexicon: &Lexicon) {
    let plain = lexicon.plain(word);
    for (at, (id, said)) in sentence.ids.iter().zip(&sentence.plain).enumerate() {
        let Some(cell) = row.get(at).filter(|cell| cell.cost != NEVER) else { continue };
        if *id == word && *id != UNKNOWN {
            improve(next.get_mut(at + 1), cell.cost, at);
        } else if *said == plain && *said != UNKNOWN {
            improve(next.get_mut(at + 1), cell.cost.saturating_add(OTHER_NUMBER_OF_A_WORD), at);
        }
    }
    if lexicon.is_article(word) {
        for (at, cell) in row.iter().enumerate().filter(|(_, cell)| cell.cost != NEVER) {
            improve(next.get_mut(at), cell.cost.saturating_add(ARTICLE_MISSING), at);
        }
    }
}

fn lay_slot(kind: Kind, row: &[Cell], next: &mut [Cell], sentence: &Sentence<'_>, lexicon: &Lexicon) {
    match kind {
        Kind::Value(built_in) => {
            for (at, cell) in row.iter().enumerate().filter(|(_, cell)| cell.cost != NEVER) {
                for reading in sentence.values.at(built_in, at) {
                    if let Some(cost) = cost_of(built_in, reading, at) {
                        improve(next.get_mut(reading.end), cell.cost.saturating_add(cost), at);
                    }
                }
            }
        }
        Kind::Listed(index) => {
            if let Some(list) = lexicon.lists.get(index) {
                for (at, cell) in row.iter().enumerate().filter(|(_, cell)| cell.cost != NEVER) {
                    for (end, _) in list.spans(&sentence.ids, at) {
                        improve(next.get_mut(end), cell.cost.saturating_add(VALUE), at);
                    }
                }
                let (enter, factor) = if list.extends_built_in { (OPEN, 1) } else { (UNLISTED, 2) };
                lay_open(entering(enter, lexicon), factor, row, next, sentence);
            }
        }
        Kind::Open => lay_open(entering(OPEN, lexicon), 1, row, next, sentence),
        Kind::Phrase => lay_open(PHRASE, 2, row, next, sentence),
    }
}

/// What taking a value costs; nothing when the type does not take it.
fn cost_of(built_in: BuiltIn, reading: &Reading, at: usize) -> Option<u32> {
    match (built_in, reading.value.len()) {
        (BuiltIn::FourDigits, 4) => Some(VALUE),
        (BuiltIn::FourDigits, 1..4) => Some(FEWER_DIGITS),
        (BuiltIn::FourDigits, _) => None,
        // A sample's own words say more than a value that takes them in.
        (BuiltIn::Date | BuiltIn::Time | BuiltIn::Duration, _) => {
            Some(VALUE + u32::try_from(reading.end - at).unwrap_or(NEVER).saturating_sub(1))
        }
        _ => Some(VALUE),
    }
}

/// Where each sign counts as a word, a sample's own words are short, and must still say more than a slot.
fn entering(enter: u32, lexicon: &Lexicon) -> u32 {
    if lexicon.is_unspaced() { enter / 3 } else { enter }
}

/// Any words, one or more. The running minimum makes this one pass.
fn lay_open(enter: u32, factor: u32, row: &[Cell], next: &mut [Cell], sentence: &Sentence<'_>) {
    let mut inside = EMPTY;
    for (at, weight) in sentence.weights.iter().enumerate() {
        let entered = row.get(at).map_or(NEVER, |cell| cell.cost.saturating_add(enter));
        // Of two readings as good, the one whose last slot is shorter: titles hold words like "by" more often than names do.
        if entered <= inside.cost && entered != NEVER {
            inside = Cell { cost: entered, from: at, skipped: false };
        }
        inside.cost = inside.cost.saturating_add(weight * factor);
        if inside.cost != NEVER {
            improve(next.get_mut(at + 1), inside.cost, inside.from);
        }
    }
}

fn trace(pattern: &Pattern, table: &[Cell], columns: usize) -> Vec<(usize, usize, usize)> {
    let mut slots = Vec::new();
    let mut at = columns - 1;
    for (row, item) in pattern.items.iter().enumerate().rev() {
        let cell = |at: usize| table.get((row + 1) * columns + at).copied().unwrap_or(EMPTY);
        while cell(at).skipped {
            at = cell(at).from;
        }
        if let Item::Slot(slot) = item {
            slots.push((*slot, cell(at).from, at));
        }
        at = cell(at).from;
    }
    slots.reverse();
    slots
}
