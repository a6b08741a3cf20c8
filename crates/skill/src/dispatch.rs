//! From a verified request to an answer, whatever happens on the way.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use sayso_alexa::envelope::{RequestBody, RequestEnvelope};
use sayso_alexa::limits;
use sayso_alexa::response::{Response, ResponseEnvelope};
use sayso_token::secret::Secret;
use serde_json::json;

use crate::answer::Answer;
use crate::handler::Failure;
use crate::input::HandlerInput;
use crate::skill::{EventFailed, Skill};
use crate::trace::{Callee, Calls, Trace};
use crate::words::{self, Language};

/// What the error handlers get of the second that is left.
const APOLOGISE_WITHIN: Duration = Duration::from_millis(500);

/// What became of a request.
pub(crate) struct Dispatched {
    pub(crate) response: Result<ResponseEnvelope, EventFailed>,
    pub(crate) trace: Trace,
    /// Why the response is no handler's.
    pub(crate) why: Option<String>,
}

impl Skill {
    /// Answers; `late` ends when the handler must be given up.
    pub(crate) async fn dispatch(
        &self,
        envelope: RequestEnvelope,
        late: impl Future<Output = ()> + Send,
        calls: Calls,
    ) -> Dispatched {
        let mut input = HandlerInput::new(envelope, self.around(calls.clone()));
        let mut trace = Trace::of_request(None).with_calls(calls);
        let outcome = bounded(self.attempt(&mut input, &mut trace), late).await;
        let failure = match outcome.and_then(|answer| self.finished(&input, answer)) {
            Ok(response) => return Dispatched { response: Ok(response), why: trace.denied(), trace },
            Err(failure) => failure,
        };
        let apology = self.apologise(&mut input, &failure).await;
        // An event that no handler wants is not worth sending again.
        let comes_again = is_event(&input) && !matches!(failure, Failure::NoHandler);
        let response = if comes_again { Err(EventFailed) } else { Ok(apology) };
        Dispatched { response, trace, why: Some(format!("{}: {failure}", failure.reason())) }
    }

    /// Interceptors, guard, handler, interceptors.
    async fn attempt(&self, input: &mut HandlerInput, trace: &mut Trace) -> Result<Answer, Failure> {
        for interceptor in &self.request_interceptors {
            interceptor.process(input).await.map_err(Failure::Handler)?;
        }
        let handler = self.handlers.iter().find(|handler| handler.can_handle(input)).ok_or(Failure::NoHandler)?;
        if let Some(requirement) = handler.requires() {
            // A skill without a guard is not built; should a handler change its mind later, it stays closed.
            let Some(guard) = &self.guard else {
                return Err(Failure::Handler(crate::skill::BadSkill::NoGuard.into()));
            };
            let outside = trace.calls().in_sight(&self.outside, Callee::AuthorizationServer);
            match guard.judge(input.envelope(), &requirement, &outside, trace).await {
                Ok(token) => {
                    let bearer = guard.token_for(input.envelope(), &requirement).map(Secret::new);
                    input.admit(token, bearer);
                }
                Err(refusal) => return Ok(refusal.answer((self.words)(refusal, input.locale()), &requirement, input)),
            }
        }
        let mut answer = handler.handle(input).await.map_err(Failure::Handler)?;
        for interceptor in &self.response_interceptors {
            interceptor.process(input, &mut answer).await.map_err(Failure::Handler)?;
        }
        input.save_persistent().await.map_err(Failure::Handler)?;
        Ok(answer)
    }

    /// The envelope around an answer, if Alexa would take it.
    fn finished(&self, input: &HandlerInput, answer: Answer) -> Result<ResponseEnvelope, Failure> {
        let mut envelope = ResponseEnvelope::new(answer.into_response());
        envelope.session_attributes = input.remembered();
        let request_type = input.envelope().request_type().unwrap_or_default();
        let refused = limits::refusals(&envelope, request_type, &self.limits);
        if refused.is_empty() { Ok(envelope) } else { Err(Failure::Refused(refused)) }
    }

    /// The first error handler that takes the failure, or plain words.
    async fn apologise(&self, input: &mut HandlerInput, failure: &Failure) -> ResponseEnvelope {
        let request_id = input.envelope().request().and_then(|request| request.request_id.text());
        tracing::error!(reason = failure.reason(), request_id, ?failure, "no answer from a handler");
        let attempt = async {
            let handler = self.error_handlers.iter().find(|handler| handler.can_handle(input, failure));
            match handler {
                Some(handler) => handler.handle(input, failure).await.map_err(Failure::Handler),
                None => Ok(plain_apology(input, failure)),
            }
        };
        let answer = bounded(attempt, self.outside.timer.sleep(APOLOGISE_WITHIN)).await;
        match answer.and_then(|answer| self.finished(input, answer)) {
            Ok(response) => response,
            Err(second) => {
                tracing::error!(reason = second.reason(), failure = ?second, "the error handler failed too");
                // Without the session attributes, which may be what made the answer too large.
                ResponseEnvelope::new(plain_apology(input, failure).into_response())
            }
        }
    }
}

/// Waits for `work` until `late` ends; a panic in `work` ends it too.
async fn bounded<T>(
    work: impl Future<Output = Result<T, Failure>> + Send,
    late: impl Future<Output = ()> + Send,
) -> Result<T, Failure> {
    match select(pin!(AssertUnwindSafe(work).catch_unwind()), pin!(late)).await {
        Either::Left((Ok(outcome), _)) => outcome,
        Either::Left((Err(_panic), _)) => Err(Failure::Panicked),
        Either::Right(((), _)) => Err(Failure::TooLate),
    }
}

fn is_event(input: &HandlerInput) -> bool {
    matches!(input.envelope().request().map(|request| &request.body), Some(RequestBody::SkillEvent(_)))
}

/// An answer that Alexa takes for any request: words where words are allowed.
fn plain_apology(input: &HandlerInput, failure: &Failure) -> Answer {
    let mut answer = Answer::new();
    if input.may_speak() {
        answer = answer.speak(words::apology(failure, Language::of(input.locale()))).end_session();
    } else if input.is_type("CanFulfillIntentRequest") {
        *answer.response_mut() =
            Response { can_fulfill_intent: Some(json!({"canFulfill": "NO"})), ..Response::default() };
    }
    answer
}
