//! What every skill is asked: hello and help, goodbye.

use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, async_trait};

const HELP: &str = "Ask me what you should wear today, or tell me that your jacket is in the wash.";

/// "Open what should i wear", "help", and everything that was not understood.
pub struct Help;

#[async_trait]
impl Handler for Help {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_type("LaunchRequest")
            || input.is_intent("AMAZON.HelpIntent")
            || input.is_intent("AMAZON.FallbackIntent")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak(HELP).reprompt(HELP))
    }
}

/// "Stop", "cancel", "go home".
pub struct Goodbye;

#[async_trait]
impl Handler for Goodbye {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        ["AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent"]
            .iter()
            .any(|intent| input.is_intent(intent))
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak("Goodbye!").end_session())
    }
}

/// The session is over; Alexa takes no words any more.
pub struct SessionEnded;

#[async_trait]
impl Handler for SessionEnded {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_type("SessionEndedRequest")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond())
    }
}
