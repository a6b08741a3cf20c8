//! Whether the skill could answer, before anyone asks it to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Response;

/// `canFulfillIntent`: the answer to a `CanFulfillIntentRequest`. Nothing may be done or said for it.
///
/// ```
/// use sayso_alexa::response::{CanFulfill, CanFulfillIntent, Response};
///
/// let answer = CanFulfillIntent::new(CanFulfill::Yes).slot("Color", CanFulfill::Yes, CanFulfill::No);
/// let response = Response::from(answer);
/// assert_eq!(response.can_fulfill_intent.unwrap()["slots"]["Color"]["canUnderstand"], "YES");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanFulfillIntent {
    /// Of the intent as a whole.
    pub can_fulfill: CanFulfill,
    /// By slot name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, CanFulfillSlot>,
}

/// Of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanFulfillSlot {
    /// Whether the skill knows the value.
    pub can_understand: CanFulfill,
    /// Whether it can do with it what is asked; `YES` or `NO`.
    pub can_fulfill: CanFulfill,
}

/// How surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CanFulfill {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// It depends, for instance on a linked account.
    Maybe,
}

impl CanFulfillIntent {
    /// Of the intent as a whole.
    #[must_use]
    pub fn new(can_fulfill: CanFulfill) -> Self {
        Self { can_fulfill, slots: BTreeMap::new() }
    }

    /// Of one slot.
    #[must_use]
    pub fn slot(mut self, name: impl Into<String>, can_understand: CanFulfill, can_fulfill: CanFulfill) -> Self {
        self.slots.insert(name.into(), CanFulfillSlot { can_understand, can_fulfill });
        self
    }
}

impl From<CanFulfillIntent> for Response {
    fn from(answer: CanFulfillIntent) -> Self {
        Self { can_fulfill_intent: serde_json::to_value(answer).ok().filter(Value::is_object), ..Self::default() }
    }
}
