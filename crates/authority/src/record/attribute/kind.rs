//! What the values of an attribute are.

use std::collections::BTreeMap;

/// A kind of values. How each is written is in `docs/profile.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value.
    pub value: String,
    /// What the account page calls it, by language; without one, by its value.
    pub labels: BTreeMap<String, String>,
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

    /// By its name.
    ///
    /// # Errors
    /// When there is none of that name.
    pub(super) fn named(name: &str, choices: Vec<Choice>) -> Result<Self, String> {
        Ok(match name {
            "string" => Self::Text,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "date" => Self::Date,
            "url" => Self::Url,
            "enum" => Self::Choice(choices),
            "list" => Self::List,
            other => return Err(format!("there is no type {other:?} of attributes")),
        })
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
