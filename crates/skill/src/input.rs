//! What a handler is given.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use sayso_alexa::envelope::{ConnectionCompleted, DialogState, Intent, RequestBody, RequestEnvelope, Slot};
use sayso_token::guard::AccessToken;
use sayso_token::secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::answer::{Answer, Speech};
use crate::handler::HandlerError;
use crate::on;
use crate::outside::Outside;
use crate::persistence::Persistent;
use crate::progress::{self, ProgressFailed};
use crate::request_attributes::RequestAttributes;
use crate::state::{NoState, State};
#[cfg(feature = "fluent")]
use crate::texts::{FluentValue, NoText, Texts};
use crate::trace::{Call, Callee, Calls};

/// One request on its way to its handler and back.
pub struct HandlerInput {
    envelope: RequestEnvelope,
    session_attributes: Map<String, Value>,
    request_attributes: RequestAttributes,
    token: Option<AccessToken>,
    /// The same as it came.
    bearer: Option<Secret>,
    around: Around,
}

/// What a request can reach while it is handled.
pub(crate) struct Around {
    pub(crate) outside: Outside,
    pub(crate) to_alexa: Outside,
    pub(crate) calls: Calls,
    pub(crate) persistent: Persistent,
    pub(crate) state: Arc<State>,
    /// Whether a simulator on this machine is trusted.
    pub(crate) is_local: bool,
    #[cfg(feature = "fluent")]
    pub(crate) texts: Option<Arc<Texts>>,
}

/// The handler asked for a verified token without requiring one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no token was verified; let the handler's `requires` demand one")]
pub struct NotGuarded;

impl HandlerInput {
    pub(crate) fn new(envelope: RequestEnvelope, around: Around) -> Self {
        let session_attributes = envelope.session_attributes().cloned().unwrap_or_default();
        let request_attributes = RequestAttributes::default();
        Self { envelope, session_attributes, request_attributes, token: None, bearer: None, around }
    }

    /// The whole request.
    #[must_use]
    pub fn envelope(&self) -> &RequestEnvelope {
        &self.envelope
    }

    /// Whether the request has that `type`.
    #[must_use]
    pub fn is_type(&self, request_type: &str) -> bool {
        self.envelope.request_type() == Some(request_type)
    }

    /// Whether the request is an `IntentRequest` with that intent.
    #[must_use]
    pub fn is_intent(&self, name: &str) -> bool {
        self.is_type("IntentRequest") && self.intent().and_then(|intent| intent.name.text()) == Some(name)
    }

    /// The intent.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        self.envelope.intent()
    }

    /// The slot of that name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.envelope.slot(name)
    }

    /// What the person said for that slot; `None` when it is empty.
    #[must_use]
    pub fn slot_value(&self, name: &str) -> Option<&str> {
        self.slot(name)?.value()
    }

    /// How far the intent's dialog is; `None` when the interaction model declares none.
    #[must_use]
    pub fn dialog_state(&self) -> Option<DialogState> {
        on::dialog_state(&self.envelope.request()?.body)
    }

    /// What a task came to that was started with `Connections.StartConnection`; `None` unless this is a `SessionResumedRequest`.
    #[must_use]
    pub fn resumed(&self) -> Option<&ConnectionCompleted> {
        match &self.envelope.request()?.body {
            RequestBody::SessionResumed(resumed) => resumed.cause.known(),
            _ => None,
        }
    }

    /// Whether this request opens its session.
    #[must_use]
    pub fn is_new_session(&self) -> bool {
        self.envelope.session.known().and_then(|session| session.new.known()) == Some(&true)
    }

    /// What was handed to all handlers with [`crate::SkillBuilder::state`].
    ///
    /// # Errors
    /// The skill was built without a value of this type.
    pub fn state<T: Any + Send + Sync>(&self) -> Result<Arc<T>, NoState> {
        self.around.state.get()
    }

    /// The language tag.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        self.envelope.locale()
    }

    /// What this skill remembered in its last turn of this session.
    #[must_use]
    pub fn session_attributes(&self) -> &Map<String, Value> {
        &self.session_attributes
    }

    /// What this skill will be told again in its next turn of this session.
    pub fn session_attributes_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.session_attributes
    }

    /// One session attribute, if it is there and has this shape.
    #[must_use]
    pub fn recall<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.session_attributes.get(name)?).ok()
    }

    /// Sets one session attribute.
    ///
    /// # Errors
    /// The value cannot be JSON.
    pub fn remember(&mut self, name: impl Into<String>, value: impl Serialize) -> Result<(), HandlerError> {
        self.session_attributes.insert(name.into(), serde_json::to_value(value)?);
        Ok(())
    }

    /// What interceptors and handlers hand one another during this request.
    #[must_use]
    pub fn request_attributes(&self) -> &RequestAttributes {
        &self.request_attributes
    }

    /// The same, for changing.
    pub fn request_attributes_mut(&mut self) -> &mut RequestAttributes {
        &mut self.request_attributes
    }

    /// What this skill remembers of the user from one session to the next; loaded when it is first asked for.
    ///
    /// # Errors
    /// The skill has no store, the request names nobody, or the store failed.
    pub async fn persistent_attributes(&mut self) -> Result<&Map<String, Value>, HandlerError> {
        Ok(&*self.around.persistent.attributes(&self.envelope, false).await?)
    }

    /// The same, for changing. It is saved when the handler has answered, before the answer is sent; not when it failed.
    ///
    /// # Errors
    /// As [`Self::persistent_attributes`].
    pub async fn persistent_attributes_mut(&mut self) -> Result<&mut Map<String, Value>, HandlerError> {
        self.around.persistent.attributes(&self.envelope, true).await
    }

    /// Forgets at once what is remembered of the user; for `AlexaSkillEvent.SkillDisabled`, for instance.
    ///
    /// # Errors
    /// As [`Self::persistent_attributes`].
    pub async fn forget_persistent_attributes(&mut self) -> Result<(), HandlerError> {
        self.around.persistent.forget(&self.envelope).await
    }

    /// Says something at once, while the answer is still being worked on (a progressive response). It waits 1.5 s at most for
    /// Alexa to take it; an answer does not depend on it, so a failure is best logged and passed over.
    ///
    /// ```
    /// # use sayso_skill::{Answer, HandlerError, HandlerInput};
    /// async fn search(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     let _ = input.say_meanwhile("Let me look that up.").await;
    ///     // … what takes a while, well below 7 s in all …
    ///     Ok(input.respond().speak("I found it."))
    /// }
    /// ```
    ///
    /// # Errors
    /// The request does not say where to, or Alexa did not take it.
    pub async fn say_meanwhile(&self, speech: impl Into<Speech> + Send) -> Result<(), ProgressFailed> {
        progress::speak(&self.envelope, speech.into(), &self.around.to_alexa, self.around.is_local).await
    }

    /// A text in the language of the request, to be said.
    ///
    /// # Errors
    /// The skill has no texts, or none of that name.
    #[cfg(feature = "fluent")]
    pub fn text(&self, id: &str) -> Result<Speech, NoText> {
        self.text_with(id, [])
    }

    /// A text in the language of the request, filled in, to be said.
    ///
    /// # Errors
    /// As [`Self::text`], or a variable is missing.
    #[cfg(feature = "fluent")]
    pub fn text_with<'a>(
        &self,
        id: &str,
        args: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> Result<Speech, NoText> {
        self.words_with(id, args).map(Speech::Words)
    }

    /// A text in the language of the request, to be shown: on a card, in a document.
    ///
    /// ```
    /// # use sayso_skill::kit::{Device, World};
    /// use sayso_skill::{Answer, HandlerError, HandlerInput, On, Skill, Texts};
    ///
    /// async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     let answer = input.respond().speak(input.text("welcome")?);
    ///     Ok(answer.simple_card(input.words("title")?, input.words("welcome")?).end_session())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = World::new();
    /// let texts = Texts::new("en", "title = Quiz\nwelcome = Hello!")?.language("de", "title = Rätsel\nwelcome = Hallo!")?;
    /// # let skill = Skill::builder(World::SKILL_ID, world.outside()).trust(world.trust());
    /// let skill = skill.texts(texts).on(On::launch(), welcome).build()?;
    /// # let mut device = Device::of(&world, skill);
    /// # device.speak("de-DE");
    /// # let said = device.open().await;
    /// # assert_eq!((said.speech(), said.card()["title"].as_str()), ("Hallo!", Some("Rätsel")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The skill has no texts, or none of that name.
    #[cfg(feature = "fluent")]
    pub fn words(&self, id: &str) -> Result<String, NoText> {
        self.words_with(id, [])
    }

    /// The same, filled in.
    ///
    /// # Errors
    /// As [`Self::words`], or a variable is missing.
    #[cfg(feature = "fluent")]
    pub fn words_with<'a>(
        &self,
        id: &str,
        args: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> Result<String, NoText> {
        let texts = self.around.texts.as_ref().ok_or(NoText::NoTexts)?;
        texts.words(self.locale(), id, args)
    }

    /// A text that holds SSML, in the language of the request; what is filled in is escaped.
    ///
    /// # Errors
    /// As [`Self::text_with`].
    #[cfg(feature = "fluent")]
    pub fn markup_with<'a>(
        &self,
        id: &str,
        args: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> Result<Speech, NoText> {
        let texts = self.around.texts.as_ref().ok_or(NoText::NoTexts)?;
        texts.markup(self.locale(), id, args).map(Speech::Markup)
    }

    /// The token that passed all six checks.
    ///
    /// # Errors
    /// The handler does not require one.
    pub fn verified_token(&self) -> Result<&AccessToken, NotGuarded> {
        self.token.as_ref().ok_or(NotGuarded)
    }

    /// Starts an answer.
    #[must_use]
    pub fn respond(&self) -> Answer {
        Answer::new()
    }

    /// Tells the console of a local simulator that the handler asks an API now, so that the call is drawn with the turn, and timed. It sees
    /// method, host, path and status, never what is sent. Without such a simulator this does nothing; calls by [`Self::outside`] and
    /// [`Self::get_as_user`] are told by themselves.
    ///
    /// ```
    /// # use sayso_skill::{Answer, HandlerError, HandlerInput};
    /// # struct Weather;
    /// # impl Weather { async fn today(&self) -> Result<(u16, String), std::io::Error> { Ok((200, "sunny".into())) } }
    /// async fn weather(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     # let client = Weather;
    ///     let call = input.begin_call("GET", "https://weather.example/v1/today");
    ///     let (status, words) = client.today().await?;
    ///     call.answered(status);
    ///     Ok(input.respond().speak(words))
    /// }
    /// ```
    pub fn begin_call(&self, method: &str, url: &str) -> Call {
        self.around.calls.begin(Callee::Api, method, url)
    }

    /// What the skill needs from outside, for a handler's own calls.
    #[must_use]
    pub fn outside(&self) -> &Outside {
        &self.around.outside
    }

    /// The same for Alexa's own interfaces, and whether a simulator on this machine may be one.
    pub(crate) fn alexa(&self) -> (&Outside, bool) {
        (&self.around.to_alexa, self.around.is_local)
    }

    pub(crate) async fn save_persistent(&mut self) -> Result<(), HandlerError> {
        self.around.persistent.save().await
    }

    pub(crate) fn admit(&mut self, token: AccessToken, bearer: Option<Secret>) {
        (self.token, self.bearer) = (Some(token), bearer);
    }

    /// The token that passed all six checks, as it came.
    pub(crate) fn verified_bearer(&self) -> Result<&Secret, NotGuarded> {
        self.bearer.as_ref().ok_or(NotGuarded)
    }

    /// The attributes for the answer: only a session has some.
    pub(crate) fn remembered(&self) -> Option<Map<String, Value>> {
        self.envelope.session.known().map(|_| self.session_attributes.clone())
    }

    /// Whether Alexa takes something to say in the answer to this request.
    pub(crate) fn may_speak(&self) -> bool {
        let in_session = self.envelope.session.known().is_some();
        let request_type = self.envelope.request_type().unwrap_or_default();
        let is_mute = ["SessionEndedRequest", "CanFulfillIntentRequest", "System.ExceptionEncountered"]
            .contains(&request_type)
            || ["AudioPlayer.", "PlaybackController."].iter().any(|family| request_type.starts_with(family));
        in_session && !is_mute
    }
}

impl fmt::Debug for HandlerInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerInput").field("envelope", &self.envelope).finish_non_exhaustive()
    }
}
