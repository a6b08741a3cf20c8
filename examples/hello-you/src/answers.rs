//! What the skill says.

use sayso_skill::{Answer, HandlerError, HandlerInput};

const HELP: &str = "Ask me who you are.";

/// "Open hello you."
///
/// # Errors
/// None; as with all answers, a handler may fail, and the person hears an apology.
pub async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak(format!("Hello! {HELP}")).reprompt(HELP))
}

/// "Who am I?" Runs only for somebody whose token was verified.
///
/// # Errors
/// There is no verified token: `requires` was left out.
pub async fn who_am_i(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    // The claim is filled from the person's profile; sayso.toml says so.
    let name = input.verified_token()?.claims.get("first_name").and_then(|claim| claim.as_str()).map(str::to_owned);
    Ok(match name {
        Some(name) => input.respond().speak(format!("You are {name}.")).end_session(),
        None => input.respond().speak("I know your account, but you have not told it your name.").end_session(),
    })
}

/// "Help", and everything that was not understood.
///
/// # Errors
/// None.
pub async fn help(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak(HELP).reprompt(HELP))
}

/// "Stop", "cancel", "go home".
///
/// # Errors
/// None.
pub async fn goodbye(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("Goodbye!").end_session())
}

/// The session is over; Alexa takes no words any more.
///
/// # Errors
/// None.
pub async fn nothing(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond())
}
