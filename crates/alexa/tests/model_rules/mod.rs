//! A sound interaction model, and what breaks it: one change for each rule.
#![allow(unreachable_pub, reason = "each test file is a crate of its own")]

use sayso_alexa::check::Severity::{self, Error, Warning};

/// What is changed into what, and the finding this makes: severity, Amazon's name, line, words.
pub type Row<'t> = (&'t str, &'t str, Severity, Option<&'t str>, usize, &'t str);

const SCHEMA: Option<&str> = Some("InvalidModelDefinitionSchema");

/// A model without a fault.
pub const MODEL: &str = r#"{"interactionModel": {
 "languageModel": {
  "invocationName": "color quiz",
  "modelConfiguration": {"fallbackIntentSensitivity": {"level": "LOW"}},
  "intents": [
   {"name": "AMAZON.CancelIntent"}, {"name": "AMAZON.HelpIntent"}, {"name": "AMAZON.StopIntent"},
   {"name": "AMAZON.FallbackIntent"},
   {"name": "AskIntent", "slots": [{"name": "color", "type": "COLOR", "samples": ["it is {color}"]}],
    "samples": ["is it {color}"]},
   {"name": "FindIntent", "slots": [{"name": "what", "type": "AMAZON.SearchQuery"}], "samples": ["find {what}"]}
  ],
  "types": [{"name": "COLOR", "values": [{"id": "r", "name": {"value": "red", "synonyms": ["crimson"]}},
    {"id": "t", "name": {"value": "teal"}}]}]
 },
 "dialog": {"delegationStrategy": "ALWAYS", "intents": [{"name": "AskIntent", "confirmationRequired": true,
   "prompts": {"confirmation": "sure"}, "slots": [{"name": "color", "type": "COLOR", "elicitationRequired": false,
    "validations": [{"type": "isInSet", "prompt": "other", "values": ["red"]}]}]}]},
 "prompts": [{"id": "sure", "variations": [{"type": "PlainText", "value": "Sure?"}]},
  {"id": "other", "variations": [{"type": "PlainText", "value": "Another?"}]}]
}}"#;

/// Invocation names, required intents, names.
pub const NAMES: &[Row<'static>] = &[
    ("\"color quiz\"", "\"\"", Error, SCHEMA, 2, "no invocation name"),
    ("color quiz", "Color quiz", Error, SCHEMA, 3, "upper-case"),
    ("color quiz", "color quiz 2", Error, SCHEMA, 3, "holds '2'"),
    ("color quiz", "color & quiz", Error, SCHEMA, 3, "holds '&'"),
    ("color quiz", "colors", Warning, None, 3, "single word"),
    ("color quiz", "the quiz", Warning, None, 3, "one is \"the\""),
    ("color quiz", "amazon color quiz", Warning, None, 3, "word of Amazon's"),
    ("color quiz", "launch color quiz", Warning, None, 3, "launches"),
    ("color quiz", "quiz about colors", Warning, None, 3, "connects"),
    ("\"LOW\"", "\"NONE\"", Error, SCHEMA, 4, "sensitivity"),
    ("{\"name\": \"AMAZON.CancelIntent\"}, ", "", Error, None, 5, "AMAZON.CancelIntent is missing"),
    ("{\"name\": \"AMAZON.HelpIntent\"}, ", "", Error, None, 5, "AMAZON.HelpIntent is missing"),
    (", {\"name\": \"AMAZON.StopIntent\"}", "", Error, None, 5, "AMAZON.StopIntent is missing"),
    ("{\"name\": \"AMAZON.FallbackIntent\"},", "", Warning, None, 5, "no AMAZON.FallbackIntent"),
    ("FallbackIntent\"}", "FallbackIntent\", \"samples\": [\"x\"]}", Warning, None, 7, "cannot be extended"),
    ("AMAZON.FallbackIntent\"}", "AMAZON.FallIntent\"}", Warning, None, 7, "no intent AMAZON.FallIntent"),
    ("FindIntent", "Find Intent", Error, SCHEMA, 10, "name of an intent"),
    ("FindIntent", "FindIntent2", Warning, None, 10, "digits"),
];

/// Samples and slots.
pub const SAMPLES: &[Row<'static>] = &[
    ("[\"find {what}\"]", "[]", Warning, None, 10, "nobody can say"),
    ("\"name\": \"what\"", "\"name\": \"what-not\"", Error, SCHEMA, 10, "name of a slot"),
    ("\"name\": \"what\"", "\"name\": \"what2\"", Warning, None, 10, "slot name what2"),
    ("find {what}", "find {which}", Error, Some("MissingSlot"), 10, "\"which\""),
    ("find {what}", "find it", Warning, None, 10, "no sample of FindIntent names"),
    ("find {what}", "find {what", Error, SCHEMA, 10, "braces"),
    ("find {what}", "{what}", Error, None, 10, "carrier phrase"),
    ("find {what}", " ", Error, SCHEMA, 10, "empty sample"),
    ("find {what}", "find 2 {what}", Warning, None, 10, "digits"),
    ("find {what}", "find {what}!", Warning, None, 10, "people do not say"),
    ("[\"find {what}\"]", "[\"find {what}\", \"Find {what}\"]", Warning, None, 10, "twice"),
    ("[\"find {what}\"]", "[\"find {what}\", \"is it {color}\"]", Error, Some("MissingSlot"), 10, "\"color\""),
    (
        "\"AMAZON.SearchQuery\"}], \"samples\": [\"find {what}\"]",
        "\"AMAZON.SearchQuery\"}, {\"name\": \"n\", \"type\": \"AMAZON.NUMBER\"}], \"samples\": [\"find {what} {n}\"]",
        Error,
        None,
        10,
        "another slot",
    ),
    (
        "{\"name\": \"what\", \"type\": \"AMAZON.SearchQuery\"}], \"samples\": [\"find {what}\"]",
        "{\"name\": \"c\", \"type\": \"COLOR\"}], \"samples\": [\"is it {c}\"]",
        Warning,
        None,
        10,
        "which AskIntent has too",
    ),
    (
        "{\"name\": \"what\"",
        "{\"name\": \"What\", \"type\": \"COLOR\"}, {\"name\": \"what\"",
        Error,
        SCHEMA,
        10,
        "twice",
    ),
    ("AMAZON.SearchQuery", "AMAZON.Serchquery", Warning, None, 10, "no slot type"),
    ("AMAZON.SearchQuery", "AMAZON.LITERAL", Warning, None, 10, "no longer supported"),
    ("AMAZON.SearchQuery", "QUERY", Error, Some("InvalidSlotTypeName"), 10, "does not declare"),
    ("AMAZON.SearchQuery", "", Error, SCHEMA, 10, "no type"),
    ("it is {color}", "it is so", Warning, None, 8, "does not name it"),
];

/// Slot types and their values.
pub const TYPES: &[Row<'static>] = &[
    (
        "[{\"name\": \"COLOR\"",
        "[{\"name\": \"9s\", \"values\": []}, {\"name\": \"COLOR\"",
        Error,
        Some("InvalidSlotTypeName"),
        12,
        "9s",
    ),
    (
        "[{\"name\": \"COLOR\"",
        "[{\"name\": \"Extra\", \"values\": []}, {\"name\": \"COLOR\"",
        Warning,
        None,
        12,
        "no slot has the type Extra",
    ),
    (
        "[{\"name\": \"COLOR\"",
        "[{\"name\": \"Extra\", \"values\": []}, {\"name\": \"COLOR\"",
        Warning,
        None,
        12,
        "no values",
    ),
    (
        "[{\"name\": \"COLOR\"",
        "[{\"name\": \"COLOR\", \"values\": []}, {\"name\": \"COLOR\"",
        Error,
        SCHEMA,
        12,
        "declared twice",
    ),
    ("\"id\": \"t\"", "\"id\": \"r\"", Warning, None, 13, "same id"),
    ("crimson", "teal", Warning, None, 12, "means both"),
    ("crimson", " ", Error, SCHEMA, 12, "empty value"),
];

/// Dialogs and prompts.
pub const DIALOG: &[Row<'static>] = &[
    ("\"ALWAYS\"", "\"NEVER\"", Error, SCHEMA, 15, "delegation strategy"),
    ("[{\"name\": \"AskIntent\", \"conf", "[{\"name\": \"AksIntent\", \"conf", Error, SCHEMA, 15, "AksIntent"),
    (
        "\"slots\": [{\"name\": \"color\", \"type\": \"COLOR\", \"elic",
        "\"slots\": [{\"name\": \"colour\", \"type\": \"COLOR\", \"elic",
        Error,
        Some("MissingSlot"),
        16,
        "colour",
    ),
    ("\"type\": \"COLOR\", \"elic", "\"type\": \"SHADE\", \"elic", Error, SCHEMA, 16, "SHADE in the dialog"),
    (
        "\"elicitationRequired\": false",
        "\"elicitationRequired\": true",
        Error,
        SCHEMA,
        16,
        "elicitationRequired without",
    ),
    ("{\"confirmation\": \"sure\"}", "{}", Error, SCHEMA, 15, "confirmationRequired without"),
    ("isInSet", "isNice", Error, SCHEMA, 16, "isNice"),
    ("\"prompt\": \"other\"", "\"prompt\": \"none\"", Error, SCHEMA, 17, "\"none\" is not declared"),
    ("\"prompt\": \"other\"", "\"prompt\": \"sure\"", Warning, None, 19, "nothing uses"),
    ("\"prompt\": \"other\", ", "", Error, SCHEMA, 16, "has no prompt"),
    ("\"id\": \"other\"", "\"id\": \"sure\"", Warning, None, 18, "declared twice"),
    ("[{\"type\": \"PlainText\", \"value\": \"Another?\"}]", "[]", Error, SCHEMA, 19, "no variations"),
    ("\"PlainText\", \"value\": \"Another?\"", "\"Text\", \"value\": \"Another?\"", Error, SCHEMA, 19, "type \"Text\""),
    ("Another?", " ", Error, SCHEMA, 19, "empty variation"),
];
