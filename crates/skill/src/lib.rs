//! The SDK that skill authors import.
//!
//! # A skill
//!
//! A skill is a list of functions. Each says which requests it answers and, when it needs to know whose account it acts for, what the
//! access token must allow:
//!
//! ```
//! use sayso_skill::token::guard::Provider;
//! use sayso_skill::{Answer, Guard, HandlerError, HandlerInput, On, Outside, Skill, scope};
//!
//! async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
//!     Ok(input.respond().speak("Hello! Ask me for your favorite color.").reprompt("What would you like to know?"))
//! }
//!
//! async fn favorite_color(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
//!     let color = input.verified_token()?.claims.get("FavoriteColorClaim").and_then(|claim| claim.as_str());
//!     Ok(input.respond().speak(color.unwrap_or("I do not know your favorite color.")).end_session())
//! }
//!
//! fn skill(outside: Outside) -> Result<Skill, Box<dyn std::error::Error>> {
//!     let sayso = Provider::sayso("https://auth.example", "https://quiz.example")?;
//!     Ok(Skill::builder("amzn1.ask.skill.…", outside)
//!         .guard(Guard::local(sayso)?)
//!         .on(On::launch(), welcome)
//!         .on(On::intent("FavoriteColorIntent").requires(scope("profile")), favorite_color)
//!         .build()?)
//! }
//! # skill(Outside::system()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything before the function is done for it: the signature over the raw body, the certificate chain, the time, the skill id, and the
//! six checks of the access token. A function that requires something is not run without it: the person hears how to link an
//! account, and gets the card. An answer that Alexa would refuse is not sent, a function that hangs is given up after 7 s, and one that
//! panics is apologised for: there is always an answer in time.
//!
//! # From nothing to an answer
//!
//! `sayso new my-skill` writes a whole skill, with its package, account linking, guard and tests. By hand: `Cargo.toml` names the SDK, a
//! runtime and a server; and the SDK's kit for the tests:
//!
//! ```toml
//! [dependencies]
//! axum = "0.8"
//! sayso-skill = { path = "../sayso/crates/skill" }
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
//!
//! [dev-dependencies]
//! sayso-skill = { path = "../sayso/crates/skill", features = ["kit"] }
//! ```
//!
//! `main` puts the skill behind an address; Alexa wants HTTPS there, by a proxy in front or by `Skill::serve_tls`:
//!
//! ```no_run
//! use sayso_skill::{Answer, HandlerError, HandlerInput, On, Outside, Skill};
//!
//! async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
//!     Ok(input.respond().speak("Hello!").end_session())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let skill = Skill::builder("amzn1.ask.skill.…", Outside::system()?).on(On::launch(), welcome).build()?;
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     axum::serve(listener, skill.into_router()).await?;
//!     Ok(())
//! }
//! ```
//!
//! Beside a simulator on this machine (`sayso skill console`, `sayso dev`) the skill is told to believe it:
//! `.trust(Trust::DangerousLocal(…))`, see [`Trust`]. On Lambda `main` is `lambda::run`. In the tests the kit is world, Alexa and authority.
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | what is answered when | [`On`], or [`Handler`] with `can_handle` and `handle` as in Amazon's SDKs |
//! | what is said and shown | [`Answer`]; words are words, markup is [`Ssml`]; directives in [`alexa::response::directives`] |
//! | what came | [`HandlerInput`], and the whole request in [`alexa::envelope`] |
//! | what handlers share: a database, a client | [`SkillBuilder::state`], [`HandlerInput::state`] |
//! | asking an API as the person, or Alexa itself | [`HandlerInput::get_as_user`], [`HandlerInput::ask_alexa`] |
//! | a spoken PIN | [`Requirement::confidence_or_ask_pin`], [`On::resumed`] |
//! | who may | [`Requirement`], [`Guard`], and the vendors in [`token::guard::Provider`] |
//! | what is remembered | [`HandlerInput::remember`] for a session, [`persistence`] beyond it |
//! | other languages | `Texts` by locale, `HandlerInput::text`; what the SDK says itself: [`SkillBuilder::refusal_words`] |
//! | tests | `kit` |
//! | what goes wrong | [`ErrorHandler`], [`Failure`] |
//! | before and after all of them | [`RequestInterceptor`], [`ResponseInterceptor`] |
//! | a skill that is disabled | [`RevokeWhenDisabled`] |
//!
//! # Features
//!
//! The crate alone needs neither an HTTP server nor a client.
//!
//! | feature | brings | default |
//! |---|---|---|
//! | `axum` | `Skill::into_router`, the system's clock and timers | yes |
//! | `http` | fetching certificates and keys, asking introspection | yes |
//! | `layer` | `GuardLayer`: the guard in front of APIs that are no skills | yes |
//! | `fluent` | `Texts` | yes |
//! | `server` | `Skill::serve_tls`, without a proxy in front | |
//! | `lambda` | `lambda::run` | |
//! | `bridge` | `bridge::Bridge`: real devices, this machine, no public address | |
//! | `sqlite` | `persistence::SqliteAttributes` | |
//! | `kit` | `kit`: a world, a device and two hundred attacks for a skill's tests | |

mod answer;
mod as_user;
mod ask_alexa;
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
pub mod spent;
mod state;
#[cfg(feature = "fluent")]
mod texts;
mod trace;
mod trust;
mod verification;
mod words;

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
pub use as_user::NotAsked;
pub use ask_alexa::AlexaNotAsked;
pub use async_trait::async_trait;
pub use events::{InsecureRevocation, RevokeWhenDisabled};
pub use guard::{BadGuard, Guard, Introspection};
pub use handler::{ErrorHandler, Failure, Handler, HandlerError, RequestInterceptor, ResponseInterceptor};
pub use input::{HandlerInput, NotGuarded};
#[cfg(feature = "layer")]
pub use layer::{BadAddress, GuardLayer, Guarded};
pub use on::{AsyncHandler, On};
pub use outside::Outside;
pub use progress::ProgressFailed;
pub use refusal::Refusal;
pub use request_attributes::RequestAttributes;
pub use requirement::{Requirement, linked_account, scope};
pub use skill::{BadSkill, EventFailed, NotAnswered, Reply, Skill, SkillBuilder};
#[cfg(feature = "server")]
pub use standalone::ServerDown;
pub use state::NoState;
#[cfg(feature = "fluent")]
pub use texts::{BadTexts, FluentValue, NoText, Texts};
pub use trace::{Call, TELL_HEADER, TRACE_HEADER};
pub use trust::{BadTrust, DangerousLocalTrust, Trust};
pub use verification::{Post, RequestCheck, RequestRefused};

pub use sayso_alexa as alexa;
pub use sayso_alexa::ssml::Ssml;
pub use sayso_token as token;

/// The pages of the guide: their code is compiled and run with the tests.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../../docs/guide/from-ask-sdk.md")]
    struct FromAskSdk;
    #[doc = include_str!("../../../docs/guide/lambda.md")]
    struct Lambda;
    #[doc = include_str!("../../../docs/guide/providers.md")]
    struct Providers;
    #[doc = include_str!("../../../docs/guide/secure-an-existing-skill.md")]
    struct SecureAnExistingSkill;
}
