//! *"Alexa, ask what should i wear what should i wear today."* — *"Long pants, short sleeves, jacket in the afternoon."*
//!
//! This is the skill of the two-part tutorial "Securing Alexa skills with Auth0", written with Sayso's SDK. It is about
//! six questions that an API asks of every access token, in this order:
//!
//! 1. Is the token properly formatted?
//! 2. Is it signed by a trusted authority?
//! 3. Is it intended for this API?
//! 4. Has it expired?
//! 5. Is the user allowed to do this?
//! 6. Is the operation within the scope granted?
//!
//! The tutorial lists them and leaves the code to the reader. Here they are the guard that [`router`] makes: it fetches the
//! authority's public keys and checks tokens itself, without asking anyone. It stands in front of two doors: of the skill, where the
//! token comes in the body, and of the [`api`] that the skill asks as the person, where it comes in a header. Read [`what_to_wear`]
//! first, then [`api`].

pub mod api;
pub mod everyday;
pub mod what_to_wear;

use sayso_skill::outside::NoTls;
use sayso_skill::token::guard::{BadRequirements, Requirements};
use sayso_skill::{BadSkill, Guard, Outside, Skill};
/// What [`Setup::trust`] is made of, for who embeds this skill.
pub use sayso_skill::{DangerousLocalTrust, Trust};

/// The API that the tokens must be meant for, as the tutorial names it.
pub const AUDIENCE: &str = "https://whatshouldiwear";

/// What differs between one installation and the next.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The skill's own id, `amzn1.ask.skill.…`. Requests for any other skill are refused.
    pub skill_id: String,
    /// Whose signatures are believed: Amazon's, or a local simulator's as well.
    pub trust: Trust,
    /// The authority whose tokens are accepted.
    pub issuer: String,
    /// Where the authority publishes its public keys.
    pub jwks_url: String,
    /// Where the skill reaches the API, without a slash at the end.
    pub api_url: String,
}

/// Why the skill cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BadSetup {
    /// Issuer or audience is empty.
    #[error(transparent)]
    Requirements(#[from] BadRequirements),
    /// The skill is not complete.
    #[error(transparent)]
    Skill(#[from] BadSkill),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Tls(#[from] NoTls),
}

/// The questions that are asked of every token, at either door.
///
/// # Errors
/// The issuer is empty.
pub fn guard(setup: &Setup) -> Result<Guard, BadRequirements> {
    // Questions 1 to 4: RS256 unless said otherwise, this authority, this API. An algorithm is pinned here and never
    // taken from the token.
    let requirements = Requirements::new(&setup.issuer, AUDIENCE)?;
    // Question 5 would be `.user_allowed(|token| …)`: everyone may know what to wear. Question 6 is each route's and handler's own.
    Ok(Guard::jwks(requirements, &setup.jwks_url))
}

/// Puts the skill together.
///
/// # Errors
/// Something in the setup is empty, or the keys would be fetched over an open line.
pub fn skill(setup: Setup, outside: Outside) -> Result<Skill, BadSetup> {
    let guard = guard(&setup)?;
    let api_url = setup.api_url;
    let skill = Skill::builder(setup.skill_id, outside)
        .trust(setup.trust)
        .guard(guard)
        .handler(what_to_wear::WhatToWear { api_url: api_url.clone() })
        .handler(what_to_wear::JacketInTheWash { api_url })
        .handler(everyday::Help)
        .handler(everyday::Goodbye)
        .handler(everyday::SessionEnded)
        .build()?;
    Ok(skill)
}

/// The skill as a router that answers `POST /`, and its API below `/api`. They share a process here and know nothing of one another:
/// the skill asks the API over HTTP, as it would on another machine.
///
/// # Errors
/// As [`skill`], or there is no HTTP client.
pub fn router(setup: Setup) -> Result<axum::Router, BadSetup> {
    let outside = Outside::system()?;
    let api = api::router(&guard(&setup)?, &setup.trust, &outside)?;
    Ok(skill(setup, outside)?.into_router().nest("/api", api))
}
