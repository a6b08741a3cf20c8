//! What happened: the request proper, by type.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::event::{
    AdvertisementEvent, ApiInvoked, AudioPlayerEvent, AuthorizationGrant, ConnectionsRequest, ConnectionsResponse,
    DataStoreEvent, DialogInput, ExceptionEncountered, GadgetEvent, MessageReceived, PersonalEvent, ScreenEvent,
    SessionResumedRequest, SkillEventBody,
};
use super::intent::Intent;
use crate::field::{Extra, Field, text_enum};

/// `request`: what all types have in common, and what each has of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The `type`; it decides which [`RequestBody`] there is.
    #[serde(rename = "type", skip_serializing_if = "Field::is_absent")]
    pub request_type: Field<String>,
    /// `amzn1.echo-api.request.…`
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub request_id: Field<String>,
    /// When the request was sent: ISO 8601 in UTC.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub timestamp: Field<String>,
    /// The language tag; absent for skill events.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub locale: Field<String>,
    /// What the type has of its own.
    #[serde(flatten)]
    pub body: RequestBody,
}

/// What each type of request has of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RequestBody {
    /// `LaunchRequest`: the skill was opened by its name alone.
    Launch(LaunchRequest),
    /// `IntentRequest`: the person said something the interaction model knows.
    Intent(IntentRequest),
    /// `CanFulfillIntentRequest`: Alexa asks whether the skill could answer; nothing may be done or said.
    CanFulfillIntent(IntentRequest),
    /// `SessionEndedRequest`: the conversation is over; the answer may hold nothing to say or show.
    SessionEnded(SessionEndedRequest),
    /// `SessionResumedRequest`: the answer to a `Connections.StartConnection`.
    SessionResumed(SessionResumedRequest),
    /// `AlexaSkillEvent.*`: the skill was enabled, disabled, linked, or its permissions changed.
    SkillEvent(SkillEvent),
    /// `AudioPlayer.*`: outside a session; only AudioPlayer directives may be answered.
    AudioPlayer(Box<AudioPlayerEvent>),
    /// `PlaybackController.*CommandIssued`: a button was pressed, of the device or on its screen; the type says which. As with
    /// `AudioPlayer.*`.
    PlaybackController(Extra),
    /// `System.ExceptionEncountered`: an answer or a directive was refused; no answer is used.
    ExceptionEncountered(ExceptionEncountered),
    /// `Connections.Response`: the answer to a `Connections.SendRequest`, such as of a purchase.
    ConnectionsResponse(ConnectionsResponse),
    /// `Connections.Request`: another skill asks this one to do a task.
    ConnectionsRequest(ConnectionsRequest),
    /// `Dialog.InputRequest` of Alexa Conversations.
    DialogInput(DialogInput),
    /// `Dialog.API.Invoked` of Alexa Conversations; answered with `apiResponse`.
    ApiInvoked(ApiInvoked),
    /// `Messaging.MessageReceived`: the skill's own backend sent a message; outside a session.
    MessageReceived(MessageReceived),
    /// `Alexa.Authorization.Grant`: a code with which the skill gets tokens for Alexa's event gateway.
    AuthorizationGrant(AuthorizationGrant),
    /// `Alexa.Presentation.*` and `Display.ElementSelected`: something happened on a screen.
    Screen(Box<ScreenEvent>),
    /// `Reminders.*` and `AlexaHouseholdListEvent.*`.
    Personal(PersonalEvent),
    /// `GameEngine.*` and `CustomInterfaceController.*`.
    Gadget(GadgetEvent),
    /// `Alexa.DataStore.*`: widgets.
    DataStore(Box<DataStoreEvent>),
    /// `Alexa.Advertisement.*`
    Advertisement(AdvertisementEvent),
    /// Any other type, as it was received.
    Other(Extra),
}

impl Default for RequestBody {
    fn default() -> Self {
        Self::Other(Extra::default())
    }
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The members every type has; the rest waits until the type is known.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Common {
            #[serde(rename = "type", default)]
            request_type: Field<String>,
            #[serde(default)]
            request_id: Field<String>,
            #[serde(default)]
            timestamp: Field<String>,
            #[serde(default)]
            locale: Field<String>,
            #[serde(flatten)]
            rest: Map<String, Value>,
        }
        let common = Common::deserialize(deserializer)?;
        let body = RequestBody::of_type(common.request_type.text().unwrap_or_default(), common.rest)
            .map_err(serde::de::Error::custom)?;
        Ok(Self {
            request_type: common.request_type,
            request_id: common.request_id,
            timestamp: common.timestamp,
            locale: common.locale,
            body,
        })
    }
}

impl RequestBody {
    fn of_type(request_type: &str, rest: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let value = Value::Object(rest);
        Ok(match request_type {
            "LaunchRequest" => Self::Launch(LaunchRequest::deserialize(value)?),
            "IntentRequest" => Self::Intent(IntentRequest::deserialize(value)?),
            "CanFulfillIntentRequest" => Self::CanFulfillIntent(IntentRequest::deserialize(value)?),
            "SessionEndedRequest" => Self::SessionEnded(SessionEndedRequest::deserialize(value)?),
            "SessionResumedRequest" => Self::SessionResumed(SessionResumedRequest::deserialize(value)?),
            "System.ExceptionEncountered" => Self::ExceptionEncountered(ExceptionEncountered::deserialize(value)?),
            "Connections.Response" => Self::ConnectionsResponse(ConnectionsResponse::deserialize(value)?),
            "Connections.Request" => Self::ConnectionsRequest(ConnectionsRequest::deserialize(value)?),
            "Dialog.InputRequest" => Self::DialogInput(DialogInput::deserialize(value)?),
            "Dialog.API.Invoked" => Self::ApiInvoked(ApiInvoked::deserialize(value)?),
            "Messaging.MessageReceived" => Self::MessageReceived(MessageReceived::deserialize(value)?),
            "Alexa.Authorization.Grant" => Self::AuthorizationGrant(AuthorizationGrant::deserialize(value)?),
            other => return Self::of_family(other, value),
        })
    }

    /// The types that come in families, told by how their name begins.
    fn of_family(request_type: &str, value: Value) -> Result<Self, serde_json::Error> {
        let is_of = |prefixes: &[&str]| prefixes.iter().any(|prefix| request_type.starts_with(prefix));
        Ok(if is_of(&[SkillEvent::TYPE_PREFIX]) {
            Self::SkillEvent(SkillEvent::deserialize(value)?)
        } else if is_of(&["AudioPlayer."]) {
            Self::AudioPlayer(Box::new(AudioPlayerEvent::deserialize(value)?))
        } else if is_of(&["PlaybackController."]) {
            Self::PlaybackController(Extra::deserialize(value)?)
        } else if is_of(&["Alexa.DataStore."]) {
            Self::DataStore(Box::new(DataStoreEvent::deserialize(value)?))
        } else if is_of(&["Alexa.Advertisement."]) {
            Self::Advertisement(AdvertisementEvent::deserialize(value)?)
        } else if is_of(&["Alexa.Presentation.", "Display."]) {
            Self::Screen(Box::new(ScreenEvent::deserialize(value)?))
        } else if is_of(&["Reminders.", "AlexaHouseholdListEvent."]) {
            Self::Personal(PersonalEvent::deserialize(value)?)
        } else if is_of(&["GameEngine.", "CustomInterfaceController."]) {
            Self::Gadget(GadgetEvent::deserialize(value)?)
        } else {
            Self::Other(Extra::deserialize(value)?)
        })
    }
}

/// `LaunchRequest`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LaunchRequest {
    /// The task the skill was opened with, if any.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub task: Field<Task>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `task` of a launch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// `<skill id>.<name>` or `AMAZON.<name>`
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub name: Field<String>,
    /// The version of the task's input.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub version: Field<String>,
    /// The input, by the task's own schema.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub input: Field<Map<String, Value>>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `IntentRequest` and `CanFulfillIntentRequest`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentRequest {
    /// How far a dialog is, when the interaction model declares one.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub dialog_state: Field<DialogState>,
    /// What the person meant.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub intent: Field<Intent>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

text_enum! {
    /// `dialogState`
    DialogState {
        /// The first turn.
        Started = "STARTED",
        /// Required slots or confirmations are missing.
        InProgress = "IN_PROGRESS",
        /// All required slots and confirmations are there.
        Completed = "COMPLETED",
    }
}

/// `SessionEndedRequest`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionEndedRequest {
    /// Why.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub reason: Field<SessionEndedReason>,
    /// What went wrong, when the reason is an error.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub error: Field<SessionEndedError>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

text_enum! {
    /// `reason` of a `SessionEndedRequest`.
    SessionEndedReason {
        /// The person left.
        UserInitiated = "USER_INITIATED",
        /// The skill's answer could not be used, or did not come.
        Error = "ERROR",
        /// Nobody answered the reprompt.
        ExceededMaxReprompts = "EXCEEDED_MAX_REPROMPTS",
    }
}

/// `error` of a `SessionEndedRequest`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionEndedError {
    /// `INVALID_RESPONSE`, `DEVICE_COMMUNICATION_ERROR`, `INTERNAL_SERVICE_ERROR` or `ENDPOINT_TIMEOUT`.
    #[serde(rename = "type", default, skip_serializing_if = "Field::is_absent")]
    pub error_type: Field<String>,
    /// For the developer.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub message: Field<String>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `AlexaSkillEvent.*`; it may come up to an hour late.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkillEvent {
    /// When it happened: ISO 8601.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub event_creation_time: Field<String>,
    /// When Alexa sent it: ISO 8601.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub event_publishing_time: Field<String>,
    /// What the event says.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub body: Field<SkillEventBody>,
    /// What has no name above.
    #[serde(flatten)]
    pub extra: Extra,
}

impl SkillEvent {
    /// What the `type` of every skill event starts with.
    pub const TYPE_PREFIX: &str = "AlexaSkillEvent.";
}
