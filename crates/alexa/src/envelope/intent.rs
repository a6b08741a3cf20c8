//! What the person meant: the intent and its slots, with entity resolution.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::field::{Extra, Field, text_enum};

/// `intent`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// As in the interaction model: `FavoriteColorIntent`, `AMAZON.HelpIntent`.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub name: Field<String>,
    /// Whether the person confirmed the intent as a whole.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub confirmation_status: Field<ConfirmationStatus>,
    /// By slot name; a slot that was not filled is there without a `value`.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub slots: Field<BTreeMap<String, Slot>>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Intent {
    /// An intent of that name, nothing confirmed, without slots.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: Field::Known(name.into()),
            confirmation_status: Field::Known(ConfirmationStatus::None),
            slots: Field::Absent,
            extra: Extra::default(),
        }
    }
}

text_enum! {
    /// Whether the person confirmed an intent or a slot when asked.
    ConfirmationStatus {
        /// Not asked, or not answered.
        None = "NONE",
        /// The person said yes.
        Confirmed = "CONFIRMED",
        /// The person said no.
        Denied = "DENIED",
    }
}

/// One slot of an intent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// As in the interaction model.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub name: Field<String>,
    /// What the person said, in normal form for built-in types; absent when the slot was not filled.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub value: Field<String>,
    /// Whether the person confirmed this slot.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub confirmation_status: Field<ConfirmationStatus>,
    /// What the value was resolved to; for custom types and those with values of the skill's own.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub resolutions: Field<Resolutions>,
    /// The value once more, for slots that may hold several.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub slot_value: Field<SlotValue>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Slot {
    /// What the person said; `None` for an empty slot.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.text()
    }

    /// Everything the person said for a slot that may hold several values; the one value of any other.
    #[must_use]
    pub fn values(&self) -> Vec<&str> {
        let said = self.slot_value.known().map(SlotValue::values).unwrap_or_default();
        if said.is_empty() { self.value().into_iter().collect() } else { said }
    }

    /// The first value the words were resolved to with success.
    #[must_use]
    pub fn resolved(&self) -> Option<&ResolvedValue> {
        self.resolutions.known()?.first_match()
    }
}

/// `slotValue`: one value, or several when the slot allows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum SlotValue {
    /// One value.
    Simple {
        /// What the person said.
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        value: Field<String>,
        /// What it was resolved to.
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        resolutions: Field<Resolutions>,
        /// What has no name above.
        #[serde(flatten)]
        extra: Extra,
    },
    /// Several values.
    List {
        /// Each of them.
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        values: Field<Vec<SlotValue>>,
        /// What has no name above.
        #[serde(flatten)]
        extra: Extra,
    },
}

impl SlotValue {
    /// What was said, of a list each in turn.
    #[must_use]
    pub fn values(&self) -> Vec<&str> {
        match self {
            Self::Simple { value, .. } => value.text().into_iter().collect(),
            Self::List { values, .. } => values.known().into_iter().flatten().flat_map(Self::values).collect(),
        }
    }

    /// The first value that each of them was resolved to with success.
    #[must_use]
    pub fn resolved(&self) -> Vec<&ResolvedValue> {
        match self {
            Self::Simple { resolutions, .. } => {
                resolutions.known().and_then(Resolutions::first_match).into_iter().collect()
            }
            Self::List { values, .. } => values.known().into_iter().flatten().flat_map(Self::resolved).collect(),
        }
    }
}

/// `resolutions`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolutions {
    /// One entry for each catalogue of values that was asked.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub resolutions_per_authority: Field<Vec<Resolution>>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resolutions {
    /// The first value of the first authority that found one.
    #[must_use]
    pub fn first_match(&self) -> Option<&ResolvedValue> {
        self.resolutions_per_authority.known()?.iter().find_map(|resolution| {
            let code = resolution.status.known()?.code.known()?;
            if *code != ResolutionCode::SuccessMatch {
                return None;
            }
            resolution.values.known()?.first()?.value.known()
        })
    }
}

/// What one authority (a slot type's catalogue) found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// `amzn1.er-authority.echo-sdk.<skill id>.<type>`
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub authority: Field<String>,
    /// Whether it found anything.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub status: Field<ResolutionStatus>,
    /// What it found, the likeliest first.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub values: Field<Vec<ResolvedEntry>>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `status` of a resolution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResolutionStatus {
    /// Whether a value was found.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub code: Field<ResolutionCode>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

text_enum! {
    /// Whether entity resolution found a value.
    ResolutionCode {
        /// Found.
        SuccessMatch = "ER_SUCCESS_MATCH",
        /// The words match no value.
        SuccessNoMatch = "ER_SUCCESS_NO_MATCH",
        /// It took too long.
        ErrorTimeout = "ER_ERROR_TIMEOUT",
        /// It failed.
        ErrorException = "ER_ERROR_EXCEPTION",
    }
}

/// One entry of `values`, which wraps the value itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResolvedEntry {
    /// The value.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub value: Field<ResolvedValue>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A value of a slot type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResolvedValue {
    /// The value's name in the interaction model, whichever synonym was said.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub name: Field<String>,
    /// The value's id in the interaction model, or a digest of the name when it has none.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub id: Field<String>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}
