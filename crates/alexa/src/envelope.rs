//! What Alexa sends to a skill: the request envelope.
//!
//! Names follow Amazon's "Request and Response JSON Reference". Every member is a [`Field`] and every object keeps what
//! it does not name in `extra`, so any JSON object parses and prints back as the same JSON; what a skill needs is
//! reached through the methods, which answer `None` for anything that is not there in the shape we know.

mod context;
pub mod event;
mod intent;
pub mod interfaces;
pub mod parts;
mod request;
mod session;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use context::{AuthenticationConfidenceLevel, Context, Device, Person, System, Unit};
pub use event::{AcceptedPermission, ConnectionCompleted, SessionResumedRequest, SkillEventBody};
pub use intent::{
    ConfirmationStatus, Intent, Resolution, ResolutionCode, ResolutionStatus, Resolutions, ResolvedEntry,
    ResolvedValue, Slot, SlotValue,
};
pub use request::{
    DialogState, IntentRequest, LaunchRequest, Request, RequestBody, SessionEndedError, SessionEndedReason,
    SessionEndedRequest, SkillEvent, Task,
};
pub use session::{Application, Permissions, Session, User};

use crate::bearer::BearerToken;
use crate::field::{Extra, Field};

/// The whole of what Alexa posts to a skill's endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestEnvelope {
    /// `"1.0"`.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub version: Field<String>,
    /// The conversation; absent for AudioPlayer requests, skill events and other requests outside a session.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub session: Field<Session>,
    /// The state of the device and the account.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub context: Field<Context>,
    /// What the person said or what happened.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub request: Field<Request>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The bytes are not a JSON object.
#[derive(Debug, thiserror::Error)]
#[error("the request is not a JSON object: {0}")]
pub struct MalformedRequest(#[from] serde_json::Error);

impl RequestEnvelope {
    /// Reads an envelope from the bytes of a request body.
    ///
    /// A leading UTF-8 byte order mark is skipped, as RFC 8259 section 8.1 allows: recorded requests often have one.
    ///
    /// # Errors
    /// The bytes are not UTF-8, not JSON, nested deeper than 128 levels, not an object, or name a known member twice.
    pub fn from_slice(body: &[u8]) -> Result<Self, MalformedRequest> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        Ok(serde_json::from_slice(body)?)
    }

    /// The request, if there is one with a `type`.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.request.known()
    }

    /// The `type` of the request: `LaunchRequest`, `IntentRequest`, `AudioPlayer.PlaybackStarted`, …
    #[must_use]
    pub fn request_type(&self) -> Option<&str> {
        self.request()?.request_type.text()
    }

    /// The language tag of the request, such as `en-US`.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        self.request()?.locale.text()
    }

    /// The intent of an `IntentRequest` or a `CanFulfillIntentRequest`.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        match &self.request()?.body {
            RequestBody::Intent(body) | RequestBody::CanFulfillIntent(body) => body.intent.known(),
            _ => None,
        }
    }

    /// The slot of that name in the intent.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.intent()?.slots.known()?.get(name)
    }

    /// The `context.System` object.
    #[must_use]
    pub fn system(&self) -> Option<&System> {
        self.context.known()?.system.known()
    }

    /// The account's user of this skill, from `context.System.user`.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.system()?.user.known()
    }

    /// The person whose voice was recognised, if personalisation is on.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.system()?.person.known()
    }

    /// The access token of the account's link. It does not prove who speaks: a household shares it.
    ///
    /// Read from `context.System.user` only; that the session says the same is
    /// [`crate::addressee::check_account`]'s to judge.
    #[must_use]
    pub fn access_token(&self) -> Option<&BearerToken> {
        self.user()?.access_token.known()
    }

    /// The access token of the recognised person's own link.
    #[must_use]
    pub fn person_access_token(&self) -> Option<&BearerToken> {
        self.person()?.access_token.known()
    }

    /// How surely the speaker is known: 300 a recognised voice, 400 a spoken PIN; `None` when nobody is recognised.
    #[must_use]
    pub fn confidence_level(&self) -> Option<i64> {
        self.person()?.authentication_confidence_level.known()?.level.known().copied()
    }

    /// The device that heard the words.
    #[must_use]
    pub fn device(&self) -> Option<&Device> {
        self.system()?.device.known()
    }

    /// Whether the person granted a permission of Alexa's own, such as `alexa::profile:given_name:read`.
    #[must_use]
    pub fn is_granted(&self, permission: &str) -> bool {
        let scopes = self.user().and_then(|user| user.permissions.known()?.scopes.known());
        scopes.and_then(|scopes| scopes.get(permission)?.get("status")?.as_str()) == Some("GRANTED")
    }

    /// The attributes the skill gave in its last answer of this session.
    #[must_use]
    pub fn session_attributes(&self) -> Option<&Map<String, Value>> {
        self.session.known()?.attributes.known()
    }
}
