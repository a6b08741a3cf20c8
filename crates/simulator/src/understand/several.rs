//! Several values in one slot ("Collect Multiple Values in a Slot").

use super::lexicon::Kind;
use super::matching::Sentence;
use super::profile::{Listener, Part};
use super::words::spoken;

/// Words that join values, in the languages of the matcher.
fn joins(word: &str, locale: &str) -> bool {
    match locale.get(..2).unwrap_or_default() {
        "de" => matches!(word, "und" | "sowie" | "oder"),
        "fr" => matches!(word, "et" | "ou" | "puis"),
        "es" => matches!(word, "y" | "e" | "o" | "u"),
        "it" => matches!(word, "e" | "ed" | "o"),
        "pt" => matches!(word, "e" | "ou"),
        "nl" => matches!(word, "en" | "of"),
        "ja" => matches!(word, "と" | "や"),
        "hi" => matches!(word, "और" | "या" | "and"),
        _ => matches!(word, "and" | "or" | "plus" | "also"),
    }
}

impl Listener {
    /// The values in the words `from..to`, when there are more than one: values of the type's list wherever they stand, and
    /// what lies between commas and joining words.
    pub(super) fn parts(&self, intent: usize, slot: usize, sentence: &Sentence<'_>, span: (usize, usize)) -> Vec<Part> {
        let (from, to) = span;
        let Some(ids) = sentence.ids.get(..to) else { return Vec::new() };
        let list = match self.lexicon.kind_of(intent, slot) {
            Kind::Listed(index) => self.lexicon.lists.get(index),
            Kind::Open => None,
            Kind::Value(_) | Kind::Phrase => return Vec::new(),
        };
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let (mut at, mut open) = (from, None);
        while at < to {
            let listed = list.and_then(|list| list.spans(ids, at).map(|(end, _)| end).max());
            let joins = sentence.words.get(at).is_some_and(|word| joins(&word.folded, self.locale()));
            let ends = listed.is_some() || joins || self.comma_before(sentence, at);
            if let Some(start) = open.take_if(|_| ends) {
                spans.push((start, at));
            }
            match listed {
                Some(end) => spans.push((at, end)),
                None if joins => {}
                None => _ = open.get_or_insert(at),
            }
            at = listed.unwrap_or(at + 1);
        }
        spans.extend(open.map(|start| (start, to)));
        if spans.len() < 2 {
            return Vec::new();
        }
        let part = |span: (usize, usize)| Part {
            value: spoken(sentence.text, &sentence.words, span.0, span.1),
            resolution: self.resolve(intent, slot, sentence, span),
        };
        spans.into_iter().map(part).collect()
    }

    fn comma_before(&self, sentence: &Sentence<'_>, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| sentence.words.get(before));
        let between =
            before.zip(sentence.words.get(at)).and_then(|(before, word)| sentence.text.get(before.end..word.start));
        between.is_some_and(|between| between.contains([',', '、', ';']))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use sayso_alexa::interaction_model::InteractionModel;
    use sayso_token::time::Timestamp;

    #[test]
    fn several_values_are_told_apart() {
        let model = r#"{"languageModel": {"intents": [{"name": "Order", "samples": ["order {dish}", "add {note}"], "slots": [
            {"name": "dish", "type": "Dish", "multipleValues": {"enabled": true}},
            {"name": "note", "type": "Dish"}]}],
            "types": [{"name": "Dish", "values": [{"id": "P", "name": {"value": "pizza"}}, {"name": {"value": "salt and pepper"}},
            {"name": {"value": "ice cream", "synonyms": ["gelato"]}}]}]}}"#;
        let listener = Listener::new(&InteractionModel::parse(model.as_bytes()).unwrap(), "en-US");
        for (sentence, values, names) in [
            ("order pizza", vec![], vec![]),
            ("order pizza and gelato", vec!["pizza", "gelato"], vec!["pizza", "ice cream"]),
            (
                "order pizza gelato, fried fish and chips",
                vec!["pizza", "gelato", "fried fish", "chips"],
                vec!["pizza", "ice cream"],
            ),
            ("order salt and pepper", vec![], vec![]),
            ("order salt and pepper and pizza", vec!["salt and pepper", "pizza"], vec!["salt and pepper", "pizza"]),
            ("add pizza and gelato", vec![], vec![]),
        ] {
            let understood = listener.understand(sentence, None, Timestamp::from_millis(0)).unwrap();
            let parts = understood.slots.iter().flat_map(|slot| &slot.several);
            let found: Vec<&str> = parts.clone().map(|part| part.value.as_str()).collect();
            assert_eq!(found, values, "{sentence}");
            let resolved: Vec<&str> =
                parts.filter_map(|part| Some(part.resolution.as_ref()?.values.first()?.name.as_str())).collect();
            assert_eq!(resolved, names, "{sentence}");
        }
    }
}
