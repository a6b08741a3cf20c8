//! Which intent a sentence means, and what its slots hold.

use std::collections::BTreeMap;

use sayso_alexa::interaction_model::{InteractionModel, SlotType};
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;
use serde::Serialize;

use super::fallback::Sensitivity;
use super::lexicon::{Item, Kind, Lexicon, Pattern};
use super::matching::{Laid, Sentence, is_possible, lay};
use super::spelling::Spelling;
use super::values::Moment;
use super::words::spoken;

/// An interaction model ready to be spoken to.
#[derive(Debug)]
pub struct Listener {
    pub(super) lexicon: Lexicon,
    /// How readily a sentence becomes the fallback; `None` where the model has no fallback.
    pub(super) fallback: Option<Sensitivity>,
    /// For each type with dynamic entities, the index of the first of them among its values.
    dynamic_from: BTreeMap<String, usize>,
}

/// What was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// Name of the intent.
    pub intent: String,
    /// Every slot the intent declares, in its order; those not filled have no value.
    pub slots: Vec<FilledSlot>,
    /// How far-fetched the reading is; 0 for a sample word for word.
    pub cost: u32,
    /// The sample or phrase it matched, as the model has it; none for a fallback.
    pub sample: Option<String>,
    /// Other intents that were considered, the likeliest first.
    pub considered: Vec<Considered>,
}

impl Understood {
    /// The same where all readings are further fetched by `cost`.
    fn dearer(mut self, cost: u32) -> Self {
        self.cost = self.cost.saturating_add(cost);
        for other in &mut self.considered {
            other.cost = other.cost.saturating_add(cost);
        }
        self
    }
}

/// An intent that fits as well, but less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// Name of the intent.
    pub intent: String,
    /// Its slots, as they would be filled.
    pub slots: Vec<FilledSlot>,
    /// How far-fetched the reading is; never less than the chosen one's.
    pub cost: u32,
    /// The sample or phrase it matched.
    pub sample: String,
}

/// A slot after understanding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilledSlot {
    /// Name of the slot.
    pub name: String,
    /// Name of its type.
    pub kind: String,
    /// What it holds: digits for numbers, ISO 8601 for dates, times and durations, else the words as said.
    pub value: Option<String>,
    /// The words of the sentence it comes from.
    pub words: Option<String>,
    /// Entity resolution, for types with a list.
    pub resolution: Option<Resolution>,
    /// Each value on its own, when the slot takes several and more than one was said.
    pub several: Vec<Part>,
}

/// One of several values in a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The words as said.
    pub value: String,
    /// Entity resolution, for types with a list.
    pub resolution: Option<Resolution>,
}

/// What entity resolution found for a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resolution {
    /// The values of the model that were meant; none is `ER_SUCCESS_NO_MATCH`.
    pub values: Vec<ResolvedValue>,
    /// The same for values the skill has added to the type for this session; nothing when it has added none.
    #[serde(skip)]
    pub dynamic: Option<Vec<ResolvedValue>>,
}

impl Resolution {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.dynamic.as_ref().is_none_or(Vec::is_empty)
    }
}

/// One value that was meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResolvedValue {
    /// Canonical name.
    pub name: String,
    /// Identifier, made from the name where the model has none.
    pub id: String,
}

/// The slot the skill has just asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eliciting {
    /// Name of the intent.
    pub intent: String,
    /// Name of the slot.
    pub slot: String,
}

/// A sentence from which words of courtesy were left out.
#[derive(Clone, Copy, Debug)]
struct Shortened {
    /// Whether something fits it with these words.
    fits_whole: bool,
}

/// A sentence made of nothing but unlisted words fits a lone slot only when it is this short.
const LONGEST_BARE_VALUE: usize = 2;
/// What such a reading costs: whatever has a word of the skill's own is likelier.
const UNFOUNDED: u32 = 24;
/// The slot type of the old format that takes any words, alone too.
const LITERAL: &str = "AMAZON.LITERAL";
/// So many intents are told of besides the chosen one.
const MOST_CONSIDERED: usize = 4;

impl Listener {
    /// Prepares a model that people speak to in `locale`.
    pub fn new(model: &InteractionModel, locale: &str) -> Self {
        Self {
            lexicon: Lexicon::new(model, locale),
            fallback: model.intent("AMAZON.FallbackIntent").map(|_| Sensitivity::of(model)),
            dynamic_from: BTreeMap::new(),
        }
    }

    /// The same with values that a skill adds to its types for a session (`Dialog.UpdateDynamicEntities`).
    pub fn with_entities(model: &InteractionModel, entities: &[SlotType], locale: &str) -> Self {
        let (mut model, mut dynamic_from) = (model.clone(), BTreeMap::new());
        for added in entities {
            if !model.types.iter().any(|kind| kind.name == added.name) {
                model.types.push(SlotType { name: added.name.clone(), values: Vec::new() });
            }
            if let Some(kind) = model.types.iter_mut().find(|kind| kind.name == added.name) {
                dynamic_from.entry(added.name.clone()).or_insert(kind.values.len());
                kind.values.extend(added.values.iter().cloned());
            }
        }
        Self { dynamic_from, ..Self::new(&model, locale) }
    }

    /// The locale people speak in.
    pub fn locale(&self) -> &str {
        &self.lexicon.locale
    }

    /// Understands a sentence said to the skill, or nothing when no sample fits.
    ///
    /// `now` is what "tomorrow" counts from: the clock on the person's wall, as if it stood in UTC
    /// ([`TimeZone::wall_clock`](crate::TimeZone::wall_clock)).
    pub fn understand(&self, sentence: &str, eliciting: Option<&Eliciting>, now: Timestamp) -> Option<Understood> {
        let mut best: Option<Understood> = None;
        for Spelling { words, cost, is_shortened } in self.lexicon.spellings(sentence, self.lexicon.words(sentence)) {
            if best.as_ref().is_some_and(|best| best.cost <= cost) {
                break;
            }
            let laid_out = Sentence::of(sentence, words, &self.lexicon, Moment::at(now));
            let shortened = is_shortened.then_some(Shortened { fits_whole: best.is_some() });
            if let Some(found) = self.read(&laid_out, eliciting, shortened).map(|found| found.dearer(cost))
                && best.as_ref().is_none_or(|best| found.cost < best.cost)
            {
                best = Some(found);
            }
        }
        best
    }

    /// The likeliest intent of a sentence that is laid out.
    fn read(
        &self,
        sentence: &Sentence<'_>,
        eliciting: Option<&Eliciting>,
        shortened: Option<Shortened>,
    ) -> Option<Understood> {
        if sentence.words.is_empty() {
            return None;
        }
        let mut best: BTreeMap<usize, (u32, usize, Laid)> = BTreeMap::new();
        for (index, pattern) in self.lexicon.patterns.iter().enumerate() {
            let is_wanted = self.is_open(pattern, eliciting) && shortened.is_none_or(|how| self.is_plain(pattern, how));
            if !is_wanted || !is_possible(pattern, sentence, &self.lexicon) {
                continue;
            }
            let own = best.get(&pattern.intent).map_or(u32::MAX, |(cost, _, _)| *cost);
            let Some(laid) = lay(pattern, sentence, &self.lexicon, own) else { continue };
            let doubt = self.doubt(pattern, &laid, sentence).filter(|doubt| *doubt == 0 || shortened.is_none());
            let Some(doubt) = doubt else { continue };
            let cost = laid.cost + penalty(pattern, eliciting) + doubt;
            if cost < own {
                best.insert(pattern.intent, (cost, index, laid));
            }
        }
        let mut ranked: Vec<_> = best.into_iter().collect();
        let is_native = |pattern: usize| self.lexicon.patterns.get(pattern).is_some_and(|pattern| pattern.is_native);
        ranked.sort_by_key(|(intent, (cost, pattern, _))| (*cost, !is_native(*pattern), *intent));
        let mut readings =
            ranked.into_iter().take(1 + MOST_CONSIDERED).filter_map(|(intent, (cost, pattern, laid))| {
                let pattern = self.lexicon.patterns.get(pattern)?;
                let (slots, sample) = (self.fill(pattern, &laid, sentence), pattern.sample.clone());
                Some(Considered { intent: self.name(intent)?, slots, cost, sample })
            });
        let Considered { intent, slots, cost, sample } = readings.next()?;
        Some(Understood { intent, slots, cost, sample: Some(sample), considered: readings.collect() })
    }

    /// The likeliest of several ways to hear a sentence; what nothing fits is the skill's fallback, and with a sensitive one also
    /// what hardly fits, unless it answers a question.
    pub fn likeliest(&self, said: &[String], eliciting: Option<&Eliciting>, now: Timestamp) -> Option<Understood> {
        let readings = said.iter().filter_map(|said| {
            let reading = self.understand(said, eliciting, now)?;
            (eliciting.is_some() || !self.is_foreign(said, &reading)).then_some(reading)
        });
        readings.min_by_key(|understood| understood.cost).or_else(|| self.fallback())
    }

    /// What would be understood if somebody had said this intent with these values; nothing when the model has no such
    /// intent or slot.
    pub fn as_said(&self, name: &str, values: &BTreeMap<String, String>) -> Option<Understood> {
        let index = self.lexicon.intents.iter().position(|intent| intent.name == name)?;
        let intent = self.lexicon.intents.get(index)?;
        if values.keys().any(|name| !intent.slots.iter().any(|slot| slot.name == *name)) {
            return None;
        }
        let filled = intent.slots.iter().enumerate().map(|(at, slot)| {
            let empty = FilledSlot { name: slot.name.clone(), kind: slot.kind.clone(), ..FilledSlot::default() };
            let Some(value) = values.get(&slot.name) else { return empty };
            let sentence = Sentence::new(value, &self.lexicon, Moment::at(Timestamp::from_millis(0)));
            let resolution = self.resolve(index, at, &sentence, (0, sentence.words.len()));
            FilledSlot { value: Some(value.clone()), words: Some(value.clone()), resolution, ..empty }
        });
        let (intent, slots) = (name.to_owned(), filled.collect());
        Some(Understood { intent, slots, cost: 0, sample: None, considered: Vec::new() })
    }

    /// What a session hears when nothing else fits: the skill's `AMAZON.FallbackIntent`, if it has one.
    pub fn fallback(&self) -> Option<Understood> {
        self.fallback.map(|_| Understood {
            intent: "AMAZON.FallbackIntent".into(),
            slots: Vec::new(),
            cost: u32::MAX,
            sample: None,
            considered: Vec::new(),
        })
    }

    fn name(&self, intent: usize) -> Option<String> {
        self.lexicon.intents.get(intent).map(|intent| intent.name.clone())
    }

    /// A slot's own samples count only while the skill waits for that slot.
    ///
    /// Asked for a phrase, people say anything: what has no word of the skill's own is the answer.
    fn is_open(&self, pattern: &Pattern, eliciting: Option<&Eliciting>) -> bool {
        let Some(slot) = pattern.answers else {
            return has_words(pattern) || !eliciting.is_some_and(|asked| self.asks_for_a_phrase(asked));
        };
        let Some(intent) = self.lexicon.intents.get(pattern.intent) else { return false };
        let slot = intent.slots.get(slot).map(|slot| slot.name.as_str());
        eliciting.is_some_and(|asked| asked.intent == intent.name && Some(asked.slot.as_str()) == slot)
    }

    fn asks_for_a_phrase(&self, asked: &Eliciting) -> bool {
        let intents = self.lexicon.intents.iter().enumerate();
        let Some((index, intent)) = intents.into_iter().find(|(_, intent)| intent.name == asked.intent) else {
            return false;
        };
        let slot = intent.slots.iter().position(|slot| slot.name == asked.slot);
        slot.is_some_and(|slot| self.lexicon.kind_of(index, slot) == Kind::Phrase)
    }

    /// Whether a pattern takes a sentence from which words of courtesy were left out: nothing in it would rather hold them.
    fn is_plain(&self, pattern: &Pattern, how: Shortened) -> bool {
        let has_words = has_words(pattern);
        pattern.items.iter().all(|item| match item {
            Item::Word(_) => true,
            Item::Slot(slot) => match self.lexicon.kind_of(pattern.intent, *slot) {
                Kind::Value(_) | Kind::Listed(_) => true,
                Kind::Open => has_words || pattern.answers.is_some(),
                Kind::Phrase => has_words && !how.fits_whole,
            },
        })
    }

    /// A reading without one word of the skill's own must at least name something the skill knows: what it costs when it
    /// does not, and nothing when it is not to be believed.
    fn doubt(&self, pattern: &Pattern, laid: &Laid, sentence: &Sentence<'_>) -> Option<u32> {
        if pattern.answers.is_some() || has_words(pattern) {
            return Some(0);
        }
        let slots = self.lexicon.intents.get(pattern.intent).map(|intent| intent.slots.as_slice()).unwrap_or_default();
        let is_known = laid.slots.iter().any(|(slot, from, to)| match self.lexicon.kind_of(pattern.intent, *slot) {
            Kind::Value(_) => true,
            Kind::Listed(_) => {
                !self.resolve(pattern.intent, *slot, sentence, (*from, *to)).is_none_or(|found| found.is_empty())
            }
            Kind::Open | Kind::Phrase => false,
        });
        // A literal is the one phrase that may stand alone in a sample.
        let is_literal = |slot: usize| slots.get(slot).is_some_and(|slot| slot.kind.eq_ignore_ascii_case(LITERAL));
        let is_bold = laid.slots.iter().any(|(slot, ..)| is_literal(*slot));
        match is_known {
            true => Some(0),
            false => (is_bold || sentence.words.len() <= LONGEST_BARE_VALUE).then_some(UNFOUNDED),
        }
    }

    fn fill(&self, pattern: &Pattern, laid: &Laid, sentence: &Sentence<'_>) -> Vec<FilledSlot> {
        let Some(intent) = self.lexicon.intents.get(pattern.intent) else { return Vec::new() };
        let mut slots: Vec<FilledSlot> = intent
            .slots
            .iter()
            .map(|slot| FilledSlot { name: slot.name.clone(), kind: slot.kind.clone(), ..FilledSlot::default() })
            .collect();
        for (slot, from, to) in &laid.slots {
            if let Some(filled) = slots.get_mut(*slot) {
                let value = match self.lexicon.kind_of(pattern.intent, *slot) {
                    Kind::Value(built_in) => sentence.values.whole(built_in, *from, *to).map(str::to_owned),
                    _ => None,
                };
                let words = spoken(sentence.text, &sentence.words, *from, *to);
                filled.value = Some(value.unwrap_or_else(|| words.clone()));
                filled.words = Some(words);
                filled.resolution = self.resolve(pattern.intent, *slot, sentence, (*from, *to));
                if intent.slots.get(*slot).is_some_and(|declared| declared.multiple_values.enabled) {
                    filled.several = self.parts(pattern.intent, *slot, sentence, (*from, *to));
                }
            }
        }
        slots
    }

    pub(super) fn resolve(
        &self,
        intent: usize,
        slot: usize,
        sentence: &Sentence<'_>,
        span: (usize, usize),
    ) -> Option<Resolution> {
        let (from, to) = span;
        let Kind::Listed(index) = self.lexicon.kind_of(intent, slot) else { return None };
        let list = self.lexicon.lists.get(index)?;
        let dynamic_from = self.dynamic_from.get(&list.name).copied();
        let ids = sentence.ids.get(..to)?;
        let found = list.spans(ids, from).filter(|(end, _)| *end == to).flat_map(|(_, values)| values.iter().copied());
        let (of_model, added): (Vec<usize>, Vec<usize>) =
            found.partition(|value| dynamic_from.is_none_or(|from| *value < from));
        let named = |indices: Vec<usize>| {
            let values = indices.into_iter().filter_map(|value| list.values.get(value));
            let resolved = values.map(|(name, id)| ResolvedValue {
                name: name.clone(),
                id: id.clone().unwrap_or_else(|| made_id(name)),
            });
            resolved.collect()
        };
        Some(Resolution { values: named(of_model), dynamic: dynamic_from.map(|_| named(added)) })
    }
}

fn has_words(pattern: &Pattern) -> bool {
    pattern.items.iter().any(|item| matches!(item, Item::Word(_)))
}

fn penalty(pattern: &Pattern, eliciting: Option<&Eliciting>) -> u32 {
    match eliciting {
        // What the skill has just asked for is the likeliest thing to hear.
        Some(_) if pattern.answers.is_none() => 4,
        _ => u32::from(pattern.is_built_in),
    }
}

/// Amazon hands out a digest of the name where the model gives a value no id; so does this.
fn made_id(name: &str) -> String {
    Digest::of(name.as_bytes()).as_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
