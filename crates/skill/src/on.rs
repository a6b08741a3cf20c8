//! The typed router: which requests an async function answers, and what they must bring.

use std::future::Future;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sayso_alexa::envelope::{DialogState, RequestBody, SkillEvent};

use crate::answer::Answer;
use crate::handler::{Handler, HandlerError};
use crate::input::HandlerInput;
use crate::requirement::Requirement;

/// Which requests a function answers, and what they must bring; for [`crate::SkillBuilder::on`].
///
/// ```
/// use sayso_skill::{Answer, HandlerError, HandlerInput, On, Outside, Skill, scope};
///
/// async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
///     Ok(input.respond().speak("Hello!").reprompt("What shall it be?"))
/// }
///
/// async fn pay(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
///     let payer = &input.verified_token()?.subject;
///     Ok(input.respond().speak(format!("{payer} pays.")).end_session())
/// }
///
/// # fn build(outside: Outside) -> sayso_skill::SkillBuilder {
/// Skill::builder("amzn1.ask.skill.1", outside)
///     .on(On::launch(), welcome)
///     .on(On::intent("PayIntent").requires(scope("pay").confidence(400)), pay)
/// # }
/// ```
pub struct On {
    when: Box<dyn Fn(&HandlerInput) -> bool + Send + Sync>,
    requirement: Option<Requirement>,
}

impl On {
    /// Whatever `when` says.
    #[must_use]
    pub fn request_where(when: impl Fn(&HandlerInput) -> bool + Send + Sync + 'static) -> Self {
        Self { when: Box::new(when), requirement: None }
    }

    /// Every request; for what comes last.
    #[must_use]
    pub fn anything() -> Self {
        Self::request_where(|_| true)
    }

    /// A request of this type, such as `SessionEndedRequest` or `AudioPlayer.PlaybackStarted`.
    #[must_use]
    pub fn request(request_type: impl Into<String>) -> Self {
        let request_type = request_type.into();
        Self::request_where(move |input| input.is_type(&request_type))
    }

    /// `LaunchRequest`: the skill was opened by its name alone.
    #[must_use]
    pub fn launch() -> Self {
        Self::request("LaunchRequest")
    }

    /// An `IntentRequest` with this intent.
    #[must_use]
    pub fn intent(name: impl Into<String>) -> Self {
        let name = name.into();
        Self::request_where(move |input| input.is_intent(&name))
    }

    /// An `IntentRequest` with one of these intents.
    #[must_use]
    pub fn intents(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Self::request_where(move |input| names.iter().any(|name| input.is_intent(name)))
    }

    /// A `SessionResumedRequest`: a task is over that was started with this token. That of the PIN which
    /// [`Requirement::confidence_or_ask_pin`] has Alexa ask for is the name of the intent that was asked for.
    #[must_use]
    pub fn resumed(token: impl Into<String>) -> Self {
        let token = token.into();
        Self::request_where(move |input| input.resumed().is_some_and(|task| task.token.text() == Some(&token)))
    }

    /// `AlexaSkillEvent.<name>`, such as `SkillDisabled`.
    #[must_use]
    pub fn skill_event(name: &str) -> Self {
        Self::request(format!("{}{name}", SkillEvent::TYPE_PREFIX))
    }

    /// Only if this holds as well.
    #[must_use]
    pub fn when(self, and: impl Fn(&HandlerInput) -> bool + Send + Sync + 'static) -> Self {
        let first = self.when;
        Self { when: Box::new(move |input| first(input) && and(input)), requirement: self.requirement }
    }

    /// Only in this state of the intent's dialog.
    #[must_use]
    pub fn in_dialog(self, state: DialogState) -> Self {
        self.when(move |input| input.dialog_state() == Some(state))
    }

    /// Demands this of the access token, and of the speaker. Without it the function is not run; the person hears why.
    #[must_use]
    pub fn requires(mut self, requirement: Requirement) -> Self {
        self.requirement = Some(requirement);
        self
    }

    pub(crate) fn to<F: for<'i> AsyncHandler<'i> + 'static>(self, function: F) -> Routed {
        Routed {
            when: self.when,
            requirement: self.requirement,
            run: Box::new(move |input| function.answer(input).boxed()),
        }
    }
}

/// An `async fn(&mut HandlerInput) -> Result<Answer, HandlerError>`; implemented for all of them.
pub trait AsyncHandler<'i>: Send + Sync {
    /// What it returns when called.
    type Answering: Future<Output = Result<Answer, HandlerError>> + Send + 'i;

    /// Calls it.
    fn answer(&self, input: &'i mut HandlerInput) -> Self::Answering;
}

impl<'i, F, A> AsyncHandler<'i> for F
where
    F: Fn(&'i mut HandlerInput) -> A + Send + Sync,
    A: Future<Output = Result<Answer, HandlerError>> + Send + 'i,
{
    type Answering = A;

    fn answer(&self, input: &'i mut HandlerInput) -> A {
        self(input)
    }
}

type Run = dyn for<'i> Fn(&'i mut HandlerInput) -> BoxFuture<'i, Result<Answer, HandlerError>> + Send + Sync;

/// A function with what it answers: a handler like any other.
pub(crate) struct Routed {
    when: Box<dyn Fn(&HandlerInput) -> bool + Send + Sync>,
    requirement: Option<Requirement>,
    run: Box<Run>,
}

#[async_trait]
impl Handler for Routed {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        (self.when)(input)
    }

    fn requires(&self) -> Option<Requirement> {
        self.requirement.clone()
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        (self.run)(input).await
    }
}

/// How far the dialog of a request is.
pub(crate) fn dialog_state(body: &RequestBody) -> Option<DialogState> {
    match body {
        RequestBody::Intent(request) => request.dialog_state.known().copied(),
        _ => None,
    }
}
