//! One JSON member that is known, absent, `null`, or of a shape we do not know.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// A member of a JSON object, kept exactly as it was received.
///
/// Alexa's requests grow: enum values are added, objects gain members, test tools send `null` where the service sends
/// nothing. A skill must neither fail on such a request nor lose any of it, so a member that does not have the shape
/// we know is kept as raw JSON and printed back unchanged.
#[derive(Clone, Default, PartialEq)]
pub enum Field<T> {
    /// The member is not there.
    #[default]
    Absent,
    /// The member is there and is `null`.
    Null,
    /// The member has the shape we know.
    Known(T),
    /// The member has another shape: an enum value added later, a number where a text was expected.
    Unknown(Value),
}

impl<T> Field<T> {
    /// The value, if it has the shape we know.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Null | Self::Unknown(_) => None,
        }
    }

    /// The value for changing, if it has the shape we know.
    #[must_use]
    pub fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Null | Self::Unknown(_) => None,
        }
    }

    /// Whether the member is not there at all; such a member is not printed.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the member says nothing: not there, or `null`.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        matches!(self, Self::Absent | Self::Null)
    }
}

impl Field<String> {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.known().map(String::as_str)
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}

impl From<&str> for Field<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.to_owned())
    }
}

impl<T: fmt::Debug> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Null => f.write_str("Null"),
            Self::Known(value) => value.fmt(f),
            // What has an unknown shape may be a token: it is not printed.
            Self::Unknown(_) => f.write_str("Unknown(…)"),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_null() {
            return Ok(Self::Null);
        }
        Ok(match T::deserialize(&value) {
            Ok(known) => Self::Known(known),
            Err(_) => Self::Unknown(value),
        })
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_unit(),
            Self::Known(value) => value.serialize(serializer),
            Self::Unknown(value) => value.serialize(serializer),
        }
    }
}

/// The members of an object that this crate gives no name; kept and printed back.
///
/// Its `Debug` shows the names only: a value nobody looked at may be a secret.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(pub Map<String, Value>);

impl Extra {
    /// The member of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The member of that name, if it is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Declares an enum whose values travel as texts.
///
/// Serde's own derive would also take `{"STARTED": null}` for `"STARTED"`, which would not be printed back as it came.
macro_rules! text_enum {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// The text that travels.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                match text.as_str() {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(serde::de::Error::unknown_variant("", &[$($text),+])),
                }
            }
        }
    };
}
pub(crate) use text_enum;

/// Declares an object whose members may all be missing, `null` or of another shape, and which keeps what it does not name.
macro_rules! object {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $member:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $(
                $(#[$doc])*
                #[serde(default, skip_serializing_if = "crate::field::Field::is_absent")]
                pub $member: crate::field::Field<$type>,
            )*
            /// What has no name above.
            #[serde(flatten)]
            pub extra: crate::field::Extra,
        }
    };
}
pub(crate) use object;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Sample {
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        a: Field<String>,
        #[serde(flatten)]
        extra: Extra,
    }

    #[test]
    fn every_kind_of_member_survives_a_round_trip() {
        for text in [r#"{}"#, r#"{"a":null}"#, r#"{"a":"x"}"#, r#"{"a":7.5}"#, r#"{"a":["x"],"b":{"c":1e3}}"#] {
            let value: Value = serde_json::from_str(text).unwrap();
            let sample: Sample = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_value(&sample).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn debug_shows_no_value_that_was_not_understood() {
        let sample: Sample = serde_json::from_str(r#"{"a":{"token":"s3cret"},"accesstoken":"s3cret"}"#).unwrap();
        let printed = format!("{sample:?}");
        assert!(!printed.contains("s3cret"), "{printed}");
        assert!(printed.contains("accesstoken"), "{printed}");
    }
}
