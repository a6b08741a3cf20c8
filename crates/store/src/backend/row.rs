//! Values in and rows out, the same for every engine.

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// A value of one of the three column types.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// TEXT
    Text(String),
    /// BIGINT
    Int(i64),
    /// BYTEA
    Blob(Vec<u8>),
    /// NULL
    Null,
}

// Values are passwords' hashes, digests, attributes of people: a log may learn their kind only.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Int(_) => "Int",
            Self::Blob(_) => "Blob",
            Self::Null => "Null",
        })
    }
}

impl Value {
    /// A list or map as JSON text.
    pub(crate) fn json(value: &(impl Serialize + ?Sized)) -> Self {
        // Lists of strings, string maps and JSON objects always serialise; should one ever not, NULL violates the
        // column's NOT NULL and the whole decision is refused, instead of half of it being kept.
        serde_json::to_string(value).map_or(Self::Null, Self::Text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.millis())
    }
}

impl From<&Digest> for Value {
    fn from(digest: &Digest) -> Self {
        Self::Blob(digest.as_bytes().to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row, read field by field in the order of the query.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    /// All fields that are left.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.0.collect()
    }

    /// The next field as text.
    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, StoreError> {
        self.optional_text(column)?.ok_or_else(|| unreadable(column))
    }

    /// The next field as text, if there is one.
    pub(crate) fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(unreadable(column)),
        }
    }

    /// The next field as a number.
    pub(crate) fn int(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.optional_int(column)?.ok_or_else(|| unreadable(column))
    }

    /// The next field as a number, if there is one.
    pub(crate) fn optional_int(&mut self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Value::Int(number)) => Ok(Some(number)),
            Some(Value::Null) => Ok(None),
            _ => Err(unreadable(column)),
        }
    }

    /// The next field as a time.
    pub(crate) fn time(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_millis)
    }

    /// The next field as a time, if there is one.
    pub(crate) fn optional_time(&mut self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.optional_int(column)?.map(Timestamp::from_millis))
    }

    /// The next field as a digest.
    pub(crate) fn digest(&mut self, column: &'static str) -> Result<Digest, StoreError> {
        self.optional_digest(column)?.ok_or_else(|| unreadable(column))
    }

    /// The next field as a digest, if there is one.
    pub(crate) fn optional_digest(&mut self, column: &'static str) -> Result<Option<Digest>, StoreError> {
        match self.0.next() {
            Some(Value::Blob(bytes)) => Digest::from_bytes(&bytes).map(Some).ok_or_else(|| unreadable(column)),
            Some(Value::Null) => Ok(None),
            _ => Err(unreadable(column)),
        }
    }

    /// The next field as a list or map in JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<T, StoreError> {
        self.optional_json(column)?.ok_or_else(|| unreadable(column))
    }

    /// The next field as a list or map in JSON, if there is one.
    pub(crate) fn optional_json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.optional_text(column)?.map(|text| serde_json::from_str(&text).map_err(|_| unreadable(column))).transpose()
    }
}

/// The column is named, the value never.
pub(crate) fn unreadable(column: &'static str) -> StoreError {
    StoreError::Corrupt(format!("a value of {column} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_another_type_is_damage_and_is_named_without_its_value() {
        let row = || Row::new(vec![Value::Text("hunter2".to_owned())]);
        let errors = [
            row().int("users.version").unwrap_err(),
            row().digest("codes.digest").unwrap_err(),
            row().json::<Vec<String>>("codes.scopes").unwrap_err(),
            Row::new(vec![Value::Blob(vec![1; 31])]).digest("codes.digest").unwrap_err(),
            Row::new(vec![Value::Null]).text("users.username").unwrap_err(),
            Row::new(Vec::new()).optional_text("users.username").unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_value_does_not_print_its_content() {
        assert_eq!(format!("{:?}", [Value::from("hunter2"), Value::from(7)]), "[Text, Int]");
    }
}
