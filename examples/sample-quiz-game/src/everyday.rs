//! What every skill is asked: hello, help, goodbye; and what it says when it does not understand or something breaks.

use sayso_skill::{Answer, ErrorHandler, Failure, Handler, HandlerError, HandlerInput, async_trait};

/// "Open sample quiz game."
pub struct Welcome;

#[async_trait]
impl Handler for Welcome {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_type("LaunchRequest")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak(input.text("welcome")?).reprompt(input.text("help")?))
    }
}

/// "Help."
pub struct Help;

#[async_trait]
impl Handler for Help {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_intent("AMAZON.HelpIntent")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak(input.text("help")?).reprompt(input.text("help")?))
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
        Ok(input.respond().speak(input.text("goodbye")?).end_session())
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

/// Any other sentence: Alexa's own fallback, or a number when no question is open.
pub struct NotUnderstood;

#[async_trait]
impl Handler for NotUnderstood {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_type("IntentRequest")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak(input.text("not-understood")?).reprompt(input.text("help")?))
    }
}

/// Something broke. What exactly is in the log; the person hears that it is not their fault.
pub struct Apology;

#[async_trait]
impl ErrorHandler for Apology {
    fn can_handle(&self, input: &HandlerInput, failure: &Failure) -> bool {
        !matches!(failure, Failure::NoHandler) && input.is_type("IntentRequest")
    }

    async fn handle(&self, input: &mut HandlerInput, _failure: &Failure) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak(input.text("apology")?).end_session())
    }
}
