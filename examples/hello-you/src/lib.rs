//! *"Alexa, ask hello you who am i."* — *"You are Ada."*
//!
//! What the skill says stands in [`answers`]. What it is made of, and what every access token must prove before an answer is given, stands
//! here. `sayso.toml` has the other side: who issues those tokens, to whom, and what is in them.

pub mod answers;

use std::error::Error;

use sayso_skill::token::guard::Provider;
use sayso_skill::{Guard, On, Outside, Skill, Trust, scope};

/// The API that tokens must be meant for; `sayso.toml` has the same.
pub const AUDIENCE: &str = "https://hello-you.example";

/// What differs between one installation and the next.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The skill's own id, `amzn1.ask.skill.…`. Requests for any other skill are refused.
    pub skill_id: String,
    /// Whose signatures are believed: Amazon's, or a local simulator's as well.
    pub trust: Trust,
    /// The authority whose tokens are accepted.
    pub issuer: String,
}

/// Puts the skill together: the first entry that fits a request answers it.
///
/// # Errors
/// Something in the setup is empty, or the authority's keys would be fetched over an open line.
pub fn skill(setup: Setup, outside: Outside) -> Result<Skill, Box<dyn Error>> {
    // Other providers: Provider::auth0, okta, cognito, keycloak, google.
    let guard = Guard::local(Provider::sayso(&setup.issuer, AUDIENCE)?)?;
    let skill = Skill::builder(setup.skill_id, outside)
        .trust(setup.trust)
        .guard(guard)
        .on(On::launch(), answers::welcome)
        // Not run without a token that passes all six checks: who has none hears how to link, and gets the card.
        .on(On::intent("WhoAmIIntent").requires(scope("read:name")), answers::who_am_i)
        .on(On::intents(["AMAZON.HelpIntent", "AMAZON.FallbackIntent"]), answers::help)
        .on(On::intents(["AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent"]), answers::goodbye)
        .on(On::request("SessionEndedRequest"), answers::nothing)
        .build()?;
    Ok(skill)
}
