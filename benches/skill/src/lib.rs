//! The skill that is measured, the same as `benches/node/skill.mjs` is on Amazon's SDK. `benches/node/beside.mjs` measures both.

use sayso_skill::kit::World;
use sayso_skill::{Answer, BadSkill, HandlerError, HandlerInput, On, Outside, Skill, Trust};

async fn hello(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("Hello! Tell me your favorite color.").reprompt("What is it?"))
}

async fn color(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let color = input.slot_value("Color").unwrap_or("no color").to_owned();
    input.remember("color", &color)?;
    let words = format!("Your favorite color is {color}.");
    Ok(input.respond().speak(words.as_str()).reprompt("Anything else?").simple_card("Color", words))
}

/// The skill, believing whoever it is told to believe.
///
/// # Errors
/// Never: it has an id and handlers.
pub fn skill(outside: Outside, trust: Trust) -> Result<Skill, BadSkill> {
    Skill::builder(World::SKILL_ID, outside)
        .trust(trust)
        .on(On::launch(), hello)
        .on(On::intent("ColorIntent"), color)
        .build()
}
