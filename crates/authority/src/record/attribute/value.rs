//! The value of an attribute.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A value as it is kept, and as claims carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text of any kind.
    Text(String),
    /// Texts.
    List(Vec<String>),
}

impl AttributeValue {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it says nothing, and is as good as none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Boolean(_) | Self::Integer(_) => false,
            Self::Text(text) => text.is_empty(),
            Self::List(entries) => entries.is_empty(),
        }
    }

    /// As claims carry it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Boolean(value) => Value::from(*value),
            Self::Integer(value) => Value::from(*value),
            Self::Text(text) => Value::from(text.as_str()),
            Self::List(entries) => Value::from(entries.clone()),
        }
    }

    /// As it is typed into a form: entries of a list on a line each.
    pub fn typed(&self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(entries) => entries.join("\n"),
        }
    }
}

impl<'de> Deserialize<'de> for AttributeValue {
    /// At one look. As an untagged enum each kind is tried in turn, and one that does not fit costs an error's text: more
    /// than all else that is read of a user.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyKind)
    }
}

struct AnyKind;

impl<'de> Visitor<'de> for AnyKind {
    type Value = AttributeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false, a whole number, a text or a list of texts")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(AttributeValue::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(AttributeValue::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        let small = i64::try_from(value).map_err(|_| E::custom("the number is too large"))?;
        Ok(AttributeValue::Integer(small))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(AttributeValue::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(AttributeValue::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(entry) = entries.next_element()? {
            found.push(entry);
        }
        Ok(AttributeValue::List(found))
    }
}

impl From<bool> for AttributeValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for AttributeValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for AttributeValue {
    fn from(entries: Vec<String>) -> Self {
        Self::List(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_was_written_and_nothing_else_is_read() {
        let list = AttributeValue::from(vec!["a".to_owned(), "b".to_owned()]);
        let minus = AttributeValue::from(i64::MIN);
        for value in [true.into(), 7.into(), minus, i64::MAX.into(), "teal".into(), "".into(), list, Vec::new().into()]
        {
            let written = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<AttributeValue>(&written).unwrap(), value, "{written}");
            assert_eq!(serde_json::from_value::<AttributeValue>(value.to_json()).unwrap(), value, "{written}");
        }
        for other in ["null", "1.5", "9223372036854775808", "{}", "[1]", "[\"a\", null]", "[[]]"] {
            assert!(serde_json::from_str::<AttributeValue>(other).is_err(), "{other}");
        }
    }
}
