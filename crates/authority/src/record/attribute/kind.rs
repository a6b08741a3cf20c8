//! What the values of an attribute are.

use serde::{Deserialize, Serialize};

/// A kind of values. How each is written is in `docs/profile.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A line of text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// An e-mail address.
    Email,
    /// A telephone number of E.164: a plus and 7 to 15 digits.
    Phone,
    /// A day of ISO 8601: `2026-11-25`.
    Date,
    /// An `https` or `http` address.
    Url,
    /// One of these.
    Choice(Vec<Choice>),
    /// Lines of text.
    List,
}

/// One that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value.
    pub value: String,
    /// What the account page calls it, by language; without one, by its value.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub labels: std::collections::BTreeMap<String, String>,
}

impl Choice {
    /// What the account page calls it in that language.
    pub fn label_in(&self, language: &str) -> &str {
        self.labels.get(language).or_else(|| self.labels.get("")).unwrap_or(&self.value)
    }
}

impl Kind {
    pub(super) fn is_text(&self) -> bool {
        *self == Self::Text
    }

    /// Its name in configuration and answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Date => "date",
            Self::Url => "url",
            Self::Choice(_) => "enum",
            Self::List => "list",
        }
    }
}
