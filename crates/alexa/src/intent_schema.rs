//! The model format before 2018: an intent schema in JSON, sample utterances in a text file beside it, and one text
//! file for each custom slot type.
//!
//! The shape is that of the packages published in it. A line of the samples is an intent's name and what people say:
//! `GetHoroscope what is the horoscope for {Sign}`. A slot may be written with an example, `{leo|Sign}`. Some files use the
//! notation of a sample expander as well, `{what is|tell me}`.

use serde::Deserialize;

use crate::interaction_model::{Intent, InteractionModel, Slot, SlotType, SlotValue, ValueName, or_default};
use crate::package::{Fault, Source};

/// A model of the old format, gathered from its files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntentSchema {
    intents: Vec<Intent>,
    types: Vec<SlotType>,
}

/// A line that alternatives make into more samples than this is a mistake.
const MOST_SAMPLES_OF_A_LINE: usize = 2_000;

#[derive(Deserialize)]
struct File {
    intents: Vec<OldIntent>,
}

#[derive(Deserialize)]
struct OldIntent {
    intent: String,
    #[serde(default, deserialize_with = "or_default")]
    slots: Vec<Slot>,
}

impl IntentSchema {
    /// Reads the schema file.
    ///
    /// # Errors
    /// A [`Fault`] with its line when the file is no JSON of this shape or declares an intent twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let source = Source::decode(bytes)?;
        let file: File = source.parse()?;
        let intents = file.intents.into_iter();
        let intents = intents.map(|old| Intent { name: old.intent, slots: old.slots, samples: Vec::new() }).collect();
        let model = InteractionModel { intents, ..InteractionModel::default() };
        model.check(&source)?;
        Ok(Self { intents: model.intents, types: Vec::new() })
    }

    /// Names of the custom types its slots have, each once.
    pub fn custom_types(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.intents.iter().flat_map(|intent| &intent.slots).map(|slot| slot.kind.as_str()).collect();
        names.retain(|name| !name.starts_with("AMAZON."));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Adds the samples of a sample utterances file, and tells of the lines that cannot be used.
    ///
    /// # Errors
    /// A [`Fault`] when the file is no text.
    pub fn add_samples(&mut self, bytes: &[u8]) -> Result<Vec<Fault>, Fault> {
        let source = Source::decode(bytes)?;
        let mut faults = Vec::new();
        for (index, line) in source.text().lines().enumerate() {
            let begin = line.len() - line.trim_start().len();
            let fault = |at: usize, what: String, fix: &str| Fault {
                line: index + 1,
                column: line.get(..at).unwrap_or_default().chars().count() + 1,
                what,
                fix: fix.into(),
            };
            let said = line.trim();
            let (name, sample) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
            if name.is_empty() {
                continue;
            }
            let Some(intent) = self.intents.iter_mut().find(|intent| intent.name == name) else {
                let what = format!("the schema declares no intent {name:?}");
                faults.push(fault(begin, what, "begin the line with an intent of the schema, or declare this one"));
                continue;
            };
            if sample.trim().is_empty() {
                let what = format!("there is no utterance behind {name:?}");
                faults.push(fault(line.trim_end().len(), what, "add what people say, or drop the line"));
                continue;
            }
            match expand(sample.trim(), &intent.slots) {
                Ok(samples) => {
                    for sample in samples {
                        if !intent.samples.contains(&sample) {
                            intent.samples.push(sample);
                        }
                    }
                }
                Err(mistake) => {
                    let at = line.rfind(mistake.text).unwrap_or(begin);
                    faults.push(fault(at, mistake.what, mistake.fix));
                }
            }
        }
        Ok(faults)
    }

    /// Adds the values of a slot type file, one a line.
    ///
    /// # Errors
    /// A [`Fault`] when the file is no text.
    pub fn add_type(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let source = Source::decode(bytes)?;
        let values = source
            .text()
            .lines()
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(|value| SlotValue { id: None, name: ValueName { value: value.to_owned(), synonyms: Vec::new() } });
        self.types.push(SlotType { name: name.to_owned(), values: values.collect() });
        Ok(())
    }

    /// The same as a model of the current format. The old one keeps the invocation name elsewhere: it stays empty.
    pub fn into_model(self) -> InteractionModel {
        InteractionModel { intents: self.intents, types: self.types, ..InteractionModel::default() }
    }
}

/// What is wrong in a sample.
struct Mistake<'s> {
    text: &'s str,
    what: String,
    fix: &'static str,
}

/// The samples a line stands for: slots by their names alone, each alternative on its own.
fn expand<'s>(sample: &'s str, slots: &[Slot]) -> Result<Vec<String>, Mistake<'s>> {
    let mut all = vec![String::new()];
    let mut rest = sample;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((inside, after)) = behind.split_once('}') else {
            let text = rest.get(before.len()..).unwrap_or(rest);
            return Err(Mistake { text, what: "a brace is not closed".into(), fix: "close it with \"}\"" });
        };
        let name = inside.rsplit('|').next().unwrap_or(inside).trim();
        let choices: Vec<String> = match slots.iter().find(|slot| slot.name.eq_ignore_ascii_case(name)) {
            Some(slot) => vec![format!("{{{}}}", slot.name)],
            None if inside.contains('|') => inside.split('|').map(str::to_owned).collect(),
            None => {
                let what = format!("the intent declares no slot {name:?}");
                return Err(Mistake { text: inside, what, fix: "declare it in the schema, or correct the name" });
            }
        };
        if all.len() * choices.len() > MOST_SAMPLES_OF_A_LINE {
            let what = format!("its alternatives make more than {MOST_SAMPLES_OF_A_LINE} samples");
            return Err(Mistake { text: inside, what, fix: "use fewer alternatives in one line" });
        }
        let with = |one: &String, choice: &String| format!("{one}{before}{choice}");
        all = all.iter().flat_map(|one| choices.iter().map(move |choice| with(one, choice))).collect();
        rest = after;
    }
    let tidy = |one: String| (one + rest).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(all.into_iter().map(tidy).filter(|sample| !sample.is_empty()).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"{"intents": [{"intent": "Horoscope", "slots": [{"name": "Sign", "type": "SIGNS"},
        {"name": "Day", "type": "AMAZON.DATE"}]}, {"intent": "AMAZON.HelpIntent"}]}"#;

    fn samples(text: &str) -> (Vec<String>, Vec<String>) {
        let mut schema = IntentSchema::parse(SCHEMA.as_bytes()).unwrap();
        let faults = schema.add_samples(text.as_bytes()).unwrap();
        let model = schema.into_model();
        (model.intent("Horoscope").unwrap().samples.clone(), faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn samples_lose_examples_and_gain_alternatives() {
        for (text, expected) in [
            ("Horoscope for {Sign}", vec!["for {Sign}"]),
            ("\u{feff}Horoscope\tfor {sign}\r\n\r\n  Horoscope  on {Day} \n", vec!["for {Sign}", "on {Day}"]),
            ("Horoscope for {leo|Sign}\nHoroscope for {virgo|Sign}", vec!["for {Sign}"]),
            (
                "Horoscope {what is|tell me} {-|Sign}{ please|}",
                vec!["what is {Sign} please", "what is {Sign}", "tell me {Sign} please", "tell me {Sign}"],
            ),
        ] {
            let (found, faults) = samples(text);
            assert_eq!((found, faults), (expected.into_iter().map(str::to_owned).collect(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn a_line_of_no_use_is_named_and_the_others_count() {
        for (line, expected) in [
            ("Horoskop for {Sign}", "line 2, column 1: the schema declares no intent \"Horoskop\"; "),
            ("Horoscope", "line 2, column 10: there is no utterance behind \"Horoscope\"; "),
            ("Horoscope for {Sing}", "line 2, column 16: the intent declares no slot \"Sing\"; "),
            ("Horoscope für {Sign", "line 2, column 15: a brace is not closed; "),
            (&format!("Horoscope {}", "{a|b|c|d}".repeat(8)), "line 2, column "),
        ] {
            let (found, faults) = samples(&format!("Horoscope one\n{line}\nHoroscope two"));
            assert_eq!(found, ["one", "two"], "{line}");
            assert!(faults.len() == 1 && faults.iter().all(|fault| fault.starts_with(expected)), "{line}: {faults:?}");
        }
    }

    #[test]
    fn types_are_read_line_by_line() {
        let mut schema = IntentSchema::parse(SCHEMA.as_bytes()).unwrap();
        assert_eq!(schema.custom_types(), ["SIGNS"]);
        schema.add_type("SIGNS", b"leo\r\n\n virgo \n").unwrap();
        assert!(schema.add_type("SIGNS", b"\xFF").is_err());
        let model = schema.into_model();
        let values: Vec<&str> =
            model.slot_type("SIGNS").unwrap().values.iter().map(|one| one.name.value.as_str()).collect();
        assert_eq!(values, ["leo", "virgo"]);
    }

    #[test]
    fn a_schema_that_is_none_names_its_line() {
        for (text, line, what) in [
            ("{\"intents\": [\n\"intent\": \"Test\"}", 2, "invalid type: string"),
            ("{\"intents\": [\n{\"slots\": []}]}", 2, "missing field `intent`"),
            ("{\"intents\": [{\"intent\": \"A\"},\n {\"intent\": \"A\"}]}", 1, "declared twice"),
            ("[]", 1, ""),
        ] {
            let fault = IntentSchema::parse(text.as_bytes()).unwrap_err();
            assert!(fault.what.contains(what) && fault.line == line, "{text}: {fault}");
        }
    }
}
