//! What a text must match: a regular expression that takes linear time whatever the text.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest pattern, in characters.
const LONGEST: usize = 200;
/// What a compiled pattern may take; counted repetitions make large ones.
const LARGEST: usize = 64 * 1024;

/// A regular expression that a whole text matches or not. There are no back-references and no looking around, so that
/// each sign of the text is looked at a bounded number of times.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    compiled: Regex,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        let whole = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(LARGEST).nest_limit(20).build();
        // Alone it must be one as well: brackets that close the ones around it would let it match a part.
        RegexBuilder::new(text).size_limit(LARGEST).nest_limit(20).build().map_err(|error| error.to_string())?;
        Ok(Self { text: text.to_owned(), compiled: whole.map_err(|error| error.to_string())? })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
