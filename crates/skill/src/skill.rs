//! A skill: its handlers and what they stand on.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use sayso_alexa::envelope::RequestEnvelope;
use sayso_alexa::limits::Limits;
use sayso_alexa::response::ResponseEnvelope;
use sayso_alexa::timestamp::Tolerance;

use crate::answer::Speech;
use crate::certificates::Certificates;
use crate::dispatch::Dispatched;
use crate::guard::Guard;
use crate::handler::{ErrorHandler, Handler, RequestInterceptor, ResponseInterceptor};
use crate::input::Around;
use crate::on::{AsyncHandler, On};
use crate::outside::Outside;
use crate::persistence::{self, KeyOf, Persistence, Persistent};
use crate::refusal::Refusal;
use crate::spent::{SpentIds, SpentInMemory};
use crate::state::State;
#[cfg(feature = "fluent")]
use crate::texts::Texts;
use crate::trace::{Callee, Calls, Telling, Trace};
use crate::trust::Trust;
use crate::verification::{Post, RequestRefused, Verifier};

/// Alexa gives up after 8 s; a handler is given up a second earlier, so that there is time to say so.
const ANSWER_WITHIN: Duration = Duration::from_secs(7);

/// A skill: give it what was posted, and send what it replies.
pub struct Skill {
    pub(crate) verifier: Verifier,
    pub(crate) outside: Outside,
    pub(crate) guard: Option<Guard>,
    pub(crate) handlers: Vec<Box<dyn Handler>>,
    pub(crate) error_handlers: Vec<Box<dyn ErrorHandler>>,
    pub(crate) request_interceptors: Vec<Box<dyn RequestInterceptor>>,
    pub(crate) response_interceptors: Vec<Box<dyn ResponseInterceptor>>,
    pub(crate) limits: Limits,
    pub(crate) words: Words,
    pub(crate) persistence: Option<(Arc<dyn Persistence>, KeyOf)>,
    pub(crate) state: Arc<State>,
    #[cfg(feature = "fluent")]
    pub(crate) texts: Option<Arc<Texts>>,
}

/// What is said for a refusal in a language.
pub(crate) type Words = Arc<dyn Fn(Refusal, Option<&str>) -> Speech + Send + Sync>;

/// The handler of a skill event failed. Nobody hears an apology for it; told of the failure, Alexa sends the event again, for an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the handler of a skill event failed; it shall come again")]
pub struct EventFailed;

/// Why a request got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// It is not for this skill.
    #[error(transparent)]
    Refused(#[from] RequestRefused),
    /// It shall come again.
    #[error(transparent)]
    Event(#[from] EventFailed),
}

impl NotAnswered {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.reason(),
            Self::Event(EventFailed) => "event_failed",
        }
    }
}

/// What to send back over HTTP.
#[derive(Clone, Debug)]
pub struct Reply {
    /// 200; 400 for a request that was refused; 500 for a skill event whose handler failed, which Alexa then sends again.
    pub status: u16,
    /// The response as JSON; empty unless the status is 200.
    pub body: Vec<u8>,
    /// The value of the [`TRACE_HEADER`](crate::TRACE_HEADER), while a local simulator is trusted.
    pub trace: Option<String>,
    /// Why the body is no handler's answer: a reason code and words. For logs and tests; the sender is not told.
    pub why: Option<String>,
}

impl Skill {
    /// Starts a skill with the id that Alexa's console shows, `amzn1.ask.skill.…`.
    #[must_use]
    pub fn builder(skill_id: impl Into<String>, outside: Outside) -> SkillBuilder {
        SkillBuilder {
            state: State::default(),
            skill: Self {
                verifier: Verifier {
                    skill_id: skill_id.into(),
                    trust: Trust::Amazon,
                    tolerance: Tolerance::default(),
                    certificates: Certificates::default(),
                    spent: Arc::new(SpentInMemory::default()),
                },
                outside,
                guard: None,
                handlers: Vec::new(),
                error_handlers: Vec::new(),
                request_interceptors: Vec::new(),
                response_interceptors: Vec::new(),
                limits: Limits::default(),
                words: Arc::new(|refusal, locale| refusal.words_in(locale).into()),
                persistence: None,
                state: Arc::default(),
                #[cfg(feature = "fluent")]
                texts: None,
            },
        }
    }

    /// Checks what was posted and answers it, in under 8 s whatever happens.
    pub async fn reply(&self, post: Post<'_>) -> Reply {
        self.reply_and_tell(post, None).await
    }

    /// The same; a local simulator that gives a name for it is told meanwhile how far it has come.
    pub(crate) async fn reply_and_tell(&self, post: Post<'_>, name: Option<&str>) -> Reply {
        let late = self.outside.timer.sleep(ANSWER_WITHIN);
        let calls = self.calls();
        match self.verifier.verify(&post, &calls.in_sight(&self.outside, Callee::Alexa)).await {
            Err(refused) => self.refuse(refused, calls),
            Ok(envelope) => {
                let tokens = tokens_of(&envelope);
                let telling = name.zip(self.verifier.trust.dangerous_chains());
                let telling =
                    telling.and_then(|(name, chains)| Telling::under(name, chains, &tokens, &self.outside.fetch));
                let work = Box::pin(self.dispatch(envelope, late, calls.clone()));
                let Dispatched { response, trace, why } = match telling {
                    Some(telling) => telling.during(work, &calls).await,
                    None => work.await,
                };
                let trace = self.verifier.trust.is_dangerous().then(|| trace.header(&tokens)).flatten();
                match response {
                    Ok(response) => {
                        Reply { status: 200, body: serde_json::to_vec(&response).unwrap_or_default(), trace, why }
                    }
                    Err(EventFailed) => Reply { status: 500, body: Vec::new(), trace, why },
                }
            }
        }
    }

    /// Answers a request whose sender is proven otherwise: by the platform, or because it is a test.
    ///
    /// Signature and time are not looked at; skill id and account are.
    ///
    /// # Errors
    /// The request is another skill's, or speaks of two accounts; or it is a skill event whose handler failed. Tell Alexa so, with status
    /// 500 or as a failure of the function, and it comes again.
    pub async fn answer(&self, envelope: RequestEnvelope) -> Result<ResponseEnvelope, NotAnswered> {
        self.verifier.check_addressee(&envelope)?;
        let late = self.outside.timer.sleep(ANSWER_WITHIN);
        Ok(Box::pin(self.dispatch(envelope, late, Calls::default())).await.response?)
    }

    /// Where a request's calls are noted; nowhere, unless a local simulator reads of them.
    fn calls(&self) -> Calls {
        if self.verifier.trust.is_dangerous() {
            Calls::noted_by(Arc::clone(&self.outside.timer))
        } else {
            Calls::default()
        }
    }

    pub(crate) fn around(&self, calls: Calls) -> Around {
        Around {
            outside: calls.in_sight(&self.outside, Callee::Api),
            to_alexa: calls.in_sight(&self.outside, Callee::Alexa),
            calls,
            persistent: Persistent::kept_in(self.persistence.clone()),
            state: Arc::clone(&self.state),
            is_local: self.verifier.trust.is_dangerous(),
            #[cfg(feature = "fluent")]
            texts: self.texts.clone(),
        }
    }

    fn refuse(&self, refused: RequestRefused, calls: Calls) -> Reply {
        tracing::warn!(reason = refused.reason(), check = ?refused.check(), "a request was refused");
        let may_trace = self.verifier.trust.is_dangerous() && refused.is_past_the_signature();
        let trace = may_trace.then(|| Trace::of_request(Some(refused)).with_calls(calls).header(&[])).flatten();
        Reply { status: 400, body: Vec::new(), trace, why: Some(format!("{}: {refused}", refused.reason())) }
    }
}

/// The tokens that must not appear in a trace.
fn tokens_of(envelope: &RequestEnvelope) -> Vec<String> {
    let tokens = [envelope.access_token(), envelope.person_access_token()];
    tokens.into_iter().flatten().map(|token| token.expose().to_owned()).filter(|token| !token.is_empty()).collect()
}

/// Puts a skill together.
pub struct SkillBuilder {
    skill: Skill,
    state: State,
}

/// A skill that must not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSkill {
    /// Requests of any skill would pass.
    #[error("name the skill's id; without it, another skill's requests would be answered")]
    NoSkillId,
    /// Nothing would ever be answered.
    #[error("add at least one handler")]
    NoHandler,
    /// A handler requires a token that nobody could check.
    #[error("a handler requires a linked account, but the skill has no guard")]
    NoGuard,
    /// Every token would be refused.
    #[error("the guard accepts no signature algorithm; name one, or leave RS256")]
    NoAlgorithm,
    /// A handler demands that the authority is asked, and the guard cannot.
    #[error("a handler demands live(), but the guard only has keys; use Guard::both or Guard::introspection")]
    CannotAsk,
    /// Anyone on the way could vouch for tokens.
    #[error("the guard must ask over https, or over http on this machine: {0}")]
    InsecureGuard(String),
}

impl SkillBuilder {
    /// Adds a handler; those added first are asked first.
    #[must_use]
    pub fn handler(mut self, handler: impl Handler + 'static) -> Self {
        self.skill.handlers.push(Box::new(handler));
        self
    }

    /// Adds a function as a handler, with what it answers; those added first are asked first.
    #[must_use]
    pub fn on<F: for<'i> AsyncHandler<'i> + 'static>(self, on: On, function: F) -> Self {
        self.handler(on.to(function))
    }

    /// Adds an error handler; those added first are asked first.
    #[must_use]
    pub fn error_handler(mut self, handler: impl ErrorHandler + 'static) -> Self {
        self.skill.error_handlers.push(Box::new(handler));
        self
    }

    /// Adds something that sees every request before its handler is chosen.
    #[must_use]
    pub fn request_interceptor(mut self, interceptor: impl RequestInterceptor + 'static) -> Self {
        self.skill.request_interceptors.push(Box::new(interceptor));
        self
    }

    /// Adds something that sees every answer of a handler before it is sent.
    #[must_use]
    pub fn response_interceptor(mut self, interceptor: impl ResponseInterceptor + 'static) -> Self {
        self.skill.response_interceptors.push(Box::new(interceptor));
        self
    }

    /// Sets the guard for all handlers that require something.
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.skill.guard = Some(guard);
        self
    }

    /// Sets where attributes are kept from one session to the next, by the user of the request.
    #[must_use]
    pub fn persistence(self, store: impl Persistence + 'static) -> Self {
        self.persistence_by(persistence::by_user, store)
    }

    /// The same, by a key of one's own, such as [`persistence::by_person`] or [`persistence::by_device`].
    #[must_use]
    pub fn persistence_by(
        mut self,
        key_of: impl Fn(&RequestEnvelope) -> Option<String> + Send + Sync + 'static,
        store: impl Persistence + 'static,
    ) -> Self {
        self.skill.persistence = Some((Arc::new(store), Arc::new(key_of)));
        self
    }

    /// Hands something to all handlers: a database, a client, settings. There is one value of a type; they reach it with
    /// [`HandlerInput::state`](crate::HandlerInput::state).
    ///
    /// ```
    /// use sayso_skill::{Answer, HandlerError, HandlerInput, On, Outside, Skill, SkillBuilder};
    ///
    /// struct Shop {
    ///     name: String,
    /// }
    ///
    /// async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     let shop = input.state::<Shop>()?;
    ///     Ok(input.respond().speak(format!("Welcome to {}.", shop.name)).end_session())
    /// }
    ///
    /// fn build(outside: Outside) -> SkillBuilder {
    ///     Skill::builder("amzn1.ask.skill.…", outside).state(Shop { name: "Corner Books".into() }).on(On::launch(), welcome)
    /// }
    /// ```
    #[must_use]
    pub fn state<T: Any + Send + Sync>(mut self, value: T) -> Self {
        self.state.insert(value);
        self
    }

    /// Sets what is said in each language.
    #[cfg(feature = "fluent")]
    #[must_use]
    pub fn texts(mut self, texts: Texts) -> Self {
        self.skill.texts = Some(Arc::new(texts));
        self
    }

    /// Sets whose signatures are believed; Amazon's unless set.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.skill.verifier.trust = trust;
        self
    }

    /// Sets how far a request's time may lie from ours; 150 s unless set.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.skill.verifier.tolerance = tolerance;
        self
    }

    /// Sets where it is remembered which requests came, each of which is answered once; in this process unless set. Several processes that
    /// answer for one skill need a store in common: a copied request could come to another of them, within 150 s.
    #[must_use]
    pub fn spent_requests(mut self, store: impl SpentIds + 'static) -> Self {
        self.skill.verifier.spent = Arc::new(store);
        self
    }

    /// Sets what an answer may hold at most; Amazon's numbers unless set.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.skill.limits = limits;
        self
    }

    /// Sets what is said when the account may not be used, by kind of refusal and language tag. Unless set, it is said in German to
    /// whoever speaks German, and in English to everyone else ([`Refusal::words_in`]).
    ///
    /// ```
    /// use sayso_skill::{Refusal, SkillBuilder};
    ///
    /// fn in_french_too(skill: SkillBuilder) -> SkillBuilder {
    ///     skill.refusal_words(|refusal, locale| match (refusal, locale) {
    ///         (Refusal::NotLinked, Some("fr-FR")) => "Associez d'abord votre compte, dans l'application Alexa.",
    ///         _ => refusal.words_in(locale),
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn refusal_words<S: Into<Speech>>(
        mut self,
        words: impl Fn(Refusal, Option<&str>) -> S + Send + Sync + 'static,
    ) -> Self {
        self.skill.words = Arc::new(move |refusal, locale| words(refusal, locale).into());
        self
    }

    /// The skill.
    ///
    /// # Errors
    /// Something is missing without which the skill would be useless or open to anyone.
    pub fn build(self) -> Result<Skill, BadSkill> {
        let mut skill = self.skill;
        skill.state = Arc::new(self.state);
        if skill.verifier.skill_id.is_empty() {
            return Err(BadSkill::NoSkillId);
        }
        if skill.handlers.is_empty() {
            return Err(BadSkill::NoHandler);
        }
        let demanded: Vec<_> = skill.handlers.iter().filter_map(|handler| handler.requires()).collect();
        match &skill.guard {
            None if !demanded.is_empty() => return Err(BadSkill::NoGuard),
            None => {}
            Some(guard) => guard.check_setup(&demanded)?,
        }
        if skill.verifier.trust.is_dangerous() {
            tracing::warn!(skill_id = %skill.verifier.skill_id, "a local simulator's signatures are trusted");
        }
        Ok(skill)
    }
}
