//! The conversation and the account it belongs to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::bearer::BearerToken;
use crate::field::{Extra, Field};

/// `session`: one conversation, from the first request to the answer that ends it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Whether this request opens the session.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub new: Field<bool>,
    /// `amzn1.echo-api.session.…`
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub session_id: Field<String>,
    /// The skill that is addressed.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub application: Field<Application>,
    /// What the skill asked to be remembered until its next turn: any JSON object; part of the 24,576 bytes of an answer.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub attributes: Field<Map<String, Value>>,
    /// The account; the same as in `context.System.user`.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub user: Field<User>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `application`: the skill that is addressed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// `amzn1.ask.skill.<uuid>`
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub application_id: Field<String>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Application {
    /// The skill of that id.
    #[must_use]
    pub fn new(application_id: impl Into<String>) -> Self {
        Self { application_id: Field::Known(application_id.into()), extra: Extra::default() }
    }
}

/// `user`: the Amazon account as this skill sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// `amzn1.ask.account.…`, at most 255 characters; another one after the skill was disabled and enabled again.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub user_id: Field<String>,
    /// The access token of the linked account; absent when none is linked.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub access_token: Field<BearerToken>,
    /// What the person granted the skill in the Alexa app.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub permissions: Field<Permissions>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `permissions`: Alexa's own permissions, not the scopes of the linked account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// The old bearer value for Alexa's APIs; use `apiAccessToken`.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub consent_token: Field<BearerToken>,
    /// By permission name: `{"status": "GRANTED" | "DENIED"}`.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub scopes: Field<Map<String, Value>>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}
