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
//! The tutorial lists them and leaves the code to the reader. Here they are the guard in [`skill`]: it fetches the
//! authority's public keys and checks tokens itself, without asking anyone. [`what_to_wear`] names the scope it needs.

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

/// Puts the skill together.
///
/// # Errors
/// Something in the setup is empty, or the keys would be fetched over an open line.
pub fn skill(setup: Setup, outside: Outside) -> Result<Skill, BadSetup> {
    // Questions 1 to 4: RS256 unless said otherwise, this authority, this API. An algorithm is pinned here and never
    // taken from the token.
    let requirements = Requirements::new(setup.issuer, AUDIENCE)?;
    // Question 5 would be `.user_allowed(|token| …)`: everyone may know what to wear.
    let guard = Guard::jwks(requirements, setup.jwks_url);

    let skill = Skill::builder(setup.skill_id, outside)
        .trust(setup.trust)
        .guard(guard)
        .handler(what_to_wear::WhatToWear)
        .handler(everyday::Help)
        .handler(everyday::Goodbye)
        .handler(everyday::SessionEnded)
        .build()?;
    Ok(skill)
}

/// The skill as a router that answers `POST /`.
///
/// # Errors
/// As [`skill`], or there is no HTTP client.
pub fn router(setup: Setup) -> Result<axum::Router, BadSetup> {
    Ok(skill(setup, Outside::system()?)?.into_router())
}
