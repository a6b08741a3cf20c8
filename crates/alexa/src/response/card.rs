//! What the Alexa app shows beside the spoken answer.

use serde::{Deserialize, Serialize};

/// `card`; its texts have at most 8,000 characters together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Card {
    /// A title and a text.
    Simple {
        /// The heading.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// The text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
    },
    /// A title, a text and a picture.
    Standard {
        /// The heading.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// The text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// The picture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<CardImage>,
    },
    /// Asks the person to link an account; Alexa writes its words.
    LinkAccount,
    /// Asks the person to grant the skill some of Alexa's own permissions.
    AskForPermissionsConsent {
        /// Permission names, such as `alexa::profile:given_name:read`.
        permissions: Vec<String>,
    },
}

/// The picture of a card in two sizes; addresses of at most 2,000 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardImage {
    /// 720 × 480 pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub small_image_url: Option<String>,
    /// 1200 × 800 pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub large_image_url: Option<String>,
}
