//! What the files of a skill package share: they are JSON written by people, and a fault in one names its line.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is wrong in a file of a skill package, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}; {fix}")]
pub struct Fault {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What is wrong, in plain words, without a full stop.
    pub what: String,
    /// What to do about it, in plain words, without a full stop.
    pub fix: String,
}

/// The text of one file, so that a fault found later can still name its line.
pub(crate) struct Source {
    text: String,
}

impl Source {
    /// Decodes a file: UTF-8, or UTF-16 when a byte order mark says so; the mark itself is dropped.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let text = match bytes {
            [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
            [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
            rest => utf8(rest),
        };
        text.map(|text| Self { text })
    }

    /// The text itself.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Reads the text as JSON of shape `T`. A field that is there twice is a fault, an unknown one is not.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_str(&self.text).map_err(|error| {
            let fix = match error.classify() {
                serde_json::error::Category::Data => "compare this place with the reference of the file's schema",
                serde_json::error::Category::Eof => "the file ends too early: close the open bracket, brace or quote",
                _ => "correct the JSON at this place (a missing comma, quote or brace, or a comma too many)",
            };
            let described = error.to_string();
            // serde_json appends the place, which the fault already holds as numbers.
            let what = described.rsplit_once(" at line ").map_or(described.as_str(), |(what, _)| what);
            Fault {
                line: error.line().max(1),
                column: error.column().max(1),
                what: what.to_owned(),
                fix: fix.to_owned(),
            }
        })
    }

    /// The line of the place that `path` leads to: each word the first as a JSON string behind the one before it. A word
    /// that is not there is passed over; `name[` is the key of that name which holds a list.
    pub(crate) fn line_of(&self, path: &[&str]) -> usize {
        let mut at = 0;
        for word in path {
            let rest = self.text.get(at..).unwrap_or_default();
            at += match word.strip_suffix('[') {
                Some(key) => {
                    let quoted = Value::from(key).to_string();
                    let begins_list = |found: &usize| {
                        let behind = rest.get(found + quoted.len()..).unwrap_or_default().trim_start();
                        behind.strip_prefix(':').is_some_and(|list| list.trim_start().starts_with('['))
                    };
                    rest.match_indices(&quoted).map(|(found, _)| found).find(begins_list)
                }
                None => rest.find(&Value::from(*word).to_string()),
            }
            .unwrap_or(0);
        }
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }

    /// A fault at the first place where `key` stands as a JSON string, or at the file's start.
    pub(crate) fn fault_at(&self, key: &str, what: impl Into<String>, fix: impl Into<String>) -> Fault {
        let quoted = Value::from(key).to_string();
        let offset = self.text.find(&quoted).unwrap_or(0);
        let before = self.text.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Fault {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            what: what.into(),
            fix: fix.into(),
        }
    }
}

/// What a JSON file of a skill package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkillFile {
    /// An interaction model, of any format.
    Model,
    /// A skill manifest.
    Manifest,
    /// Account-linking settings.
    AccountLinking,
}

/// What the file at `path` is, by what it holds; when it is no JSON, by its name. Nothing for other files.
pub fn kind_of(path: &str, bytes: &[u8]) -> Option<SkillFile> {
    let parsed = Source::decode(bytes).and_then(|source| source.parse::<Value>());
    let Ok(value) = parsed else { return kind_by_name(path) };
    let is_object = |key: &str| value.get(key).is_some_and(Value::is_object);
    let has_intents = value
        .get("intents")
        .and_then(Value::as_array)
        .is_some_and(|intents| intents.iter().any(|one| one.get("name").is_some() || one.get("intent").is_some()));
    let lists_everything = ["authorizationUrl", "clientId"].iter().all(|key| value.get(key).is_some());
    match () {
        () if is_object("interactionModel") || is_object("languageModel") || has_intents => Some(SkillFile::Model),
        () if is_object("manifest") || is_object("skillManifest") => Some(SkillFile::Manifest),
        () if is_object("accountLinkingRequest") || is_object("accountLinkingResponse") || lists_everything => {
            Some(SkillFile::AccountLinking)
        }
        () => kind_by_name(path),
    }
}

/// What a file of this name has to be, whatever it holds.
fn kind_by_name(path: &str) -> Option<SkillFile> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let linking =
        ["accountLinking.json", "account-linking.json", "accountLinkingRequest.json", "account-linking-request.json"];
    match name {
        "skill.json" => Some(SkillFile::Manifest),
        name if linking.contains(&name) => Some(SkillFile::AccountLinking),
        "IntentSchema.json" => Some(SkillFile::Model),
        _ if folder.ends_with("interactionModels/custom") => Some(SkillFile::Model),
        _ => None,
    }
}

/// The objects of a file that holds a JSON array of them, or one a line.
///
/// # Errors
/// A [`Fault`] with its line when it is neither.
pub fn objects(bytes: &[u8]) -> Result<Vec<Value>, Fault> {
    let source = Source::decode(bytes)?;
    if source.text.trim_start().starts_with('[') {
        return source.parse();
    }
    let lines = source.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let objects = lines.map(|(index, line)| {
        Source { text: line.to_owned() }.parse::<Value>().map_err(|fault| Fault { line: index + fault.line, ..fault })
    });
    objects.collect()
}

fn utf8(bytes: &[u8]) -> Result<String, Fault> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line_start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Fault {
            line: good.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: good.len() - line_start + 1,
            what: "the file is not UTF-8".into(),
            fix: "save it as UTF-8".into(),
        }
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Fault> {
    let units = bytes.chunks(2).map(|pair| match pair {
        [a, b] => unit([*a, *b]),
        // A lone last byte becomes a lone surrogate, which the decoder refuses.
        _ => 0xD800,
    });
    char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| Fault {
        line: 1,
        column: 1,
        what: "the file has a UTF-16 byte order mark but is not UTF-16".into(),
        fix: "save it as UTF-8".into(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_order_mark_is_understood() {
        let text = "{\"a\":\n 1}";
        let le: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let be: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [text.as_bytes().to_vec(), [b"\xEF\xBB\xBF", text.as_bytes()].concat(), le, be] {
            let value: serde_json::Value = Source::decode(&bytes).unwrap().parse().unwrap();
            assert_eq!(value, serde_json::json!({"a": 1}));
        }
    }

    #[test]
    fn a_fault_names_its_line_and_column() {
        let source = Source::decode(b"{\n  \"a\": 1,\n  \"b\" 2\n}").unwrap();
        let fault = source.parse::<serde_json::Value>().unwrap_err();
        assert_eq!((fault.line, fault.column), (3, 7));
        assert_eq!(source.fault_at("b", "x", "y").to_string(), "line 3, column 3: x; y");
        assert_eq!(source.fault_at("absent", "x", "y").line, 1);
    }

    #[test]
    fn bytes_that_are_no_text_are_placed_too() {
        for (bytes, line, column) in [(&b"ab\n\xFFc"[..], 2, 1), (b"\xFF\xFE\x00", 1, 1)] {
            let fault = Source::decode(bytes).err().unwrap();
            assert_eq!((fault.line, fault.column), (line, column), "{bytes:?}");
        }
    }
}
