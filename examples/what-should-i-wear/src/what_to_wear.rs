//! "What should I wear today?"

use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, Requirement, async_trait};

/// Says what to wear, to whoever granted the scope for it.
pub struct WhatToWear;

#[async_trait]
impl Handler for WhatToWear {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_intent("WhatToWearIntent")
    }

    // Question 6: the person saw this scope on the consent page and allowed it.
    fn requires(&self) -> Option<Requirement> {
        Some(Requirement::scope("read:whattowear"))
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak("Long pants, short sleeves, jacket in the afternoon").end_session())
    }
}
