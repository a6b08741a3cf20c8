//! *"Alexa, ask sample quiz game what is my favorite color."* — *"Ada's favorite color is teal."*
//!
//! This is the skill of "Linking Your Alexa Skill Securely with Okta", written with Sayso's SDK. Read it in this order:
//!
//! 1. [`skill`] below puts the parts together;
//! 2. [`favorite_color`] answers with the data of whoever linked the account, and cannot run without a good token;
//! 3. [`quiz`] shows slots and session attributes; it needs to know nobody;
//! 4. [`everyday`] answers what every skill is asked: help, stop, hello.
//!
//! What it says is in `texts/`, a file for each language; it answers in the one it is spoken to.
//!
//! The tutorial's own handler sent whatever token it found to the authority and spoke whatever came back. Here the
//! handler only says *what it requires*; the SDK checks Alexa's signature, asks the authority, and runs the handler
//! when all six checks of the token passed. Otherwise the person hears how to link the account.

pub mod everyday;
pub mod favorite_color;
pub mod quiz;

use sayso_skill::outside::NoTls;
use sayso_skill::token::guard::{BadRequirements, Requirements};
use sayso_skill::token::secret::Secret;
use sayso_skill::{BadSkill, BadTexts, Guard, Introspection, Outside, Skill, Texts};
/// What [`Setup::trust`] is made of, for who embeds this skill.
pub use sayso_skill::{DangerousLocalTrust, Trust};

/// The API that the tokens must be meant for, as the tutorial names it.
pub const AUDIENCE: &str = "http://oktaquizgame.com";

/// What differs between one installation and the next.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The skill's own id, `amzn1.ask.skill.…`. Requests for any other skill are refused.
    pub skill_id: String,
    /// Whose signatures are believed: Amazon's, or a local simulator's as well.
    pub trust: Trust,
    /// The authority whose tokens are accepted.
    pub issuer: String,
    /// Where the authority answers questions about tokens.
    pub introspection_url: String,
    /// As whom the skill asks.
    pub client_id: String,
    /// The password to that.
    pub client_secret: Secret,
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
    /// A language lacks a text.
    #[error(transparent)]
    Texts(#[from] BadTexts),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Tls(#[from] NoTls),
}

/// Puts the skill together.
///
/// # Errors
/// Something in the setup is empty, or the authority would be asked over an open line.
pub fn skill(setup: Setup, outside: Outside) -> Result<Skill, BadSetup> {
    // The fence: tokens of this authority, meant for this API. What a handler requires comes on top of it.
    let requirements = Requirements::new(setup.issuer, AUDIENCE)?;
    let introspection = Introspection::new(setup.introspection_url, &setup.client_id, &setup.client_secret);
    let guard = Guard::introspection(requirements, introspection);

    // The first language is spoken where no other fits.
    let texts = Texts::new("en", include_str!("texts/en.ftl"))?.language("de", include_str!("texts/de.ftl"))?;

    // Handlers are asked in this order; the first that can handle a request does.
    let skill = Skill::builder(setup.skill_id, outside)
        .trust(setup.trust)
        .guard(guard)
        .texts(texts)
        .handler(favorite_color::FavoriteColor)
        .handler(quiz::Ask)
        .handler(quiz::Judge)
        .handler(everyday::Welcome)
        .handler(everyday::Help)
        .handler(everyday::Goodbye)
        .handler(everyday::SessionEnded)
        .handler(everyday::NotUnderstood)
        .error_handler(everyday::Apology)
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
