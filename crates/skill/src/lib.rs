//! The SDK that skill authors import.
//!
//! A skill is a list of handlers. Each says which requests it answers and, when it needs to know whose account it acts
//! for, what the access token must allow:
//!
//! ```
//! use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, Requirement, async_trait};
//!
//! struct FavoriteColor;
//!
//! #[async_trait]
//! impl Handler for FavoriteColor {
//!     fn can_handle(&self, input: &HandlerInput) -> bool {
//!         input.is_intent("FavoriteColorIntent")
//!     }
//!
//!     fn requires(&self) -> Option<Requirement> {
//!         Some(Requirement::linked_account())
//!     }
//!
//!     async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
//!         let color = input.verified_token()?.claims.get("FavoriteColorClaim").and_then(|claim| claim.as_str());
//!         Ok(input.respond().speak(color.unwrap_or("I do not know your favorite color.")).end_session())
//!     }
//! }
//! ```
//!
//! Everything before the handler is done for it: the signature over the raw body, the certificate chain, the time, the
//! skill id, and the six checks of the access token. A handler that requires something is not run without it.
//!
//! The crate needs neither an HTTP server nor a client; features bring them: `axum` serves a skill, `http` fetches
//! certificates and keys and asks introspection.

mod answer;
#[cfg(feature = "bridge")]
pub mod bridge;
mod certificates;
mod dispatch;
mod events;
mod guard;
mod handler;
mod input;
mod on;
pub mod outside;
pub mod persistence;
mod progress;
mod refusal;
mod request_attributes;
mod requirement;
mod skill;
#[cfg(feature = "fluent")]
mod texts;
mod trace;
mod trust;
mod verification;

#[cfg(feature = "kit")]
pub mod kit;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(feature = "layer")]
mod layer;
#[cfg(feature = "axum")]
mod serve;
#[cfg(feature = "server")]
mod standalone;

pub use answer::{Answer, Speech};
pub use async_trait::async_trait;
pub use events::{InsecureRevocation, RevokeWhenDisabled};
pub use guard::{BadGuard, Guard, Introspection};
pub use handler::{ErrorHandler, Failure, Handler, HandlerError, RequestInterceptor, ResponseInterceptor};
pub use input::{HandlerInput, NotGuarded};
#[cfg(feature = "layer")]
pub use layer::{GuardLayer, Guarded};
pub use on::{AsyncHandler, On};
pub use outside::Outside;
pub use progress::ProgressFailed;
pub use refusal::Refusal;
pub use request_attributes::RequestAttributes;
pub use requirement::{Requirement, linked_account, scope};
pub use skill::{BadSkill, Reply, Skill, SkillBuilder};
#[cfg(feature = "server")]
pub use standalone::ServerDown;
#[cfg(feature = "fluent")]
pub use texts::{BadTexts, FluentValue, NoText, Texts};
pub use trace::TRACE_HEADER;
pub use trust::{BadTrust, DangerousLocalTrust, Trust};
pub use verification::{Post, RequestCheck, RequestRefused};

pub use sayso_alexa as alexa;
pub use sayso_token as token;

/// The pages of the guide: their code is compiled and run with the tests.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../../docs/guide/from-ask-sdk.md")]
    struct FromAskSdk;
    #[doc = include_str!("../../../docs/guide/providers.md")]
    struct Providers;
    #[doc = include_str!("../../../docs/guide/secure-an-existing-skill.md")]
    struct SecureAnExistingSkill;
}
