//! Directives with types, beside those of dialogs: every other one of Amazon's published model.
//!
//! Each becomes a [`Directive`](super::Directive) with `into()`, and is read back with [`super::Directive::read`]. What has no
//! type here, because it came later, is written with [`super::Directive::other`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::directive::TypedDirective;

/// Declares a directive: its `type`, and its members, of which those that are `Option` or `Vec` may be missing.
macro_rules! directive {
    ($(#[$about:meta])* $name:ident = $text:literal { $($(#[$doc:meta])* $member:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$doc])* pub $member: $type,)* }

        impl TypedDirective for $name {
            const TYPE: &'static str = $text;
        }
    };
}

mod gadgets;
mod screens;

pub use gadgets::{
    EventExpiration, EventFilter, FilterMatchAction, GadgetDirectiveHeader, GadgetEndpoint, LightAnimation,
    LightParameters, LightStep, LightTrigger, SendGadgetDirective, SetLight, StartEventHandler, StartInputHandler,
    StopEventHandler, StopInputHandler,
};
pub use screens::{
    ExecuteCommands, ExecuteTextCommands, Hint, HtmlMessage, HtmlStart, HtmlTransformer, ListOperation,
    RenderAudioDocument, RenderDocument, RenderTemplate, RenderTextDocument, SendIndexListData, SendTokenListData,
    TextProfile, UpdateIndexListData, VideoItem, VideoLaunch,
};

directive! {
    /// `Connections.StartConnection`: Alexa or another skill does a task; the session waits meanwhile.
    Connection = "Connections.StartConnection" {
        /// `connection://<provider>.<task>/<version>`
        uri: String,
        /// What the task is given, by its own schema.
        #[serde(default)]
        input: Map<String, Value>,
        /// Comes back in the answer, to tell tasks apart.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// Whether the skill goes on afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_completion: Option<OnCompletion>,
    }
}

/// `onCompletion`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnCompletion {
    /// A `SessionResumedRequest` tells what it came to.
    ResumeSession,
    /// Only failures are told.
    SendErrorsOnly,
}

impl Connection {
    /// A task whose answer resumes the session.
    #[must_use]
    pub fn new(uri: impl Into<String>, input: Map<String, Value>) -> Self {
        Self { uri: uri.into(), input, token: None, on_completion: Some(OnCompletion::ResumeSession) }
    }

    /// Comes back in the answer.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// `AMAZON.VerifyPerson`: Alexa asks the recognised person for the PIN of their voice profile. The PIN never reaches the
    /// skill; afterwards `person.authenticationConfidenceLevel` is 400. The skill needs the permission
    /// `alexa::authenticate:2:mandatory` or `:optional`, and personalisation.
    ///
    /// ```
    /// use sayso_alexa::response::{Connection, Directive};
    ///
    /// let directive = Directive::from(Connection::verify_person(400).token("pay"));
    /// assert_eq!(directive.directive_type(), "Connections.StartConnection");
    /// assert_eq!(directive.read::<Connection>().unwrap().uri, "connection://AMAZON.VerifyPerson/2");
    /// ```
    #[must_use]
    pub fn verify_person(level: i64) -> Self {
        let demanded = json!({"level": level, "customPolicy": {"policyName": "VOICE_PIN"}});
        Self::new(
            "connection://AMAZON.VerifyPerson/2",
            object(json!({"requestedAuthenticationConfidenceLevel": demanded})),
        )
    }

    /// `AMAZON.AskForAccountLinking`: Alexa offers by voice to link the account. Only for skills whose provider is Login with
    /// Amazon; any other sends a [`LinkAccount`](super::Card::LinkAccount) card.
    #[must_use]
    pub fn ask_for_account_linking() -> Self {
        let input = json!({"@type": "AskForAccountLinkingRequest", "@version": "1"});
        Self::new("connection://AMAZON.AskForAccountLinking/1", object(input))
    }
}

directive! {
    /// `Connections.SendRequest`: a purchase, or a permission by voice (`AskFor`).
    SendRequest = "Connections.SendRequest" {
        /// `Buy`, `Upsell`, `Cancel`, `AskFor`, …
        name: String,
        /// By the request's own schema.
        #[serde(default)]
        payload: Map<String, Value>,
        /// Comes back in the `Connections.Response`.
        token: String,
    }
}

directive! {
    /// `Connections.SendResponse`: the answer to a `Connections.Request`.
    SendResponse = "Connections.SendResponse" {
        /// How it went, by HTTP's codes.
        status: TaskOutcome,
        /// What it came to.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        payload: Map<String, Value>,
    }
}

directive! {
    /// `Tasks.CompleteTask`: the task the skill was launched for is done.
    CompleteTask = "Tasks.CompleteTask" {
        /// How it went, by HTTP's codes.
        status: TaskOutcome,
        /// What it came to.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        result: Map<String, Value>,
    }
}

/// `status` of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOutcome {
    /// `"200"`, `"400"`, …, as a text.
    pub code: String,
    /// For the developer.
    pub message: String,
}

directive! {
    /// `Dialog.UpdateDynamicEntities`: values of slot types for this session.
    UpdateDynamicEntities = "Dialog.UpdateDynamicEntities" {
        /// Whether they replace those of before, or all go.
        update_behavior: UpdateBehavior,
        /// By slot type; empty to clear.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        types: Vec<EntityType>,
    }
}

/// `updateBehavior`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UpdateBehavior {
    /// Those of before are forgotten.
    Replace,
    /// All are forgotten.
    Clear,
}

/// The values of one slot type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityType {
    /// The slot type's name.
    pub name: String,
    /// Its values.
    pub values: Vec<Entity>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Comes back when the value is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How it is said.
    pub name: EntityName,
}

/// How a value is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityName {
    /// Its name.
    pub value: String,
    /// Other words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
}

directive! {
    /// `Dialog.DelegateRequest`: hands the dialog to Alexa Conversations, or back.
    DelegateRequest = "Dialog.DelegateRequest" {
        /// `AMAZON.Conversations` or `skill`.
        target: String,
        /// `{"until": "EXPLICIT_RETURN"}` or `{"until": "NEXT_TURN"}`.
        period: Map<String, Value>,
        /// What the other side goes on with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_request: Option<Map<String, Value>>,
    }
}

directive! {
    /// `AudioPlayer.Play`; ends the session in most cases.
    AudioPlay = "AudioPlayer.Play" {
        /// How it goes with what is playing.
        play_behavior: AudioPlayBehavior,
        /// What is played.
        audio_item: AudioItem,
    }
}

/// `playBehavior` of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AudioPlayBehavior {
    /// After what is waiting; needs [`AudioStream::expected_previous_token`].
    Enqueue,
    /// At once, and nothing of what is waiting.
    ReplaceAll,
    /// After what is playing, and nothing of what is waiting.
    ReplaceEnqueued,
}

/// `audioItem`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudioItem {
    /// Where the sound is.
    pub stream: AudioStream,
    /// What a screen shows: `title`, `subtitle`, `art`, `backgroundImage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// `stream`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioStream {
    /// Names it; at most 1,024 characters.
    pub token: String,
    /// `https`; at most 8,000 characters.
    pub url: String,
    /// Where to begin, in milliseconds from the stream's beginning.
    pub offset_in_milliseconds: u64,
    /// The token of what must be playing for this to be enqueued; at most 1,024 characters. For no other behavior.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_previous_token: Option<String>,
    /// What is said, in writing: `{"type": "WEBVTT", "content": …}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption_data: Option<Map<String, Value>>,
}

impl AudioPlay {
    /// Plays this from its beginning, at once and in place of all that plays or waits: `https`, named by a token of one's own.
    ///
    /// ```
    /// use sayso_alexa::response::{Directive, directives::AudioPlay};
    ///
    /// let play = AudioPlay::now("https://sounds.example/rain.mp3", "rain");
    /// assert_eq!(Directive::from(play).directive_type(), "AudioPlayer.Play");
    /// ```
    #[must_use]
    pub fn now(url: impl Into<String>, token: impl Into<String>) -> Self {
        let stream = AudioStream {
            token: token.into(),
            url: url.into(),
            offset_in_milliseconds: 0,
            expected_previous_token: None,
            caption_data: None,
        };
        Self { play_behavior: AudioPlayBehavior::ReplaceAll, audio_item: AudioItem { stream, metadata: None } }
    }
}

directive! {
    /// `AudioPlayer.Stop`
    AudioStop = "AudioPlayer.Stop" {}
}

directive! {
    /// `AudioPlayer.ClearQueue`
    AudioClearQueue = "AudioPlayer.ClearQueue" {
        /// Whether what is playing ends too.
        clear_behavior: ClearBehavior,
    }
}

/// `clearBehavior`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClearBehavior {
    /// What is playing goes on.
    ClearEnqueued,
    /// All of it ends.
    ClearAll,
}

directive! {
    /// `Alexa.Advertisement.InjectAds`: an advertisement is played between two streams.
    InjectAds = "Alexa.Advertisement.InjectAds" {
        /// The token of the stream that must be playing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_previous_token: Option<String>,
    }
}

directive! {
    /// `Navigation.Assistance.AnnounceRoadRegulation`: in a car, what is allowed on the road is said.
    AnnounceRoadRegulation = "Navigation.Assistance.AnnounceRoadRegulation" {}
}

directive! {
    /// `Conversations.ResetContext`: Alexa Conversations forgets what was said so far.
    ResetContext = "Conversations.ResetContext" {}
}

directive! {
    /// `Alexa.SmartVision.SnapshotProvider.GetSnapshotDirective`: asks a camera for a picture.
    GetSnapshot = "Alexa.SmartVision.SnapshotProvider.GetSnapshotDirective" {
        /// Whether it is taken now, rather than the last one given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefer_on_demand_snapshot: Option<bool>,
    }
}

/// The members of a `json!({…})`.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
