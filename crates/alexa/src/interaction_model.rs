//! The interaction model of a skill in one locale: what people say to it.
//!
//! Shape: the management API's `InteractionModelData` (`reference` of the Skill Management API, "Interaction Model
//! Schema"). Published packages also hold the inner parts alone, which are read as well.

use serde::{Deserialize, Deserializer, Serialize};

use crate::package::{Fault, Source};

/// One locale's interaction model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct InteractionModel {
    /// The name people call the skill by; empty when the file holds intents only.
    pub invocation_name: String,
    /// The intents, in the file's order.
    pub intents: Vec<Intent>,
    /// The custom slot types, and the built-in ones the skill extends.
    pub types: Vec<SlotType>,
    /// How readily words outside the model become `AMAZON.FallbackIntent`: `LOW`, `MEDIUM` or `HIGH`.
    pub fallback_sensitivity: Option<String>,
    /// The dialog model as it stands in the file, if any.
    pub dialog: Option<serde_json::Value>,
    /// The prompts as they stand in the file, if any.
    pub prompts: Option<serde_json::Value>,
}

/// Something a person can want from the skill.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Name; built-in intents begin with `AMAZON.`.
    pub name: String,
    /// Slots its samples may name.
    #[serde(default, deserialize_with = "or_default")]
    pub slots: Vec<Slot>,
    /// Sample utterances, slots in braces.
    #[serde(default, deserialize_with = "or_default")]
    pub samples: Vec<String>,
}

/// A place in an intent for a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Name, unique in its intent.
    pub name: String,
    /// Name of its type; built-in types begin with `AMAZON.`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people say when asked for this slot alone.
    #[serde(default, deserialize_with = "or_default")]
    pub samples: Vec<String>,
    /// Whether it takes several values at once.
    #[serde(default, rename = "multipleValues", deserialize_with = "or_default")]
    pub multiple_values: MultipleValues,
}

/// The switch for several values in one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MultipleValues {
    /// Whether it is on.
    #[serde(default)]
    pub enabled: bool,
}

/// A list of values with their synonyms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SlotType {
    /// Name of the type.
    pub name: String,
    /// Its values; empty when a catalog supplies them.
    #[serde(default, deserialize_with = "or_default")]
    pub values: Vec<SlotValue>,
}

/// One value of a slot type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SlotValue {
    /// Identifier that entity resolution hands to the skill.
    #[serde(default)]
    pub id: Option<String>,
    /// Canonical name and synonyms.
    pub name: ValueName,
}

/// How a value is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValueName {
    /// Canonical name.
    pub value: String,
    /// Other words for the same.
    #[serde(default, deserialize_with = "or_default")]
    pub synonyms: Vec<String>,
}

/// Published files write `null` where they mean "none".
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "interactionModel")]
    interaction_model: Option<Inner>,
    #[serde(flatten)]
    inner: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "languageModel")]
    language_model: Option<LanguageModel>,
    dialog: Option<serde_json::Value>,
    prompts: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct LanguageModel {
    #[serde(default, rename = "invocationName")]
    invocation_name: String,
    intents: Option<Vec<Intent>>,
    #[serde(default, deserialize_with = "or_default")]
    types: Vec<SlotType>,
    #[serde(rename = "modelConfiguration")]
    configuration: Option<ModelConfiguration>,
}

#[derive(Deserialize)]
struct ModelConfiguration {
    #[serde(rename = "fallbackIntentSensitivity")]
    fallback: Option<FallbackSensitivity>,
}

#[derive(Deserialize)]
struct FallbackSensitivity {
    level: Option<String>,
}

impl InteractionModel {
    /// Reads an interaction model file.
    ///
    /// Understood are `{"interactionModel": {"languageModel": …}}`, `{"languageModel": …}` and the language model
    /// alone, each with or without a byte order mark.
    ///
    /// # Errors
    /// A [`Fault`] with its line when the file is no JSON, misses a required part, or is an intent schema of the
    /// format before 2018, which keeps its samples in another file and is read by
    /// [`IntentSchema`](crate::intent_schema::IntentSchema).
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let source = Source::decode(bytes)?;
        let file: File = source.parse()?;
        let (inner, flat) = match file.interaction_model {
            Some(inner) => (inner, None),
            None if file.inner.contains_key("languageModel") => (source.parse::<Inner>()?, None),
            None if is_intent_schema(&file.inner) => return Err(intent_schema(&source)),
            None if file.inner.contains_key("intents") => {
                (Inner { language_model: None, dialog: None, prompts: None }, Some(source.parse::<LanguageModel>()?))
            }
            None => {
                return Err(source.fault_at(
                    "interactionModel",
                    "this is no interaction model: it has neither \"interactionModel\" nor \"languageModel\"",
                    "begin it with {\"interactionModel\": {\"languageModel\": {…}}}",
                ));
            }
        };
        let Some(language) = inner.language_model.or(flat) else {
            return Err(source.fault_at(
                "interactionModel",
                "the interaction model has no \"languageModel\"",
                "put invocationName, intents and types into \"languageModel\"",
            ));
        };
        let Some(intents) = language.intents else {
            return Err(source.fault_at(
                "languageModel",
                "the language model has no \"intents\"",
                "add \"intents\" with at least one intent",
            ));
        };
        let model = Self {
            invocation_name: language.invocation_name,
            intents,
            types: language.types,
            fallback_sensitivity: language.configuration.and_then(|c| c.fallback).and_then(|f| f.level),
            dialog: inner.dialog,
            prompts: inner.prompts,
        };
        model.check(&source)?;
        Ok(model)
    }

    /// What would make matching ambiguous in a way no order of rules can repair.
    pub(crate) fn check(&self, source: &Source) -> Result<(), Fault> {
        for (index, intent) in self.intents.iter().enumerate() {
            if intent.name.is_empty() {
                let fix = "give every intent a name of letters, underscores and periods";
                return Err(source.fault_at("intents", "an intent has an empty name", fix));
            }
            if self.intents.iter().take(index).any(|earlier| earlier.name == intent.name) {
                let what = format!("the intent {} is declared twice", intent.name);
                return Err(source.fault_at(&intent.name, what, "merge the two into one"));
            }
        }
        Ok(())
    }

    /// Whether a file is an intent schema of the format before 2018.
    pub fn is_of_the_old_format(bytes: &[u8]) -> bool {
        let file = Source::decode(bytes).and_then(|source| source.parse::<File>());
        file.is_ok_and(|file| file.interaction_model.is_none() && is_intent_schema(&file.inner))
    }

    /// The intent of this name.
    pub fn intent(&self, name: &str) -> Option<&Intent> {
        self.intents.iter().find(|intent| intent.name == name)
    }

    /// The custom type of this name.
    pub fn slot_type(&self, name: &str) -> Option<&SlotType> {
        self.types.iter().find(|kind| kind.name == name)
    }
}

fn is_intent_schema(file: &serde_json::Map<String, serde_json::Value>) -> bool {
    let intents = file.get("intents").and_then(serde_json::Value::as_array);
    intents.is_some_and(|intents| intents.iter().any(|intent| intent.get("intent").is_some()))
}

fn intent_schema(source: &Source) -> Fault {
    source.fault_at(
        "intents",
        "this is an intent schema of the format before 2018, whose sample utterances stand in another file",
        "put the sample utterances beside it (SampleUtterances.txt), or convert it to {\"interactionModel\": {\"languageModel\": …}} with the samples inside each intent",
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn all_three_wrappings_give_the_same_model() {
        let language = r#"{"invocationName": "color quiz", "intents": [{"name": "AskIntent", "slots": null,
            "samples": ["ask"], "generatedBy": "hand"}], "types": [{"name": "T", "values": [{"id": null,
            "name": {"value": "teal", "synonyms": null}}]}]}"#;
        let model = InteractionModel::parse(language.as_bytes()).unwrap();
        assert_eq!(model.invocation_name, "color quiz");
        assert_eq!(model.slot_type("T").unwrap().values[0].name.value, "teal");
        for text in [
            format!(r#"{{"languageModel": {language}}}"#),
            format!(r#"{{"interactionModel": {{"languageModel": {language}, "future": 1}}, "version": "3"}}"#),
            format!("\u{feff}{language}"),
        ] {
            assert_eq!(InteractionModel::parse(text.as_bytes()).unwrap(), model, "{text}");
        }
    }

    #[test]
    fn faults_name_line_and_remedy() {
        for (text, line, what) in [
            ("", 1, "EOF while parsing a value"),
            (
                "{\n \"interactionModel\": {\n \"languageModel\": {\n \"invocationName\": \"a b\"\n}}}",
                3,
                "no \"intents\"",
            ),
            ("{\"intents\": [\n {\"name\": \"A\"},\n {\"samples\": []}]}", 3, "missing field `name`"),
            ("{\"intents\": [\n {\"name\": \"A\"},\n {\"name\": \"A\"}]}", 2, "declared twice"),
            ("{\n\"intents\": [{\"intent\": \"A\"}]}", 2, "before 2018"),
            ("{\"interactionModel\": {\n\"languageModel\": {\"intents\": 7}}}", 2, "expected a sequence"),
            ("{\"something\": 1}", 1, "no interaction model"),
            ("{\"interactionModel\": {}}", 1, "no \"languageModel\""),
            ("{\"intents\": [{\"name\": \"A\",\n\"name\": \"B\"}]}", 2, "duplicate field `name`"),
            ("[1]", 1, "invalid type"),
        ] {
            let fault = InteractionModel::parse(text.as_bytes()).unwrap_err();
            assert!(fault.what.contains(what), "{text}: {fault}");
            assert_eq!(fault.line, line, "{text}: {fault}");
            assert!(!fault.fix.is_empty());
        }
    }
}
