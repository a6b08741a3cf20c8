//! What a skill author writes: handlers, error handlers, interceptors.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use sayso_alexa::limits::ResponseRefused;

use crate::answer::Answer;
use crate::input::HandlerInput;
use crate::requirement::Requirement;

/// Answers some of the requests.
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

/// Turns a failure into something to say.
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

/// Sees every request before its handler is chosen.
#[async_trait]
pub trait RequestInterceptor: Send + Sync {
    /// May change the session attributes.
    ///
    /// # Errors
    /// The request goes to the error handlers.
    async fn process(&self, input: &mut HandlerInput) -> Result<(), HandlerError>;
}

/// Sees every answer of a handler before it is sent.
#[async_trait]
pub trait ResponseInterceptor: Send + Sync {
    /// May change the answer.
    ///
    /// # Errors
    /// The request goes to the error handlers.
    async fn process(&self, input: &mut HandlerInput, answer: &mut Answer) -> Result<(), HandlerError>;
}
