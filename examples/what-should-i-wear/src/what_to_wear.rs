//! "What should I wear today?" and "My jacket is in the wash": both ask the API as the person who speaks.

use sayso_skill::outside::Fetched;
use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, Requirement, async_trait};

use crate::api::{Laundry, Today};

/// Says what to wear, to whoever granted the scope for it.
pub struct WhatToWear {
    /// Where the API is, without a slash at the end.
    pub api_url: String,
}

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
        // The token that was checked a moment ago goes along, and the API checks it again.
        let answer = input.get_as_user(&format!("{}/today", self.api_url)).await?;
        if answer.status != 200 {
            return not_done(input, &answer);
        }
        let today: Today = serde_json::from_slice(&answer.body)?;
        Ok(input.respond().speak(today.advice).end_session())
    }
}

/// Notes that the jacket is in the wash. Whether the token opens that is left to the API.
pub struct JacketInTheWash {
    /// Where the API is, without a slash at the end.
    pub api_url: String,
}

#[async_trait]
impl Handler for JacketInTheWash {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_intent("JacketInTheWashIntent")
    }

    fn requires(&self) -> Option<Requirement> {
        Some(Requirement::linked_account())
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let jacket = Laundry { item: "jacket".to_owned() };
        let answer = input.post_as_user(&format!("{}/laundry", self.api_url), &jacket).await?;
        if answer.status != 204 {
            return not_done(input, &answer);
        }
        Ok(input.respond().speak("I have noted it. Ask me again what to wear.").end_session())
    }
}

/// The API refused the token, or something broke there.
fn not_done(input: &HandlerInput, answer: &Fetched) -> Result<Answer, HandlerError> {
    match answer.status {
        401 | 403 => Ok(input
            .respond()
            .speak(
                "Your link does not allow that. To change it, link your account again with the card in your Alexa app.",
            )
            .link_account_card()
            .end_session()),
        other => Err(format!("the API answered with status {other}").into()),
    }
}
