//! What the tests of a skill need: a world without a network, a device that keeps its session, and bad requests by the hundred.
//!
//! ```
//! use sayso_skill::kit::{Device, World, intent};
//! use sayso_skill::{Answer, HandlerError, HandlerInput, On, Skill, scope};
//!
//! async fn color(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
//!     let whose = input.verified_token()?.subject.clone();
//!     Ok(input.respond().speak(format!("{whose}'s color is teal.")).end_session())
//! }
//!
//! /// The skill as `main` builds it, in the world of the tests.
//! fn skill(world: &World) -> Skill {
//!     Skill::builder(World::SKILL_ID, world.outside())
//!         .trust(world.trust())
//!         .guard(world.guard())
//!         .on(On::intent("ColorIntent").requires(scope("read:color")), color)
//!         .build()
//!         .expect("the skill is complete")
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let world = World::new();
//! let mut device = Device::of(&world, skill(&world));
//! device.say(intent("ColorIntent")).await.assert_asks_to_link();
//!
//! device.link(world.token("read:color"));
//! let said = device.say(intent("ColorIntent")).await;
//! said.assert_says("ada's color is teal.");
//! said.assert_ends();
//! # }
//!
//! // One line, and two hundred bad tokens and bad signatures are tried on the skill:
//! sayso_skill::refuses_bad_requests!(nobody_comes_in, skill, intent("ColorIntent"), "read:color");
//! ```
//!
//! A test that fails shows the whole answer, and why it is no handler's, if it is none ([`Said::why`]).
//!
//! | to play | use |
//! |---|---|
//! | slots, resolved slots, dialogs | [`intent`] and the steps of [`IntentWords`] |
//! | other languages, a recognised person, skill events | [`Device::speak`], [`Device::recognise`], [`Device::event`] |
//! | a PIN, another task | [`Device::say_pin`], [`Device::finish_task`] |
//! | any other request, or one that was changed, signed or not | [`Device::send`], [`Device::envelope`] and [`Device::post`], [`Device::post_as_it_is`] |
//! | time that passes, or runs out | [`World::advance`], [`World::let_time_run_out`] |
//! | APIs, Alexa's own too | [`World::answer`], [`World::fail`], [`World::asked`], [`World::said_meanwhile`] |
//! | tokens of other claims | [`World::claims`], [`World::token_of`], [`World::set_issuer`], [`World::set_audience`] |

mod bad_posts;
mod bad_tokens;
mod corpus;
mod device;
mod said;
mod signer;
mod world;

pub use bad_posts::{BadPost, bad_posts};
pub use bad_tokens::{BadToken, bad_tokens};
pub use corpus::assert_refuses_bad_requests;
pub use device::{Device, IntentWords, intent};
pub use said::Said;
pub use world::World;

/// The values of `Signature-256` and `SignatureCertChainUrl` that Alexa would send with this body, under the root that
/// [`World::trust`] believes.
#[must_use]
pub fn signed(body: &[u8]) -> (String, String) {
    (signer::sign(body), World::CHAIN_URL.to_owned())
}

/// Declares a test that tries some two hundred bad tokens and badly signed requests on a skill: `skill` is a function from
/// [`World`] to [`Skill`](crate::Skill), `intent` one that requires a token, and the last names the scopes that it needs, separated by blanks.
///
/// A good request is tried first; the skill must answer it without asking to link.
#[macro_export]
macro_rules! refuses_bad_requests {
    ($name:ident, $skill:expr, $intent:expr, $scopes:expr) => {
        #[test]
        fn $name() {
            $crate::kit::assert_refuses_bad_requests($skill, || $intent, $scopes);
        }
    };
}
