//! What a skill author writes: handlers, error handlers, interceptors.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use sayso_alexa::limits::ResponseRefused;

use crate::answer::Answer;
use crate::input::HandlerInput;
use crate::requirement::Requirement;

/// Answers some of the requests: a pair of `can_handle` and `handle`, as in Amazon's SDKs. A function does as well, see [`crate::On`].
///
/// ```
/// use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, Requirement, async_trait, scope};
///
/// struct Balance {
///     bank: String,
/// }
///
/// #[async_trait]
/// impl Handler for Balance {
///     fn can_handle(&self, input: &HandlerInput) -> bool {
///         input.is_intent("BalanceIntent")
///     }
///
///     fn requires(&self) -> Option<Requirement> {
///         Some(scope("read:balance"))
///     }
///
///     async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
///         let whose = &input.verified_token()?.subject;
///         Ok(input.respond().speak(format!("{} knows {whose}.", self.bank)).end_session())
///     }
/// }
/// ```
#[async_trait]
pub trait Handler: Send + Sync {
    /// Whether this handler answers the request. Handlers are asked in the order in which they were added.
    fn can_handle(&self, input: &HandlerInput) -> bool;

    /// What the access token must allow; `None` for a handler that needs to know nobody.
    ///
    /// A handler that requires something is not run without it: the person hears how to link the account instead.
    fn requires(&self) -> Option<Requirement> {
        None
    }

    /// Answers. After 7 s it is given up, its future dropped, and the error handlers answer instead.
    ///
    /// # Errors
    /// Whatever goes wrong; the error handlers turn it into something to say.
    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError>;
}

/// Whatever went wrong in a handler. Any error becomes one with `?`.
pub struct HandlerError(Box<dyn Error + Send + Sync>);

impl HandlerError {
    /// The error itself.
    #[must_use]
    pub fn source(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why there is no answer from a handler.
#[derive(Debug)]
pub enum Failure {
    /// No handler answers this request.
    NoHandler,
    /// The handler, or an interceptor, returned an error.
    Handler(HandlerError),
    /// The handler, or an interceptor, panicked.
    Panicked,
    /// There was no answer in time.
    TooLate,
    /// Alexa would refuse the answer.
    Refused(Vec<ResponseRefused>),
}

impl Failure {
    /// The stable reason code.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NoHandler => "no_handler",
            Self::Handler(_) => "handler_error",
            Self::Panicked => "handler_panicked",
            Self::TooLate => "handler_too_late",
            Self::Refused(_) => "response_refused",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHandler => f.write_str("no handler answers this request"),
            Self::Handler(error) => write!(f, "{}", error.source()),
            Self::Panicked => f.write_str("the handler, or an interceptor, panicked"),
            Self::TooLate => f.write_str("there was no answer in time"),
            Self::Refused(refused) => {
                let refused: Vec<String> = refused.iter().map(ToString::to_string).collect();
                f.write_str(&refused.join("; "))
            }
        }
    }
}

/// Turns a failure into something to say.
///
/// ```
/// use sayso_skill::{Answer, ErrorHandler, Failure, HandlerError, HandlerInput, async_trait};
///
/// struct Apology;
///
/// #[async_trait]
/// impl ErrorHandler for Apology {
///     fn can_handle(&self, input: &HandlerInput, failure: &Failure) -> bool {
///         input.is_type("IntentRequest") && !matches!(failure, Failure::NoHandler)
///     }
///
///     async fn handle(&self, input: &mut HandlerInput, _failure: &Failure) -> Result<Answer, HandlerError> {
///         Ok(input.respond().speak("The shop has a problem right now. Please try again later.").end_session())
///     }
/// }
/// ```
///
/// Without one, the person hears a plain apology, in English or German. The failure itself is in the log, and what is answered to a
/// skill event that failed does not matter: Alexa sends that again.
#[async_trait]
pub trait ErrorHandler: Send + Sync {
    /// Whether this one takes the failure. Error handlers are asked in the order in which they were added.
    fn can_handle(&self, input: &HandlerInput, failure: &Failure) -> bool;

    /// Answers instead of the handler.
    ///
    /// # Errors
    /// Then the person hears a plain apology.
    async fn handle(&self, input: &mut HandlerInput, failure: &Failure) -> Result<Answer, HandlerError>;
}

/// Sees every request before its handler is chosen. What it has for the handlers, it puts into the request attributes.
///
/// ```
/// use sayso_skill::{HandlerError, HandlerInput, RequestInterceptor, async_trait};
///
/// struct Visits(u64);
/// struct CountVisits;
///
/// #[async_trait]
/// impl RequestInterceptor for CountVisits {
///     async fn process(&self, input: &mut HandlerInput) -> Result<(), HandlerError> {
///         let visits = input.recall("visits").unwrap_or_default();
///         input.request_attributes_mut().insert(Visits(visits));
///         input.remember("visits", visits + 1)
///     }
/// }
/// ```
#[async_trait]
pub trait RequestInterceptor: Send + Sync {
    /// May change the session attributes.
    ///
    /// # Errors
    /// The request goes to the error handlers.
    async fn process(&self, input: &mut HandlerInput) -> Result<(), HandlerError>;
}

/// Sees every answer of a handler before it is sent; not those by which the guard refuses, and not those of error handlers.
///
/// ```
/// use sayso_skill::{Answer, HandlerError, HandlerInput, ResponseInterceptor, async_trait};
///
/// /// Whatever is asked can be asked again.
/// struct AlwaysReprompt;
///
/// #[async_trait]
/// impl ResponseInterceptor for AlwaysReprompt {
///     async fn process(&self, _input: &mut HandlerInput, answer: &mut Answer) -> Result<(), HandlerError> {
///         if answer.response().should_end_session.keeps_listening() && answer.response().reprompt.is_none() {
///             *answer = std::mem::take(answer).reprompt("Are you still there?");
///         }
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait ResponseInterceptor: Send + Sync {
    /// May change the answer.
    ///
    /// # Errors
    /// The request goes to the error handlers.
    async fn process(&self, input: &mut HandlerInput, answer: &mut Answer) -> Result<(), HandlerError>;
}
