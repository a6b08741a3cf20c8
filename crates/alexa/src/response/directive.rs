//! What the device, or Alexa's dialog engine, is told to do.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::envelope::Intent;

/// One entry of `directives`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Directive {
    /// How a dialog goes on.
    Dialog(DialogDirective),
    /// Any other directive, as raw JSON with its `type`.
    Other(Map<String, Value>),
}

/// A directive must be a JSON object with a `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a directive must be a JSON object with a text as its type")]
pub struct NotADirective;

impl Directive {
    /// A directive this crate has no type for.
    ///
    /// # Errors
    /// The value is not an object, or has no `type`.
    pub fn other(value: Value) -> Result<Self, NotADirective> {
        match value {
            Value::Object(members) if members.get("type").is_some_and(Value::is_string) => Ok(Self::Other(members)),
            _ => Err(NotADirective),
        }
    }

    /// This directive as a type of [`super::directives`], if it is one.
    #[must_use]
    pub fn read<T: TypedDirective>(&self) -> Option<T> {
        match self {
            Self::Other(members) if self.directive_type() == T::TYPE => {
                let mut members = members.clone();
                members.remove("type");
                serde_json::from_value(Value::Object(members)).ok()
            }
            Self::Other(_) | Self::Dialog(_) => None,
        }
    }

    /// The `type`, such as `Dialog.Delegate` or `AudioPlayer.Play`.
    #[must_use]
    pub fn directive_type(&self) -> &str {
        match self {
            Self::Dialog(DialogDirective::Delegate { .. }) => "Dialog.Delegate",
            Self::Dialog(DialogDirective::ElicitSlot { .. }) => "Dialog.ElicitSlot",
            Self::Dialog(DialogDirective::ConfirmSlot { .. }) => "Dialog.ConfirmSlot",
            Self::Dialog(DialogDirective::ConfirmIntent { .. }) => "Dialog.ConfirmIntent",
            Self::Other(members) => members.get("type").and_then(Value::as_str).unwrap_or_default(),
        }
    }
}

/// A directive with a type of its own. In an answer it stands as the JSON it is, so that nothing of it is lost.
pub trait TypedDirective: Serialize + serde::de::DeserializeOwned {
    /// Its `type`.
    const TYPE: &'static str;
}

impl<T: TypedDirective> From<T> for Directive {
    fn from(directive: T) -> Self {
        let mut members = Map::new();
        members.insert("type".to_owned(), Value::from(T::TYPE));
        // These types hold nothing that cannot be JSON.
        if let Ok(Value::Object(own)) = serde_json::to_value(&directive) {
            members.extend(own);
        }
        Self::Other(members)
    }
}

impl From<DialogDirective> for Directive {
    fn from(directive: DialogDirective) -> Self {
        Self::Dialog(directive)
    }
}

impl<'de> Deserialize<'de> for Directive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let is_known = matches!(
            value.get("type").and_then(Value::as_str),
            Some("Dialog.Delegate" | "Dialog.ElicitSlot" | "Dialog.ConfirmSlot" | "Dialog.ConfirmIntent")
        );
        if is_known {
            return DialogDirective::deserialize(value).map(Self::Dialog).map_err(serde::de::Error::custom);
        }
        Self::other(value).map_err(serde::de::Error::custom)
    }
}

/// `Dialog.*`: needs an open session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum DialogDirective {
    /// Alexa asks for whatever the interaction model says is missing.
    #[serde(rename = "Dialog.Delegate", rename_all = "camelCase")]
    Delegate {
        /// The intent with changed slots or confirmations.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_intent: Option<Box<Intent>>,
    },
    /// The skill's own speech asks for one slot.
    #[serde(rename = "Dialog.ElicitSlot", rename_all = "camelCase")]
    ElicitSlot {
        /// The slot the next words are meant for.
        slot_to_elicit: String,
        /// The intent with changed slots or confirmations.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_intent: Option<Box<Intent>>,
    },
    /// The skill's own speech asks whether one slot is right.
    #[serde(rename = "Dialog.ConfirmSlot", rename_all = "camelCase")]
    ConfirmSlot {
        /// The slot to be confirmed.
        slot_to_confirm: String,
        /// The intent with changed slots or confirmations.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_intent: Option<Box<Intent>>,
    },
    /// The skill's own speech asks whether the whole is right.
    #[serde(rename = "Dialog.ConfirmIntent", rename_all = "camelCase")]
    ConfirmIntent {
        /// The intent with changed slots or confirmations.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_intent: Option<Box<Intent>>,
    },
}
